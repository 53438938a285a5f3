package provision_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/area/provision"
	"github.com/mdbrouter/mdb/gdid"
)

var (
	errEnd    = errors.New("past the end of the shard")
	errSealed = errors.New("the shard is sealed")
)

// insert writes a row of an id into a shard behind its fence, as a service does.
func insert(ctx context.Context, db *sql.DB, database string, id gdid.GDID) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	var state int
	var era, counter sql.Null[uint64]
	err = tx.QueryRowContext(ctx, fmt.Sprintf("SELECT state, end_era, end_counter FROM %s.mdb_fence WHERE stripe = %d LOCK IN SHARE MODE", database, area.Stripe(id))).Scan(&state, &era, &counter)
	switch {
	case err != nil:
		return err
	case state != area.StripeOpen:
		return errSealed
	case era.Valid && id.RangeKey().Compare(gdid.RangeKey{Era: uint32(era.V), Counter: counter.V}) >= 0:
		return errEnd
	}
	if _, err := tx.ExecContext(ctx, "INSERT INTO "+database+".tbl_user (g_user) VALUES (?)", id); err != nil {
		return err
	}
	return tx.Commit()
}

// load makes ids and writes them, each through the routing table that a process of
// its age has, until its context ends.
type load struct {
	p        *process
	heads    *fakeHeads
	old, new *area.Registry

	mu     sync.Mutex // guards acked
	acked  map[gdid.GDID]bool
	ended  atomic.Int64 // refusals because a range has ended
	sealed atomic.Int64
	fatal  atomic.Pointer[error]
}

func (l *load) run(ctx context.Context, writers int) *sync.WaitGroup {
	var running sync.WaitGroup
	for range writers {
		running.Go(func() {
			for ctx.Err() == nil {
				l.one(ctx)
			}
		})
	}
	return &running
}

func (l *load) one(ctx context.Context) {
	id, err := l.heads.next()
	if err != nil { // the ceiling: no ids for a moment
		wait(ctx, time.Millisecond)
		return
	}
	first := l.old
	if rand.IntN(2) == 0 {
		first = l.new
	}
	for registry := first; ctx.Err() == nil; registry = l.new {
		user, _ := registry.Area("user")
		shard, err := user.Shard(id)
		if err != nil {
			l.fatal.Store(&err)
			return
		}
		err = insert(ctx, l.p.db(shard.Server), shard.Database, id)
		switch {
		case err == nil:
			l.mu.Lock()
			l.acked[id] = true
			l.mu.Unlock()
			return
		case errors.Is(err, errEnd):
			l.ended.Add(1)
		case errors.Is(err, errSealed):
			l.sealed.Add(1)
			wait(ctx, time.Millisecond)
		case ctx.Err() == nil:
			l.fatal.Store(&err)
			return
		}
	}
}

func wait(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

func TestApply_appends_under_load_without_losing_or_misplacing_a_row(t *testing.T) {
	t.Parallel()
	p := newProcess(t)
	before := layout{partitions: []part{{name: "p0", start: "0:0", servers: twoServers}}}
	after := layout{
		partitions: append(before.partitions, part{name: "p1", start: "0:1000", servers: twoServers}),
		breakpoints: []breakpoint{{name: "b", at: "0:2000", partitions: []part{
			{name: "r0", start: "0:0", servers: []string{"u1"}}, {name: "r1", start: "0:500", servers: []string{"u2"}},
		}}},
	}
	cfg := p.config(before)
	cfg.Schema = smallSchema
	require.NoError(t, p.provision(t.Context(), cfg))

	heads := &fakeHeads{head: gdid.RangeKey{Counter: 1}, idle: &gdid.RangeKey{Counter: 200}}
	l := &load{p: p, heads: heads, old: cfg.Registry, new: p.registry(after), acked: make(map[gdid.GDID]bool)}
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	running := l.run(ctx, 6)
	require.Eventually(t, func() bool { return l.count() > 50 }, 30*time.Second, time.Millisecond)

	cfg.Registry, cfg.Heads = l.new, heads
	require.NoError(t, p.again(&faults{}).provision(t.Context(), cfg))
	require.Eventually(t, func() bool { return l.count() > 2800 && l.ended.Load() > 0 || l.fatal.Load() != nil }, 30*time.Second, time.Millisecond,
		"the load goes on past every new start, and old processes are refused")
	stop()
	running.Wait()
	if err := l.fatal.Load(); err != nil {
		require.NoError(t, *err)
	}

	found := l.everywhere(t)
	for id := range l.acked {
		require.Equal(t, 1, found[id], "acknowledged id %v", id)
	}
	t.Logf("%d rows, refused %d times past the end, %d times while sealed", len(l.acked), l.ended.Load(), l.sealed.Load())
}

func (l *load) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.acked)
}

// everywhere counts each id's rows in all shards, and requires that they stand
// where the new file puts them.
func (l *load) everywhere(t *testing.T) map[gdid.GDID]int {
	t.Helper()
	found := make(map[gdid.GDID]int)
	user, _ := l.new.Area("user")
	for _, s := range user.Shards() {
		for _, text := range l.p.rows(s.Server, "SELECT LOWER(HEX(g_user)) FROM "+s.Database+".tbl_user") {
			id := gdid.MustParse(text)
			home, err := user.Shard(id)
			require.NoError(t, err)
			require.Equal(t, home.Label(), s.Label(), "id %v", id)
			found[id]++
		}
	}
	return found
}

// A step of an append must find the steps before it done, in every shard.
func TestApply_appends_in_the_order_that_keeps_ids_safe(t *testing.T) {
	t.Parallel()
	p := newProcess(t)
	before := layout{partitions: []part{{name: "p0", start: "0:0", servers: twoServers}}}
	after := layout{partitions: append(before.partitions, part{name: "p1", start: "0:10", servers: twoServers})}
	cfg := p.config(before)
	require.NoError(t, p.provision(t.Context(), cfg))

	fence := func(server, partition string, index int) string {
		rows := p.rows(server, "SELECT state, end_era, end_counter, COUNT(*) FROM "+p.database(partition, index)+".mdb_fence GROUP BY 1, 2, 3")
		require.Len(t, rows, 1)
		return rows[0]
	}
	heads := &fakeHeads{head: gdid.RangeKey{Counter: 5}}
	cfg = p.config(after)
	cfg.Heads = heads
	var kinds []provision.Kind
	cfg.Progress = func(e provision.Event) {
		if e.State != provision.Began || e.Note != "" {
			return
		}
		kinds = append(kinds, e.Step.Kind)
		switch e.Step.Kind {
		case provision.SetCeiling:
			require.Equal(t, "1|NULL|NULL|1024", fence("u1", "p1", 0))
			require.Equal(t, "1|NULL|NULL|1024", fence("u2", "p1", 1))
			require.Equal(t, "0|NULL|NULL|1024", fence("u1", "p0", 0))
		case provision.SetEnd:
			require.NotNil(t, heads.ceiling)
			require.Equal(t, "0:10", heads.ceiling.String())
		case provision.OpenShard:
			require.Equal(t, "0|0|10|1024", fence("u1", "p0", 0))
			require.Equal(t, "0|0|10|1024", fence("u2", "p0", 1))
			require.NotNil(t, heads.ceiling)
		case provision.RestoreCeilings:
			require.Equal(t, "0|NULL|NULL|1024", fence("u1", "p1", 0))
			require.Equal(t, "0|NULL|NULL|1024", fence("u2", "p1", 1))
		default:
		}
	}
	require.NoError(t, p.provision(t.Context(), cfg))
	require.Equal(t, []provision.Kind{
		provision.Create, provision.Create, provision.SetCeiling, provision.SetEnd, provision.SetEnd,
		provision.OpenShard, provision.OpenShard, provision.RestoreCeilings,
	}, kinds)
	require.Nil(t, heads.ceiling)
}
