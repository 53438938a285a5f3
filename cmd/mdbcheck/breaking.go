package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/mdbrouter/mdb/cmd/internal/command"
	"github.com/mdbrouter/mdb/hcl"
)

// breakingFlags are the flags of breaking.
type breakingFlags struct {
	checkFlags
	against  string
	heads    []string
	headFrom string
	timeout  time.Duration
	margin   uint64
	accept   string
}

// defaultMargin is how many ids above a head may come to exist in a rollout.
const defaultMargin = 10_000

func newBreaking(s *settings) *cobra.Command {
	var flags breakingFlags
	cmd := &cobra.Command{
		Use:   "breaking [PATH]",
		Short: "Say which edits would lose sight of ids that exist",
		Long: `Breaking compares a configuration with an earlier version of it and says, for every
run of ids, whether it would be looked up elsewhere, how many of its ids, and whether
such ids exist.

--against names the earlier version:
  a git revision       as origin/main or HEAD~1, or REVISION:PATH where it was elsewhere
  a directory or file  as ../deployed/mdb
  a lock               as mdb.lock.json
Without it, that is the branch a pull request is for ($GITHUB_BASE_REF), or else where
this branch left origin/HEAD. A revision is read from the repository at hand; nothing
is fetched or checked out.

No id at or above an area's head exists, so an interval above head and margin is safe.
The head is the end of the last block that any authority has leased. Without a head,
an appended partition is a warning, and every other re-routed interval an error.

--head gives an area's head, before anything else. --head-from lock takes those that
mdbcheck lock has recorded, which are lower than the heads of today. --head-from live
asks the authorities, as the service's user and over sessions that cannot write: all
that either version declares, since an authority that is taken out or moved has given
ids too. They are asked only about areas whose ids are routed otherwise. If one cannot
be asked, the head is not known; the command says why, and ends with status 2. Where
no authority holds the sequence of an area yet, its head stays unknown.

A change that was decided on is accepted in mdb-accept.hcl beside the configuration,
or the file of --accept, by the fingerprint that is printed with it:

  accept "MDB903:9f2c41d0c8a3b417" {
    reason = "the databases of u2 were moved to v2 on 2026-11-02"
    owner  = "storage"
  }

It covers that change, and once: an acceptance that the earlier version has already
covers nothing.

-o has the formats of mdbcheck check. -o json prints the object of check, and in it
  against          the earlier version, null where there was none
  areas            those whose ids are routed otherwise: area, head (null if unknown),
                   margin, safe_from (null if unknown), intervals: first, last
                   (both inclusive), was and now (partition, breakpoint, hash, shards;
                   null where there is no such area), moved and of (that many of
                   so many ids), verdict (safe, accepted, needs-head, breaking), rule
  changes          in the order of diagnostics: rule, area, address, verdict (also
                   caution), fingerprint, accepted_by (null unless accepted)

Exit status: 0 nothing at or above --fail-on, 1 something, 2 could not run.`,
		Example: `  mdbcheck breaking deploy/mdb --against origin/main
  mdbcheck breaking deploy/mdb --against origin/main --head area.user=0:612_044 --margin 50000
  mdbcheck breaking deploy/mdb --against ../deployed/mdb -o json
  mdbcheck breaking deploy/mdb --against origin/main --head-from live --timeout 3s
  mdbcheck breaking deploy/mdb --against deploy/mdb/mdb.lock.json --head-from lock`,
		Args:        cobra.MaximumNArgs(1),
		Annotations: findingForms,
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return runBreaking(s, cmd, &flags, args) }
	flags.addTo(cmd)
	return cmd
}

func (f *breakingFlags) addTo(cmd *cobra.Command) {
	addFailOn(cmd, &f.failOn)
	flags := cmd.Flags()
	flags.StringVar(&f.against, "against", "", "earlier version: git revision, REVISION:PATH, directory, file or lock")
	flags.StringArrayVar(&f.heads, "head", nil, "head of an area, as area.user=0:612_044; may be repeated")
	flags.StringVar(&f.headFrom, "head-from", "", "where else heads are taken from: lock or live")
	flags.DurationVar(&f.timeout, "timeout", 10*time.Second, "longest that one authority is waited for, with --head-from live")
	flags.Uint64Var(&f.margin, "margin", defaultMargin, "ids above the head that may come to exist during a rollout")
	flags.StringVar(&f.accept, "accept", "", "file of acceptances (default mdb-accept.hcl beside the configuration, if there is one)")
	command.Complete(cmd, "head-from", headsFromLock, headsFromLive)
}

func runBreaking(s *settings, cmd *cobra.Command, flags *breakingFlags, args []string) error {
	if err := flags.validate(cmd); err != nil {
		return err
	}
	path, err := s.flags.Path(cmd, args)
	if err != nil {
		return err
	}
	accept, accepted, err := acceptances(flags.accept, path)
	if err != nil {
		return s.mistakes(err)
	}
	// Both versions are read at once, for the time it takes to read one.
	var before *earlier
	var failed error
	var reading sync.WaitGroup
	reading.Go(func() { before, failed = s.against(cmd.Context(), flags.against, path, accept) })
	cfg, err := s.routing(cmd, args)
	reading.Wait()
	if err != nil {
		return err
	}
	if failed != nil {
		return s.mistakes(failed)
	}
	options := hcl.CompareOptions{Was: before.prefix, Margin: flags.margin, Accepted: spend(accepted, before.accepted)}
	if options.Heads, err = s.headsOf(cmd.Context(), flags, before, cfg); err != nil {
		return s.mistakes(err)
	}
	r := &comparison{before: before, now: cfg, heads: options.Heads, margin: flags.margin, failOn: flags.failOn, result: &hcl.Comparison{}}
	if before.cfg != nil {
		r.result = hcl.Compare(before.cfg, cfg, options)
	}
	if err := s.inEachForm(func() error { return r.write(s) }); err != nil {
		return err
	}
	if flags.fails(r.result.Diagnostics()) {
		return errFindings
	}
	return nil
}

func (f *breakingFlags) validate(cmd *cobra.Command) error {
	if err := command.SeeHelp(cmd, command.OneOf("fail-on", f.failOn, "error", "warning", "notice", "never")); err != nil {
		return err
	}
	if f.headFrom != "" {
		if err := command.SeeHelp(cmd, command.OneOf("head-from", f.headFrom, headsFromLock, headsFromLive)); err != nil {
			return err
		}
	}
	if f.timeout <= 0 {
		return fmt.Errorf("--timeout=%v is no time to wait: see %s --help", f.timeout, cmd.CommandPath())
	}
	return nil
}

// acceptances reads the file of acceptances: the one given, or the one beside the
// configuration, which there need not be.
func acceptances(given, config string) (string, []hcl.Acceptance, error) {
	path := given
	if path == "" {
		path = filepath.Join(directoryOf(config), hcl.AcceptFile)
	}
	list, err := hcl.LoadAcceptances(path, hcl.Options{})
	if given == "" && errors.Is(err, fs.ErrNotExist) {
		return "", nil, nil
	}
	return path, list, err
}

// spend marks the acceptances that the earlier version has already.
func spend(list, before []hcl.Acceptance) []hcl.Acceptance {
	for i := range list {
		for j := range before {
			if before[j].Fingerprint == list[i].Fingerprint {
				list[i].Spent = true
			}
		}
	}
	return list
}

// mistakes reports the findings of a file other than the configuration.
func (s *settings) mistakes(err error) error {
	failed, ok := errors.AsType[*hcl.DiagnosticsError](err)
	if !ok {
		return err
	}
	r := &report{findings: failed.Diagnostics, masked: maskedFile}
	if err := (human{paint: s.paint(s.env.stderrIsTerminal)}).write(s.env.stderr, r); err != nil {
		return err
	}
	return errFindings
}

// maskedFile gives the text of a file that has no secrets: locks, acceptances and
// pinned routes.
func maskedFile(name string) []byte {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil
	}
	return text
}
