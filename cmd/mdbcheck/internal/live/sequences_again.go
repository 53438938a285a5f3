package live

import (
	"fmt"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/gdid"
)

// A giver is one authority of a sequence.
type giver struct {
	area   string
	number uint8
}

// A seenID is an id that has rows.
type seenID struct {
	id    gdid.GDID
	where string
}

// see notes ids of sampled rows that are where they belong: of each authority the
// highest. Rows are read before authorities are asked, and ids are leased before
// they have rows, so none of them is one that its authority gives next.
func (r *run) see(shard *area.Shard, table string, ids []gdid.GDID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.seen == nil {
		r.seen = map[giver]seenID{}
	}
	for _, id := range ids {
		of := giver{shard.Area, id.Authority()}
		if old, ok := r.seen[of]; !ok || old.id.RangeKey().Compare(id.RangeKey()) < 0 {
			r.seen[of] = seenID{id, fmt.Sprintf("table %s of shard %s", table, shard.Label())}
		}
	}
}

// givenAgain reports authorities whose next ids have rows already (MDB826).
func (r *run) givenAgain(q *sequence) {
	for _, p := range q.positions {
		seen, ok := r.seen[giver{q.area.Name(), p.number}]
		if !ok || p.state.Unfenced() || seen.id.RangeKey().Compare(p.end) < 0 {
			continue
		}
		r.find("MDB826", "authority."+p.authority, finding{
			summary: fmt.Sprintf("authority %s gives ids of sequence %s a second time: its next id is %v, and %v has rows", p.authority, q.area.Name(), p.end, seen.id),
			detail:  "in " + seen.where,
			help: fmt.Sprintf("stop what takes ids from it; if it was restored or has lost leases, run mdbctl ids fence %s --authority %s --skip N (docs/ids.md says which N); otherwise find what makes ids past it",
				q.area.Name(), p.authority),
		})
	}
}
