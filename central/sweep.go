package central

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/gdid"
)

// SweepOptions tune [Index.Sweep]. The zero value is ready to use.
type SweepOptions struct {
	// From is where to begin, as an earlier sweep told. Default: at the start.
	From Cursor
	// Page is how many rows are read at once. Default: 1000.
	Page int
	// Rate is the most rows read per second; zero means no limit.
	Rate int
	// Absent, if set, is asked which of the ids of live keys have no briefcase;
	// each such key counts as an orphan.
	Absent func(ctx context.Context, ids []gdid.GDID) ([]gdid.GDID, error)
	// Orphan, if set, is told each orphan. It must not block.
	Orphan func(k Encoded, id gdid.GDID)
	// Progress, if set, is told after each page how far the sweep has come.
	Progress func(at Cursor, so SweepReport)
}

func (o SweepOptions) withDefaults() SweepOptions {
	o.Page = cmp.Or(max(o.Page, 0), 1000)
	if o.Orphan == nil {
		o.Orphan = func(Encoded, gdid.GDID) {}
	}
	if o.Progress == nil {
		o.Progress = func(Cursor, SweepReport) {}
	}
	return o
}

// A SweepReport counts what a sweep has seen and done.
type SweepReport struct {
	Rows      int // read
	Reserved  int // reservations that have not expired
	Confirmed int // expired reservations that were used, now live
	Removed   int // expired reservations that were not used, gone now
	Pending   int // expired reservations that could not be settled
	Orphans   int // live keys without a briefcase, if asked for
	// Complete tells that every shard was read to its end.
	Complete bool
}

// maxSweepErrors is how many failures of single rows a sweep reports.
const maxSweepErrors = 10

// Sweep finishes what processes that died have left: it makes expired reservations
// live that a committed transaction has used, and removes the others. It may run
// anywhere, at any time, several at once, and be ended and begun again. It reads
// every row once, shard by shard, a page at a time.
//
// A reservation that cannot be settled, because its briefcase's shard is down, is
// left for the next sweep: it counts as pending, and the first ten of their errors
// are joined in the end. A CENTRAL shard that cannot be read ends the sweep there.
func (x *Index) Sweep(ctx context.Context, opts SweepOptions) (SweepReport, error) {
	if x.err != nil {
		return SweepReport{}, x.err
	}
	w := sweep{x: x, opts: opts.withDefaults(), began: time.Now()}
	for i := opts.From.shard; i < len(x.shards); i++ {
		after := Cursor{shard: i}
		if i == opts.From.shard {
			after = opts.From
		}
		if err := w.shard(ctx, x.shards[i], after); err != nil {
			return w.report, errors.Join(append(w.failures, x.fail("sweep", x.shards[i], err))...)
		}
	}
	w.report.Complete = true
	return w.report, errors.Join(w.failures...)
}

// sweep is one Sweep.
type sweep struct {
	x        *Index
	opts     SweepOptions
	report   SweepReport
	failures []error
	began    time.Time

	expired []expiredRow // of the page
	live    []liveRow    // of the page, if orphans are asked for
}

type expiredRow struct {
	key string
	row row
}

type liveRow struct {
	key Encoded
	id  gdid.GDID
}

func (w *sweep) shard(ctx context.Context, s *shard, after Cursor) error {
	for {
		read, err := w.page(ctx, s, &after)
		if err != nil {
			return err
		}
		for _, e := range w.expired {
			if err := w.settle(ctx, s, e); err != nil {
				return err
			}
		}
		if err := w.orphans(ctx); err != nil {
			return err
		}
		if read < w.opts.Page {
			after = Cursor{shard: s.place.Index + 1}
		}
		w.opts.Progress(after, w.report)
		if read < w.opts.Page {
			return nil
		}
		if err := w.pace(ctx); err != nil {
			return err
		}
	}
}

// page reads the next rows behind after, which it moves on.
func (w *sweep) page(ctx context.Context, s *shard, after *Cursor) (read int, err error) {
	w.expired, w.live = w.expired[:0], w.live[:0]
	db, err := s.db.DB()
	if err != nil {
		return 0, err
	}
	rows, err := db.QueryContext(ctx, w.x.selectPage(*after, w.opts.Page, w.opts.Absent != nil))
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	var k, id, tok sql.RawBytes
	var state, version int64
	var expired bool
	for rows.Next() {
		if err := rows.Scan(&k, &state, &expired, &id, &tok, &version); err != nil {
			return 0, err
		}
		read++
		w.report.Rows++
		if id != nil {
			if err := w.note(k, id, tok, state, version, expired); err != nil {
				return 0, err
			}
		}
		if read == w.opts.Page {
			after.key = string(k)
			if !w.x.spec.Unique {
				after.id, err = idOf(id)
			}
		}
	}
	return read, errors.Join(err, rows.Err())
}

// note sorts a row by what is to be done about it.
func (w *sweep) note(k, id, tok []byte, state, version int64, expired bool) error {
	owner, err := idOf(id)
	switch {
	case err != nil:
		return err
	case state == stateLive && w.opts.Absent == nil:
	case state == stateLive:
		w.live = append(w.live, liveRow{key: append(Encoded(nil), k...), id: owner})
	case !expired:
		w.report.Reserved++
	default:
		e := expiredRow{key: string(k), row: row{id: owner, state: int(state), version: uint32(version), expired: true}}
		copy(e.row.token[:], tok)
		w.expired = append(w.expired, e)
	}
	return nil
}

// settle finishes one expired reservation.
func (w *sweep) settle(ctx context.Context, s *shard, e expiredRow) error {
	p := place{shard: s, key: e.key, id: e.row.id}
	defer w.x.cache.invalidate(p.key)
	used, err := w.x.end(ctx, p, &e.row)
	switch {
	case err == nil && used:
		w.report.Confirmed++
	case err == nil:
		w.report.Removed++
	case ctx.Err() != nil:
		return ctx.Err()
	default:
		w.report.Pending++
		if len(w.failures) < maxSweepErrors && !errors.Is(err, errInUse) {
			w.failures = append(w.failures, w.x.failID("sweep", p, err))
		}
	}
	return nil
}

// orphans counts the live keys of the page whose briefcases are not there.
func (w *sweep) orphans(ctx context.Context) error {
	if w.opts.Absent == nil || len(w.live) == 0 {
		return nil
	}
	ids := make([]gdid.GDID, len(w.live))
	for i := range w.live {
		ids[i] = w.live[i].id
	}
	list, err := w.opts.Absent(ctx, ids)
	if err != nil {
		return err
	}
	absent := make(map[gdid.GDID]bool, len(list))
	for _, id := range list {
		absent[id] = true
	}
	for _, l := range w.live {
		if absent[l.id] {
			w.report.Orphans++
			w.opts.Orphan(l.key, l.id)
		}
	}
	return nil
}

// pace waits until the rows read so far are within the rate.
func (w *sweep) pace(ctx context.Context) error {
	if w.opts.Rate <= 0 {
		return ctx.Err()
	}
	due := w.began.Add(time.Duration(float64(w.report.Rows) / float64(w.opts.Rate) * float64(time.Second)))
	timer := time.NewTimer(time.Until(due))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// selectPage reads rows in the order of the primary key. Of live rows nothing but
// the key is needed, unless orphans are looked for, and the last one's id where the
// next page begins.
func (x *Index) selectPage(after Cursor, page int, ids bool) string {
	id := "i.gdid"
	if x.spec.Unique && !ids {
		id = fmt.Sprintf("IF(i.state = %d, i.gdid, NULL)", stateReserved)
	}
	order, behind := "i.`key`", ""
	switch {
	case after.key != "" && x.spec.Unique:
		behind = " WHERE i.`key` > " + hex(after.key)
	case after.key != "":
		behind = fmt.Sprintf(" WHERE (i.`key` = %[1]s AND i.gdid > %[2]s) OR i.`key` > %[1]s", hex(after.key), hexID(after.id))
	}
	if !x.spec.Unique {
		order += ", i.gdid"
	}
	return "SELECT i.`key`, i.state, COALESCE(i.expires <= UTC_TIMESTAMP(6), 0), " + id +
		fmt.Sprintf(", IF(i.state = %d, i.token, NULL), IF(i.state = %[1]d, i.version, 0)", stateReserved) +
		" FROM " + x.table + " i" + behind + " ORDER BY " + order + fmt.Sprintf(" LIMIT %d", page)
}

// Count gives how many keys of the index are live and how many are reserved. It
// reads every row.
func (x *Index) Count(ctx context.Context) (live, reserved int, err error) {
	if x.err != nil {
		return 0, 0, x.err
	}
	counts := make([][3]int, len(x.shards))
	err = inParallel(len(x.shards), func(i int) error {
		s := x.shards[i]
		statement := "SELECT s.layout = " + s.layout + ", n.state, n.c FROM mdb_shard s LEFT JOIN (SELECT state, COUNT(*) AS c FROM " +
			x.table + " GROUP BY state) n ON 1 = 1 WHERE s.one = 1"
		err := s.query(ctx, statement, func(columns [][]byte) error {
			var state, n int
			if _, err := fmt.Sscan(string(columns[0])+" "+string(columns[1]), &state, &n); err != nil || state < 1 || state > stateLive {
				return area.ErrWrongShard
			}
			counts[i][state] = n
			return nil
		})
		if err != nil {
			return x.fail("count", s, err)
		}
		return nil
	})
	for _, c := range counts {
		live, reserved = live+c[stateLive], reserved+c[stateReserved]
	}
	return live, reserved, err
}
