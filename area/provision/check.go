package provision

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/gdid"
)

// checkDatabase compares a database that exists with the shard it must be.
func (d *decider) checkDatabase(state *ServerState, db *DatabaseState, want Stamp, s *shardState) error {
	stamp := db.identity()
	if stamp == nil {
		for _, table := range db.Tables {
			// A run that was cut short may leave its first table empty.
			if table != provisionTable {
				return fmt.Errorf("the database is not empty and not stamped (it has a table %s); empty it or name another", table)
			}
		}
		return nil
	}
	if err := stamp.difference(want, s.shard.Server, s.shard.Database); err != nil {
		return err
	}
	if db.Stamp == nil {
		return nil
	}
	if db.Draft != nil && db.Draft.UID != db.Stamp.UID {
		return fmt.Errorf("%s and %s name different databases; one of them was copied here", shardTable, provisionTable)
	}
	for _, t := range tables {
		if !db.has(t.name) {
			return fmt.Errorf("the shard lacks table %s; restore it from a backup", t.name)
		}
	}
	if err := checkFence(db, s); err != nil {
		return err
	}
	return d.checkAdmitted(state, db, s.shard)
}

func checkFence(db *DatabaseState, s *shardState) error {
	rows := 0
	for _, f := range db.Fence {
		rows += f.Rows
		if f.Layout != area.Layout {
			return fmt.Errorf("stripes have layout %d; this version knows %d", f.Layout, area.Layout)
		}
		if f.Ended && (!s.ended || f.End.Compare(s.end) < 0) {
			end := "has no end"
			if s.ended {
				end = "ends at " + s.end.String()
			}
			return fmt.Errorf("the shard takes ids below %v only, and here its range %s; ends only fall, so a partition that began there must come back", f.End, end)
		}
	}
	if rows != area.Stripes {
		return fmt.Errorf("%s has %d rows instead of %d; restore it from a backup", fenceTable, rows, area.Stripes)
	}
	return nil
}

// checkAdmitted refuses a server that was never admitted to the shard under its
// label, and plans the admission of declared replicas.
func (d *decider) checkAdmitted(state *ServerState, db *DatabaseState, shard *area.Shard) error {
	admitted := func(identity string) bool {
		return slices.ContainsFunc(db.Admitted, func(a Admitted) bool { return a.Identity == identity && a.Server == shard.Server })
	}
	if (state.Identity != "" || len(db.Admitted) > 0) && !admitted(state.Identity) {
		return fmt.Errorf("%w: it serves from %q, which was not admitted as %s: a copy, another server behind the address, a new machine or a new label; in the last two cases run: mdbctl admit %s",
			area.ErrWrongShard, state.Identity, shard.Server, shard.Server)
	}
	for _, a := range replicasOf(state) {
		if !admitted(a.Identity) && d.writable(state, shard) {
			d.decision.admissions = append(d.decision.admissions, admission{shard: shard, admitted: a})
		}
	}
	return nil
}

// replicasOf gives the declared replicas that have said who they are.
func replicasOf(state *ServerState) []Admitted {
	var list []Admitted
	for _, r := range state.Replicas {
		if r.Identity != "" {
			list = append(list, Admitted{Identity: r.Identity, Server: state.Server, Role: roleReplica})
		}
	}
	return list
}

// creation plans a shard that does not stand yet.
func (d *decider) creation(s *shardState, statements []Statement) creation {
	state := d.states[s.shard.Server]
	c := creation{
		shard: s.shard, want: stampOf(d.cfg.Registry.Namespace(), s.shard), end: s.end, ended: s.ended,
		resume: s.db != nil && s.db.Draft != nil, statements: statements, admit: replicasOf(state),
	}
	if state.Identity != "" {
		c.admit = append(c.admit, Admitted{Identity: state.Identity, Server: state.Server, Role: rolePrimary})
	}
	return c
}

// tables gives the tables in which rows of an area's ids can stand.
func (d *decider) tables(name string) []keyedTable {
	var list []keyedTable
	topology := d.cfg.Registry.Topology()
	for i := range topology.Briefcases {
		if b := &topology.Briefcases[i]; b.Area == name {
			for _, t := range b.Tables {
				list = append(list, keyedTable{table: t.Name, key: b.Key})
			}
		}
	}
	return list
}

// ending plans the end of a shard's range.
func (d *decider) ending(a *appending, s *shardState, lost bool) {
	state := d.states[s.shard.Server]
	if !d.writable(state, s.shard) {
		return
	}
	for _, t := range a.tables {
		if !s.db.has(state.stored(t.table)) {
			d.refuseShard(s.shard, fmt.Errorf("it lacks the declared table %s, so whether it holds ids at or past %v cannot be told; bring its schema up to date", t.table, s.end))
		}
	}
	a.ends = append(a.ends, ending{shard: s.shard, at: s.end, lost: lost})
}

// append plans how an area's new partitions come into use, if there are any, and
// refuses to put them below ids that may exist.
func (d *decider) append(ctx context.Context, a appending) {
	if len(a.opens)+len(a.ends)+len(a.opened) == 0 {
		return
	}
	a.ceiling = len(a.opens) > 0 || slices.ContainsFunc(a.ends, func(e ending) bool { return !e.lost })
	if d.cfg.Heads == nil && a.restore() {
		d.refuse(Refusal{Area: a.area, Err: fmt.Errorf("a partition is appended, but no authority can be asked for the head of sequence %s; state it with --head %s=ERA:COUNTER", a.area, a.area)})
		return
	}
	if a.ceiling {
		a.at = a.lowest()
		if err := d.belowStart(ctx, a); err != nil {
			d.refuse(Refusal{Area: a.area, Err: err})
			return
		}
	}
	d.decision.appends = append(d.decision.appends, a)
}

// lowest gives the lowest start from which ids move to another partition.
func (a *appending) lowest() gdid.RangeKey {
	var starts []gdid.RangeKey
	for _, s := range a.opens {
		starts = append(starts, s.Start)
	}
	for _, e := range a.ends {
		if !e.lost {
			starts = append(starts, e.at)
		}
	}
	return slices.MinFunc(starts, gdid.RangeKey.Compare)
}

func (d *decider) belowStart(ctx context.Context, a appending) error {
	head, err := d.cfg.Heads.Head(ctx, a.area)
	if err != nil {
		return fmt.Errorf("ask for the head of sequence %s: %w", a.area, err)
	}
	if head.Compare(a.at) > 0 {
		return errors.New("a partition would start at " + a.at.String() + ", but ids below " + head.String() + " may exist; start it at or past " + head.String())
	}
	return nil
}
