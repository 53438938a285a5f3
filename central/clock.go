package central

import (
	"cmp"
	"time"

	"github.com/maypok86/otter/v2"

	"github.com/mdbrouter/mdb/area"
)

// Defaults of a cache that is declared.
const (
	defaultMaxEntries = 100_000
	defaultTTL        = time.Minute
)

// withDefaults fills the gaps of a declared cache. One that declares nothing
// remembers nothing.
func withDefaults(c area.Cache) area.Cache {
	if c == (area.Cache{}) {
		return c
	}
	c.MaxEntries = cmp.Or(c.MaxEntries, defaultMaxEntries)
	c.TTL = cmp.Or(c.TTL, defaultTTL)
	return c
}

// A clock counts time in ticks of a power of two of nanoseconds, coarse enough that
// reading it costs nothing and 32 bits last for decades, fine enough for the TTLs:
// a tick is at most a 16th of the shortest.
type clock struct {
	coarse *otter.CoarseClock
	shift  uint
}

// The bounds of a tick: about 1 and 67 milliseconds.
const (
	minShift = 20
	maxShift = 26
)

// newClock gives the clock for a cache, or nil for no cache.
func newClock(c area.Cache) *clock {
	c = withDefaults(c)
	if c.MaxEntries == 0 {
		return nil
	}
	shortest := c.TTL
	if c.NegativeTTL > 0 {
		shortest = min(shortest, c.NegativeTTL)
	}
	k := &clock{shift: maxShift}
	for k.shift > minShift && shortest>>k.shift < 16 {
		k.shift--
	}
	k.coarse = otter.NewCoarseClock(time.Duration(1) << k.shift)
	return k
}

func (k *clock) stop() {
	if k != nil {
		k.coarse.Stop()
	}
}

// now gives the time in ticks.
func (k *clock) now() uint32 { return uint32(k.coarse.NowNano() >> k.shift) }

// ticks gives a duration in ticks, rounded down: nothing is remembered for longer
// than declared.
func (k *clock) ticks(d time.Duration) uint32 {
	return uint32(min(d>>k.shift, 1<<31))
}
