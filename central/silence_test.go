package central_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/central"
)

// swallow answers nothing, as a machine without power.
func swallow(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}

// within looks a key up and gives how long that took.
func within(x *central.Index, deadline time.Duration, k string) (took time.Duration, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	defer cancel()
	began := time.Now()
	_, err = x.Lookup(ctx, k)
	return time.Since(began), err
}

// Before a shard that swallows everything one caller waits at a time; the others
// learn at once which shard it is, until it answers.
func TestSilence_keeps_callers_from_piling_up(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		x, shards := cached(t, 1, area.Cache{})
		shards[0].set("k", id(1))
		_, err := within(x, time.Minute, "k")
		require.NoError(t, err)
		shards[0].behave(swallow)
		took, err := within(x, 900*time.Millisecond, "k")
		require.Equal(t, 900*time.Millisecond, took)
		require.ErrorIs(t, err, context.DeadlineExceeded)

		time.Sleep(time.Second)
		waits := func(n int) (waited int) {
			var mu sync.Mutex // guards waited, refused
			var refused []error
			var running sync.WaitGroup
			for i := range n {
				running.Go(func() {
					took, err := within(x, 5*time.Second, fmt.Sprint(i))
					mu.Lock()
					defer mu.Unlock()
					if took > 0 {
						waited++
						return
					}
					refused = append(refused, err)
				})
			}
			running.Wait()
			for _, err := range refused {
				require.ErrorIs(t, err, area.ErrUnavailable)
				require.ErrorContains(t, err, "(shard 0 on c1)")
			}
			return waited
		}
		for range 3 {
			require.Equal(t, 1, waits(100))
		}
		_, err = x.Reserve(t.Context(), "k", id(2), 0)
		require.NoError(t, err, "the first to come after the one before has ended is let through, and this statement is answered")
		require.Equal(t, 100, waits(100), "so nobody is kept away")
		shards[0].behave(nil)
		for range 10 {
			_, err = within(x, time.Minute, "k")
			require.NoError(t, err)
		}
	})
}

// One who waits for ever keeps the shard from nobody for longer than a second.
func TestSilence_lets_one_through_each_second(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		x, shards := cached(t, 1, area.Cache{})
		shards[0].set("k", id(1))
		_, err := within(x, time.Minute, "k")
		require.NoError(t, err)
		shards[0].behave(swallow)
		_, err = within(x, 2*time.Second, "k")
		require.Error(t, err)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go func() { _, _ = x.Lookup(ctx, "k") }()
		synctest.Wait()
		shards[0].behave(nil)
		_, err = within(x, time.Minute, "k")
		require.ErrorIs(t, err, area.ErrUnavailable)
		time.Sleep(time.Second)
		for range 3 {
			_, err = within(x, time.Minute, "k")
			require.NoError(t, err)
		}
	})
}

// A slow statement, or one that its caller gives up, is no silence where others are
// answered.
func TestSilence_is_none_while_others_are_answered(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		x, shards := cached(t, 1, area.Cache{})
		shards[0].set("k", id(1))
		shards[0].behave(func(ctx context.Context) error {
			if ctx.Value(slowKey{}) != nil {
				return swallow(ctx)
			}
			time.Sleep(time.Millisecond) // so that others come in between
			return nil
		})
		marked := context.WithValue(t.Context(), slowKey{}, true)
		for _, end := range []func() (context.Context, context.CancelFunc){
			func() (context.Context, context.CancelFunc) { return context.WithTimeout(marked, 10*time.Second) },
			func() (context.Context, context.CancelFunc) { return context.WithCancel(marked) },
		} {
			ctx, cancel := end()
			var running sync.WaitGroup
			running.Go(func() { _, _ = x.Lookup(ctx, "slow") })
			for range 95 {
				time.Sleep(100 * time.Millisecond)
				_, err := within(x, time.Minute, "k")
				require.NoError(t, err)
			}
			time.Sleep(600 * time.Millisecond)
			cancel()
			running.Wait()
			failures := make([]error, 10)
			for i := range failures {
				running.Go(func() { _, failures[i] = within(x, time.Minute, "k") })
			}
			running.Wait()
			require.NoError(t, errors.Join(failures...))
		}
		ctx, cancel := context.WithCancel(marked)
		var running sync.WaitGroup
		running.Go(func() { _, _ = x.Lookup(ctx, "slow") })
		time.Sleep(time.Minute) // nobody else asks
		cancel()
		running.Wait()
		failures := make([]error, 10)
		for i := range failures {
			running.Go(func() { _, failures[i] = within(x, time.Minute, "k") })
		}
		running.Wait()
		require.NoError(t, errors.Join(failures...), "one who gave up tells nothing")
	})
}

type slowKey struct{}
