package central

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
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
// are joined in the end. If the [Briefcases] are a [Placer], such a server is asked
// once for each page. A CENTRAL shard that cannot be read ends the sweep there.
func (x *Index) Sweep(ctx context.Context, opts SweepOptions) (SweepReport, error) {
	if x.err != nil {
		return SweepReport{}, x.err
	}
	w := sweep{x: x, opts: opts.withDefaults(), began: time.Now(), down: make(map[string]bool)}
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

	expired []expiredRow    // of the page
	live    []liveRow       // of the page, if orphans are asked for
	down    map[string]bool // servers that did not answer during the page
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
		last, err := w.page(ctx, s, &after)
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
		w.opts.Progress(after, w.report)
		if last {
			return nil
		}
		if err := w.pace(ctx); err != nil {
			return err
		}
	}
}

// page reads the next rows behind after, which it moves on, and reports whether
// they were the last ones of the shard. Where the page ends is found on the server:
// of live rows nothing needs to be sent.
func (w *sweep) page(ctx context.Context, s *shard, after *Cursor) (last bool, err error) {
	w.expired, w.live = w.expired[:0], w.live[:0]
	clear(w.down)
	from := *after
	to, found, err := w.end(ctx, s, from)
	switch {
	case err != nil:
		return false, err
	case found:
		w.report.Rows += w.opts.Page
		*after = to
	default:
		rest, err := w.rest(ctx, s, from)
		if err != nil {
			return false, err
		}
		w.report.Rows += rest
		*after = Cursor{shard: s.place.Index + 1}
	}
	err = w.x.scan(ctx, s, w.x.selectPage(from, to, w.opts.Absent == nil), func(columns [][]byte) error { return w.note(columns) })
	return !found, err
}

// end gives the last row of a page, if it is full. It fails when the shard has
// another layout; of a page that is not full, [sweep.rest] tells.
func (w *sweep) end(ctx context.Context, s *shard, from Cursor) (to Cursor, found bool, err error) {
	order := "i.`key`"
	if !w.x.spec.Unique {
		order += ", i.gdid"
	}
	statement := "SELECT " + s.sameLayout() + ", i.`key`, i.gdid FROM " + w.x.table + " i" + where(w.x.behind(from)) + " ORDER BY " + order + fmt.Sprintf(" LIMIT 1 OFFSET %d", w.opts.Page-1)
	to.shard = from.shard
	err = w.x.scan(ctx, s, statement, func(columns [][]byte) error {
		if string(columns[0]) != "1" {
			return s.differs()
		}
		found, to.key = true, string(columns[1])
		if w.x.spec.Unique {
			return nil
		}
		var err error
		to.id, err = idOf(columns[2])
		return err
	})
	return to, found, err
}

// rest counts the rows of a page that is not full. It fails when the shard has
// another layout.
func (w *sweep) rest(ctx context.Context, s *shard, from Cursor) (n int, err error) {
	err = w.x.query(ctx, s, "SELECT "+s.sameLayout()+", COUNT(*) FROM "+w.x.table+" i"+where(w.x.behind(from)), func(columns [][]byte) error {
		var err error
		n, err = strconv.Atoi(string(columns[0]))
		return err
	})
	return n, err
}

// sameLayout gives the column that is 1 where the shard has our layout. A join, as
// other statements have, would make the server keep a page of rows for each page.
func (s *shard) sameLayout() string {
	return "(SELECT layout = " + s.layout + " FROM mdb_shard WHERE one = 1)"
}

// note sorts a row by what is to be done about it.
func (w *sweep) note(columns [][]byte) error {
	id, err := idOf(columns[1])
	switch {
	case err != nil:
		return err
	case string(columns[2]) != "1":
		w.live = append(w.live, liveRow{key: slices.Clone(Encoded(columns[0])), id: id})
		return nil
	case string(columns[5]) != "1":
		w.report.Reserved++
		return nil
	}
	version, err := strconv.ParseUint(string(columns[4]), 10, 32)
	e := expiredRow{key: string(columns[0]), row: row{id: id, state: stateReserved, version: uint32(version), expired: true}}
	copy(e.row.token[:], columns[3])
	w.expired = append(w.expired, e)
	return err
}

// settle finishes one expired reservation.
func (w *sweep) settle(ctx context.Context, s *shard, e expiredRow) error {
	p := place{shard: s, key: e.key, id: e.row.id}
	server := w.server(p.id)
	if w.down[server] {
		w.report.Pending++
		return nil
	}
	defer w.x.cache.invalidate(p)
	used, err := w.x.end(ctx, p, &e.row)
	if server != "" && err != nil && isOutage(err) {
		w.down[server] = true
	}
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

// server gives the server that can settle the reservations of an id, or "".
func (w *sweep) server(id gdid.GDID) string {
	if p, ok := w.x.briefcases.(Placer); ok {
		return p.Server(w.x.spec, id)
	}
	return ""
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

// selectPage reads the rows of a page, or its reservations only. Without an end it
// reads to the end of the shard.
func (x *Index) selectPage(from, to Cursor, reservations bool) string {
	conditions := []string{x.behind(from)}
	switch {
	case to.key == "":
	case x.spec.Unique:
		conditions = append(conditions, "i.`key` <= "+hex(to.key))
	default:
		conditions = append(conditions, fmt.Sprintf("(i.`key` < %[1]s OR (i.`key` = %[1]s AND i.gdid <= %[2]s))", hex(to.key), hexID(to.id)))
	}
	if reservations {
		conditions = append(conditions, fmt.Sprintf("i.state = %d", stateReserved))
	}
	return "SELECT i.`key`, i.gdid, i.state, i.token, i.version, i.expires <= UTC_TIMESTAMP(6) FROM " + x.table + " i" + where(conditions...)
}

// behind gives the condition for rows after a cursor, in the order of the primary
// key, or "".
func (x *Index) behind(at Cursor) string {
	switch {
	case at.key == "":
		return ""
	case x.spec.Unique:
		return "i.`key` > " + hex(at.key)
	}
	return fmt.Sprintf("((i.`key` = %[1]s AND i.gdid > %[2]s) OR i.`key` > %[1]s)", hex(at.key), hexID(at.id))
}

// where joins conditions, without those that are "".
func where(conditions ...string) string {
	conditions = slices.DeleteFunc(conditions, func(c string) bool { return c == "" })
	if len(conditions) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(conditions, " AND ")
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
		err := x.query(ctx, s, statement, func(columns [][]byte) error {
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
