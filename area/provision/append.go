package provision

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/gdid"
)

// append brings the new partitions of an area into use. Their shards stand, with
// all stripes sealed. Until the last but one step ids stay below the start, and
// every write past it is refused: by the old shards because their range has
// ended, by the new ones because they are sealed.
func (r *run) append(ctx context.Context, a *appending) error {
	if a.ceiling {
		err := r.step(a.ceilingStep(), func() error { return r.cfg.Heads.SetCeiling(ctx, a.area, a.at) })
		if err != nil {
			return err
		}
	}
	if err := r.survey(ctx, a); err != nil {
		return err
	}
	err := r.perServer(func(server string) error {
		for _, e := range a.ends {
			if e.shard.Server != server {
				continue
			}
			end := func() error { return r.sessions[server].end(ctx, e, a.tables) }
			if err := r.step(e.step(), func() error { return r.patiently(ctx, e.step(), end) }); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, s := range a.opens {
		open := func() error { return r.sessions[s.Server].open(ctx, s.Database) }
		if err := r.step(openStep(s), func() error { return r.patiently(ctx, openStep(s), open) }); err != nil {
			return err
		}
	}
	if !a.restore() {
		return nil
	}
	return r.step(a.restoreStep(), func() error { return r.restore(ctx, a) })
}

// survey looks for ids at or past the new start in all shards that are to end there,
// without a lock. An end that is set cannot be taken back, nor can the start of a
// shard that stands, so what can be known is known before the first of either;
// [session.end] decides under its locks.
func (r *run) survey(ctx context.Context, a *appending) error {
	return r.perServer(func(server string) error {
		for _, e := range a.ends {
			if e.shard.Server != server {
				continue
			}
			for _, t := range a.tables {
				if err := findPast(ctx, r.sessions[server].conn, e, t, ""); err != nil {
					return (area.Error{Op: "provision: look for ids past the new start in", Area: e.shard.Area, Shard: e.shard.Label(), Server: server}).Wrap(err)
				}
			}
		}
		return nil
	})
}

// patiently takes a step that locks all stripes of a shard, again while writers
// hold some for longer than a lock wait. One whose process froze behind the fence
// of a sealed shard does too.
func (r *run) patiently(ctx context.Context, step Step, take func() error) error {
	deadline := time.Now().Add(r.cfg.SealWait)
	for pause := 50 * time.Millisecond; ; pause = min(2*pause, time.Second) {
		err := take()
		if err == nil || area.Classify(err).Advice != area.Retry || time.Now().After(deadline) {
			return err
		}
		r.tell(step, Waits, "others hold its stripes or tables")
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}

// end ends a shard's range in one transaction. The exclusive lock on every stripe
// waits for all writers under way, who hold theirs in share mode, and keeps new
// ones waiting until the end is set.
func (s *session) end(ctx context.Context, e ending, tables []keyedTable) error {
	fence := qualified(e.shard.Database, fenceTable)
	// No writer gets past its stripe now: this must not wait a day for a table that
	// somebody alters. An engine without the setting has no such wait.
	if err := s.exec(ctx, "SET SESSION lock_wait_timeout = 1"); err != nil && !fromServer(err) {
		return fmt.Errorf("set the lock wait of the session: %w", err)
	}
	return s.inTx(ctx, func(tx *sql.Tx) error {
		rows, err := execCount(ctx, tx, "UPDATE "+fence+" SET seq = seq + 1 WHERE stripe >= 0")
		if err != nil {
			return fmt.Errorf("lock the stripes: %w", err)
		}
		if rows != area.Stripes {
			return fmt.Errorf("%s has %d rows instead of %d", fenceTable, rows, area.Stripes)
		}
		for _, t := range tables {
			if err := findPast(ctx, tx, e, t, " LOCK IN SHARE MODE"); err != nil {
				return err
			}
		}
		_, err = tx.ExecContext(ctx, "UPDATE "+fence+" SET end_era = ?, end_counter = ? WHERE stripe >= 0 AND (end_era IS NULL OR end_era > ? OR (end_era = ? AND end_counter > ?))",
			e.at.Era, e.at.Counter, e.at.Era, e.at.Era, e.at.Counter)
		if err != nil {
			return fmt.Errorf("set the end: %w", err)
		}
		return nil
	})
}

// An OverrunError is returned when a shard holds an id at or past the start of the
// partition to be appended: the head was stated too low.
type OverrunError struct {
	Database string
	Table    string
	ID       gdid.GDID
	Start    gdid.RangeKey
}

// Error names the id that was found.
func (e *OverrunError) Error() string {
	return fmt.Sprintf("table %s of database %s holds id %v, which is not below %v; start the partition past all ids that exist", e.Table, e.Database, e.ID, e.Start)
}

// findPast looks for an id at or past the end in a table. With a lock it sees what is
// committed now and waits for writers that went around the fence.
func findPast(ctx context.Context, q querier, e ending, t keyedTable, lock string) error {
	database, table := e.shard.Database, qualified(e.shard.Database, t.table)
	var kind string
	err := q.QueryRowContext(ctx, "SELECT column_type FROM information_schema.columns WHERE table_schema = ? AND table_name = ? AND column_name = ?", database, t.table, t.key).Scan(&kind)
	if errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("table %s of database %s has no column %s", t.table, database, t.key)
	}
	if err != nil {
		return fmt.Errorf("read the columns of table %s: %w", t.table, err)
	}
	if kind != "binary(12)" {
		return fmt.Errorf("column %s of table %s in database %s is %s, not binary(12)", t.key, t.table, database, kind)
	}
	last := gdid.RangeKey{Era: math.MaxUint32, Counter: gdid.MaxCounter}
	for interval := range gdid.Intervals(e.at, last) {
		var id gdid.GDID
		err := q.QueryRowContext(ctx, "SELECT "+quoted(t.key)+" FROM "+table+" WHERE "+quoted(t.key)+" BETWEEN ? AND ? LIMIT 1"+lock, interval.First[:], interval.Last[:]).Scan(&id)
		switch {
		case errors.Is(err, sql.ErrNoRows):
		case err != nil:
			return fmt.Errorf("look for ids in table %s: %w", t.table, err)
		default:
			return &OverrunError{Database: database, Table: t.table, ID: id, Start: e.at}
		}
	}
	return nil
}

// open opens a sealed shard, once: in the same transaction its phase rises.
func (s *session) open(ctx context.Context, database string) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		risen, err := execCount(ctx, tx, "UPDATE "+qualified(database, provisionTable)+" SET phase = ? WHERE one = 1 AND phase = ?", Opened, Sealed)
		if err != nil {
			return err
		}
		if risen != 1 {
			return errors.New("it is not waiting to be opened")
		}
		_, err = tx.ExecContext(ctx, "UPDATE "+qualified(database, fenceTable)+" SET state = ?, seq = seq + 1 WHERE stripe >= 0 AND state = ?", area.StripeOpen, area.StripeSealed)
		return err
	})
}

// restore puts the ceilings back and notes it on every shard that was opened.
func (r *run) restore(ctx context.Context, a *appending) error {
	if err := r.cfg.Heads.RestoreCeilings(ctx, a.area); err != nil {
		return err
	}
	for _, list := range [][]*area.Shard{a.opens, a.opened} {
		for _, s := range list {
			err := r.sessions[s.Server].exec(ctx, "UPDATE "+qualified(s.Database, provisionTable)+" SET phase = ? WHERE one = 1 AND phase = ?", Done, Opened)
			if err != nil {
				return fmt.Errorf("note it in database %s: %w", s.Database, err)
			}
		}
	}
	return nil
}
