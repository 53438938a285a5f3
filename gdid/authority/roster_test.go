package authority_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/gdid"
	"github.com/mdbrouter/mdb/gdid/authority"
)

var errDown = errors.New("connection refused")

func TestRoster_takesTurns(t *testing.T) {
	t.Parallel()
	chi, nyc, sfo := newSource("chi", 0), newSource("nyc", 1), newSource("sfo", 2)
	g := newGenerator(t, authority.Options{Block: 1}, chi, nyc, sfo)
	for range 30 {
		next(t, g)
	}
	for _, s := range []*source{chi, nyc, sfo} {
		require.GreaterOrEqual(t, len(s.asked()), 9, s.name)
	}
}

func TestRoster_asksForMoreThanWasLeasedElsewhere(t *testing.T) {
	t.Parallel()
	chi, nyc := newSource("chi", 0), newSource("nyc", 1)
	chi.head.Counter, nyc.head.Counter = 1_000_000, 5
	g := newGenerator(t, authority.Options{Block: 10, MaxJump: 77}, chi, nyc)
	var last gdid.GDID
	for range 100 {
		id := next(t, g)
		require.Positive(t, id.CompareRange(last))
		last = id
	}
	require.Greater(t, last.Counter(), uint64(1_000_000))
	for _, s := range []*source{chi, nyc} {
		requests := s.asked()
		require.Zero(t, requests[0].Own)
		for i, req := range requests {
			require.EqualValues(t, 77, req.MaxJump)
			require.GreaterOrEqual(t, req.After.Compare(req.Own), 0)
			if i > 0 {
				require.Positive(t, req.Own.Compare(requests[i-1].Own), "what was leased from it is known")
			}
		}
	}
}

func TestRoster_oneDownCostsNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		chi, nyc := newSource("chi", 0), newSource("nyc", 1)
		chi.set(0, errDown)
		g := newGenerator(t, authority.Options{Block: 1}, chi, nyc)
		began := time.Now()
		for range 1000 {
			require.EqualValues(t, 1, next(t, g).Authority())
		}
		require.Zero(t, time.Since(began))
		require.Len(t, chi.asked(), 1, "after a failure it is left alone")
		stats := g.Stats()
		require.ErrorIs(t, stats.Authorities[0].Err, errDown)
		require.True(t, stats.Authorities[0].RetryAt.After(time.Now()))
		require.NoError(t, stats.Authorities[1].Err)
	})
}

func TestRoster_backsOffLongerAndComesBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		chi := newSource("chi", 0)
		chi.set(0, errDown)
		g := newGenerator(t, authority.Options{MinBackOff: 100 * time.Millisecond, MaxBackOff: time.Second}, chi)
		var pauses []time.Duration
		for last, asked := time.Now(), 1; len(pauses) < 8; time.Sleep(time.Millisecond) {
			_, err := g.Next(t.Context())
			require.ErrorIs(t, err, errDown)
			if n := len(chi.asked()); n > asked {
				pauses, last, asked = append(pauses, time.Since(last)), time.Now(), n
			}
		}
		for i, longest := range []time.Duration{100, 200, 400, 800, 1000, 1000, 1000, 1000} {
			longest *= time.Millisecond
			require.GreaterOrEqual(t, pauses[i], longest/2, "pause %d", i)
			require.LessOrEqual(t, pauses[i], longest+2*time.Millisecond, "pause %d", i)
		}
		chi.set(0, nil)
		time.Sleep(time.Second + time.Millisecond)
		next(t, g)
		require.NoError(t, g.Stats().Authorities[0].Err)
		synctest.Wait()

		chi.set(0, errDown)
		for range 400 {
			_, _ = g.Next(t.Context())
		}
		synctest.Wait()
		require.LessOrEqual(t, time.Until(g.Stats().Authorities[0].RetryAt), 100*time.Millisecond, "success forgets earlier failures")
	})
}

func TestRoster_allDownServesWhatIsLeased(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		chi, nyc := newSource("chi", 0), newSource("nyc", 1)
		g := newGenerator(t, authority.Options{Block: 100}, chi, nyc)
		next(t, g)
		chi.set(0, errDown)
		nyc.set(time.Hour, nil)
		for range 99 {
			next(t, g)
		}
		_, err := g.Next(t.Context())
		require.ErrorIs(t, err, authority.ErrNoAuthority)
		require.ErrorIs(t, err, errDown)
		var all *authority.NoAuthorityError
		require.ErrorAs(t, err, &all)
		require.Equal(t, "user", all.Sequence)
		require.Equal(t, "chi", all.Causes[0].Authority)
		require.Equal(t, "nyc", all.Causes[1].Authority)
		require.ErrorContains(t, err, "chi: connection refused; nyc: context deadline exceeded")

		nyc.set(0, nil)
		time.Sleep(time.Minute)
		require.EqualValues(t, 1, next(t, g).Authority())
	})
}

// While all are down, the block in use is what serves; a fetch must be tried again
// before it runs out, or an outage of a second would cost a caller an error.
func TestRoster_aShortOutageOfAllIsNotNoticed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		chi := newSource("chi", 0)
		g := newGenerator(t, authority.Options{Block: 1000}, chi)
		next(t, g)
		chi.set(0, errDown)
		for i := range 999 {
			time.Sleep(time.Millisecond)
			if i == 700 { // the fetch at 500 has failed, one at 750 has not begun
				chi.set(0, nil)
			}
			next(t, g)
		}
		for range 500 {
			next(t, g)
		}
		require.EqualValues(t, 1, g.Stats().Waits)
	})
}

func TestRoster_withoutAuthorities(t *testing.T) {
	t.Parallel()
	g := newGenerator(t, authority.Options{})
	_, err := g.Next(t.Context())
	require.ErrorIs(t, err, authority.ErrNoAuthority)
	require.ErrorContains(t, err, "none is declared")
}

// A liar gives blocks that it should not.
type liar struct {
	*source
	block authority.Block
}

func (l *liar) Lease(context.Context, authority.Request) (authority.Block, error) {
	return l.block, nil
}

func TestRoster_believesNoBlockThatIsNotAboveAll(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		block authority.Block
	}{
		{name: "a block given before", block: authority.Block{Era: 1, First: 91, Count: 10}},
		{name: "a block of an earlier era", block: authority.Block{Era: 0, First: 500, Count: 10}},
		{name: "a block that overlaps by one", block: authority.Block{Era: 1, First: 100, Count: 10}},
		{name: "a block of another authority", block: authority.Block{Authority: 1, Era: 1, First: 200, Count: 10}},
		{name: "an empty block", block: authority.Block{Era: 1, First: 200}},
		{name: "a block larger than asked for", block: authority.Block{Era: 1, First: 200, Count: 11}},
		{name: "a block past the end of the era", block: authority.Block{Era: 1, First: gdid.MaxCounter, Count: 2}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				chi := &liar{source: newSource("chi", 0), block: authority.Block{Era: 1, First: 91, Count: 10}}
				g := newGenerator(t, authority.Options{Block: 10}, chi)
				next(t, g)
				chi.block = tt.block
				for range 9 {
					next(t, g)
				}
				_, err := g.Next(t.Context())
				require.ErrorIs(t, err, authority.ErrWentBack)
			})
		})
	}
}
