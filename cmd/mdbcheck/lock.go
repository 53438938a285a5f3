package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mdbrouter/mdb/hcl"
)

func newLock(s *settings) *cobra.Command {
	var flags breakingFlags
	var only bool
	cmd := &cobra.Command{
		Use:   "lock [PATH]",
		Short: "Record the routing that was agreed on",
		Long: `Lock writes mdb.lock.json beside a configuration: its routing as a list of entries
that only grows. Commit it together with each edit. Two branches that both change the
routing then meet in a conflict in git, and not in production.

To bring a lock up to date is to compare: what breaking would call an error is one
here too, and then nothing is written. Heads given by --head are recorded for
--head-from lock; they only rise.

With --check nothing is written: the lock must be there and agree. Where a lock lies
beside a configuration, mdbcheck check demands the same; check --locked demands that
there is one.

After a conflict, take the file of one branch as it is, and run lock once more:

  git checkout --ours deploy/mdb/mdb.lock.json && mdbcheck lock deploy/mdb

A lock has labels of servers and names of databases in it, no addresses, users or
passwords. -o json prints what it prints for breaking.

Exit status: 0 written, or it agrees, 1 it does not agree or the edit is breaking,
2 could not run.`,
		Example: `  mdbcheck lock deploy/mdb
  mdbcheck lock deploy/mdb --head area.user=0:612_044
  mdbcheck lock deploy/mdb --check`,
		Args: cobra.MaximumNArgs(1),
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if s.flags.Profile != "" {
			return errors.New("a lock is of the configuration without a profile: leave --profile out")
		}
		return runLock(s, cmd, &flags, only, args)
	}
	f := cmd.Flags()
	f.BoolVar(&only, "check", false, "write nothing: the lock must be there and agree")
	f.StringArrayVar(&flags.heads, "head", nil, "head of an area, to judge by and to record; may be repeated")
	f.Uint64Var(&flags.margin, "margin", defaultMargin, "ids above the head that may come to exist during a rollout")
	f.StringVar(&flags.accept, "accept", "", "file of acceptances (default mdb-accept.hcl beside the configuration, if there is one)")
	return cmd
}

func runLock(s *settings, cmd *cobra.Command, flags *breakingFlags, only bool, args []string) error {
	cfg, err := s.routing(cmd, args)
	if err != nil {
		return err
	}
	path := filepath.Join(directoryOf(cfg.Path), hcl.LockFile)
	old, err := hcl.LoadLock(path, hcl.Options{})
	fresh := errors.Is(err, fs.ErrNotExist)
	switch {
	case fresh && only:
		return fmt.Errorf("there is no %s: run mdbcheck lock and commit it", path)
	case err != nil && !fresh:
		return s.mistakes(err)
	}
	given, err := parseHeads(flags.heads, cfg)
	if err != nil {
		return err
	}
	if fresh {
		lock, err := hcl.NewLock(cfg, given)
		if err != nil {
			return err
		}
		return s.writeLock(path, nil, lock)
	}
	lock, err := old.Extend(cfg, given)
	if err != nil {
		return err
	}
	if lock == old {
		return s.said("%s agrees with the configuration: %s\n", path, count(lock.Len(), "entry"))
	}
	flags.failOn = "error"
	switch ok, err := judge(s, flags, old, lock, cfg); {
	case err != nil:
		return err
	case !ok:
		return errors.Join(s.said("%s is as it was: take back or accept what is breaking, then run mdbcheck lock\n", path), errFindings)
	}
	if only {
		return errors.Join(s.said("%s does not agree with the configuration: run mdbcheck lock and commit it\n", path), errFindings)
	}
	return s.writeLock(path, old, lock)
}

// judge compares the configuration with the old lock, by the heads that the new
// one records, and prints what it finds.
func judge(s *settings, flags *breakingFlags, old, lock *hcl.Lock, cfg *hcl.Config) (bool, error) {
	_, accepted, err := acceptances(flags.accept, cfg.Path)
	if err != nil {
		return false, s.mistakes(err)
	}
	r := &comparison{before: &earlier{name: hcl.LockFile, cfg: old.Config()}, now: cfg, heads: lock.Heads, margin: flags.margin}
	r.result = hcl.Compare(old.Config(), cfg, hcl.CompareOptions{Heads: lock.Heads, Margin: flags.margin, Accepted: accepted})
	if err := r.write(s); err != nil {
		return false, err
	}
	return !flags.fails(r.result.Diagnostics()), nil
}

// said prints a line for a reader; -o json has none.
func (s *settings) said(format string, args ...any) error {
	if s.output == "json" {
		return nil
	}
	_, err := fmt.Fprint(s.env.stdout, sanitise(fmt.Sprintf(format, args...)))
	return err
}

// writeLock replaces the file in one step, so that a reader sees the old lock or
// the new one.
func (s *settings) writeLock(path string, old, lock *hcl.Lock) error {
	if err := replaceFile(path, lock.Text()); err != nil {
		return fmt.Errorf("cannot write the lock: %w", err)
	}
	if old == nil {
		return s.said("%s written with %s: commit it with the configuration\n", path, count(lock.Len(), "entry"))
	}
	return s.said("%s: %s appended: commit it with the configuration\n", path, count(lock.Len()-old.Len(), "entry"))
}

func replaceFile(path string, text []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+strings.TrimSuffix(filepath.Base(path), ".json")+"-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	_, err = f.Write(text)
	err = errors.Join(err, f.Chmod(0o644), f.Sync(), f.Close())
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
