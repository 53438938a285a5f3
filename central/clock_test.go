package central_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/central"
)

// Ages are counted in 32 bits. What nobody asks for is forgotten before its age has
// gone round, when it would pass for young.
func TestCache_forgets_before_its_clock_turns_over(t *testing.T) {
	t.Parallel()
	for _, cache := range []area.Cache{
		{TTL: time.Nanosecond},
		{TTL: 16 * time.Millisecond},
		{TTL: time.Hour, NegativeTTL: time.Millisecond},
		{TTL: time.Minute},
		{TTL: 100 * 365 * 24 * time.Hour},
	} {
		half, tick := central.HalfTurn(cache)
		require.Less(t, half, tick<<32, "%v", cache.TTL)
		require.Greater(t, half, 24*time.Hour)
	}

	fakes := newFakes(t, 1)
	c := centralOn(t, fakes, area.Cache{TTL: time.Hour})
	fakes[0].set("ann@x", id(1))
	for range 3 {
		lookup(t, c.Index("email"), "ann@x")
		require.Equal(t, 1, c.Stats().Entries)
		c.Turn()
		require.Eventually(t, func() bool { return c.Stats().Entries == 0 }, 10*time.Second, time.Millisecond)
	}
	c.Close()
	c.Close()
}
