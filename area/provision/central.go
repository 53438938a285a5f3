package provision

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/mdbrouter/mdb/area"
)

// isCentral reports whether the database is a CENTRAL shard, or is becoming one.
func (d *DatabaseState) isCentral() bool {
	s := d.identity()
	return s != nil && s.Area == area.CentralName
}

// centralStamp gives what the database of a CENTRAL shard must say.
func centralStamp(namespace string, s area.CentralShard) Stamp {
	return Stamp{Namespace: namespace, Area: area.CentralName, Shard: s.Index, Shards: s.Count, Hash: area.CentralHash}
}

// centralShards gives the CENTRAL shards of a configuration, if it has any.
func centralShards(r *area.Registry) []area.CentralShard {
	if r.Central() == nil {
		return nil
	}
	return r.Central().ShardList()
}

// centralCreation makes a database a CENTRAL shard, or adds indexes to one.
type centralCreation struct {
	shard   area.CentralShard
	want    Stamp
	stands  bool // it is a shard already
	resume  bool
	admit   []Admitted
	indexes []*area.Index // those to create
}

// steps gives a step for the shard, or one for each index that is added to it.
func (c *centralCreation) steps() []Step {
	step := Step{Kind: Create, Area: area.CentralName, Shard: c.shard.Label(), Server: c.shard.Server, Database: c.shard.Database}
	if !c.stands {
		step.Resume, step.Statements = c.resume, len(c.indexes)
		return []Step{step}
	}
	var list []Step
	for _, a := range c.admit {
		s := step
		s.Kind, s.Identity = AdmitReplica, a.Identity
		list = append(list, s)
	}
	for _, x := range c.indexes {
		s := step
		s.Kind, s.Index = CreateIndex, x.Name
		list = append(list, s)
	}
	return list
}

// central compares the CENTRAL shards with what was found.
func (d *decider) central(ctx context.Context, states []ServerState) {
	shards := centralShards(d.cfg.Registry)
	for i := range shards {
		d.centralShard(ctx, shards[i])
	}
	if len(shards) > 0 {
		d.centralStrays(states, shards)
	}
}

func (d *decider) refuseCentral(s area.CentralShard, err error) {
	d.refuse(Refusal{Server: s.Server, Database: s.Database, Area: area.CentralName, Shard: s.Label(), Err: err})
}

func (d *decider) centralShard(ctx context.Context, s area.CentralShard) {
	want := centralStamp(d.cfg.Registry.Namespace(), s)
	state := d.states[s.Server]
	if state == nil {
		d.refuseCentral(s, errors.New("the server is not declared"))
		return
	}
	if state.Err != nil {
		return
	}
	for _, at := range d.found[want.place()] {
		if at != (spot{s.Server, state.stored(s.Database)}) {
			d.refuseCentral(s, fmt.Errorf("the shard stands in database %s on %s; were servers reordered or swapped, or the database renamed?", at.database, at.server))
			return
		}
	}
	c := centralCreation{shard: s, want: want}
	db, exists := state.Database(s.Database)
	if exists {
		if err := d.checkCentral(state, db, &c); err != nil {
			d.refuseCentral(s, err)
			return
		}
	}
	if err := d.lostCentral(ctx, &c); err != nil {
		d.refuseCentral(s, err)
		return
	}
	d.planCentral(state, db, &c)
}

// checkCentral compares a database that exists with the CENTRAL shard it must be.
func (d *decider) checkCentral(state *ServerState, db *DatabaseState, c *centralCreation) error {
	stamp := db.identity()
	if stamp == nil {
		for _, table := range db.Tables {
			if table != provisionTable {
				return fmt.Errorf("the database is not empty and not stamped (it has a table %s); empty it or name another", table)
			}
		}
		return nil
	}
	if err := stamp.difference(c.want, c.shard.Server, c.shard.Database); err != nil {
		return err
	}
	c.resume = true
	if db.Stamp == nil {
		return nil
	}
	c.stands = true
	if db.Stamp.Layout != c.shard.Layout {
		return fmt.Errorf("the shard has layout %d and the configuration %d: its databases were renamed or reordered, which puts keys elsewhere", db.Stamp.Layout, c.shard.Layout)
	}
	if db.Draft != nil && db.Draft.UID != db.Stamp.UID {
		return fmt.Errorf("%s and %s name different databases; one of them was copied here", shardTable, provisionTable)
	}
	for _, t := range centralTables {
		if !db.has(t.name) {
			return fmt.Errorf("the shard lacks table %s; restore it from a backup", t.name)
		}
	}
	return admits(state, db, c.shard.Server)
}

// admits refuses a server that was never admitted to the database under its label.
func admits(state *ServerState, db *DatabaseState, server string) error {
	if state.Identity == "" || db.admits(state.Identity, server) {
		return nil
	}
	return fmt.Errorf("%w: it serves from %s, which was not admitted as %s: a copy, another server behind the address, a new machine or a new label; in the last two cases run: mdbctl admit %s",
		area.ErrWrongShard, state.Identity, server, server)
}

func (d *DatabaseState) admits(identity, server string) bool {
	return slices.ContainsFunc(d.Admitted, func(a Admitted) bool { return a.Identity == identity && a.Server == server })
}

// planCentral plans what a CENTRAL shard lacks.
func (d *decider) planCentral(state *ServerState, db *DatabaseState, c *centralCreation) {
	var found DatabaseState
	if db != nil {
		found = *db
	}
	indexes := d.cfg.Registry.Central().Indexes
	for i := range indexes {
		x := &indexes[i]
		have, known := found.index(x.Name)
		switch {
		case known && have.Spec != x.Recipe():
			d.refuseCentral(c.shard, fmt.Errorf("index %s has keys made as %q, and the configuration says %q; keys that stand there would not be found: declare another index and fill it", x.Name, have.Spec, x.Recipe()))
		case known && have.Table && have.Key != keyType(x):
			d.refuseCentral(c.shard, fmt.Errorf("the keys of index %s are %s and the configuration says %s; change the column in all shards first: ALTER TABLE %s MODIFY `key` %s NOT NULL", x.Name, have.Key, keyType(x), x.Table(), keyType(x)))
		case known && have.Table:
		case c.stands && known:
			d.refuseCentral(c.shard, fmt.Errorf("the shard lacks table %s; restore it from a backup", x.Table()))
		default:
			c.indexes = append(c.indexes, x)
		}
	}
	if c.stands {
		for _, a := range replicasOf(state) {
			if !found.admits(a.Identity, c.shard.Server) {
				c.admit = append(c.admit, a)
			}
		}
	} else {
		c.admit = replicasOf(state)
		if state.Identity != "" {
			c.admit = append(c.admit, Admitted{Identity: state.Identity, Server: state.Server, Role: rolePrimary})
		}
	}
	if c.stands && len(c.steps()) == 0 {
		return
	}
	if state.ReadOnly {
		d.refuseCentral(c.shard, area.ErrReadOnly)
		return
	}
	d.decision.centrals = append(d.decision.centrals, *c)
}

// centralStrays refuses CENTRAL shards that the file does not have, and databases
// that the file uses twice.
func (d *decider) centralStrays(states []ServerState, shards []area.CentralShard) {
	wanted := make(map[place]bool)
	owner := make(map[spot]string)
	for i := range d.cfg.Registry.Shards() {
		s := &d.cfg.Registry.Shards()[i]
		owner[d.spot(s.Server, s.Database)] = s.Area + " " + s.Label()
	}
	for _, s := range shards {
		wanted[centralStamp(d.cfg.Registry.Namespace(), s).place()] = true
		at := d.spot(s.Server, s.Database)
		if other, taken := owner[at]; taken {
			d.refuseCentral(s, fmt.Errorf("the database is also that of %s; one database holds one shard", other))
		}
		owner[at] = area.CentralName + " " + s.Label()
	}
	for i := range states {
		for j := range states[i].Databases {
			db := &states[i].Databases[j]
			stamp := db.identity()
			if db.isCentral() && stamp.Namespace == d.cfg.Registry.Namespace() && !wanted[stamp.place()] {
				d.refuse(Refusal{
					Server: states[i].Server, Database: db.Name, Area: stamp.Area,
					Err: fmt.Errorf("the database is stamped %v, which this configuration does not have; is it an old file?", *stamp),
				})
			}
		}
	}
}

func (d *decider) spot(server, database string) spot {
	if state := d.states[server]; state != nil {
		database = state.stored(database)
	}
	return spot{server, database}
}
