package provision

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/mdbrouter/mdb/area"
)

// A shard that is not there was never made, or has been lost. Made anew it would
// take writes, and its briefcases would seem never to have existed; so what can be
// known of it is asked first. A run that is cut short leaves shards unmade too, but
// in an area that nobody uses yet:
//
//   - The shards of an appended partition are made before the first of them opens,
//     so one that is missing beside an open one was there.
//   - All others, and those of CENTRAL, are made before the first row is written.

// lost tells why a shard that is to be created must have stood before, or nil.
func (d *decider) lost(ctx context.Context, shards []shardState, s *shardState, sealed bool, tables []keyedTable) error {
	if drafted := s.db != nil && s.db.Draft != nil; drafted || d.recreate(s.shard.Server, s.shard.Database) {
		return nil // a run that was cut short was making it, or its rows are given up
	}
	if sealed {
		for i := range shards {
			if other := &shards[i]; other.shard.Start == s.shard.Start && other.stands() && other.db.Phase >= Opened {
				return lostError(s.shard.Server, s.shard.Database, other.shard.Label()+" of the same partition is in use")
			}
		}
		return nil
	}
	for i := range shards {
		other := &shards[i]
		if !other.stands() {
			continue
		}
		facts := area.Error{Op: lookForRows, Area: other.shard.Area, Shard: other.shard.Label(), Server: other.shard.Server}
		table, err := d.tableWithRows(ctx, facts, other.db, tables)
		if err != nil {
			return fmt.Errorf("it is not there, and whether the area is in use cannot be told: %w", err)
		}
		if table != "" {
			return lostError(s.shard.Server, s.shard.Database, fmt.Sprintf("the area is in use: table %s of %s on %s has rows", table, other.shard.Label(), other.shard.Server))
		}
	}
	return nil
}

const lookForRows = "provision: look for rows in"

// lostCentral is lost for CENTRAL: keys that stood in a lost shard could be taken
// again.
func (d *decider) lostCentral(ctx context.Context, c *centralCreation) error {
	if c.stands || c.resume || d.recreate(c.shard.Server, c.shard.Database) {
		return nil
	}
	for _, other := range centralShards(d.cfg.Registry) {
		state := d.states[other.Server]
		if state == nil {
			continue
		}
		db, exists := state.Database(other.Database)
		if !exists || db.Stamp == nil {
			continue
		}
		facts := area.Error{Op: lookForRows, Area: area.CentralName, Shard: other.Label(), Server: other.Server}
		table, err := d.tableWithRows(ctx, facts, db, d.indexTables())
		if err != nil {
			return fmt.Errorf("it is not there, and whether CENTRAL is in use cannot be told: %w", err)
		}
		if table != "" {
			return lostError(c.shard.Server, c.shard.Database, fmt.Sprintf("CENTRAL is in use: table %s of shard %s on %s has rows", table, other.Label(), other.Server))
		}
	}
	return nil
}

func (d *decider) indexTables() []keyedTable {
	var list []keyedTable
	for i := range d.cfg.Registry.Central().Indexes {
		list = append(list, keyedTable{table: d.cfg.Registry.Central().Indexes[i].Table(), key: "gdid"})
	}
	return list
}

func lostError(server, database, why string) error {
	return fmt.Errorf("the shard is not there, and %s; restore its database from a backup, or give up its rows with --recreate %s/%s", why, server, database)
}

// tableWithRows gives the first table of a shard that has a row, or "".
func (d *decider) tableWithRows(ctx context.Context, facts area.Error, shard *DatabaseState, tables []keyedTable) (string, error) {
	db, err := d.cfg.Servers.Admin(ctx, facts.Server)
	if err != nil {
		return "", facts.Wrap(err)
	}
	for _, t := range tables {
		if !shard.has(d.states[facts.Server].stored(t.table)) {
			continue
		}
		var one int
		err := db.QueryRowContext(ctx, "SELECT 1 FROM "+qualified(shard.Name, t.table)+" LIMIT 1").Scan(&one)
		if err == nil {
			return t.table, nil
		}
		if !errors.Is(err, sql.ErrNoRows) {
			return "", facts.Wrap(err)
		}
	}
	return "", nil
}

// recreate reports whether the rows of a shard are given up.
func (d *decider) recreate(server, database string) bool {
	return slices.Contains(d.cfg.Recreate, server+"/"+database)
}

// recreated refuses to give up the rows of what is no shard, or is there.
func (d *decider) recreated() {
	for _, given := range d.cfg.Recreate {
		isGiven := func(server, database string) bool { return server+"/"+database == given }
		if slices.ContainsFunc(d.decision.creations, func(c creation) bool { return isGiven(c.shard.Server, c.shard.Database) }) ||
			slices.ContainsFunc(d.decision.centrals, func(c centralCreation) bool { return !c.stands && isGiven(c.shard.Server, c.shard.Database) }) {
			continue
		}
		d.refuse(Refusal{Err: fmt.Errorf("%q is to be made anew, but no shard is missing there; name it SERVER/DATABASE as the refusal does", given)})
	}
}
