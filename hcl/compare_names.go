package hcl

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/gdid"
	"github.com/mdbrouter/mdb/partition"
)

// areaGone reports an area that the new version does not have.
func (c *comparer) areaGone(was *area.Area) {
	d := c.change(ruleAreaRemoved, Breaking, c.nowPlaces.start(), "area %q is gone", was.Name())
	d.Area, d.Address = was.Name(), "area."+was.Name()
	m := newMarker(ruleAreaRemoved, was.Name())
	if heir := c.heir(was); heir != "" {
		d.Summary = fmt.Sprintf("area %q is now called %q", was.Name(), heir)
		d.Detail = "its sequence of ids has the same name and would start over"
		d.Range = c.nowPlaces.area(heir, "")
		m.add(heir)
	}
	out := AreaComparison{Area: was.Name()}
	out.Head, out.HeadKnown = c.opts.Heads[was.Name()]
	for i, p := range was.Table().All() {
		last := gdid.MaxRangeKey
		if end, ok := was.Table().End(i); ok {
			last, _ = end.Sub(one)
		}
		d.Intervals = append(d.Intervals, Interval{
			First: p.Start, Last: last, Was: Placement{Partition: p.Name, Breakpoint: p.Breakpoint, Hash: p.Hash, Shards: p.Shards},
			Share: Share{1, 1}, Verdict: Breaking, Rule: d.Rule, Slug: d.Slug,
		})
		m.add(p.Start.String())
		m.spread(spread{p.Hash, was.PartitionShards(i)})
	}
	d.Fingerprint = m.String()
	c.out.Areas = append(c.out.Areas, out)
	c.before(d, c.wasPlaces.area(was.Name(), ""), "it was here")
}

// heir finds a new area that has exactly the routing of one that is gone.
func (c *comparer) heir(was *area.Area) string {
	for _, now := range c.now.Registry.Areas() {
		if _, ok := c.was.Registry.Area(now.Name()); ok || now.Table().Len() != was.Table().Len() {
			continue
		}
		same := true
		for i := range was.Table().Len() {
			a, b := was.Table().Partition(i), now.Table().Partition(i)
			same = same && a.Start == b.Start && sameServers(a.Hash, b.Hash, was.PartitionShards(i), now.PartitionShards(i))
		}
		if same {
			return now.Name()
		}
	}
	return ""
}

// sameServers leaves database names out: a template may have the area's label in
// it.
func sameServers(a, b partition.Hash, was, now []area.Shard) bool {
	return a == b && slices.EqualFunc(was, now, func(x, y area.Shard) bool { return x.Server == y.Server })
}

// identities reports another namespace and sequences that are gone.
func (c *comparer) identities() {
	was, now := c.was.Registry.Topology(), c.now.Registry.Topology()
	if was.Namespace != now.Namespace {
		hidden := c.hides("mdb", "", "namespace")
		d := c.change(ruleNamespace, Breaking, c.nowPlaces.block("mdb", "", "namespace"), "the namespace was %s and now is %s",
			shown(strconv.Quote(was.Namespace), hidden), shown(strconv.Quote(now.Namespace), hidden))
		d.Address = "mdb"
		d.Detail = "every database is stamped with the old one and will be refused; all sequences of ids start over"
		d.Fingerprint = newMarker(ruleNamespace, was.Namespace, now.Namespace).String()
		c.before(d, c.wasPlaces.block("mdb", "", "namespace"), "it was here")
	}
	has := map[string]bool{}
	for i := range now.Areas {
		has[now.Areas[i].Name] = true
	}
	for i := range now.Sequences {
		has[now.Sequences[i].Name] = true
	}
	for _, s := range was.Sequences {
		if _, isArea := c.was.Registry.Area(s.Name); has[s.Name] || isArea {
			continue // a sequence of an area's name goes with its area
		}
		d := c.change(ruleNamespace, Breaking, c.nowPlaces.start(), "sequence %q is gone", s.Name)
		d.Address = "sequence." + s.Name
		d.Detail = "under another name its ids start over and collide with those that exist"
		d.Fingerprint = newMarker(ruleNamespace, "sequence", s.Name).String()
		c.before(d, c.wasPlaces.block("sequence", s.Name), "it was here")
	}
}

// central reports what keys of CENTRAL would no longer be found.
func (c *comparer) central() {
	was, now := c.was.Registry.Central(), c.now.Registry.Central()
	switch {
	case was == nil:
		return
	case now == nil:
		d := c.change(ruleCentralShards, Breaking, c.nowPlaces.start(), "CENTRAL is gone")
		d.Address = "central"
		d.Fingerprint = c.centralMark(was, nil)
		c.before(d, c.wasPlaces.block("central", ""), "it was here")
		return
	}
	if !slices.Equal(was.Shards, now.Shards) {
		d := c.change(ruleCentralShards, Breaking, c.nowPlaces.block("central", "", "shards"), "%s", centralSummary(was, now))
		d.Address = "central"
		d.Fingerprint = c.centralMark(was, now)
		c.before(d, c.wasPlaces.block("central", "", "shards"), "it was here")
	}
	renamed := c.renamedBriefcases()
	for i := range was.Indexes {
		old := &was.Indexes[i]
		at := slices.IndexFunc(now.Indexes, func(x area.Index) bool { return x.Name == old.Name })
		if at < 0 {
			d := c.change(ruleIndex, Breaking, c.nowPlaces.block("central", ""), "index %q is gone", old.Name)
			d.Address = "central.index." + old.Name
			d.Fingerprint = newMarker(ruleIndex, old.Name, fmt.Sprint(*old)).String()
			c.before(d, c.wasPlaces.index(old.Name), "it was here")
			continue
		}
		c.index(old, &now.Indexes[at], renamed)
	}
}

func centralSummary(was, now *area.Central) string {
	if len(was.Shards) != len(now.Shards) {
		return fmt.Sprintf("CENTRAL had %s and now has %d: all keys hash anew", countOf(len(was.Shards), "shard"), len(now.Shards))
	}
	n := 0
	for i := range was.Shards {
		if was.Shards[i] != now.Shards[i] {
			n++
		}
	}
	return fmt.Sprintf("%d of %d shards of CENTRAL are other databases", n, len(was.Shards))
}

func (c *comparer) centralMark(was, now *area.Central) string {
	m := newMarker(ruleCentralShards)
	for _, d := range was.Shards {
		m.database(d)
	}
	m.add("now")
	if now != nil {
		for _, d := range now.Shards {
			m.database(d)
		}
	}
	return m.String()
}

// index compares two versions of an index.
func (c *comparer) index(was, now *area.Index, renamed map[string]string) {
	type edit struct {
		argument string
		was, now string
		verdict  Verdict
	}
	briefcase := was.Briefcase
	if name, ok := renamed[briefcase]; ok {
		briefcase = name
	}
	list := func(names []string) string { return "[" + strings.Join(names, ", ") + "]" }
	size := Breaking
	if now.MaxBytes > was.MaxBytes {
		size = Safe // no key is lost, but the column must grow first
	}
	for _, e := range []edit{
		{"type", was.Type, now.Type, Breaking},
		{"normalize", list(was.Normalize), list(now.Normalize), Breaking},
		{"briefcase", briefcase, now.Briefcase, Breaking},
		{"unique", fmt.Sprint(was.Unique), fmt.Sprint(now.Unique), Breaking},
		{"max_bytes", fmt.Sprint(was.MaxBytes), fmt.Sprint(now.MaxBytes), size},
		{"proof", fmt.Sprintf("%q", was.Proof), fmt.Sprintf("%q", now.Proof), Breaking},
	} {
		if e.was == e.now {
			continue
		}
		hidden := c.hidesIndex(now.Name, e.argument)
		d := c.change(ruleIndex, e.verdict, c.nowPlaces.index(now.Name, e.argument), "%s of index %q was %s and now is %s",
			e.argument, now.Name, shown(e.was, hidden), shown(e.now, hidden))
		d.Address = "central.index." + now.Name
		d.Detail = indexEffects[e.argument]
		if e.verdict == Safe {
			d.Detail, d.Help = "widen the column of its tables first; until then longer keys are refused", ""
		}
		d.Fingerprint = newMarker(ruleIndex, now.Name, e.argument, e.was, e.now).String()
		c.before(d, c.wasPlaces.index(was.Name, e.argument), "it was here")
	}
}

var indexEffects = map[string]string{
	"type":      "stored keys are encoded otherwise and are no longer found",
	"normalize": "stored keys were normalised otherwise: they are looked up as other keys, on other shards",
	"briefcase": "stored ids are those of another briefcase",
	"unique":    "its tables have another primary key",
	"max_bytes": "stored keys may be longer than what is accepted now",
	"proof":     "rows have the hash of their key in another column",
}

// renamedBriefcases maps old labels of briefcases to new ones, where everything
// else is as before.
func (c *comparer) renamedBriefcases() map[string]string {
	was, now := c.was.Registry.Topology().Briefcases, c.now.Registry.Topology().Briefcases
	byName := func(list []area.Briefcase, name string) bool {
		return slices.ContainsFunc(list, func(b area.Briefcase) bool { return b.Name == name })
	}
	out := map[string]string{}
	for i := range was {
		if byName(now, was[i].Name) {
			continue
		}
		for j := range now {
			b := &now[j]
			if b.Area == was[i].Area && b.Key == was[i].Key && slices.Equal(b.Tables, was[i].Tables) && !byName(was, b.Name) {
				out[was[i].Name] = b.Name
			}
		}
	}
	return out
}
