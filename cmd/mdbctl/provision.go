package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mdbrouter/mdb"
	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/area/provision"
	"github.com/mdbrouter/mdb/cmd/internal/command"
	"github.com/mdbrouter/mdb/gdid"
)

type provisionFlags struct {
	output   string
	yes      bool
	heads    []string
	recreate []string
}

func newProvision(s *settings) *cobra.Command {
	f := provisionFlags{}
	cmd := &cobra.Command{
		Use:   "provision [PATH]",
		Short: "Create what the configuration declares and the servers lack",
		Long: `Provision compares the configuration with all servers, prints what they lack, and
does it when told to: databases, mdb's own tables, the schema of each area, the end
of a partition's range where one is appended, and the sequences of ids. On a
terminal it asks; elsewhere it needs --yes, and without it ends with status 3 if a
step is left.

It may be killed at any point and run again, and several may run at once. It refuses
to touch anything if a server cannot be read, two labels reach one server, a
database is stamped as something else, or a shard stands where the configuration does
not put it.

To append a partition to an area in use, provision asks the authorities for the head
of the area's sequence, and holds it below the new start until the partition is open.
Without authorities, state the head: the end of the last block of ids that was taken.
Ids at or past the new partition's start must not be made until provision is done.

A shard that is missing in an area with rows has been lost, so it is refused: restore
its database from a backup. If its rows are to be given up, --recreate SERVER/DATABASE
makes it anew, empty.

-o json prints one object: namespace, steps (kind, area, shard, server, database, at,
sealed, text), applied, refusals (server, database, area, shard, reason), error.
Progress goes to standard error.

Exit status: 0 nothing is left to do, 1 refused or failed, 2 it could not run,
3 steps are left and were not taken.`,
		Example: `  mdbctl provision deploy/mdb
  mdbctl provision deploy/mdb --yes -o json
  mdbctl provision deploy/mdb --head user=0:1_200_000`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return s.provision(cmd.Context(), cmd, args, f) },
	}
	cmd.Flags().BoolVarP(&f.yes, "yes", "y", false, "do it without asking")
	cmd.Flags().StringArrayVar(&f.heads, "head", nil, "head of an area's sequence, as AREA=ERA:COUNTER; may be repeated")
	cmd.Flags().StringArrayVar(&f.recreate, "recreate", nil, "a lost database, as `SERVER/DATABASE`, to make anew without its rows; may be repeated")
	addOutput(cmd, &f.output, "human", "json")
	return cmd
}

func (s *settings) provision(ctx context.Context, cmd *cobra.Command, args []string, f provisionFlags) (err error) {
	path, options, err := s.where(cmd, args)
	if err != nil {
		return err
	}
	heads, err := parseHeads(f.heads)
	if err != nil {
		return err
	}
	progress := newProgress(s)
	p, err := mdb.NewProvisioner(path, mdb.ProvisionOptions{Options: options, Heads: heads, Recreate: f.recreate, Progress: progress.step})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	for name := range heads {
		if _, ok := p.Registry().Area(name); !ok {
			return fmt.Errorf("--head %s=...: the configuration has no area %q: it has %s", name, name, areaNames(p.Registry()))
		}
	}
	report := provisionReport{Namespace: p.Registry().Namespace(), Steps: []stepReport{}, Refusals: []refusalReport{}}
	err = s.planAndApply(ctx, p, f, &report)
	progress.end()
	if f.output != "json" {
		return err
	}
	report.fail(err)
	return errors.Join(command.WriteJSON(s.env.stdout, report), silent(err))
}

// silent keeps the status of an error that the output has told already.
func silent(err error) error {
	if err == nil {
		return nil
	}
	status := exitNotRun
	if own, ok := errors.AsType[*statusError](err); ok {
		status = own.status
	}
	return &statusError{status: status}
}

func (s *settings) planAndApply(ctx context.Context, p *mdb.Provisioner, f provisionFlags, report *provisionReport) error {
	plan, err := p.Plan(ctx)
	if err != nil {
		return failed(err)
	}
	for _, step := range plan.Steps() {
		report.Steps = append(report.Steps, stepReport{Step: step, Text: step.String()})
	}
	sequences, err := p.PlanSequences(ctx)
	if err != nil {
		return failed(err)
	}
	for _, step := range sequences {
		report.Steps = append(report.Steps, stepReport{Step: provision.Step{Kind: "begin", At: step.First}, Text: step.String()})
	}
	if f.output != "json" {
		if err := s.writePlan(p.Registry(), report.Steps); err != nil {
			return err
		}
	}
	if len(report.Steps) == 0 {
		report.Applied = true
		return nil
	}
	if !f.yes {
		if err := s.confirm(ctx, f); err != nil {
			return err
		}
	}
	if err := plan.Apply(ctx); err != nil {
		return failed(err)
	}
	if err := p.CreateSequences(ctx); err != nil {
		return failed(err)
	}
	report.Applied = true
	if f.output != "json" {
		_, err = fmt.Fprintf(s.env.stdout, "%s done: %s\n", s.paint(s.env.stdoutIsTerminal).Green("✓"), counted(len(report.Steps), "step"))
	}
	return err
}

func (s *settings) writePlan(r *area.Registry, steps []stepReport) error {
	p := s.paint(s.env.stdoutIsTerminal)
	if len(steps) == 0 {
		_, err := fmt.Fprintf(s.env.stdout, "%s nothing to do: %s has all %s\n", p.Green("✓"), r.Namespace(), counted(len(r.Shards()), "shard"))
		return err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s lacks %s:\n", p.Bold(r.Namespace()), counted(len(steps), "step"))
	for _, step := range steps {
		fmt.Fprintf(&b, "  %s %s\n", p.Green("+"), sanitise(step.Text))
	}
	_, err := fmt.Fprint(s.env.stdout, b.String())
	return err
}

// confirm asks on a terminal whether to take the steps.
func (s *settings) confirm(ctx context.Context, f provisionFlags) error {
	if !s.env.stdinIsTerminal || f.output == "json" {
		if f.output != "json" {
			fmt.Fprintln(s.env.stderr, "nothing was done; give --yes to take these steps")
		}
		return &statusError{status: exitLeft}
	}
	fmt.Fprint(s.env.stderr, "Take these steps? [y/N] ")
	answer := make(chan string, 1) // so that the reader ends even when nobody waits for it
	go func() {
		line, _ := bufio.NewReader(s.env.stdin).ReadString('\n') // no line is no
		answer <- line
	}()
	select {
	case <-ctx.Done():
		fmt.Fprintln(s.env.stderr)
		return failed(ctx.Err())
	case line := <-answer:
		if slices.Contains([]string{"y", "yes"}, strings.ToLower(strings.TrimSpace(line))) {
			return nil
		}
		fmt.Fprintln(s.env.stderr, "nothing was done")
		return &statusError{status: exitLeft}
	}
}

func parseHeads(list []string) (map[string]gdid.RangeKey, error) {
	heads := make(map[string]gdid.RangeKey, len(list))
	for _, text := range list {
		name, at, ok := strings.Cut(text, "=")
		name = strings.TrimPrefix(name, "area.")
		key, err := gdid.ParseRangeKey(at)
		if !ok || name == "" || err != nil {
			return nil, fmt.Errorf("--head %q is not AREA=ERA:COUNTER, such as user=0:1_200_000", text)
		}
		if _, twice := heads[name]; twice {
			return nil, fmt.Errorf("--head states the head of %s twice", name)
		}
		heads[name] = key
	}
	return heads, nil
}

func areaNames(r *area.Registry) string {
	var names []string
	for _, a := range r.Areas() {
		names = append(names, a.Name())
	}
	return strings.Join(names, ", ")
}

// counted gives "1 step" or "2 steps".
func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// provisionReport is the output of -o json.
type provisionReport struct {
	Namespace string          `json:"namespace"`
	Steps     []stepReport    `json:"steps"`
	Applied   bool            `json:"applied"`
	Refusals  []refusalReport `json:"refusals"`
	Error     string          `json:"error"`
}

type stepReport struct {
	provision.Step
	Text string `json:"text"`
}

type refusalReport struct {
	Server   string `json:"server"`
	Database string `json:"database"`
	Area     string `json:"area"`
	Shard    string `json:"shard"`
	Reason   string `json:"reason"`
}

func (r *provisionReport) fail(err error) {
	if err == nil {
		return
	}
	if refused, ok := errors.AsType[*provision.RefusedError](err); ok {
		for _, one := range refused.Refusals {
			r.Refusals = append(r.Refusals, refusalReport{one.Server, one.Database, one.Area, one.Shard, one.Err.Error()})
		}
	}
	if own, ok := errors.AsType[*statusError](err); ok && own.err == nil {
		return
	}
	r.Error = err.Error()
}
