package live

import (
	"fmt"
	"slices"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/area/provision"
	"github.com/mdbrouter/mdb/gdid"
)

// An overrun is a place where ids are given that no shard takes, or the wrong one.
type overrun struct {
	address string
	finding
}

// overruns holds the head against the shards of all partitions. A partition that is
// appended as provision does it is none: its start is no lower than the head until
// its shards are open, and by then those before it have ended there.
func (q *sequence) overruns(states map[string]*provision.ServerState) []overrun {
	var all []overrun
	table := q.area.Table()
	for i := range table.Len() {
		if o, found := q.unopened(i, states); found {
			all = append(all, o)
		}
		if o, found := q.endsEarly(i, states); found {
			all = append(all, o)
		}
		if o, found := q.endLost(i, states); found {
			all = append(all, o)
		}
	}
	return all
}

// unopened reports a partition that begins below the head and is not open. Of one
// that is in use, databases that are missing are another rule's: no start would mend
// that.
func (q *sequence) unopened(i int, states map[string]*provision.ServerState) (overrun, bool) {
	p := q.area.Table().Partition(i)
	if i == 0 || q.head.Compare(p.Start) <= 0 {
		return overrun{}, false
	}
	shards, sealed := shardsIn(q.area, i, states, isClosed), shardsIn(q.area, i, states, isSealed)
	state, what := "is not in use", "are not provisioned"
	help := fmt.Sprintf("start it at or past the head, which mdbctl ids status %s shows; mdbctl provision refuses it as it is", q.area.Name())
	if len(sealed) > 0 {
		what = "are not open"
	}
	if q.inUse(i, states) {
		shards, state, help = sealed, "is not wholly in use", "run mdbctl provision again; it goes on where it stopped"
	}
	if len(shards) == 0 {
		return overrun{}, false
	}
	return overrun{partitionAddress(&shards[0]), finding{
		summary: fmt.Sprintf("sequence %s has leased up to %v; partition %s starts at %v and %s", q.area.Name(), q.head, p.Name, p.Start, state),
		detail:  fmt.Sprintf("shards %s %s: ids from %v on have their rows in the partition before, or are refused", placesOf(q.area.Shards(), shards), what, p.Start),
		help:    help,
	}}, true
}

// inUse reports whether a shard of a partition is open, wherever it stands.
func (q *sequence) inUse(i int, states map[string]*provision.ServerState) bool {
	start := q.area.Table().Partition(i).Start
	for _, state := range states {
		for j := range state.Databases {
			d := &state.Databases[j]
			if isOpen(d) && d.Stamp.Namespace == q.namespace && d.Stamp.Area == q.area.Name() && d.Stamp.Start == start {
				return true
			}
		}
	}
	return false
}

// endsEarly reports shards that have ended below the head, where no partition of the
// configuration begins.
func (q *sequence) endsEarly(i int, states map[string]*provision.ServerState) (overrun, bool) {
	next, hasNext := q.area.Table().End(i)
	var end gdid.RangeKey
	shards := shardsIn(q.area, i, states, func(d *provision.DatabaseState) bool {
		at, ended := endOf(d)
		early := ended && q.head.Compare(at) > 0 && (!hasNext || at.Compare(next) < 0)
		if early && (end.IsZero() || at.Compare(end) < 0) {
			end = at
		}
		return early
	})
	if len(shards) == 0 {
		return overrun{}, false
	}
	until := "on"
	if hasNext {
		until = "to " + next.String()
	}
	return overrun{partitionAddress(&shards[0]), finding{
		summary: fmt.Sprintf("sequence %s has leased up to %v; partition %s has ended at %v, where no other starts", q.area.Name(), q.head, shards[0].Partition, end),
		detail:  fmt.Sprintf("shards %s refuse ids from %v %s", placesOf(q.area.Shards(), shards), end, until),
		help:    "use the file that was provisioned last: a partition started there, and an end cannot be taken back",
	}}, true
}

// endLost reports shards that go on past the start of the next partition, which is
// in use.
func (q *sequence) endLost(i int, states map[string]*provision.ServerState) (overrun, bool) {
	next, hasNext := q.area.Table().End(i)
	if !hasNext || q.head.Compare(next) <= 0 {
		return overrun{}, false
	}
	if open := shardsIn(q.area, i+1, states, isOpen); len(open) < len(q.area.PartitionShards(i+1)) {
		return overrun{}, false
	}
	shards := shardsIn(q.area, i, states, func(d *provision.DatabaseState) bool {
		return isOpen(d) && slices.ContainsFunc(d.Fence, func(f provision.FenceState) bool { return !f.Ended || f.End.Compare(next) > 0 })
	})
	if len(shards) == 0 {
		return overrun{}, false
	}
	return overrun{partitionAddress(&shards[0]), finding{
		summary: fmt.Sprintf("sequence %s has leased up to %v; partition %s does not end at %v, where %s starts", q.area.Name(), q.head, shards[0].Partition, next, q.area.Table().Partition(i+1).Name),
		detail:  fmt.Sprintf("shards %s have lost their end: a process with an old file could write later ids there", placesOf(q.area.Shards(), shards)),
		help:    "run mdbctl provision, which ends them again",
	}}, true
}

// shardsIn gives the shards of a partition whose databases are so. Those on servers
// that did not answer, and those stamped as something else, are left out.
func shardsIn(a *area.Area, ordinal int, states map[string]*provision.ServerState, is func(*provision.DatabaseState) bool) []area.Shard {
	var list []area.Shard
	for _, s := range a.PartitionShards(ordinal) {
		state := states[s.Server]
		if state == nil {
			continue
		}
		d, ok := state.Database(s.Database)
		if !ok {
			d = &provision.DatabaseState{}
		}
		if d.Stamp != nil && (d.Stamp.Area != s.Area || d.Stamp.Start != s.Start || d.Stamp.Shard != s.Index) {
			continue
		}
		if is(d) {
			list = append(list, s)
		}
	}
	return list
}

// isClosed reports whether a database is not, or not yet, a shard that takes ids.
func isClosed(d *provision.DatabaseState) bool { return d.Stamp == nil || isSealed(d) }

// isSealed reports whether a shard stands and waits to be opened.
func isSealed(d *provision.DatabaseState) bool {
	return d.Stamp != nil && d.Phase != 0 && d.Phase < provision.Opened
}

func isOpen(d *provision.DatabaseState) bool { return !isClosed(d) }

// endOf gives the lowest end that a stripe of a shard has.
func endOf(d *provision.DatabaseState) (end gdid.RangeKey, ended bool) {
	for _, f := range d.Fence {
		if f.Ended && (!ended || f.End.Compare(end) < 0) {
			end, ended = f.End, true
		}
	}
	return end, ended
}
