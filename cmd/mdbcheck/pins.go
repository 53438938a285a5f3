package main

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/mdbrouter/mdb/cmd/internal/command"
	"github.com/mdbrouter/mdb/hcl"
)

func newTest(s *settings) *cobra.Command {
	var files []string
	cmd := &cobra.Command{
		Use:   "test [PATH]",
		Short: "Hold routes against where they are pinned",
		Long: `Test reads all *.mdbtest.hcl beside a configuration, or the files of --file, and says
which ids and keys are not where these say they must be:

  route "the first customer" {
    area      = area.user
    id        = "0:1:1"
    partition = "p0"
    shard     = 1
    server    = server.u2
    database  = "user_p0_1"
  }
  route "ann by mail" {
    index  = central.email
    key    = "Ann@Example.com"
    server = server.c2
  }

Give at least one of partition, shard, server and database. A key is written as
mdbcheck route takes it, and has no partition. Pin what must never move: ids of
each partition, the first of each breakpoint, a few keys.

-o has the formats of mdbcheck check. -o json prints the object of check, and in it:
routes, the number of pinned routes.

Exit status: 0 all are where they are pinned, 1 some are not, or the configuration
or a test has mistakes, 2 could not run.`,
		Example: `  mdbcheck test deploy/mdb
  mdbcheck test deploy/mdb --profile solo --file solo.mdbtest.hcl
  mdbcheck route --config deploy/mdb area.user 0:1:250122   # what to pin`,
		Args:        cobra.MaximumNArgs(1),
		Annotations: findingForms,
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return runTest(s, cmd, files, args) }
	cmd.Flags().StringArrayVar(&files, "file", nil, "file of pinned routes, instead of those beside the configuration; may be repeated")
	return cmd
}

func runTest(s *settings, cmd *cobra.Command, files, args []string) error {
	start := time.Now()
	cfg, err := s.routing(cmd, args)
	if err != nil {
		return err
	}
	if len(files) == 0 {
		files = []string{directoryOf(cfg.Path)}
	}
	var pins []hcl.Pin
	for _, file := range files {
		list, err := hcl.LoadPins(file, hcl.Options{})
		if errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%w; see %s --help for how they are written", err, cmd.CommandPath())
		}
		if err != nil {
			return s.mistakes(err)
		}
		pins = append(pins, list...)
	}
	found := hcl.CheckPins(cfg, pins)
	r := &report{findings: found, masked: maskedFile, path: cfg.Path, command: "test", summary: summarise(cfg, found), elapsed: time.Since(start)}
	if err := s.inEachForm(func() error { return writePins(s, r, len(pins)) }); err != nil {
		return err
	}
	if len(found) > 0 {
		return errFindings
	}
	return nil
}

// jsonPins is the object of -o json.
type jsonPins struct {
	jsonReport
	Routes int `json:"routes"`
}

func writePins(s *settings, r *report, pins int) error {
	if s.output == "json" {
		return command.WriteJSON(s.env.stdout, jsonPins{reportJSON(r), pins})
	}
	if s.output != "human" {
		return s.reporter().write(s.env.stdout, r)
	}
	out := bufio.NewWriter(s.env.stdout)
	h := human{paint: s.paint(s.env.stdoutIsTerminal)}
	var failed []string
	for _, d := range r.findings {
		h.finding(out, r.masked, d)
		fmt.Fprintln(out)
		failed = append(failed, d.Address)
	}
	slices.Sort(failed)
	n := len(slices.Compact(failed))
	fmt.Fprintf(out, "tested %s in %d ms: %d as pinned, %d not\n", count(pins, "route"), r.elapsed.Milliseconds(), pins-n, n)
	return out.Flush()
}
