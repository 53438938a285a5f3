package main

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/mdbrouter/mdb/cmd/internal/command"
	"github.com/mdbrouter/mdb/gdid"
	"github.com/mdbrouter/mdb/hcl"
)

// A comparison is what breaking prints.
type comparison struct {
	before *earlier
	now    *hcl.Config
	heads  map[string]gdid.RangeKey
	margin uint64
	failOn string
	result *hcl.Comparison
}

const (
	// maxRows is how many intervals of an area are shown to a reader.
	maxRows = 40

	// maxShown is how many changes are shown to a reader.
	maxShown = 40
)

func (c *comparison) write(s *settings) error {
	if s.output == "json" {
		return command.WriteJSON(s.env.stdout, c.json())
	}
	if s.output != "human" {
		return s.reporter().write(s.env.stdout, c.report())
	}
	out := bufio.NewWriter(s.env.stdout)
	p := s.paint(s.env.stdoutIsTerminal)
	if c.before.remark != "" {
		fmt.Fprintf(out, "%s\n\n", oneLine(c.before.remark))
	}
	for i := range c.result.Areas {
		if err := c.area(out, p, &c.result.Areas[i]); err != nil {
			return err
		}
	}
	c.findings(out, p)
	c.tally(out, p)
	return out.Flush()
}

// report gives the findings for the forms that know no intervals.
func (c *comparison) report() *report {
	found := c.result.Diagnostics()
	return &report{findings: found, masked: maskedOnce(c.now), path: c.now.Path, command: "breaking", failOn: c.failOn, catalogue: hcl.BreakingRules(), summary: summarise(c.now, found)}
}

// area writes the intervals of an area as a table.
func (c *comparison) area(out io.Writer, p command.Paint, a *hcl.AreaComparison) error {
	head := "head unknown"
	switch {
	case a.SafeFrom != nil:
		head = fmt.Sprintf("head %v, safe from %v on", a.Head, *a.SafeFrom)
	case a.HeadKnown:
		head = fmt.Sprintf("head %v", a.Head)
	}
	fmt.Fprintf(out, "%s  (%s)\n", p.Bold("area."+a.Area), head)
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "  IDS\tWAS\tNOW\tMOVE\tRULE\tVERDICT")
	for i := range a.Intervals {
		if i == maxRows && len(a.Intervals) > maxRows+1 {
			fmt.Fprintf(table, "  and %d more\n", len(a.Intervals)-i)
			break
		}
		x := &a.Intervals[i]
		last := x.Last.String()
		if x.Last == gdid.MaxRangeKey {
			last = "max"
		}
		fmt.Fprintf(table, "  %v .. %s\t%s\t%s\t%v\t%s %s\t%v\n", x.First, last, placed(&x.Was), placed(&x.Now), x.Share, x.Rule, x.Slug, x.Verdict)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(out)
	return nil
}

// placed says which partition serves an interval.
func placed(p *hcl.Placement) string {
	if p.Partition == "" {
		return "-"
	}
	return fmt.Sprintf("%s %v/%d", p.Partition, p.Hash, p.Shards)
}

// findings writes the changes, the worst first.
func (c *comparison) findings(out io.Writer, p command.Paint) {
	h := human{paint: p}
	shown, masked := 0, maskedOnce(c.now)
	for _, severity := range []hcl.Severity{hcl.Error, hcl.Warning, hcl.Notice} {
		for i := range c.result.Changes {
			d := &c.result.Changes[i]
			if d.Severity != severity {
				continue
			}
			if shown++; shown > maxShown {
				continue
			}
			h.finding(out, masked, d.Diagnostic)
			fmt.Fprintln(out)
		}
	}
	if shown > maxShown {
		fmt.Fprintf(out, "and %d more changes; -o json lists all\n\n", shown-maxShown)
	}
}

// tally says in one line what came out.
func (c *comparison) tally(out io.Writer, p command.Paint) {
	if c.before.cfg == nil {
		return
	}
	counts := map[hcl.Verdict]int{}
	for i := range c.result.Changes {
		counts[c.result.Changes[i].Verdict]++
	}
	fmt.Fprintf(out, "compared with %s: ", oneLine(c.before.name))
	if len(c.result.Changes) == 0 {
		fmt.Fprintln(out, "nothing is routed otherwise")
		return
	}
	var parts []string
	for _, v := range []struct {
		verdict  hcl.Verdict
		severity hcl.Severity
		text     string
	}{{hcl.Breaking, hcl.Error, "breaking"}, {hcl.NeedsHead, hcl.Warning, "without a head"}, {hcl.Caution, hcl.Warning, "to look after"}, {hcl.Accepted, hcl.Notice, "accepted"}, {hcl.Safe, hcl.Notice, "safe"}} {
		if n := counts[v.verdict]; n > 0 {
			parts = append(parts, p.Severity(v.severity, fmt.Sprintf("%d %s", n, v.text)))
		}
	}
	fmt.Fprintln(out, strings.Join(parts, ", "))
}

// The objects of -o json. Their keys are a promise to other programs.
type jsonComparison struct {
	jsonReport
	Against *string      `json:"against"`
	Areas   []jsonArea   `json:"areas"`
	Changes []jsonChange `json:"changes"`
}

type jsonArea struct {
	Area      string         `json:"area"`
	Head      *gdid.RangeKey `json:"head"`
	Margin    uint64         `json:"margin"`
	SafeFrom  *gdid.RangeKey `json:"safe_from"`
	Intervals []jsonInterval `json:"intervals"`
}

type jsonInterval struct {
	First   gdid.RangeKey `json:"first"`
	Last    gdid.RangeKey `json:"last"`
	Was     *jsonPlaced   `json:"was"`
	Now     *jsonPlaced   `json:"now"`
	Moved   uint64        `json:"moved"`
	Of      uint64        `json:"of"`
	Verdict hcl.Verdict   `json:"verdict"`
	Rule    string        `json:"rule"`
}

type jsonPlaced struct {
	Partition  string `json:"partition"`
	Breakpoint string `json:"breakpoint"`
	Hash       string `json:"hash"`
	Shards     int    `json:"shards"`
}

type jsonChange struct {
	Rule        string      `json:"rule"`
	Area        string      `json:"area"`
	Address     string      `json:"address"`
	Verdict     hcl.Verdict `json:"verdict"`
	Fingerprint string      `json:"fingerprint"`
	AcceptedBy  *string     `json:"accepted_by"`
}

func (c *comparison) json() jsonComparison {
	found := c.result.Diagnostics()
	out := jsonComparison{
		jsonReport: reportJSON(&report{findings: found, summary: summarise(c.now, found)}),
		Areas:      []jsonArea{}, Changes: []jsonChange{},
	}
	if c.before.cfg != nil {
		out.Against = &c.before.name
	}
	for i := range c.result.Areas {
		a := &c.result.Areas[i]
		row := jsonArea{Area: a.Area, Margin: c.margin, SafeFrom: a.SafeFrom, Intervals: []jsonInterval{}}
		if a.HeadKnown {
			row.Head = &a.Head
		}
		for k := range a.Intervals {
			x := &a.Intervals[k]
			row.Intervals = append(row.Intervals, jsonInterval{
				First: x.First, Last: x.Last, Was: jsonPlacedOf(&x.Was), Now: jsonPlacedOf(&x.Now),
				Moved: x.Share.Moved, Of: x.Share.Of, Verdict: x.Verdict, Rule: x.Rule,
			})
		}
		out.Areas = append(out.Areas, row)
	}
	for i := range c.result.Changes {
		d := &c.result.Changes[i]
		row := jsonChange{Rule: d.Rule, Area: d.Area, Address: d.Address, Verdict: d.Verdict, Fingerprint: d.Fingerprint}
		if d.Acceptance != nil {
			row.AcceptedBy = &d.Acceptance.Owner
		}
		out.Changes = append(out.Changes, row)
	}
	return out
}

func jsonPlacedOf(p *hcl.Placement) *jsonPlaced {
	if p.Partition == "" {
		return nil
	}
	return &jsonPlaced{Partition: p.Partition, Breakpoint: p.Breakpoint, Hash: p.Hash.String(), Shards: p.Shards}
}
