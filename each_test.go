package mdb_test

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb"
	"github.com/mdbrouter/mdb/gdid"
)

func TestArea_Each_reaches_every_shard(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	router := s.open(t)
	for _, id := range []string{"0:1:1", "0:1:2", "0:1:250000", "0:1:8000000001"} {
		addUser(t, briefcaseOf(t, router, id), id)
	}
	var rows atomic.Int64
	var mu sync.Mutex
	seen := map[string]int{}
	err := users(t, router).Each(t.Context(), mdb.FanOut{Parallel: 3}, func(ctx context.Context, shard *mdb.Shard) error {
		mu.Lock()
		seen[shard.String()]++
		mu.Unlock()
		var database string
		if err := shard.QueryRowContext(ctx, "SELECT DATABASE()").Scan(&database); err != nil {
			return err
		}
		if database != shard.Database() {
			return errors.New("the connection is to " + database)
		}
		result, err := shard.QueryContext(ctx, "SELECT name FROM tbl_user")
		if err != nil {
			return err
		}
		defer result.Close()
		for result.Next() {
			rows.Add(1)
		}
		return result.Err()
	})
	require.NoError(t, err)
	require.EqualValues(t, 4, rows.Load())
	require.Len(t, seen, 7, "each shard once")
	require.Equal(t, 1, seen["user p1/2 on u3"])
}

func TestArea_Each_is_bounded(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	var running, most atomic.Int64
	err := users(t, s.router(t, s.write(t, "first", firstFile))).Each(t.Context(), mdb.FanOut{Parallel: 2}, func(context.Context, *mdb.Shard) error {
		n := running.Add(1)
		defer running.Add(-1)
		for {
			old := most.Load()
			if n <= old || most.CompareAndSwap(old, n) {
				return nil
			}
		}
	})
	require.NoError(t, err)
	require.LessOrEqual(t, most.Load(), int64(2))
}

func TestArea_Each_is_all_or_nothing(t *testing.T) {
	s := newSite(t)
	noLeaks(t) // so not parallel
	broken := errors.New("broken")
	var begun atomic.Int64
	err := users(t, s.router(t, s.write(t, "first", firstFile))).Each(t.Context(), mdb.FanOut{Parallel: 2}, func(ctx context.Context, shard *mdb.Shard) error {
		if begun.Add(1) == 2 {
			return broken
		}
		<-ctx.Done() // the failure of one ends the others
		return ctx.Err()
	})
	require.ErrorIs(t, err, broken)
	require.ErrorIs(t, err, context.Canceled)
	require.EqualValues(t, 2, begun.Load(), "no shard is begun after the failure")
}

func TestArea_Each_reports_a_panic(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	err := users(t, s.router(t, s.write(t, "first", firstFile))).Each(t.Context(), mdb.FanOut{}, func(_ context.Context, shard *mdb.Shard) error {
		if shard.Index() == 0 && shard.Partition() == "p1" {
			panic("boom")
		}
		return nil
	})
	require.ErrorContains(t, err, "user p1/0 on u1: panic: boom")
}

func TestArea_Each_reports_an_end_of_the_goroutine(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	err := users(t, s.router(t, s.write(t, "first", firstFile))).Each(t.Context(), mdb.FanOut{}, func(_ context.Context, shard *mdb.Shard) error {
		if shard.Index() == 0 && shard.Partition() == "p1" {
			runtime.Goexit()
		}
		return nil
	})
	require.ErrorContains(t, err, "user p1/0 on u1: the function ended its goroutine")
}

func TestArea_Each_stops_with_its_context(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	area := users(t, s.router(t, s.write(t, "first", firstFile)))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := area.Each(ctx, mdb.FanOut{}, func(context.Context, *mdb.Shard) error { return nil })
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorContains(t, err, "7 of 7 shards not begun")
}

func TestArea_Group(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	area := users(t, s.router(t, s.write(t, "first", firstFile)))
	ids := make([]mdb.GDID, 0, 1000)
	for i := range uint64(1000) {
		id, err := gdid.New(0, uint8(i%16), 249_500+i)
		require.NoError(t, err)
		ids = append(ids, id)
	}
	groups, err := area.Group(ids)
	require.NoError(t, err)
	require.Len(t, groups, 5)
	total := 0
	for _, g := range groups {
		total += len(g.IDs)
		for i, id := range g.IDs {
			route, err := area.Route(id)
			require.NoError(t, err)
			require.Equal(t, g.Shard.Database(), route.Database)
			require.True(t, i == 0 || g.IDs[i-1].CompareRange(id) < 0, "ids keep their order")
		}
	}
	require.Equal(t, len(ids), total)

	_, err = area.Group(append(ids, mdb.GDID{}))
	require.ErrorIs(t, err, mdb.ErrZeroGDID, "an id without a place is never dropped")
	groups, err = area.Group(nil)
	require.NoError(t, err)
	require.Empty(t, groups)
}

func TestShard_Admin(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	router := s.open(t)
	err := users(t, router).Each(t.Context(), mdb.FanOut{}, func(ctx context.Context, shard *mdb.Shard) error {
		_, err := shard.QueryContext(ctx, "ALTER TABLE tbl_user ADD COLUMN c INT") //nolint:rowserrcheck,sqlclosecheck // it is refused
		if !errors.Is(err, mdb.ErrStatementRefused) {
			return errors.New("a schema change passed the guard")
		}
		db, err := shard.Admin(ctx)
		if err != nil {
			return err
		}
		_, err = db.ExecContext(ctx, "ALTER TABLE tbl_user ADD COLUMN c INT")
		return err
	})
	require.NoError(t, err)
}
