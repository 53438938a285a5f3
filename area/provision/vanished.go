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
//   - All others were made before the area took its first row.

// lost tells why a shard that is to be created must have stood before, or nil.
func (d *decider) lost(ctx context.Context, shards []shardState, s *shardState, sealed bool, tables []keyedTable) error {
	if drafted := s.db != nil && s.db.Draft != nil; drafted || d.recreate(s.shard) {
		return nil // a run that was cut short was making it, or its rows are given up
	}
	if sealed {
		for i := range shards {
			if other := &shards[i]; other.shard.Start == s.shard.Start && other.stands() && other.db.Phase >= Opened {
				return s.lostError(other.shard.Label() + " of the same partition is in use")
			}
		}
		return nil
	}
	for i := range shards {
		if !shards[i].stands() {
			continue
		}
		table, err := d.tableWithRows(ctx, &shards[i], tables)
		if err != nil {
			return fmt.Errorf("it is not there, and whether the area is in use cannot be told: %w", err)
		}
		if table != "" {
			other := shards[i].shard
			return s.lostError(fmt.Sprintf("the area is in use: table %s of %s on %s has rows", table, other.Label(), other.Server))
		}
	}
	return nil
}

func (s *shardState) lostError(why string) error {
	at := s.shard.Server + "/" + s.shard.Database
	return fmt.Errorf("the shard is not there, and %s; restore its database from a backup, or give up its rows with --recreate %s", why, at)
}

// tableWithRows gives the first table of a shard that has a row, or "".
func (d *decider) tableWithRows(ctx context.Context, s *shardState, tables []keyedTable) (string, error) {
	facts := area.Error{Op: "provision: look for rows in", Area: s.shard.Area, Shard: s.shard.Label(), Server: s.shard.Server}
	db, err := d.cfg.Servers.Admin(ctx, s.shard.Server)
	if err != nil {
		return "", facts.Wrap(err)
	}
	for _, t := range tables {
		if !s.db.has(d.states[s.shard.Server].stored(t.table)) {
			continue
		}
		var one int
		err := db.QueryRowContext(ctx, "SELECT 1 FROM "+qualified(s.shard.Database, t.table)+" LIMIT 1").Scan(&one)
		if err == nil {
			return t.table, nil
		}
		if !errors.Is(err, sql.ErrNoRows) {
			return "", facts.Wrap(err)
		}
	}
	return "", nil
}

// recreate reports whether a shard's rows are given up.
func (d *decider) recreate(s *area.Shard) bool {
	return slices.Contains(d.cfg.Recreate, s.Server+"/"+s.Database)
}

// recreated refuses to give up the rows of what is no shard, or is there.
func (d *decider) recreated() {
	for _, given := range d.cfg.Recreate {
		created := slices.ContainsFunc(d.decision.creations, func(c creation) bool { return c.shard.Server+"/"+c.shard.Database == given })
		if !created {
			d.refuse(Refusal{Err: fmt.Errorf("%q is to be made anew, but no shard is missing there; name it SERVER/DATABASE as the refusal does", given)})
		}
	}
}
