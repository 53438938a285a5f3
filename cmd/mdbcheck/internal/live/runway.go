package live

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/mdbrouter/mdb/area/provision"
	"github.com/mdbrouter/mdb/gdid"
)

// A stop is a range key at which a sequence cannot go on as things are.
type stop struct {
	at      gdid.RangeKey
	address string
	what    string // "partition p2, which is not in use"
	help    string
}

// A rate is how fast ids are given.
type rate struct {
	perDay float64
	basis  string // "the rate of the last 7 days"
}

// leastSpan is the shortest time that a rate is reckoned from.
const leastSpan = time.Hour

// runway reports a sequence that soon reaches a stop (MDB816): the start of a
// partition that is not in use yet, or the ceiling of all authorities. Where neither
// is declared the ids go on to the last of the last era.
func (r *run) runway(ctx context.Context, q *sequence, all []*server) error {
	at := q.stop(all)
	left, err := at.at.Sub(q.head)
	if err != nil {
		return nil //nolint:nilerr // it has been passed, which is another rule's
	}
	given, err := r.rateOf(ctx, q, all)
	if err != nil || given.perDay <= 0 {
		return err
	}
	days := number64(left) / given.perDay
	if days >= r.opts.Runway.Hours()/24 {
		return nil
	}
	r.find("MDB816", at.address, finding{
		summary: fmt.Sprintf("in %s sequence %s reaches %s", spell(days), q.area.Name(), at.what),
		detail:  fmt.Sprintf("%s ids are left at %s ids a day, %s; the head is %v", decimal(left), strconv.FormatFloat(math.Ceil(given.perDay), 'f', 0, 64), given.basis, q.head),
		help:    at.help,
	})
	return nil
}

// stop gives the first stop at or past the head.
func (q *sequence) stop(all []*server) stop {
	s := stop{
		at: gdid.MaxRangeKey, address: "area." + q.area.Name(), what: "the last id of the last era",
		help: "begin another area: no id is behind it",
	}
	if at, ok := q.ceiling(); ok {
		s = stop{
			at: at, address: "area." + q.area.Name(), what: fmt.Sprintf("the ceiling %v of all authorities", at),
			help: fmt.Sprintf("raise it with mdbctl ids ceiling %s; if provisioning was interrupted, run mdbctl provision again", q.area.Name()),
		}
	}
	states := map[string]*provision.ServerState{}
	for _, server := range all {
		states[server.name] = &server.state
	}
	for i, p := range q.area.Table().All() {
		closed := shardsIn(q.area, i, states, isClosed)
		if p.Start.Compare(q.head) < 0 || p.Start.Compare(s.at) > 0 || len(closed) == 0 || q.inUse(i, states) {
			continue
		}
		s = stop{
			at: p.Start, address: partitionAddress(&closed[0]), what: fmt.Sprintf("partition %s at %v, which is not in use", p.Name, p.Start),
			help: "run mdbctl provision before, which brings it into use",
		}
		break
	}
	return s
}

// ceiling gives the highest range key that any authority may reach. It reports false
// when one has no bound, or was not asked.
func (q *sequence) ceiling() (gdid.RangeKey, bool) {
	var highest gdid.RangeKey
	for _, p := range q.positions {
		bound := p.state.Ceiling
		if bound.IsZero() || !p.state.Hold.IsZero() && p.state.Hold.Compare(bound) < 0 {
			bound = p.state.Hold
		}
		if bound.IsZero() {
			return gdid.RangeKey{}, false
		}
		highest = later(highest, bound)
	}
	return highest, q.complete
}

// rateOf gives the rate of the last days, if the history has it, or else the average
// since the newest partition in use was created.
func (r *run) rateOf(ctx context.Context, q *sequence, all []*server) (rate, error) {
	if given, ok := r.history.rate(q.area.Name(), q.head); ok {
		return given, nil
	}
	newest := q.area.Table().Find(q.last())
	p := q.area.Table().Partition(newest)
	given, err := q.head.Sub(p.Start)
	if err != nil {
		return rate{}, nil //nolint:nilerr // the partition begins below the last id
	}
	age, err := r.age(ctx, q, newest, all)
	if err != nil || age < leastSpan {
		return rate{}, err
	}
	return rate{number64(given) / days(age), fmt.Sprintf("the average of the %s since partition %s was created", spell(days(age)), p.Name)}, nil
}

// age gives how long ago the first shard of a partition was created, by the clock of
// its server; zero if none can tell.
func (r *run) age(ctx context.Context, q *sequence, ordinal int, all []*server) (time.Duration, error) {
	var oldest time.Duration
	for _, shard := range q.area.PartitionShards(ordinal) {
		for _, s := range all {
			if s.name != shard.Server || !s.holds(&shard) {
				continue
			}
			query := "SELECT TIMESTAMPDIFF(SECOND, created, UTC_TIMESTAMP(6)) FROM " + quoted(s.stored(shard.Database)) + ".mdb_shard WHERE one = 1"
			err := s.query(ctx, query, func(rows *sql.Rows) error {
				var seconds int64
				err := rows.Scan(&seconds)
				oldest = max(oldest, time.Duration(min(seconds, math.MaxInt64/int64(time.Second)))*time.Second)
				return err
			})
			if err != nil && !changed(err) {
				r.unask(s.name, r.reason(err))
			}
			if ctx.Err() != nil {
				return 0, ctx.Err()
			}
		}
	}
	return oldest, nil
}

func days(d time.Duration) float64 { return d.Hours() / 24 }

// spell gives a number of days in words: "12 days", "5 hours".
func spell(days float64) string {
	switch hours := days * 24; {
	case hours < 1:
		return "less than an hour"
	case hours < 48:
		return fmt.Sprintf("%.0f hours", math.Floor(hours))
	}
	return fmt.Sprintf("%.0f days", math.Floor(days))
}

// number64 gives a distance on the line of range keys, rounded.
func number64(k gdid.RangeKey) float64 { return math.Ldexp(float64(k.Era), 60) + float64(k.Counter) }

// decimal writes a distance on the line of range keys: "1200000", "1.5e20".
func decimal(k gdid.RangeKey) string {
	if k.Era == 0 {
		return strconv.FormatUint(k.Counter, 10)
	}
	return strings.Replace(fmt.Sprintf("%.1e", number64(k)), "e+", "e", 1)
}
