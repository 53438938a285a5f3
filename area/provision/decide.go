package provision

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/gdid"
)

// decider compares a configuration with what was found.
type decider struct {
	cfg      Config
	states   map[string]*ServerState
	found    map[place][]spot
	refusals []Refusal
	decision decision
}

// spot is where a stamp stands.
type spot struct{ server, database string }

// decide gives what is to be done, or a [RefusedError].
func decide(ctx context.Context, cfg Config, states []ServerState) (*decision, error) {
	d := decider{cfg: cfg, states: make(map[string]*ServerState, len(states)), found: make(map[place][]spot)}
	for i := range states {
		d.server(&states[i])
	}
	d.identities(states)
	d.placedOnce()
	for _, a := range cfg.Registry.Areas() {
		d.area(ctx, a)
	}
	d.central(ctx, states)
	d.recreated()
	d.strays(states)
	if len(d.refusals) > 0 {
		return nil, &RefusedError{Refusals: d.refusals}
	}
	return &d.decision, nil
}

func (d *decider) refuse(r Refusal) { d.refusals = append(d.refusals, r) }

func (d *decider) refuseShard(s *area.Shard, err error) {
	d.refuse(Refusal{Server: s.Server, Database: s.Database, Area: s.Area, Shard: s.Label(), Err: err})
}

func (d *decider) server(state *ServerState) {
	d.states[state.Server] = state
	if state.Err != nil {
		d.refuse(Refusal{Server: state.Server, Err: fmt.Errorf("it cannot be read, so a shard may stand there unseen: %w", state.Err)})
	}
	for i := range state.Databases {
		db := &state.Databases[i]
		if stamp := db.identity(); stamp != nil {
			d.found[stamp.place()] = append(d.found[stamp.place()], spot{state.Server, db.Name})
		}
	}
}

// identities refuses two endpoints that are one server: data written to one would
// appear in the other.
func (d *decider) identities(states []ServerState) {
	owner := make(map[string]string)
	check := func(server, label, identity string) {
		if identity == "" {
			return
		}
		if other, taken := owner[identity]; taken {
			d.refuse(Refusal{Server: server, Err: fmt.Errorf("%s and %s are the same server: both are %s", other, label, identity)})
			return
		}
		owner[identity] = label
	}
	for i := range states {
		check(states[i].Server, states[i].Server, states[i].Identity)
		for _, r := range states[i].Replicas {
			check(states[i].Server, states[i].Server+"."+r.Replica, r.Identity)
		}
	}
}

// placedOnce refuses two shards in one database.
func (d *decider) placedOnce() {
	owner := make(map[spot]*area.Shard)
	for i := range d.cfg.Registry.Shards() {
		s := &d.cfg.Registry.Shards()[i]
		at := spot{s.Server, s.Database}
		if state := d.states[s.Server]; state != nil {
			at.database = state.stored(s.Database)
		}
		if other := owner[at]; other != nil {
			d.refuseShard(s, fmt.Errorf("the database is also that of %s %s; one database holds one shard", other.Area, other.Label()))
			continue
		}
		owner[at] = s
	}
}

// strays refuses stamps of an area of this file for which the file has no shard:
// the file is older than the servers, or a partition was taken out of it.
func (d *decider) strays(states []ServerState) {
	wanted := make(map[place]bool)
	for i := range d.cfg.Registry.Shards() {
		wanted[stampOf(d.cfg.Registry.Namespace(), &d.cfg.Registry.Shards()[i]).place()] = true
	}
	for i := range states {
		for j := range states[i].Databases {
			db := &states[i].Databases[j]
			stamp := db.identity()
			if stamp == nil || stamp.Namespace != d.cfg.Registry.Namespace() || wanted[stamp.place()] {
				continue
			}
			if _, declared := d.cfg.Registry.Area(stamp.Area); declared {
				d.refuse(Refusal{
					Server: states[i].Server, Database: db.Name, Area: stamp.Area,
					Err: fmt.Errorf("the database is stamped %v, which this configuration does not have; is it an old file?", *stamp),
				})
			}
		}
	}
}

// shardState is a shard and what was found of it; db is nil if nothing was.
type shardState struct {
	shard *area.Shard
	db    *DatabaseState
	end   gdid.RangeKey
	ended bool
}

// stands reports whether the shard is finished.
func (s *shardState) stands() bool { return s.db != nil && s.db.Stamp != nil }

func (d *decider) area(ctx context.Context, a *area.Area) {
	shards := d.shards(a)
	statements, err := d.schema(a.Name(), shards)
	if err != nil {
		d.refuse(Refusal{Area: a.Name(), Err: err})
		return
	}
	appending := appending{area: a.Name(), tables: d.tables(a.Name())}
	for i := range shards {
		s := &shards[i]
		switch {
		case !s.stands():
			c := d.creation(s, statements)
			c.sealed = open(shards, s.shard.Start)
			if err := d.lost(ctx, shards, s, c.sealed, appending.tables); err != nil {
				d.refuseShard(s.shard, err)
				continue
			}
			if c.sealed {
				appending.opens = append(appending.opens, s.shard)
			}
			d.decision.creations = append(d.decision.creations, c)
		case s.db.Phase == Sealed:
			appending.opens = append(appending.opens, s.shard)
		case s.db.Phase == Opened:
			appending.opened = append(appending.opened, s.shard)
		}
		if s.stands() && s.ended && !s.db.endsBy(s.end) {
			d.ending(&appending, s, inUse(shards, s.end))
		}
	}
	d.append(ctx, appending)
}

// inUse reports whether all shards of the partition that begins at start are open.
func inUse(shards []shardState, start gdid.RangeKey) bool {
	return !slices.ContainsFunc(shards, func(s shardState) bool {
		return s.shard.Start == start && (!s.stands() || s.db.Phase < Opened)
	})
}

// schema gives the statements of an area's schema, if a shard is to be created.
func (d *decider) schema(name string, shards []shardState) ([]Statement, error) {
	if !slices.ContainsFunc(shards, func(s shardState) bool { return !s.stands() }) {
		return nil, nil
	}
	return statementsOf(d.cfg, name)
}

// open reports whether a shard that stands takes ids at or past start, although
// its own range starts below: until that has ended, start must not be opened.
func open(shards []shardState, start gdid.RangeKey) bool {
	for i := range shards {
		if s := &shards[i]; s.stands() && s.shard.Start.Compare(start) < 0 && !s.db.endsBy(start) {
			return true
		}
	}
	return false
}

// shards checks what was found of each shard of an area.
func (d *decider) shards(a *area.Area) []shardState {
	list := make([]shardState, 0, len(a.Shards()))
	for ordinal := range a.Table().Len() {
		end, ended := a.Table().End(ordinal)
		partition := a.PartitionShards(ordinal)
		for i := range partition {
			s := shardState{shard: &partition[i], end: end, ended: ended}
			if d.check(&s) {
				list = append(list, s)
			}
		}
	}
	return list
}

// check finds the shard's database and refuses what contradicts it. It reports
// whether the shard can be reckoned with.
func (d *decider) check(s *shardState) bool {
	shard := s.shard
	want := stampOf(d.cfg.Registry.Namespace(), shard)
	state := d.states[shard.Server]
	if state == nil {
		d.refuseShard(shard, errors.New("the server is not declared"))
		return false
	}
	ok := true
	for _, at := range d.found[want.place()] {
		if at != (spot{shard.Server, state.stored(shard.Database)}) {
			d.refuseShard(shard, fmt.Errorf("the shard stands in database %s on %s; were servers reordered or swapped, or the database renamed?", at.database, at.server))
			ok = false
		}
	}
	if state.Err != nil {
		return false
	}
	db, exists := state.Database(shard.Database)
	if !exists {
		return ok && d.writable(state, shard)
	}
	s.db = db
	if err := d.checkDatabase(state, db, want, s); err != nil {
		d.refuseShard(shard, err)
		return false
	}
	return ok
}

func (d *decider) writable(state *ServerState, shard *area.Shard) bool {
	if state.ReadOnly {
		d.refuseShard(shard, area.ErrReadOnly)
	}
	return !state.ReadOnly
}
