package central_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/central"
	"github.com/mdbrouter/mdb/gdid"
)

var tenMinutes = area.Cache{MaxEntries: 1000, TTL: 10 * time.Minute, NegativeTTL: 2 * time.Second}

func TestCache_asks_once(t *testing.T) {
	t.Parallel()
	x, shards := cached(t, 1, tenMinutes)
	shards[0].set("ann@x", id(1))
	for range 5 {
		require.Equal(t, id(1), lookup(t, x, "ann@x"))
		require.Equal(t, id(1), lookup(t, x, " ANN@x"), "every writing of a key")
		require.Zero(t, lookup(t, x, "nobody@x"))
	}
	require.Equal(t, 2, shards[0].count())
	require.Equal(t, central.Stats{Hits: 9, NegativeHits: 4, Misses: 2, Loads: 2, Entries: 2}, x.Stats())
}

func TestCache_without_one(t *testing.T) {
	t.Parallel()
	x, shards := cached(t, 1, area.Cache{})
	shards[0].set("ann@x", id(1))
	require.Equal(t, id(1), lookup(t, x, "ann@x"))
	shards[0].set("ann@x", id(2))
	require.Equal(t, id(2), lookup(t, x, "ann@x"))
	require.Zero(t, x.Stats())
}

// What another process changes is seen within the TTL, and by Fresh at once.
func TestCache_forgets_after_the_ttl(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x, shards := cached(t, 1, tenMinutes)
		shards[0].set("ann@x", id(1))
		require.Equal(t, id(1), lookup(t, x, "ann@x"))
		require.Zero(t, lookup(t, x, "bob@x"))
		shards[0].set("ann@x", id(2))
		shards[0].set("bob@x", id(3))

		time.Sleep(1900*time.Millisecond - time.Second/8)
		require.Zero(t, lookup(t, x, "bob@x"))
		time.Sleep(time.Second / 2)
		require.Equal(t, id(3), lookup(t, x, "bob@x"), "2s for what was not found")
		time.Sleep(9*time.Minute + 55*time.Second)
		before := shards[0].count()
		require.Equal(t, id(1), lookup(t, x, "ann@x"))
		require.Equal(t, id(1), lookup(t, x, "ANN@x"))
		require.Equal(t, before, shards[0].count())
		require.Equal(t, id(2), lookup(t, x.Fresh(), "ann@x"))
		require.Equal(t, id(2), lookup(t, x, "ann@x"), "what Fresh has seen is not forgotten again")

		shards[0].set("ann@x", id(4))
		time.Sleep(10*time.Minute - time.Second)
		require.Equal(t, id(2), lookup(t, x, "ann@x"))
		time.Sleep(time.Second + time.Second/8)
		require.Equal(t, id(4), lookup(t, x, "ann@x"))
	})
}

// onShard gives a key like k that stands in a shard.
func onShard(t *testing.T, x *central.Index, k string, shard int) string {
	t.Helper()
	for {
		place, err := x.Shard(k)
		require.NoError(t, err)
		if place.Index == shard {
			return k
		}
		k += "x"
	}
}

// A short TTL is kept beside a long one.
func TestCache_of_short_and_long_ttls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x, shards := cached(t, 1, area.Cache{TTL: time.Hour, NegativeTTL: 64 * time.Millisecond})
		require.Zero(t, lookup(t, x, "ann@x"))
		shards[0].set("ann@x", id(1))
		time.Sleep(30 * time.Millisecond)
		require.Zero(t, lookup(t, x, "ann@x"))
		time.Sleep(40 * time.Millisecond)
		require.Equal(t, id(1), lookup(t, x, "ann@x"))
	})
}

func TestCache_remembers_no_absence_unless_told(t *testing.T) {
	t.Parallel()
	x, shards := cached(t, 1, area.Cache{TTL: time.Minute})
	require.Zero(t, lookup(t, x, "ann@x"))
	shards[0].set("ann@x", id(1))
	require.Equal(t, id(1), lookup(t, x, "ann@x"))
	ids, err := x.LookupMany(t.Context(), []any{"ann@x", "bob@x"})
	require.NoError(t, err)
	require.Equal(t, []gdid.GDID{id(1), {}}, ids)
	shards[0].set("bob@x", id(2))
	require.Equal(t, id(2), lookup(t, x, "bob@x"))
}

func TestCache_is_bounded(t *testing.T) {
	t.Parallel()
	x, shards := cached(t, 1, area.Cache{MaxEntries: 100, TTL: time.Minute})
	for n := range uint64(2000) {
		k := fmt.Sprintf("user%d@x", n)
		shards[0].set(k, id(n+1))
		lookup(t, x, k)
	}
	require.Eventually(t, func() bool { return x.Stats().Entries <= 100 }, 5*time.Second, time.Millisecond)
}

// N callers of one cold key make one query.
func TestCache_one_load_for_many_callers(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 10, 1000, 10_000} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			x, shards := cached(t, 1, tenMinutes)
			shards[0].set("ann@x", id(1))
			var waiting atomic.Int64
			shards[0].behave(func(context.Context) error { // answers when all have asked
				for waiting.Load() < int64(n) {
					runtime.Gosched()
				}
				return nil
			})
			var running sync.WaitGroup
			var wrong atomic.Int64
			for range n {
				running.Go(func() {
					waiting.Add(1)
					if got, err := x.Lookup(context.Background(), "ann@x"); err != nil || got != id(1) {
						wrong.Add(1)
					}
				})
			}
			running.Wait()
			require.Zero(t, wrong.Load())
			require.Equal(t, 1, shards[0].count())
		})
	}
}

// Each waits no longer than its own context, and the one that asks does not take
// the others with it when it gives up.
func TestCache_waiters_keep_their_own_contexts(t *testing.T) {
	t.Parallel()
	x, shards := cached(t, 1, tenMinutes)
	shards[0].set("ann@x", id(1))
	asked, free := make(chan struct{}, 10), make(chan struct{})
	shards[0].behave(func(ctx context.Context) error {
		asked <- struct{}{}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-free:
			return nil
		}
	})
	begin := func() (context.CancelFunc, chan error) {
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() {
			got, err := x.Lookup(ctx, "ann@x")
			if err == nil && got != id(1) {
				err = errors.New("wrong id")
			}
			done <- err
		}()
		return cancel, done
	}
	cancelOwner, owner := begin()
	<-asked
	cancelWaiter, waiter := begin()
	_, patient := begin()
	cancelWaiter()
	require.ErrorIs(t, <-waiter, context.Canceled)
	cancelOwner()
	require.ErrorIs(t, <-owner, context.Canceled)
	<-asked // the patient one asks for itself
	close(free)
	require.NoError(t, <-patient)
	require.Equal(t, 2, shards[0].count())
}

func TestCache_a_panic_harms_only_its_caller(t *testing.T) {
	t.Parallel()
	x, shards := cached(t, 1, tenMinutes)
	shards[0].set("ann@x", id(1))
	var first atomic.Bool
	asked, free := make(chan struct{}), make(chan struct{})
	shards[0].behave(func(context.Context) error {
		if first.CompareAndSwap(false, true) {
			close(asked)
			<-free
			panic("boom")
		}
		return nil
	})
	panicked := make(chan any, 1)
	go func() {
		defer func() { panicked <- recover() }()
		_, _ = x.Lookup(context.Background(), "ann@x")
	}()
	<-asked
	done := make(chan error, 1)
	go func() {
		_, err := x.Lookup(context.Background(), "ann@x")
		done <- err
	}()
	for x.Stats().Misses < 2 {
		runtime.Gosched()
	}
	close(free)
	require.Equal(t, "boom", <-panicked)
	require.NoError(t, <-done)
}

// This process sees its own writes at once, also those that a lookup under way has
// not seen yet.
func TestCache_own_writes_invalidate(t *testing.T) {
	t.Parallel()
	for name, get := range map[string]func(x *central.Index) (gdid.GDID, error){
		"lookup": func(x *central.Index) (gdid.GDID, error) { return x.Lookup(context.Background(), "bob@x") },
		"many": func(x *central.Index) (gdid.GDID, error) {
			ids, err := x.LookupMany(context.Background(), []any{"bob@x"})
			return ids[0], err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ownWrites(t, get)
		})
	}
}

func ownWrites(t *testing.T, get func(x *central.Index) (gdid.GDID, error)) {
	t.Helper()
	x, shards := cached(t, 1, tenMinutes)
	require.Zero(t, lookup(t, x, "ann@x"))
	reserve(t, x, "ann@x", id(1), 0)
	require.Equal(t, id(1), lookup(t, x, "ann@x"))

	shards[0].set("bob@x", id(2))
	asked, free := make(chan struct{}), make(chan struct{})
	var once sync.Once
	shards[0].behave(func(context.Context) error {
		once.Do(func() { close(asked); <-free })
		return nil
	})
	done := make(chan gdid.GDID, 1)
	go func() {
		got, _ := get(x)
		done <- got
	}()
	<-asked
	reserve(t, x, "bob@x", id(3), 0) // begins and ends while the lookup waits, which saw what was before
	close(free)
	<-done
	require.Equal(t, id(3), lookup(t, x, "bob@x"))
}

func TestCache_stale_if_error(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cache := tenMinutes
		cache.StaleIfError = time.Hour
		x, shards := cached(t, 2, cache)
		on0, on1 := keyOn(t, x, 0), keyOn(t, x, 1)
		shards[0].set(on0, id(1))
		shards[1].set(on1, id(2))
		require.Equal(t, id(1), lookup(t, x, on0))
		require.Equal(t, id(2), lookup(t, x, on1))
		shards[0].set(on0, id(7))
		shards[1].set(on1, id(8))
		absent := keyOn(t, x, 0) + ".absent"
		require.Zero(t, lookup(t, x, onShard(t, x, absent, 0)))
		shards[0].behave(down)
		time.Sleep(11 * time.Minute)
		_, err := x.Lookup(t.Context(), onShard(t, x, absent, 0))
		require.ErrorIs(t, err, area.ErrUnavailable, "that a key was nobody's is no longer known")
		time.Sleep(2 * time.Second)

		before := shards[0].count()
		for range 100 {
			require.Equal(t, id(1), lookup(t, x, on0), "older than its TTL, but the shard is down")
		}
		require.Equal(t, before+1, shards[0].count(), "a shard that is down is left alone for a second")
		require.Equal(t, id(8), lookup(t, x, on1), "the other shard does not suffer")
		ids, err := x.LookupMany(t.Context(), []any{on0, on1})
		require.NoError(t, err)
		require.Equal(t, []gdid.GDID{id(1), id(8)}, ids)
		_, err = x.Fresh().Lookup(t.Context(), on0)
		require.ErrorIs(t, err, area.ErrUnavailable)
		time.Sleep(2 * time.Second)
		for range 3 {
			require.Equal(t, id(1), lookup(t, x, on0))
		}
		require.Equal(t, before+3, shards[0].count(), "asked again by one, after the pause; the second one was Fresh")
		require.NotZero(t, x.Stats().Stale)

		time.Sleep(2 * time.Second)
		shards[0].behave(nil)
		require.Equal(t, id(7), lookup(t, x, on0), "and it is back")

		shards[0].behave(down)
		time.Sleep(71 * time.Minute)
		_, err = x.Lookup(t.Context(), on0)
		require.ErrorIs(t, err, area.ErrUnavailable, "too old to be excused")
		require.ErrorContains(t, err, "(shard 0 on c1)")
	})
}

// The first who meets an outage is excused as well, also when it asks for many.
func TestCache_stale_if_error_for_many(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cache := tenMinutes
		cache.StaleIfError = time.Hour
		x, shards := cached(t, 1, cache)
		shards[0].set("ann@x", id(1))
		require.Equal(t, id(1), lookup(t, x, "ann@x"))
		time.Sleep(11 * time.Minute)
		shards[0].behave(down)
		_, err := x.LookupMany(t.Context(), []any{"ann@x", "bob@x"})
		require.ErrorIs(t, err, area.ErrUnavailable, "one of them was never known")
		require.Equal(t, uint64(1), x.Stats().Loads-1)

		x, shards = cached(t, 1, cache)
		shards[0].set("ann@x", id(1))
		require.Equal(t, id(1), lookup(t, x, "ann@x"))
		time.Sleep(11 * time.Minute)
		shards[0].behave(down)
		ids, err := x.LookupMany(t.Context(), []any{"ann@x"})
		require.NoError(t, err)
		require.Equal(t, []gdid.GDID{id(1)}, ids)
	})
}

func TestCache_stale_answers_are_not_given_for_other_errors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cache := tenMinutes
		cache.StaleIfError = time.Hour
		x, shards := cached(t, 1, cache)
		shards[0].set("ann@x", id(1))
		require.Equal(t, id(1), lookup(t, x, "ann@x"))
		shards[0].behave(func(context.Context) error { return area.ErrWrongShard })
		time.Sleep(11 * time.Minute)
		_, err := x.Lookup(t.Context(), "ann@x")
		require.ErrorIs(t, err, area.ErrWrongShard)
	})
}

// Without stale_if_error nothing is given out after its TTL.
func TestCache_stale_must_be_allowed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x, shards := cached(t, 1, tenMinutes)
		shards[0].set("ann@x", id(1))
		require.Equal(t, id(1), lookup(t, x, "ann@x"))
		shards[0].behave(down)
		require.Equal(t, id(1), lookup(t, x, "ann@x"), "within the TTL a shard that is down is not missed")
		time.Sleep(11 * time.Minute)
		_, err := x.Lookup(t.Context(), "ann@x")
		require.ErrorIs(t, err, area.ErrUnavailable)
		_, err = x.LookupMany(t.Context(), []any{"ann@x"})
		require.ErrorIs(t, err, area.ErrUnavailable)
	})
}

func TestLookup_allocs(t *testing.T) {
	x, shards := cached(t, 1, tenMinutes)
	shards[0].set("ann@example.com", id(1))
	lookup(t, x, "ann@example.com")
	ctx := t.Context()
	for k, want := range map[string]float64{"ann@example.com": 0, " ann@example.com": 0, "Ann@Example.com": 1, " Ann@Example.com ": 1} {
		require.InDelta(t, want, testing.AllocsPerRun(1000, func() {
			if _, err := x.Lookup(ctx, k); err != nil {
				panic(err)
			}
		}), 0, k)
	}
}

func TestCache_of_many_indexes(t *testing.T) {
	t.Parallel()
	cfg := central.Config{Spec: &area.Central{Cache: tenMinutes, Indexes: indexes(), Shards: []area.Database{{Name: "a"}}}, Shards: []central.DB{closed{t}}}
	c, err := central.New(cfg)
	require.NoError(t, err)
	require.Len(t, c.Indexes(), len(indexes()))
	require.Zero(t, c.Stats())
	c.Close()
	c.Close()
}
