package hcl

import (
	"fmt"
	"regexp"
)

// An Acceptance says that a breaking change was decided on: its data has been
// moved, or there is none.
type Acceptance struct {
	// Fingerprint is that of the change: "MDB901:9f2c41d0c8a3b417".
	Fingerprint string
	// Reason and Owner say why, and who answers for it.
	Reason string
	Owner  string
	// Range is where it is written.
	Range Range
	// Spent is set for an acceptance that the old version had already: it covered
	// an earlier change and covers no other.
	Spent bool
}

// accept applies the acceptances, and reports those that cover nothing.
func (c *comparer) accept() {
	open := map[string]*Acceptance{}
	for i := range c.opts.Accepted {
		if a := &c.opts.Accepted[i]; !a.Spent {
			open[a.Fingerprint] = a
		}
	}
	used := map[string]bool{}
	for i := range c.out.Changes {
		d := &c.out.Changes[i]
		a := open[d.Fingerprint]
		if d.Verdict < NeedsHead || d.Fingerprint == "" {
			continue
		}
		if a == nil && d.Verdict == NeedsHead {
			continue
		}
		if a == nil {
			d.Help += fmt.Sprintf("\nif the rows were moved, or nothing is lost, accept %s in %s", d.Fingerprint, AcceptFile)
			continue
		}
		used[a.Fingerprint] = true
		d.Verdict, d.Severity, d.Acceptance = Accepted, severityOf(Accepted), a
		d.Help = fmt.Sprintf("accepted by %s: %s", a.Owner, a.Reason)
		for k := range d.Intervals {
			if at := &d.Intervals[k]; at.Verdict != Safe {
				at.Verdict = Accepted
			}
		}
	}
	for i := range c.opts.Accepted {
		a := &c.opts.Accepted[i]
		if used[a.Fingerprint] {
			continue
		}
		d := c.change(ruleUnusedAccept, Caution, a.Range, "the acceptance of %s covers no change", a.Fingerprint)
		if a.Spent {
			d.Detail = "the old version has it already: it covered an earlier change"
		}
	}
}

// AcceptFile is the name of the file of acceptances beside a configuration.
const AcceptFile = "mdb-accept.hcl"

// fingerprintForm is what a fingerprint looks like.
var fingerprintForm = regexp.MustCompile(`^MDB9\d\d:[0-9a-f]{16}$`)

// LoadAcceptances reads a file of acceptances:
//
//	accept "MDB901:9f2c41d0c8a3b417" {
//	  reason = "the rows of p1 were moved on 2026-11-02"
//	  owner  = "storage"
//	}
//
// Of opts it takes FS and Overlay. It fails with a [*DiagnosticsError] that has
// every mistake, or with the reason why the file cannot be read.
func LoadAcceptances(path string, opts Options) ([]Acceptance, error) {
	s := newSources(opts)
	text, err := s.read(path, maxFile)
	if err != nil {
		return nil, fmt.Errorf("read acceptances: %w", err)
	}
	f := parseLiteral(&source{name: path, text: text}, "accept", []string{"reason", "owner"})
	var out []Acceptance
	first := map[string]Range{}
	for _, b := range f.blocks {
		if !fingerprintForm.MatchString(b.label) {
			b.fault(ruleInvalidName, b.at, "%s is no fingerprint", quote(cut(b.label))).Help = "copy it from the output of mdbcheck breaking: MDB901:9f2c41d0c8a3b417"
			continue
		}
		if other, twice := first[b.label]; twice {
			b.fault(ruleDuplicate, b.at, "%s is accepted already at %v", b.label, other)
			continue
		}
		first[b.label] = b.at
		out = append(out, Acceptance{Fingerprint: b.label, Reason: b.need("reason"), Owner: b.need("owner"), Range: b.at})
	}
	if err := f.findingsError(path); err != nil {
		return nil, err
	}
	return out, nil
}
