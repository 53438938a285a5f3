package hcl

import (
	"fmt"
	"slices"
	"sync"

	hclv2 "github.com/hashicorp/hcl/v2"
)

// findings collects what is wrong. Its methods may be called from several
// goroutines; the order of calls plays no part.
type findings struct {
	limit int // how many are kept; 0: all

	mu    sync.Mutex // guards what follows
	list  []*Diagnostic
	more  []*Diagnostic  // one of each rule that had to be left out
	count map[string]int // of those, by rule
}

// maxFindings is how many findings of one load are kept: nobody reads more, and
// a hostile file can have one for every few bytes.
const maxFindings = 10_000

// add reports one finding. The caller may go on to fill in Detail, Help, Address
// and Related of what it returns. An error or warning without Help has what the
// page of its rule says.
func (f *findings) add(r rule, at hclv2.Range, format string, args ...any) *Diagnostic {
	known := r.facts()
	d := &Diagnostic{
		Rule: r.id(), Slug: known.slug, Severity: known.severity,
		Summary: fmt.Sprintf(format, args...), Range: rangeOf(at), usual: r.page().mend,
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.keep(d)
	return d
}

// keep adds a finding, unless there are too many.
func (f *findings) keep(d *Diagnostic) {
	if f.limit == 0 || len(f.list) < f.limit {
		f.list = append(f.list, d)
		return
	}
	if f.count == nil {
		f.count = map[string]int{}
	}
	if f.count[d.Slug]++; f.count[d.Slug] == 1 {
		f.more = append(f.more, d)
	}
}

// full reports whether findings had to be left out.
func (f *findings) full() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.more) > 0
}

// overflow turns what had to be left out into one finding of each rule.
func (f *findings) overflow() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, d := range f.more {
		if n := f.count[d.Slug] - 1; n > 0 {
			d.Summary += " (and " + itoa(n) + " more of " + d.Rule + ", which are not listed)"
		}
		f.list = append(f.list, d)
	}
	f.more, f.count = nil, nil
}

// join adds what another has found.
func (f *findings) join(other *findings) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, d := range other.list {
		f.keep(d)
	}
}

// page gives what the page of a rule says.
func (r rule) page() page {
	for _, chapter := range chapters() {
		if p, ok := chapter[r]; ok {
			return p
		}
	}
	return page{}
}

// errors reports whether a finding of severity error was added.
func (f *findings) errors() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	isError := func(d *Diagnostic) bool { return d.Severity == Error }
	return slices.ContainsFunc(f.list, isError) || slices.ContainsFunc(f.more, isError)
}

// all gives the findings in order.
func (f *findings) all() Diagnostics {
	f.overflow()
	f.mu.Lock()
	defer f.mu.Unlock()
	var out Diagnostics
	for _, d := range f.list {
		out = append(out, d.printable())
	}
	return out.sorted()
}

// printable gives the finding without what could steer a terminal.
func (d *Diagnostic) printable() Diagnostic {
	out := *d
	if out.Help == "" && out.Severity != Notice {
		out.Help = out.usual
	}
	for _, text := range []*string{&out.Summary, &out.Detail, &out.Help, &out.Address} {
		*text = printable(*text)
	}
	return out
}

// relate adds another place.
func (d *Diagnostic) relate(at hclv2.Range, format string, args ...any) {
	if at != (hclv2.Range{}) {
		d.Related = append(d.Related, Related{Message: fmt.Sprintf(format, args...), Range: rangeOf(at)})
	}
}

func rangeOf(r hclv2.Range) Range {
	return Range{Filename: r.Filename, Start: Pos(r.Start), End: Pos(r.End)}
}
