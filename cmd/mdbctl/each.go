package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mdbrouter/mdb"
	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/cmd/internal/command"
	"github.com/mdbrouter/mdb/hcl"
)

type eachFlags struct {
	output   string
	parallel int
	state    string
	failFast bool
	only     []string
}

func newEach(s *settings) *cobra.Command {
	f := eachFlags{}
	cmd := &cobra.Command{
		Use:   "each AREA -- COMMAND [ARG...]",
		Short: "Run a command once for each shard of an area",
		Long: `Each runs a command for every shard of an area, on all servers at once and one
after the other on each server, for schema changes with goose, atlas or a script of
your own. It first connects to the shard as the admin user, so that a database that
is not that shard is left alone.

The command finds in its environment, for the admin user:
  MDB_DSN                                 the shard, as go-sql-driver/mysql takes it
  MDB_URL                                 the same as mysql://user:password@host:port/database
  MDB_HOST MDB_PORT MDB_SOCKET            where the server listens
  MDB_USER MDB_PASSWORD MDB_DATABASE
  MDB_AREA MDB_PARTITION MDB_SHARD        which shard; MDB_SHARD is its index
  MDB_SERVER                              the server's label
The command is run as it is written: use sh -c '...' for variables and pipes. Each
line of its output is printed behind the name of the shard.

A shard whose command fails does not stop the others, unless --fail-fast is given.
With --state, shards that are done are written into a file, and a later run with
the same file and command leaves them out.

-o json prints one object a line, once all have ended: shard, server, database,
status (done, failed, skipped, not run), error, seconds; the output of the commands
goes to standard error.

Exit status: 0 done for every shard, 1 failed for some, 2 it could not run.`,
		Example: `  mdbctl each user --config deploy/mdb -- sh -c 'goose -dir migrations mysql "$MDB_DSN" up'
  mdbctl each area.user --state each.json --parallel 4 -- ./migrate
  mdbctl each user --only p1 -- sh -c 'echo "$MDB_DATABASE on $MDB_SERVER"'`,
		Args: eachArgs,
		RunE: func(cmd *cobra.Command, args []string) error { return s.each(cmd, args, f) },
	}
	cmd.Flags().IntVar(&f.parallel, "parallel", 1, "shards at once on each server")
	cmd.Flags().StringVar(&f.state, "state", "", "file that remembers which shards are done")
	cmd.Flags().BoolVar(&f.failFast, "fail-fast", false, "begin no further shard after a failure")
	cmd.Flags().StringArrayVar(&f.only, "only", nil, "only this partition (p1) or shard (p1/2); may be repeated")
	addOutput(cmd, &f.output, "human", "json")
	return cmd
}

func eachArgs(cmd *cobra.Command, args []string) error {
	switch dash := cmd.ArgsLenAtDash(); {
	case dash < 0 && len(args) == 0, dash == 0:
		return errors.New("no area: give AREA -- COMMAND")
	case dash < 0, dash == len(args):
		return fmt.Errorf("no command: give %s -- COMMAND", args[0])
	case dash > 1:
		return fmt.Errorf("%d areas: give one", dash)
	}
	return nil
}

func (s *settings) each(cmd *cobra.Command, args []string, f eachFlags) (err error) {
	if f.parallel < 1 {
		return fmt.Errorf("--parallel=%d is not at least 1", f.parallel)
	}
	cfg, err := s.load(cmd, nil)
	if err != nil {
		return err
	}
	name, err := areaOf(cfg, args[0])
	if err != nil {
		return err
	}
	path, options, err := s.where(cmd, nil)
	if err != nil {
		return err
	}
	router, err := mdb.Open(cmd.Context(), path, options)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, router.Close()) }()
	jobs, err := jobsOf(cfg, router, name, f.only)
	if err != nil {
		return err
	}
	state, err := openState(f.state, cfg.Namespace, name, args[1:])
	if err != nil {
		return err
	}
	e := &eachRun{
		settings: s, flags: f, command: args[1:], state: state, jobs: jobs, progress: newProgress(s),
		out: s.env.stdout, paint: s.paint(s.env.stdoutIsTerminal),
	}
	if f.output == "json" {
		e.out, e.paint = s.env.stderr, s.paint(s.env.stderrIsTerminal)
	}
	e.run(cmd.Context())
	return e.report()
}

// jobsOf gives the shards to work on.
func jobsOf(cfg *hcl.Config, router *mdb.Router, name string, only []string) ([]*job, error) {
	a, _ := cfg.Registry.Area(name)
	handle, err := router.Area(name)
	if err != nil {
		return nil, err
	}
	handles := handle.Shards()
	if len(handles) != len(a.Shards()) {
		return nil, errors.New("the configuration changed while it was read: run it again")
	}
	asked := make(map[string]bool)
	var jobs []*job
	for i := range a.Shards() {
		shard := &a.Shards()[i]
		if !chosen(shard, only, asked) {
			continue
		}
		server, err := serverOf(cfg, shard.Server)
		if err != nil {
			return nil, err
		}
		jobs = append(jobs, &job{shard: shard, handle: handles[i], endpoint: server.Admin, status: statusNotRun})
	}
	for _, text := range only {
		if !asked[text] {
			return nil, fmt.Errorf("--only=%s is no partition and no shard of area %s: see mdbctl targets --area %s", text, name, name)
		}
	}
	return jobs, nil
}

// chosen reports whether --only lets a shard in, and notes which of it did.
func chosen(s *area.Shard, only []string, asked map[string]bool) bool {
	if len(only) == 0 {
		return true
	}
	for _, name := range []string{s.Partition, s.Label()} {
		if slices.Contains(only, name) {
			asked[name] = true
		}
	}
	return slices.Contains(only, s.Partition) || slices.Contains(only, s.Label())
}

// The results of a job.
const (
	statusNotRun  = "not run"
	statusSkipped = "skipped"
	statusDone    = "done"
	statusFailed  = "failed"
)

// report lists the failures, or every result as JSON.
func (e *eachRun) report() error {
	counts := make(map[string]int)
	for _, j := range e.jobs {
		counts[j.status]++
		if e.flags.output == "json" {
			if err := command.WriteJSON(e.settings.env.stdout, j.result()); err != nil {
				return err
			}
		}
	}
	w, p := e.settings.env.stderr, e.settings.paint(e.settings.env.stderrIsTerminal)
	for _, j := range e.jobs {
		if j.status == statusFailed {
			fmt.Fprintf(w, "%s %s (database %s on %s): %s\n", p.Red("failed"), j.shard.Label(), j.shard.Database, j.shard.Server, oneLine(j.err.Error()))
		}
	}
	var parts []string
	for _, status := range []string{statusDone, statusFailed, statusSkipped, statusNotRun} {
		if n := counts[status]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, status))
		}
	}
	fmt.Fprintf(w, "%s: %s\n", counted(len(e.jobs), "shard"), strings.Join(parts, ", "))
	if counts[statusSkipped] == len(e.jobs) && len(e.jobs) > 0 {
		fmt.Fprintf(w, "%s says that all are done; remove it to run the command again\n", e.flags.state)
	}
	if counts[statusFailed]+counts[statusNotRun] == 0 {
		return nil
	}
	if e.flags.state != "" {
		fmt.Fprintln(w, "next: run it again with the same --state; shards that are done are left out")
	} else {
		fmt.Fprintln(w, "next: mend it and run it again, with --only for the shards that failed")
	}
	return &statusError{status: exitFailed}
}
