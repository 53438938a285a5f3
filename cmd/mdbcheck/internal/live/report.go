package live

import (
	"slices"
	"strings"

	"github.com/mdbrouter/mdb/hcl"
)

// A Report is what [Check] found.
type Report struct {
	// Diagnostics are in the order of file, place and rule. Comments and settings
	// have been applied.
	Diagnostics hcl.Diagnostics
	// Ignored are the findings that comments cover.
	Ignored []hcl.Ignored
	// Unasked are the servers and replicas that could not be asked, or not
	// everything, in the order of the configuration.
	Unasked []Unasked
	// Servers and Replicas count those that answered everything, ServersLeft and
	// ReplicasLeft the others.
	Servers, Replicas         int
	ServersLeft, ReplicasLeft int
	// Shards counts the databases of areas and of CENTRAL on the Servers.
	Shards int
}

// Unasked is a server that could not be asked, or not everything.
type Unasked struct {
	// Server is its label, "u1/b" for replica b of u1.
	Server string
	// Reason says why, and what to do. It shows no password or DSN.
	Reason string
}

// Progress tells how far a check is.
type Progress struct {
	Done, Total int
	// Waiting are the labels of the servers that are being asked.
	Waiting []string
}

// A finding is what a rule says of one place.
type finding struct {
	summary string // one line
	detail  string // beside the marked place; may be empty
	help    string // how to mend it; may be empty
	related []related
}

// related is another declaration that a finding is about.
type related struct{ address, message string }

// pages are the rules by id and by slug. An id that several rules have is theirs
// by slug alone.
var pages = pagesByName()

func pagesByName() map[string]hcl.RulePage {
	named := map[string]hcl.RulePage{}
	several := map[string]bool{}
	for _, p := range hcl.Rules() {
		if !strings.HasPrefix(p.ID, "MDB8") {
			continue
		}
		_, seen := named[p.ID]
		several[p.ID] = several[p.ID] || seen
		named[p.ID], named[p.Slug] = p, p
	}
	for id, is := range several {
		if is {
			delete(named, id)
		}
	}
	return named
}

// find adds a finding of a rule, named by its id or slug, at the declaration of
// an address; see [hcl.Config.Place]. It may be called from several goroutines.
func (r *run) find(rule, address string, f finding) {
	page, ok := pages[rule]
	if !ok {
		panic("live: " + rule + " is no rule, or has several: name it by its slug")
	}
	d := hcl.Diagnostic{
		Rule: page.ID, Slug: page.Slug, Severity: page.Severity, Address: address, Range: r.cfg.Place(address),
		Summary: r.veil.over(f.summary), Detail: r.veil.over(f.detail), Help: r.veil.over(f.help),
	}
	for _, other := range f.related {
		d.Related = append(d.Related, hcl.Related{Message: r.veil.over(other.message), Range: r.cfg.Place(other.address)})
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.findings = append(r.findings, d)
}

// unask notes that a server could not be asked, or not everything.
func (r *run) unask(label, reason string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !slices.ContainsFunc(r.unasked, func(u Unasked) bool { return u.Server == label }) {
		r.unasked = append(r.unasked, Unasked{Server: label, Reason: r.veil.over(reason)})
	}
}

// report gives the result when all have been asked.
func (r *run) report(declared []*server) *Report {
	out := &Report{}
	left := map[string]bool{}
	for _, u := range r.unasked {
		left[u.Server] = true
	}
	for _, s := range declared {
		if left[s.name] {
			out.ServersLeft++
			continue
		}
		out.Servers++
		out.Shards += len(s.shards) + len(s.central)
	}
	for _, x := range r.replicas {
		if left[x.label()] {
			out.ReplicasLeft++
			continue
		}
		out.Replicas++
	}
	out.Unasked = r.unaskedInOrder(declared)
	out.Diagnostics, out.Ignored = r.cfg.Judge(r.findings, r.applied)
	return out
}

// applied reports whether a rule was applied to all that is declared.
func (r *run) applied(slug string) bool {
	switch slug {
	case "pool-overcommit":
		return len(r.unasked) == 0 && r.opts.Instances > 0
	case "misplaced-rows", "index-orphan", "ids-given-again":
		return len(r.unasked) == 0 && r.opts.Sample > 0
	}
	return len(r.unasked) == 0
}

// unaskedInOrder gives the servers that could not be asked as the configuration
// has them, each before its replicas.
func (r *run) unaskedInOrder(declared []*server) []Unasked {
	order := map[string]int{}
	for _, s := range declared {
		order[s.name] = len(order)
		for _, x := range s.spec.Replicas {
			order[s.name+"/"+x.Name] = len(order)
		}
	}
	rank := func(u Unasked) int {
		if n, ok := order[u.Server]; ok {
			return n
		}
		return len(order)
	}
	slices.SortStableFunc(r.unasked, func(a, b Unasked) int { return rank(a) - rank(b) })
	return r.unasked
}
