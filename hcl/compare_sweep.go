package hcl

import (
	"slices"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/gdid"
	"github.com/mdbrouter/mdb/partition"
)

// one is the distance from a range key to the next.
var one = gdid.RangeKey{Counter: 1}

// sweep compares two versions of one area along the id line.
type sweep struct {
	*comparer
	was, now *side
	out      *AreaComparison
	groups   []*group
	byKey    map[groupKey]*group
}

// side is one version of an area.
type side struct {
	area   *area.Area
	places *places
	labels map[string]int           // ordinals of partitions; made when needed
	tables map[string]gdid.RangeKey // the begin of each breakpoint's table; likewise
}

// piece is an interval and the ordinals of its partitions.
type piece struct {
	Interval
	i, j int
}

// group is the pieces of one change.
type group struct {
	rule   breakingRule
	key    groupKey
	pieces []piece
}

// groupKey tells changes of one area apart: by rule, and by what they have in
// common, a partition or something that concerns several.
type groupKey struct {
	rule  breakingRule
	cause string
}

// areas compares all areas.
func (c *comparer) areas() {
	for _, now := range c.now.Registry.Areas() {
		if was, ok := c.was.Registry.Area(now.Name()); ok {
			c.area(was, now)
		}
	}
	for _, was := range c.was.Registry.Areas() {
		if _, ok := c.now.Registry.Area(was.Name()); !ok {
			c.areaGone(was)
		}
	}
}

func (c *comparer) area(was, now *area.Area) {
	out := AreaComparison{Area: now.Name()}
	out.Head, out.HeadKnown = c.opts.Heads[out.Area]
	if out.HeadKnown {
		if safe, err := out.Head.Add(gdid.RangeKey{Era: uint32(c.opts.Margin >> 60), Counter: c.opts.Margin & gdid.MaxCounter}); err == nil {
			out.SafeFrom = &safe
		}
	}
	s := &sweep{
		comparer: c, out: &out, byKey: map[groupKey]*group{},
		was: &side{area: was, places: c.wasPlaces}, now: &side{area: now, places: c.nowPlaces},
	}
	s.run()
	for _, g := range s.groups {
		s.report(g)
	}
	s.renamed()
	if len(s.groups) > 0 {
		c.out.Areas = append(c.out.Areas, out)
	}
}

// run visits the elementary intervals: those between two neighbouring bounds of
// either table.
func (s *sweep) run() {
	was, now := s.was.area.Table(), s.now.area.Table()
	first := gdid.RangeKey{}
	for i, j := 0, 0; ; {
		wasEnd, wasEnds := was.End(i)
		nowEnd, nowEnds := now.End(j)
		end := wasEnd
		if !wasEnds || nowEnds && nowEnd.Compare(wasEnd) < 0 {
			end = nowEnd
		}
		if !wasEnds && !nowEnds {
			s.visit(i, j, first, gdid.MaxRangeKey)
			return
		}
		last, _ := end.Sub(one) // an end lies above a start
		s.visit(i, j, first, last)
		if wasEnds && wasEnd == end {
			i++
		}
		if nowEnds && nowEnd == end {
			j++
		}
		first = end
	}
}

func (d *side) spread(i int) spread {
	return spread{d.area.Table().Partition(i).Hash, d.area.PartitionShards(i)}
}

func (d *side) placement(i int) Placement {
	p := d.area.Table().Partition(i)
	return Placement{Partition: p.Name, Breakpoint: p.Breakpoint, Hash: p.Hash, Shards: p.Shards}
}

// visit judges one elementary interval.
func (s *sweep) visit(i, j int, first, last gdid.RangeKey) {
	was, now := s.was.spread(i), s.now.spread(j)
	if was.equal(now) {
		return
	}
	p := piece{i: i, j: j, Interval: Interval{
		First: first, Last: last, Was: s.was.placement(i), Now: s.now.placement(j), Share: moved(was, now, last),
	}}
	key := s.classify(&p)
	p.Verdict = s.verdict(key.rule, first, s.lastOfTable(i))
	if key.rule == rulePartitionRemoved && p.Verdict == Safe {
		key.rule = ruleUnusedRemoved
	}
	p.Rule, p.Slug = key.rule.page().ID, key.rule.page().Slug
	g := s.byKey[key]
	if g == nil {
		g = &group{rule: key.rule, key: key}
		s.byKey[key], s.groups = g, append(s.groups, g)
	}
	g.pieces = append(g.pieces, p)
}

// verdict judges the interval that begins at first. open tells that nothing in its
// range table followed: its ids may all be still to come.
func (s *sweep) verdict(r breakingRule, first gdid.RangeKey, open bool) Verdict {
	switch {
	case s.out.SafeFrom != nil && first.Compare(*s.out.SafeFrom) >= 0:
		return Safe
	case !s.out.HeadKnown && open && (r == rulePartitionAppended || r == ruleBreakpointAdded):
		return NeedsHead
	}
	return Breaking
}

// lastOfTable reports whether an old partition is the last of its range table.
func (s *sweep) lastOfTable(i int) bool {
	table := s.was.area.Table()
	return i == table.Len()-1 || table.Partition(i+1).Breakpoint != table.Partition(i).Breakpoint
}

// classify finds the edit that an interval's change comes from. Whether ids move
// does not hang on it.
func (s *sweep) classify(p *piece) groupKey {
	was, now := s.was.area.Table().Partition(p.i), s.now.area.Table().Partition(p.j)
	order := was.Start.Compare(now.Start)
	switch {
	case order == 0 || was.Name == now.Name:
		return s.altered(p)
	case order < 0:
		return s.begun(p, &now)
	default:
		return s.ended(&was)
	}
}

// begun classifies an interval whose new partition starts where none did.
func (s *sweep) begun(p *piece, now *partition.Partition) groupKey {
	if now.Breakpoint != "" {
		at, ok := s.was.breakpoint(now.Breakpoint)
		if !ok {
			return groupKey{ruleBreakpointAdded, now.Breakpoint}
		}
		if is, _ := s.now.breakpoint(now.Breakpoint); is != at {
			return groupKey{ruleBreakpointMoved, now.Breakpoint}
		}
	}
	if _, ok := s.was.ordinal(now.Name); ok {
		return groupKey{ruleStartMoved, now.Name}
	}
	if s.lastOfTable(p.i) {
		return groupKey{rulePartitionAppended, now.Name}
	}
	return groupKey{rulePartitionInserted, now.Name}
}

// ended classifies an interval whose old partition started where none does now.
func (s *sweep) ended(was *partition.Partition) groupKey {
	if was.Breakpoint != "" {
		at, ok := s.now.breakpoint(was.Breakpoint)
		if !ok {
			return groupKey{ruleBreakpointRemoved, was.Breakpoint}
		}
		if is, _ := s.was.breakpoint(was.Breakpoint); is != at {
			return groupKey{ruleBreakpointMoved, was.Breakpoint}
		}
	}
	if _, ok := s.now.ordinal(was.Name); ok {
		return groupKey{ruleStartMoved, was.Name}
	}
	return groupKey{rulePartitionRemoved, was.Name}
}

// altered classifies an interval whose partition has been altered in place.
func (s *sweep) altered(p *piece) groupKey {
	was, now := s.was.spread(p.i), s.now.spread(p.j)
	switch {
	case was.hash != now.hash:
		return groupKey{ruleHashChanged, was.hash.String() + " to " + now.hash.String()}
	case len(was.shards) != len(now.shards):
		return groupKey{ruleShardCount, p.Now.Partition}
	case reordered(was.shards, now.shards):
		return groupKey{ruleShardOrder, p.Now.Partition}
	}
	from, to, servers := "", "", 0
	names := false
	for i := range was.shards {
		a, b := &was.shards[i], &now.shards[i]
		names = names || a.Database != b.Database
		if a.Server != b.Server && (a.Server != from || b.Server != to) {
			from, to = a.Server, b.Server
			servers++
		}
	}
	switch {
	case servers == 0 && p.Was.Partition != p.Now.Partition:
		return groupKey{ruleLabelMoves, p.Now.Partition}
	case servers == 0 && s.sameTemplate(p):
		return groupKey{ruleShardMoved, "names"}
	case servers == 1 && !names:
		return groupKey{ruleShardMoved, "server." + from + " server." + to}
	}
	return groupKey{ruleShardMoved, "partition " + p.Now.Partition}
}

// sameTemplate reports whether every shard of a partition has another database
// name on the same server: its area's template has changed.
func (s *sweep) sameTemplate(p *piece) bool {
	was, now := s.was.area.PartitionShards(p.i), s.now.area.PartitionShards(p.j)
	for i := range was {
		if was[i].Server != now[i].Server || was[i].Database == now[i].Database {
			return false
		}
	}
	return true
}

// reordered reports whether the servers of two lists are the same, and so are the
// databases, and only their order differs.
func reordered(was, now []area.Shard) bool {
	names := func(of func(*area.Shard) string, list []area.Shard) []string {
		out := make([]string, len(list))
		for i := range list {
			out[i] = of(&list[i])
		}
		return out
	}
	same := func(of func(*area.Shard) string) (inOrder, sorted bool) {
		a, b := names(of, was), names(of, now)
		inOrder = slices.Equal(a, b)
		slices.Sort(a)
		slices.Sort(b)
		return inOrder, slices.Equal(a, b)
	}
	serverOrder, servers := same(func(s *area.Shard) string { return s.Server })
	databaseOrder, databases := same(func(s *area.Shard) string { return s.Database })
	return servers && databases && (!serverOrder || !databaseOrder)
}

// ordinal finds a partition by its label.
func (d *side) ordinal(label string) (int, bool) {
	if d.labels == nil {
		table := d.area.Table()
		d.labels = make(map[string]int, table.Len())
		for i, p := range table.All() {
			d.labels[p.Name] = i
		}
	}
	i, ok := d.labels[label]
	return i, ok
}

// breakpoint gives the range key at which a breakpoint's table begins.
func (d *side) breakpoint(label string) (gdid.RangeKey, bool) {
	if d.tables == nil {
		d.tables = map[string]gdid.RangeKey{}
		for _, p := range d.area.Table().All() {
			if _, ok := d.tables[p.Breakpoint]; !ok {
				d.tables[p.Breakpoint] = p.Start
			}
		}
	}
	at, ok := d.tables[label]
	return at, ok
}

// renamed reports partitions and breakpoints that only got other labels.
func (s *sweep) renamed() {
	was, now := s.was.area.Table(), s.now.area.Table()
	i := 0
	breakpoints := map[string]bool{}
	for j, p := range now.All() {
		for i < was.Len() && was.Partition(i).Start.Compare(p.Start) < 0 {
			i++
		}
		if i == was.Len() || was.Partition(i).Start != p.Start {
			continue
		}
		old := was.Partition(i)
		if old.Name != p.Name && s.was.spread(i).equal(s.now.spread(j)) {
			d := s.change(ruleLabelChanged, Safe, s.nowPlaces.partition(s.out.Area, p.Name, ""), "partition %q is now called %q and routes as before", old.Name, p.Name)
			d.Area = s.out.Area
			s.before(d, s.wasPlaces.partition(s.out.Area, old.Name, ""), "it was %q here", old.Name)
		}
		if old.Breakpoint != p.Breakpoint && old.Breakpoint != "" && p.Breakpoint != "" && !breakpoints[p.Breakpoint] {
			breakpoints[p.Breakpoint] = true
			d := s.change(ruleLabelChanged, Safe, s.nowPlaces.breakpoint(s.out.Area, p.Breakpoint, ""), "breakpoint %q is now called %q", old.Breakpoint, p.Breakpoint)
			d.Area = s.out.Area
			s.before(d, s.wasPlaces.breakpoint(s.out.Area, old.Breakpoint, ""), "it was %q here", old.Breakpoint)
		}
	}
}
