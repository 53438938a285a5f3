package hcl

import (
	"cmp"
	"slices"
	"strings"

	"github.com/mdbrouter/mdb/gdid"
	"github.com/mdbrouter/mdb/partition"
)

// CompareOptions tune [Compare]. The zero value is ready to use: no head is known
// and nothing is accepted.
type CompareOptions struct {
	// Was names the old version in messages, as "origin/main". Files of the old
	// version are then shown as "origin/main:deploy/mdb/user.mdb.hcl". Default:
	// they are shown by their path alone.
	Was string
	// Heads maps an area to its head: the end of the last block leased from any
	// sequence that feeds it, over all authorities. No id at or above it exists.
	// What may become of ids of an area that is not in the map is unknown.
	Heads map[string]gdid.RangeKey
	// Margin is how many ids above a head may come to exist while processes with
	// the old version still run.
	Margin uint64
	// Accepted are the changes that were decided on in spite of their verdict.
	Accepted []Acceptance
}

// A Verdict says what a change does to ids that exist.
type Verdict uint8

// The verdicts, the worst last.
const (
	// Safe: no id that exists is looked up elsewhere.
	Safe Verdict = iota + 1
	// Accepted: it would be one of the following, but was decided on.
	Accepted
	// Caution: no id moves, but something must be looked after.
	Caution
	// NeedsHead: it is safe as long as no id of the interval exists, which only a
	// head can tell.
	NeedsHead
	// Breaking: ids that may exist are looked up where their rows are not.
	Breaking
)

// String gives the verdict as tables show it.
func (v Verdict) String() string {
	switch v {
	case Safe:
		return "safe"
	case Accepted:
		return "accepted"
	case Caution:
		return "caution"
	case NeedsHead:
		return "needs head"
	case Breaking:
		return "BREAKING"
	}
	return "none"
}

// MarshalText gives the verdict for other programs: safe, accepted, caution,
// needs-head or breaking. It never fails.
func (v Verdict) MarshalText() ([]byte, error) {
	return []byte(strings.ReplaceAll(strings.ToLower(v.String()), " ", "-")), nil
}

// A Placement is the partition that serves an interval in one version. It is zero
// where that version does not have the area.
type Placement struct {
	Partition  string
	Breakpoint string // empty in the first range table
	Hash       partition.Hash
	Shards     int
}

// An Interval is a run of range keys whose ids one version routes otherwise than
// the other, by the same two partitions throughout.
type Interval struct {
	First, Last gdid.RangeKey // both inclusive
	Was, Now    Placement
	Share       Share // of its ids, how many are looked up elsewhere
	Verdict     Verdict
	Rule        string // of the change that it belongs to: "MDB901"
	Slug        string
}

// An AreaComparison has all intervals of one area that are routed otherwise, in
// ascending order.
type AreaComparison struct {
	Area string
	// Head is the area's head, when HeadKnown. From SafeFrom on, which is head and
	// margin, partitions may be appended; it is nil where nothing is safe.
	Head      gdid.RangeKey
	HeadKnown bool
	SafeFrom  *gdid.RangeKey
	Intervals []Interval
}

// A Change is one edit: what was found, whom it concerns, and how bad it is.
type Change struct {
	Diagnostic
	Verdict Verdict
	// Area is the area that is concerned, or "".
	Area string
	// Fingerprint identifies the change in a file of acceptances: it covers the
	// rule, the old and the new route and the intervals, and nothing else.
	Fingerprint string
	// Intervals are those that the change re-routes. A change that is not about
	// ids has none.
	Intervals []Interval
	// Acceptance is set for an accepted change.
	Acceptance *Acceptance
}

// A Comparison says what the step from one version of a configuration to another
// does to ids, keys and briefcases that exist.
type Comparison struct {
	// Areas are those whose ids are routed otherwise, in the order of the new
	// version, then those it does not have.
	Areas []AreaComparison
	// Changes are in the order of file, place and rule.
	Changes []Change
}

// Diagnostics gives the findings of all changes: errors for breaking ones,
// warnings for those that need a head or caution, notices for the rest.
func (c *Comparison) Diagnostics() Diagnostics {
	out := make(Diagnostics, len(c.Changes))
	for i := range c.Changes {
		out[i] = c.Changes[i].Diagnostic
	}
	return out
}

// Verdict gives the worst verdict of all changes, Safe if there are none.
func (c *Comparison) Verdict() Verdict {
	worst := Safe
	for i := range c.Changes {
		worst = max(worst, c.Changes[i].Verdict)
	}
	return worst
}

// Compare says which ids, keys and briefcases the step from one version to
// another would look up elsewhere than where they are. Both versions must have a
// Registry; was may be a [Lock.Config].
//
// The comparison is exact: an id of an area that both versions have is routed
// otherwise only if it lies in one of the intervals. It takes time and memory in
// proportion to the size of both versions.
func Compare(was, now *Config, opts CompareOptions) *Comparison {
	c := &comparer{
		opts: opts, was: was, now: now, wasPlaces: &places{cfg: was}, nowPlaces: &places{cfg: now},
		out: &Comparison{},
	}
	c.areas()
	c.identities()
	c.central()
	c.briefcases()
	c.authorities()
	c.servers()
	c.accept()
	c.intervals()
	slices.SortStableFunc(c.out.Changes, func(a, b Change) int {
		return cmp.Or(
			strings.Compare(a.Range.Filename, b.Range.Filename),
			cmp.Compare(a.Range.Start.Byte, b.Range.Start.Byte),
			strings.Compare(a.Rule, b.Rule),
			strings.Compare(a.Summary, b.Summary),
		)
	})
	return c.out
}

// intervals gives the areas the intervals of their changes.
func (c *comparer) intervals() {
	byArea := map[string][]Interval{}
	for i := range c.out.Changes {
		d := &c.out.Changes[i]
		byArea[d.Area] = append(byArea[d.Area], d.Intervals...)
	}
	for i := range c.out.Areas {
		a := &c.out.Areas[i]
		a.Intervals = byArea[a.Area]
		slices.SortFunc(a.Intervals, func(x, y Interval) int { return x.First.Compare(y.First) })
	}
}

// comparer is one comparison at work.
type comparer struct {
	opts                 CompareOptions
	was, now             *Config
	wasPlaces, nowPlaces *places
	out                  *Comparison
}

// change adds a change. The caller may go on to fill in what it returns until it
// adds another.
func (c *comparer) change(r breakingRule, v Verdict, at Range, format string, args ...any) *Change {
	page := r.page()
	c.out.Changes = append(c.out.Changes, Change{
		Verdict:    v,
		Diagnostic: Diagnostic{Rule: page.ID, Slug: page.Slug, Severity: severityOf(v), Summary: sprintf(format, args), Help: page.Mend, Range: at},
	})
	return &c.out.Changes[len(c.out.Changes)-1]
}

func severityOf(v Verdict) Severity {
	switch v {
	case Breaking:
		return Error
	case Caution, NeedsHead:
		return Warning
	default:
		return Notice
	}
}

// before adds where the old version has what changed.
func (c *comparer) before(d *Change, at Range, format string, args ...any) {
	if at.IsZero() {
		return
	}
	if c.opts.Was != "" {
		at.Filename = c.opts.Was + ":" + at.Filename
	}
	d.Related = append(d.Related, Related{Message: sprintf(format, args), Range: at})
}
