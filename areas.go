package mdb

import (
	"sync/atomic"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/gdid/authority"
)

// An Area is a handle on one area. It follows the router from one configuration
// to the next.
type Area struct {
	router *Router
	name   string
	bound  atomic.Pointer[bound]
}

// bound is an area as one snapshot compiled it.
type bound struct {
	snapshot *snapshot
	area     *area.Area
	ids      *authority.Generator
}

// bind gives the area in the router's current snapshot.
func (a *Area) bind() *bound {
	b := a.bound.Load()
	s := a.router.current.Load()
	if b.snapshot == s {
		return b
	}
	compiled, ok := s.registry.Area(a.name)
	if !ok { // a configuration without the area is never swapped in
		return b
	}
	b = &bound{snapshot: s, area: compiled, ids: s.ids.generators[a.name]}
	a.bound.Store(b)
	return b
}

// Name gives the area's label.
func (a *Area) Name() string { return a.name }

// Briefcase gives the handle of an id. It does no I/O and allocates only the
// handle. It fails with [ErrZeroGDID] for the zero id.
func (a *Area) Briefcase(id GDID) (*Briefcase, error) {
	b := a.bind()
	return b.snapshot.briefcase(b.area, id)
}

// Route tells where an id lives. It does no I/O, takes no lock and does not
// allocate.
func (a *Area) Route(id GDID) (Route, error) { return a.bind().area.Route(id) }

// Shards gives all shards of the area, partition by partition in ascending order.
func (a *Area) Shards() []*Shard {
	b := a.bind()
	shards := b.area.Shards()
	out := make([]*Shard, len(shards))
	for i := range shards {
		out[i] = b.snapshot.shard(&shards[i])
	}
	return out
}

// Group sorts ids by the shard they live in, for bulk reads: one group per shard
// that has any, in the order of [Area.Shards]; ids keep their order. It fails
// with [ErrZeroGDID] if one of them is zero.
func (a *Area) Group(ids []GDID) ([]Group, error) {
	b := a.bind()
	shards := b.area.Shards()
	byOrdinal := make([][]GDID, len(shards))
	groups := 0
	for _, id := range ids {
		s, err := b.area.Shard(id)
		if err != nil {
			return nil, err
		}
		i := s.Ordinal - shards[0].Ordinal
		if byOrdinal[i] == nil {
			groups++
		}
		byOrdinal[i] = append(byOrdinal[i], id)
	}
	out := make([]Group, 0, groups)
	for i, list := range byOrdinal {
		if list != nil {
			out = append(out, Group{Shard: b.snapshot.shard(&shards[i]), IDs: list})
		}
	}
	return out, nil
}

// A Group is the ids that live in one shard.
type Group struct {
	Shard *Shard
	IDs   []GDID
}

func (s *snapshot) briefcase(a *area.Area, id GDID) (*Briefcase, error) {
	ordinal, err := a.Ordinal(id)
	if err != nil {
		return nil, err
	}
	return s.homes[ordinal].Briefcase(id), nil
}
