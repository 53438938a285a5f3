package authority_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/gdid"
	"github.com/mdbrouter/mdb/gdid/authority"
)

func TestGenerator_givesNoIDTwice(t *testing.T) {
	t.Parallel()
	for _, block := range []uint64{0, 1, 2, 3, 100} {
		g := newGenerator(t, authority.Options{Block: block}, newSource("chi", 0), newSource("nyc", 1))
		ids := newLedger()
		var drawing sync.WaitGroup
		for worker := range 16 {
			drawing.Go(func() {
				var last gdid.GDID
				mine := make([]gdid.GDID, 0, 1000)
				for range 500 {
					if worker%2 == 0 {
						id, err := g.Next(t.Context())
						if err == nil && id.CompareRange(last) <= 0 {
							err = errors.New("range keys must rise")
						}
						if err != nil {
							t.Errorf("%v after %v: %v", id, last, err)
							return
						}
						mine, last = append(mine, id), id
						continue
					}
					batch, err := g.NextN(t.Context(), 7)
					if err != nil {
						t.Error(err)
						return
					}
					for id := range batch.All() {
						mine = append(mine, id)
					}
				}
				ids.add(mine...)
			})
		}
		drawing.Wait()
		const drawn = 8*500 + 8*7*500
		ids.requireSound(t, drawn)
		require.EqualValues(t, drawn, g.Stats().Drawn, "no block was thrown away")
	}
}

func TestGenerator_beginsAtOne(t *testing.T) {
	t.Parallel()
	g := newGenerator(t, authority.Options{}, newSource("chi", 0))
	require.Equal(t, gdid.MustParse("0:0:1"), next(t, g))
	require.Equal(t, gdid.MustParse("0:0:2"), next(t, g))
}

func TestGenerator_fetchesTheNextBlockOnceAtHalf(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		chi := newSource("chi", 0)
		g := newGenerator(t, authority.Options{Block: 10}, chi)
		for range 5 {
			next(t, g)
		}
		synctest.Wait()
		require.Len(t, chi.asked(), 1, "five of ten are drawn")
		next(t, g)
		synctest.Wait()
		require.Len(t, chi.asked(), 2, "the sixth id fetches the next block")
		for range 4 {
			next(t, g)
		}
		synctest.Wait()
		require.Len(t, chi.asked(), 2)
		require.Equal(t, gdid.MustParse("0:0:11"), next(t, g))
		require.EqualValues(t, 1, g.Stats().Waits, "only the very first id had to be waited for")
	})
}

func TestGenerator_nobodyWaitsForASlowAuthority(t *testing.T) {
	t.Parallel()
	const (
		block = 1000
		lease = 400 * time.Millisecond
	)
	tests := []struct {
		name  string
		every time.Duration // one id each
		waits bool
	}{
		{name: "rate x lease time is below the low-water mark", every: time.Millisecond, waits: false},
		{name: "rate x lease time is above the low-water mark", every: lease / block, waits: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				chi := newSource("chi", 0)
				chi.set(lease, nil)
				g := newGenerator(t, authority.Options{Block: block}, chi)
				next(t, g)
				ticker := time.NewTicker(tt.every)
				defer ticker.Stop()
				for range 20 * block {
					<-ticker.C
					next(t, g)
				}
				require.Equal(t, tt.waits, g.Stats().Waits > 1, "%d callers waited", g.Stats().Waits)
				require.GreaterOrEqual(t, len(chi.asked()), 20)
			})
		})
	}
}

func TestGenerator_aCallerThatGivesUpFailsNobodyElse(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		chi := newSource("chi", 0)
		chi.set(time.Second, nil)
		g := newGenerator(t, authority.Options{}, chi)
		hasty, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		_, err := g.Next(hasty) // it began the fetch
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, gdid.MustParse("0:0:1"), next(t, g))
		require.Len(t, chi.asked(), 1, "the fetch went on for the next caller")
	})
}

// A caller that was asleep since it found a block empty must not throw away the one
// that others have brought into use meanwhile.
func TestGenerator_aLateCallerThrowsNothingAway(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGenerator(t, authority.Options{Block: 10}, newSource("chi", 0))
		next(t, g)
		refill := authority.Late(t.Context(), g)
		for range 16 {
			next(t, g)
			synctest.Wait()
		}
		require.NoError(t, refill())
		require.Equal(t, gdid.MustParse("0:0:18"), next(t, g))
	})
}

func TestGenerator_Close(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		chi := newSource("chi", 0)
		g, err := authority.New("user", []authority.Authority{chi}, authority.Options{Block: 10})
		require.NoError(t, err)
		next(t, g)
		chi.set(time.Hour, nil)
		for range 9 {
			next(t, g)
		}
		waiting := make(chan error)
		go func() {
			_, err := g.Next(t.Context())
			waiting <- err
		}()
		synctest.Wait()
		began := time.Now()
		go func() { require.NoError(t, g.Close()) }() //nolint:testifylint // Close never fails
		require.ErrorIs(t, <-waiting, area.ErrClosed)
		require.NoError(t, g.Close(), "closing twice is harmless")
		require.Zero(t, time.Since(began), "the fetch under way is given up")
		_, err = g.Next(t.Context())
		require.ErrorIs(t, err, area.ErrClosed)
		_, err = g.NextN(t.Context(), 2)
		require.ErrorIs(t, err, area.ErrClosed)
		require.EqualValues(t, 10, g.Stats().Drawn)
	})
}

func TestGenerator_blockSize(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		opts  authority.Options
		every time.Duration
		want  uint64 // after a minute
	}{
		{name: "ten seconds' worth", every: 10 * time.Millisecond, want: 1000},
		{name: "not below the smallest", every: time.Second, want: 100},
		{name: "not above the largest", opts: authority.Options{MaxBlock: 5000}, every: time.Millisecond, want: 5000},
		{name: "fixed", opts: authority.Options{Block: 250}, every: 10 * time.Millisecond, want: 250},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				g := newGenerator(t, tt.opts, newSource("chi", 0))
				for began := time.Now(); time.Since(began) < time.Minute; time.Sleep(tt.every) {
					next(t, g)
				}
				require.InEpsilon(t, tt.want, g.Stats().Block, 0.05)
			})
		})
	}
}

func TestGenerator_blockSizeFollowsSlowly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGenerator(t, authority.Options{}, newSource("chi", 0))
		next(t, g)
		time.Sleep(time.Millisecond)
		for range 50 {
			next(t, g)
		}
		synctest.Wait()
		require.EqualValues(t, 400, g.Stats().Block, "a burst of 50 does not lease a million")
		for began := time.Now(); time.Since(began) < time.Minute; time.Sleep(time.Millisecond) {
			next(t, g)
		}
		require.InEpsilon(t, 10_000, g.Stats().Block, 0.05)
		time.Sleep(time.Hour)
		before := g.Stats()
		for g.Stats().Authorities[0].Leases == before.Authorities[0].Leases {
			next(t, g)
			synctest.Wait()
		}
		require.Equal(t, before.Block/4, g.Stats().Block, "a quiet hour does not forget the rate at once")
	})
}

func TestNew_refuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		sources []authority.Authority
		opts    authority.Options
		want    string
	}{
		{name: "two authorities of one number", sources: []authority.Authority{newSource("chi", 3), newSource("nyc", 3)}, want: "chi and nyc"},
		{name: "a number past 15", sources: []authority.Authority{newSource("chi", 16)}, want: "16"},
		{name: "a block without measure", opts: authority.Options{Block: authority.MaxLease + 1}, want: "1099511627777"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := authority.New("user", tt.sources, tt.opts)
			require.ErrorContains(t, err, tt.want)
		})
	}
}

func TestGenerator_allocs(t *testing.T) {
	g := newGenerator(t, authority.Options{Block: 1 << 20}, newSource("chi", 0))
	ctx := t.Context()
	next(t, g)
	require.Zero(t, testing.AllocsPerRun(1000, func() {
		if _, err := g.Next(ctx); err != nil {
			panic(err)
		}
	}))
	require.Zero(t, testing.AllocsPerRun(1000, func() {
		batch, err := g.NextN(ctx, 64)
		if err != nil || batch.Len() != 64 {
			panic(err)
		}
	}))
}

func BenchmarkGenerator_Next(b *testing.B) {
	g := newGenerator(b, authority.Options{Block: 1 << 20}, newSource("chi", 0))
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := g.Next(context.Background()); err != nil {
				panic(err)
			}
		}
	})
}

func BenchmarkGenerator_NextN(b *testing.B) {
	g := newGenerator(b, authority.Options{Block: 1 << 24}, newSource("chi", 0))
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := g.NextN(context.Background(), 64); err != nil {
				panic(err)
			}
		}
	})
}
