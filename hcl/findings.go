package hcl

import (
	"fmt"
	"sync"

	hclv2 "github.com/hashicorp/hcl/v2"
)

// findings collects what is wrong. Its methods may be called from several
// goroutines; the order of calls plays no part.
type findings struct {
	mu   sync.Mutex // guards list
	list []*Diagnostic
}

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
	f.list = append(f.list, d)
	return d
}

// page gives what the page of a rule says.
func (r rule) page() page {
	for _, chapter := range []map[rule]page{filePages, namePages, routingPages, serverPages, centralPages, briefcasePages, idPages} {
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
	for _, d := range f.list {
		if d.Severity == Error {
			return true
		}
	}
	return false
}

// all gives the findings in order.
func (f *findings) all() Diagnostics {
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
