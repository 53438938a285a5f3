package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/mdbrouter/mdb/cmd/internal/command"
	"github.com/mdbrouter/mdb/cmd/mdbcheck/internal/live"
	"github.com/mdbrouter/mdb/hcl"
)

// liveFlags are the flags of live.
type liveFlags struct {
	failOn    string
	rules     []string
	timeout   time.Duration
	parallel  int
	instances int
	sample    int
	runway    time.Duration
	history   string
	lag       time.Duration
}

func (f *liveFlags) addTo(cmd *cobra.Command) {
	addFailOn(cmd, &f.failOn)
	addRule(cmd, &f.rules, liveRules)
	flags := cmd.Flags()
	flags.DurationVar(&f.timeout, "timeout", live.DefaultTimeout, "longest that one server is asked, and one replica")
	flags.IntVar(&f.parallel, "parallel", live.DefaultParallel, "servers and replicas asked at once")
	flags.IntVar(&f.instances, "instances", 0, "processes of the services, to hold their pools against max_connections; 0: not checked")
	flags.IntVar(&f.sample, "sample", live.DefaultSample, "rows looked at in each table and index of a shard; 0: none")
	flags.DurationVar(&f.runway, "runway", live.DefaultRunway, "warn when ids reach a partition that is not in use, or the ceiling, sooner")
	flags.DurationVar(&f.lag, "lag", live.DefaultLag, "warn when a replica is later")
	flags.StringVar(&f.history, "history", "", "file of heads, to which those of now are added, for the rate of the last days")
}

func (f *liveFlags) validate(cmd *cobra.Command) error {
	err := command.OneOf("fail-on", f.failOn, "error", "warning", "notice", "never")
	switch {
	case err != nil:
	case f.timeout <= 0:
		err = fmt.Errorf("--timeout=%v is not positive", f.timeout)
	case f.parallel < 1:
		err = fmt.Errorf("--parallel=%d is less than 1", f.parallel)
	case f.instances < 0:
		err = fmt.Errorf("--instances=%d is negative", f.instances)
	case f.sample < 0:
		err = fmt.Errorf("--sample=%d is negative", f.sample)
	case f.lag <= 0:
		err = fmt.Errorf("--lag=%v is not positive", f.lag)
	case f.runway <= 0:
		err = fmt.Errorf("--runway=%v is not positive", f.runway)
	}
	if err != nil {
		return fmt.Errorf("%w: see %s --help", err, cmd.CommandPath())
	}
	return nil
}

func newLive(s *settings) *cobra.Command {
	var flags liveFlags
	cmd := &cobra.Command{
		Use:   "live [PATH]",
		Short: "Ask the servers whether they are what the configuration says",
		Long: `Live connects to every server of a sound configuration, as the admin and as a
service, and applies the rules MDB8xx: who answers, whether each database is the
shard that the file says, schemas, ids, replicas, settings, rights and the number
of connections. It writes nothing: its sessions are read-only, and what they do is
limited in time.

Servers are asked in parallel, each for --timeout at most. One that does not answer,
refuses the login or has a DSN that hangs on something unset is named, and nothing
is claimed about it; the others are asked all the same. Passwords come from where
the configuration says, as for a service.

Rows are sampled to find misplaced ones: --sample says how many in each table of a
shard, 0 none. --instances says how many processes the services have, to hold their
pools against max_connections.

--runway warns before ids reach a partition that is declared and not provisioned,
or the ceiling, at the rate of the last days, which a file of --history remembers
from one run to the next, or else at an average.

Severities are set by --rule and .mdbcheck.hcl, and single findings are covered by
comments, as for check. What is wrong with the files alone is told by check.

-o json prints the object of check; its summary is that of the configuration, and
it has
  servers          asked, replicas, shards (databases of areas and CENTRAL on the
                   servers asked), unasked: a list of server, reason
valid is false if there are errors, or a server was not asked.

Exit status: 0 nothing at or above --fail-on, 1 something other than MDB801 and
MDB802, 2 could not run, 3 a server could not be asked, and what was asked has
nothing. A pipeline may try again after 3, and must not take it for 0.`,
		Example: `  mdbcheck live deploy/mdb
  mdbcheck live deploy/mdb --timeout 10s --instances 20 --fail-on warning
  mdbcheck live deploy/mdb --sample 0 -o human -o json=live.json -o junit=live.xml`,
		Args:        cobra.MaximumNArgs(1),
		Annotations: findingForms,
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return runLive(s, cmd, &flags, args) }
	flags.addTo(cmd)
	return cmd
}

// errUnasked ends live with status 3.
var errUnasked = errors.New("a server was not asked")

func runLive(s *settings, cmd *cobra.Command, flags *liveFlags, args []string) error {
	if err := flags.validate(cmd); err != nil {
		return err
	}
	start := time.Now()
	cfg, notices, err := s.sound(cmd, args, flags.rules, start)
	if err != nil {
		return err
	}
	// A first signal ends the check, a second one the program.
	ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	shown := newProgress(s)
	found, err := live.Check(ctx, cfg, live.Options{
		Timeout: flags.timeout, Parallel: flags.parallel, Instances: flags.instances, Sample: flags.sample, Runway: flags.runway, Lag: flags.lag,
		History: flags.history, Progress: shown.asked,
	})
	shown.end()
	switch {
	case ctx.Err() != nil:
		return errors.New("interrupted: not all servers were asked")
	case err != nil:
		return err
	}
	r := &report{
		findings: slices.Concat(notices, found.Diagnostics), masked: maskedOnce(cfg), path: cfg.Path, command: "live", failOn: flags.failOn, catalogue: liveRules(),
		summary: summarise(cfg, notices), asked: found, elapsed: time.Since(start),
	}
	r.summary.Ignored = len(found.Ignored)
	if err := s.inEachForm(func() error { return s.reporter().write(s.env.stdout, r) }); err != nil {
		return err
	}
	return outcomeOf(found, flags.failOn)
}

// outcomeOf gives how live ends: what is wrong with a server that answered weighs
// more than one that did not.
func outcomeOf(found *live.Report, failOn string) error {
	for i := range found.Diagnostics {
		d := &found.Diagnostics[i]
		if d.Rule != ruleUnreachable && d.Rule != ruleAuthFailed && failing(d.Severity, failOn) {
			return errFindings
		}
	}
	if len(found.Unasked) > 0 {
		return errUnasked
	}
	return nil
}

// sound loads the configuration for live. Of what is found in it only that counts
// which keeps it from being opened, or says what is not set.
func (s *settings) sound(cmd *cobra.Command, args, rules []string, today time.Time) (*hcl.Config, hcl.Diagnostics, error) {
	lint, err := lintOf(rules, today)
	if err != nil {
		return nil, nil, err
	}
	s.lint = lint
	cfg, found, err := s.load(cmd, args)
	if err != nil {
		return nil, nil, err
	}
	var notices hcl.Diagnostics
	found = slices.DeleteFunc(found, func(d hcl.Diagnostic) bool {
		if d.Rule == ruleUnresolved {
			notices = append(notices, d)
			return false
		}
		return d.Severity != hcl.Error || cfg.Registry != nil && d.Rule != ruleBadSettings
	})
	if err := s.opens(cmd, cfg, found); err != nil {
		return nil, nil, err
	}
	return cfg, notices, nil
}

// liveRules are the rules that live applies.
func liveRules() []hcl.RulePage {
	return slices.DeleteFunc(hcl.Rules(), func(p hcl.RulePage) bool { return !strings.HasPrefix(p.ID, serverRules) })
}
