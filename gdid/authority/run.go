package authority

import (
	"sync/atomic"

	"github.com/mdbrouter/mdb/gdid"
)

// A run is a block that ids are drawn from. A draw touches one cache line.
type run struct {
	drawn     atomic.Uint64 // how many were asked for; may exceed count
	low       atomic.Uint64 // whoever draws the id of this index fetches the next block
	first     uint64
	count     uint64
	era       uint32
	authority uint8
	_         [19]byte // a whole cache line, so that no neighbour shares it
}

func newRun(b Block) *run {
	r := &run{first: b.First, count: b.Count, era: b.Era, authority: b.Authority}
	r.low.Store(b.Count / 2)
	return r
}

// id gives the id of an index below count.
func (r *run) id(index uint64) gdid.GDID {
	id, _ := gdid.New(r.era, r.authority, r.first+index) // a block was checked when it was leased
	return id
}

// left tells how many ids are left.
func (r *run) left() uint64 { return r.count - min(r.drawn.Load(), r.count) }

// lower puts the mark where half of what is left now will be drawn, to try again
// after a failure. It may be missed by draws under way; then the block runs out.
func (r *run) lower() {
	drawn := r.drawn.Load()
	if drawn < r.count {
		r.low.Store(drawn + (r.count-drawn)/2)
	}
}
