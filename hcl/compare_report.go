package hcl

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"slices"
	"strconv"
	"strings"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/gdid"
	"github.com/mdbrouter/mdb/partition"
)

// report makes the change of a group of intervals.
func (s *sweep) report(g *group) {
	verdict := Safe
	for i := range g.pieces {
		verdict = max(verdict, g.pieces[i].Verdict)
	}
	p := &g.pieces[0]
	at, was, text := s.describe(g, p)
	d := s.change(g.rule, verdict, at, "%s", text)
	d.Area = s.out.Area
	d.Address = s.address(g, p)
	d.Detail = s.effect(g, verdict)
	d.Help = s.help(g, verdict)
	d.Fingerprint = s.fingerprint(g)
	for i := range g.pieces {
		d.Intervals = append(d.Intervals, g.pieces[i].Interval)
	}
	s.before(d, was, "it was here")
}

// describe gives the place of a change in both versions and says what it is.
func (s *sweep) describe(g *group, p *piece) (at, was Range, text string) {
	name := s.out.Area
	now := func(arguments ...string) Range { return s.nowPlaces.partition(name, p.Now.Partition, arguments...) }
	old := func(arguments ...string) Range { return s.wasPlaces.partition(name, p.Was.Partition, arguments...) }
	wasPart, nowPart := s.was.area.Table().Partition(p.i), s.now.area.Table().Partition(p.j)
	switch g.rule {
	case ruleShardCount:
		return now("shards"), old("shards"), fmt.Sprintf("partition %q had %s and now has %d", p.Now.Partition, countOf(p.Was.Shards, "shard"), p.Now.Shards)
	case ruleShardOrder:
		return now("shards"), old("shards"), fmt.Sprintf("the shards of partition %q stand in another order", p.Now.Partition)
	case ruleShardMoved:
		return s.describeMoved(g, p)
	case rulePartitionRemoved, ruleUnusedRemoved:
		return s.nowPlaces.area(name, ""), old(), fmt.Sprintf("partition %q, which started at %v, is gone", p.Was.Partition, wasPart.Start)
	case ruleStartMoved:
		return s.describeStart(g)
	case rulePartitionInserted:
		next, _ := s.was.area.Table().End(p.i)
		return now("start", "offset"), Range{}, fmt.Sprintf("partition %q is inserted at %v, between %v and %v, where partitions started before", p.Now.Partition, nowPart.Start, wasPart.Start, next)
	case rulePartitionAppended:
		return now("start", "offset"), Range{}, fmt.Sprintf("partition %q is appended at %v", p.Now.Partition, nowPart.Start)
	case ruleBreakpointAdded:
		begin, _ := s.now.breakpoint(g.key.cause)
		return s.nowPlaces.breakpoint(name, g.key.cause, "at"), Range{}, fmt.Sprintf("breakpoint %q is added at %v", g.key.cause, begin)
	case ruleBreakpointMoved:
		before, _ := s.was.breakpoint(g.key.cause)
		begin, _ := s.now.breakpoint(g.key.cause)
		return s.nowPlaces.breakpoint(name, g.key.cause, "at"), s.wasPlaces.breakpoint(name, g.key.cause, "at"),
			fmt.Sprintf("breakpoint %q was at %v and now is at %v", g.key.cause, before, begin)
	case ruleBreakpointRemoved:
		before, _ := s.was.breakpoint(g.key.cause)
		return s.nowPlaces.area(name, ""), s.wasPlaces.breakpoint(name, g.key.cause, "at"), fmt.Sprintf("breakpoint %q, which was at %v, is gone", g.key.cause, before)
	case ruleHashChanged:
		at, was = now("hash"), old("hash")
		if s.comparer.was.Topology.Hash != s.comparer.now.Topology.Hash && s.comparer.was.tree != nil {
			at, was = s.nowPlaces.block("mdb", "", "hash"), s.wasPlaces.block("mdb", "", "hash")
		}
		return at, was, fmt.Sprintf("the shard function of %s of area %q was %v and now is %v", s.partitionsOf(g), name, p.Was.Hash, p.Now.Hash)
	default: // ruleLabelMoves
		return now(), old(), fmt.Sprintf("partition %q is now called %q, which gives its databases other names", p.Was.Partition, p.Now.Partition)
	}
}

// describeMoved tells which databases have moved.
func (s *sweep) describeMoved(g *group, p *piece) (at, was Range, text string) {
	at = s.nowPlaces.partition(s.out.Area, p.Now.Partition, "shards")
	was = s.wasPlaces.partition(s.out.Area, p.Was.Partition, "shards")
	if from, to, ok := strings.Cut(g.key.cause, " server."); ok {
		return at, was, fmt.Sprintf("what was on %s is now on server.%s, in %s of area %q", from, to, s.partitionsOf(g), s.out.Area)
	}
	if g.key.cause == "names" {
		if here := s.nowPlaces.area(s.out.Area, "database"); !here.IsZero() {
			at, was = here, s.wasPlaces.area(s.out.Area, "database")
		}
		return at, was, fmt.Sprintf("the databases of %s of area %q have other names", s.partitionsOf(g), s.out.Area)
	}
	before, after := s.was.area.PartitionShards(p.i), s.now.area.PartitionShards(p.j)
	var list []string
	for i := range before {
		a, b := &before[i], &after[i]
		switch {
		case a.Server != b.Server:
			list = append(list, fmt.Sprintf("shard %d was on server.%s and is on server.%s", i, a.Server, b.Server))
		case a.Database != b.Database:
			list = append(list, fmt.Sprintf("shard %d has another database on server.%s", i, b.Server))
		}
	}
	if more := len(list) - 3; more > 0 {
		list = append(list[:3], fmt.Sprintf("and %d more", more))
	}
	return at, was, fmt.Sprintf("partition %q: %s", p.Now.Partition, strings.Join(list, ", "))
}

func (s *sweep) describeStart(g *group) (at, was Range, text string) {
	i, _ := s.was.ordinal(g.key.cause)
	j, _ := s.now.ordinal(g.key.cause)
	at = s.nowPlaces.partition(s.out.Area, g.key.cause, "start", "offset")
	was = s.wasPlaces.partition(s.out.Area, g.key.cause, "start", "offset")
	return at, was, fmt.Sprintf("partition %q started at %v and now starts at %v", g.key.cause, s.was.area.Table().Partition(i).Start, s.now.area.Table().Partition(j).Start)
}

// partitionsOf names the partitions of a group.
func (s *sweep) partitionsOf(g *group) string {
	if len(g.pieces) == 1 {
		return fmt.Sprintf("partition %q", g.pieces[0].Now.Partition)
	}
	return countOf(len(g.pieces), "partition")
}

// address names the declaration that a change is about.
func (s *sweep) address(g *group, p *piece) string {
	name := "area." + s.out.Area
	switch g.rule {
	case ruleBreakpointAdded, ruleBreakpointMoved, ruleBreakpointRemoved:
		return name + ".breakpoint." + g.key.cause
	case rulePartitionRemoved, ruleUnusedRemoved:
		return name + ".partition." + g.key.cause
	default:
		if len(g.pieces) > 1 {
			return name
		}
		of := p.Now
		if of.Breakpoint != "" {
			name += ".breakpoint." + of.Breakpoint
		}
		return name + ".partition." + of.Partition
	}
}

// effect says what becomes of which ids.
func (s *sweep) effect(g *group, v Verdict) string {
	var lines []string
	if v == NeedsHead {
		return fmt.Sprintf("safe only while no id from %v on of sequence %q has been leased", g.pieces[0].First, s.out.Area)
	}
	for i := range g.pieces {
		if i == maxEffects {
			lines = append(lines, fmt.Sprintf("and %d more intervals", len(g.pieces)-i))
			break
		}
		p := &g.pieces[i]
		effect := p.sentence()
		if p.Verdict == Safe {
			effect = fmt.Sprintf("none exists, the head is %v", s.out.Head)
		}
		lines = append(lines, fmt.Sprintf("ids %v to %v: %s", p.First, lastOf(p.Last), effect))
	}
	text := strings.Join(lines, "\n")
	if v != Safe && s.out.SafeFrom != nil {
		return text + "\n" + fmt.Sprintf("sequence %q has leased up to %v; with a margin of %d, ids below %v may exist", s.out.Area, s.out.Head, s.opts.Margin, *s.out.SafeFrom)
	}
	return text
}

// maxEffects is how many intervals the text of a change has.
const maxEffects = 5

// sentence says what part of an interval's ids is lost.
func (p *piece) sentence() string {
	switch {
	case p.Share.Moved == 0:
		return "all are looked up where they were, but their databases are stamped otherwise and will be refused"
	case p.Share.Moved == p.Share.Of:
		return "all are looked up elsewhere; their rows become invisible"
	case p.Was.Hash == p.Now.Hash && p.Was.Hash != partition.Jump1:
		return fmt.Sprintf("%d of every %d (%v) are looked up elsewhere; their rows become invisible", p.Share.Moved, p.Share.Of, p.Share)
	}
	return fmt.Sprintf("%v are looked up elsewhere; their rows become invisible", p.Share)
}

// lastOf names the last key of an interval.
func lastOf(k gdid.RangeKey) string {
	if k == gdid.MaxRangeKey {
		return "the last"
	}
	return k.String()
}

// help says what to do instead.
func (s *sweep) help(g *group, v Verdict) string {
	if v == Safe {
		return ""
	}
	if v == NeedsHead {
		return fmt.Sprintf("give the head: --head area.%s=ERA:COUNTER, or --head-from lock or live", s.out.Area)
	}
	text := g.rule.page().Mend
	if s.out.SafeFrom != nil {
		text = s.safeStart(g, *s.out.SafeFrom, text)
	}
	if !s.out.HeadKnown && g.rule != ruleHashChanged {
		text += fmt.Sprintf("\nif none of these ids exists yet, say so: --head area.%s=ERA:COUNTER", s.out.Area)
	}
	return text
}

// safeStart adds to what is to be done where new ids may safely begin. Ids that
// exist have no other place than the old one.
func (s *sweep) safeStart(g *group, from gdid.RangeKey, text string) string {
	least := fmt.Sprintf("the smallest safe start is %q", grouped(from))
	switch g.rule {
	case rulePartitionAppended:
		return least + s.offset(from, g.pieces[0].Now.Breakpoint)
	case rulePartitionInserted:
		last := s.now.area.Table().Len() - 1
		return text + "; " + least + s.offset(from, s.now.area.Table().Partition(last).Breakpoint)
	case ruleBreakpointAdded:
		return least
	case ruleStartMoved:
		i, _ := s.was.ordinal(g.key.cause)
		if before := s.was.area.Table().Partition(i).Start; before.Compare(from) < 0 {
			return fmt.Sprintf("put the start back to %q", grouped(before)) + s.offset(before, g.pieces[0].Was.Breakpoint)
		}
		return least + s.offset(from, g.pieces[0].Now.Breakpoint)
	case ruleBreakpointMoved:
		if before, ok := s.was.breakpoint(g.key.cause); ok && before.Compare(from) < 0 {
			return fmt.Sprintf("put the breakpoint back to %q", grouped(before))
		}
		return least
	default: // where it starts is not the matter
		return text
	}
}

// offset says a start as an offset, for a partition in a breakpoint.
func (s *sweep) offset(start gdid.RangeKey, breakpoint string) string {
	at, ok := s.now.breakpoint(breakpoint)
	if breakpoint == "" || !ok {
		return ""
	}
	offset, err := start.Sub(at)
	if err != nil {
		return ""
	}
	return fmt.Sprintf(", in breakpoint %q the offset %q", breakpoint, grouped(offset))
}

// grouped writes a range key as files do: 0:622_044.
func grouped(k gdid.RangeKey) string {
	digits := fmt.Sprint(k.Counter)
	var parts []string
	for len(digits) > 3 {
		parts = append(parts, digits[len(digits)-3:])
		digits = digits[:len(digits)-3]
	}
	parts = append(parts, digits)
	slices.Reverse(parts)
	return fmt.Sprintf("%d:%s", k.Era, strings.Join(parts, "_"))
}

func countOf(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// fingerprint identifies the change of a group: the rule, the intervals, the old
// and the new route.
func (s *sweep) fingerprint(g *group) string {
	m := newMarker(g.rule, s.out.Area)
	for i := range g.pieces {
		p := &g.pieces[i]
		m.add(p.First.String())
		m.add(p.Last.String())
		m.spread(s.was.spread(p.i))
		m.spread(s.now.spread(p.j))
	}
	return m.String()
}

// fingerprintSize is the bytes of a hash that a fingerprint shows.
const fingerprintSize = 8

// marker makes fingerprints: every text goes behind its length.
type marker struct {
	rule breakingRule
	hash hash.Hash
	text []byte // what is written next, to allocate once
}

func newMarker(r breakingRule, texts ...string) *marker {
	m := &marker{rule: r, hash: sha256.New()}
	m.add(r.page().ID)
	for _, t := range texts {
		m.add(t)
	}
	return m
}

func (m *marker) add(text string) {
	m.text = strconv.AppendInt(m.text[:0], int64(len(text)), 10)
	m.text = append(append(m.text, ':'), text...)
	m.hash.Write(m.text)
}

func (m *marker) spread(s spread) {
	m.add(s.hash.String())
	m.add(strconv.Itoa(len(s.shards)))
	for i := range s.shards {
		m.database(area.Database{Server: s.shards[i].Server, Name: s.shards[i].Database})
	}
}

func (m *marker) database(d area.Database) {
	m.add(d.Server)
	m.add(d.Name)
}

// String gives "MDB901:9f2c41d0...".
func (m *marker) String() string {
	return m.rule.page().ID + ":" + hex.EncodeToString(m.hash.Sum(nil)[:fingerprintSize])
}
