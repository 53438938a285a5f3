package main

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/mdbrouter/mdb"
	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/cmd/internal/command"
	"github.com/mdbrouter/mdb/gdid"
	"github.com/mdbrouter/mdb/gdid/authority"
)

func newIDsStatus(s *settings) *cobra.Command {
	var output string
	var sample time.Duration
	cmd := &cobra.Command{
		Use:   "status [SEQUENCE...]",
		Short: "Show how far every authority is in every sequence",
		Long: `Status asks every authority for its head of each sequence, twice, and tells the
rate at which ids are leased, the partition that the next id falls in, and how many
ids, and how much time at this rate, are left until the next partition begins. It
changes nothing. Services lease ids ahead in blocks, so a rate over a short time is
rough: give --sample a minute for a better one.

-o json prints one object a line: sequence, authority, number, next, head, rate,
partition, next_partition, runway, ceiling, hold, server, here, unfenced, error.
Runway is a number of ids as a string, empty where no partition follows.

Exit status: 0 every authority gives ids, 1 one does not, 2 it could not run.`,
		Example: `  mdbctl ids status --config deploy/mdb
  mdbctl ids status user --sample 1m -o json`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.withIDs(cmd, args, func(ctx context.Context, p *mdb.Provisioner, sequences []string) error {
				lines, err := idsStatus(ctx, cmd.Context(), p, sequences, sample)
				if err != nil {
					return err
				}
				return s.writeIDs(output, lines, true)
			})
		},
	}
	cmd.Flags().DurationVar(&sample, "sample", time.Second, "how long to watch for the rate; 0 does not")
	addOutput(cmd, &output, "human", "json")
	return cmd
}

func newIDsPeek(s *settings) *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:   "peek SEQUENCE...",
		Short: "Show the next id of every authority without taking it",
		Long: `Peek shows the id that each authority would give next, and where it would live. It
changes nothing. Services have leased ids below these that they have not used yet.

-o json prints what mdbctl ids status does, without a rate.

Exit status: 0 every authority gives ids, 1 one does not, 2 it could not run.`,
		Example: `  mdbctl ids peek user --config deploy/mdb`,
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.withIDs(cmd, args, func(ctx context.Context, p *mdb.Provisioner, sequences []string) error {
				lines, err := idsStatus(ctx, cmd.Context(), p, sequences, 0)
				if err != nil {
					return err
				}
				return s.writeIDs(output, lines, false)
			})
		},
	}
	addOutput(cmd, &output, "human", "json")
	return cmd
}

// idsLine is what one authority keeps of one sequence.
type idsLine struct {
	Sequence      string         `json:"sequence"`
	Authority     string         `json:"authority"`
	Number        uint8          `json:"number"`
	Next          *gdid.GDID     `json:"next"`
	Head          *gdid.RangeKey `json:"head"`
	Rate          *float64       `json:"rate"`
	Partition     string         `json:"partition"`
	NextPartition string         `json:"next_partition"`
	Runway        string         `json:"runway"`
	Ceiling       *gdid.RangeKey `json:"ceiling"`
	Hold          *gdid.RangeKey `json:"hold"`
	Server        string         `json:"server"`
	Here          string         `json:"here"`
	Unfenced      bool           `json:"unfenced"`
	Error         string         `json:"error"`

	err    error
	runway float64
}

// idsStatus asks all authorities about all sequences, and again after a while.
// Waiting ends with outer, which does not bound the answers.
func idsStatus(ctx, outer context.Context, p *mdb.Provisioner, sequences []string, sample time.Duration) ([]idsLine, error) {
	var lines []idsLine
	for _, sequence := range sequences {
		for _, status := range p.Authorities().Status(ctx, sequence) {
			lines = append(lines, lineOf(p.Registry(), sequence, status))
		}
	}
	if sample <= 0 {
		return lines, nil
	}
	began := time.Now()
	timer := time.NewTimer(sample)
	defer timer.Stop()
	select {
	case <-outer.Done():
		return nil, failed(outer.Err())
	case <-timer.C:
	}
	ctx, cancel := context.WithTimeout(outer, idsTimeout)
	defer cancel()
	i := 0
	for _, sequence := range sequences {
		for _, status := range p.Authorities().Status(ctx, sequence) {
			later := lineOf(p.Registry(), sequence, status)
			later.since(lines[i], time.Since(began))
			lines[i] = later
			i++
		}
	}
	return lines, nil
}

func lineOf(r *area.Registry, sequence string, status authority.Status) idsLine {
	line := idsLine{Sequence: sequence, Authority: status.Authority, Number: status.Number, err: status.Err, runway: math.Inf(1)}
	if line.err == nil {
		state := status.State
		line.Ceiling, line.Hold = keyOrNone(state.Ceiling), keyOrNone(state.Hold)
		line.Server, line.Here, line.Unfenced = state.Server, state.Here, state.Unfenced()
		if line.Unfenced {
			line.err = authority.ErrAuthorityUnfenced
		}
		head, err := state.End()
		if err != nil {
			line.err = err
		} else {
			line.at(r, head)
		}
	}
	if line.err != nil {
		line.Error = line.err.Error()
	}
	return line
}

func keyOrNone(k gdid.RangeKey) *gdid.RangeKey {
	if k.IsZero() {
		return nil
	}
	return &k
}

// at fills in what follows from the head.
func (l *idsLine) at(r *area.Registry, head gdid.RangeKey) {
	l.Head = &head
	id, err := gdid.New(head.Era, l.Number, head.Counter)
	if err != nil {
		l.err = err
		return
	}
	l.Next = &id
	a, ok := r.Area(l.Sequence)
	if !ok {
		return // a sequence of no area has no partitions
	}
	table := a.Table()
	i := table.Find(head)
	l.Partition = table.Partition(i).Name
	if end, ok := table.End(i); ok {
		l.NextPartition = table.Partition(i + 1).Name
		left, err := end.Sub(head)
		if err == nil {
			l.runway = math.Ldexp(float64(left.Era), 60) + float64(left.Counter)
			l.Runway = decimal(left)
		}
	}
}

// decimal gives a distance as one number.
func decimal(k gdid.RangeKey) string {
	if k.Era == 0 {
		return strconv.FormatUint(k.Counter, 10)
	}
	return fmt.Sprintf("%.0f", math.Ldexp(float64(k.Era), 60)+float64(k.Counter))
}

// since fills in the rate at which ids were leased.
func (l *idsLine) since(before idsLine, elapsed time.Duration) {
	if l.Head == nil || before.Head == nil {
		return
	}
	leased, err := l.Head.Sub(*before.Head)
	if err != nil || leased.Era > 0 {
		return
	}
	rate := math.Round(10*float64(leased.Counter)/elapsed.Seconds()) / 10
	l.Rate = &rate
}

func (s *settings) writeIDs(output string, lines []idsLine, rates bool) error {
	var bad error
	for _, l := range lines {
		if l.err != nil {
			bad = &statusError{status: exitFailed}
		}
	}
	if output == "json" {
		for _, l := range lines {
			if err := command.WriteJSON(s.env.stdout, l); err != nil {
				return err
			}
		}
		return bad
	}
	var rows table
	header := []string{"SEQUENCE", "AUTHORITY", "NEXT ID", "PARTITION", "RUNWAY", "STATE"}
	if rates {
		header = []string{"SEQUENCE", "AUTHORITY", "NEXT ID", "RATE", "PARTITION", "RUNWAY", "STATE"}
	}
	rows.add(header...)
	for _, l := range lines {
		cells := []string{l.Sequence, l.Authority, "-", l.rateText(), dash(l.Partition), l.runwayText(), l.stateText()}
		if l.Next != nil {
			cells[2] = l.Next.String()
		}
		if !rates {
			cells = append(cells[:3], cells[4:]...)
		}
		rows.add(cells...)
	}
	p := s.paint(s.env.stdoutIsTerminal)
	err := rows.write(s.env.stdout, func(row, column int, cell string) string {
		switch {
		case row == 0:
			return p.Bold(cell)
		case column == len(header)-1 && lines[row-1].err == nil:
			return p.Green(cell)
		case column == len(header)-1:
			return p.Red(cell)
		}
		return cell
	})
	if err != nil {
		return err
	}
	for _, l := range lines {
		if l.err != nil {
			fmt.Fprintf(s.env.stderr, "%s %s\n", p.Red(l.Sequence+" "+l.Authority+":"), oneLine(l.Error))
			fmt.Fprintln(s.env.stderr, "next:", hint(l.Sequence, l.Authority, l.err))
		}
	}
	return bad
}

func dash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

func (l *idsLine) rateText() string {
	if l.Rate == nil {
		return "-"
	}
	return strconv.FormatFloat(*l.Rate, 'f', -1, 64) + "/s"
}

// longest is the longest runway that is told as time.
const longest = 100 * 365 * 24 * time.Hour

func (l *idsLine) runwayText() string {
	if l.Runway == "" {
		return "-"
	}
	text := l.Runway + " to " + l.NextPartition
	if l.Rate == nil || *l.Rate == 0 {
		return text
	}
	seconds := l.runway / *l.Rate
	if seconds > longest.Seconds() {
		return text
	}
	left := time.Duration(seconds * float64(time.Second))
	switch {
	case left < 2*time.Minute:
		return text + " (" + left.Round(time.Second).String() + ")"
	case left < 2*time.Hour:
		return fmt.Sprintf("%s (%.0f minutes)", text, left.Minutes())
	case left < 48*time.Hour:
		return fmt.Sprintf("%s (%.0f hours)", text, left.Hours())
	}
	return fmt.Sprintf("%s (%.0f days)", text, left.Hours()/24)
}

func (l *idsLine) stateText() string {
	switch {
	case l.Unfenced:
		return "unfenced"
	case l.err != nil:
		return "no answer"
	case l.Hold != nil:
		return "held below " + l.Hold.String()
	case l.Ceiling != nil:
		return "below " + l.Ceiling.String()
	}
	return "gives ids"
}
