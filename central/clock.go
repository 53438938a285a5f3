package central

import (
	"cmp"
	"sync"
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
// reading it costs nothing, fine enough for the TTLs: a tick is at most a 16th of the
// shortest. Its 32 bits turn over after nine years, or after 52 days where a TTL is
// very short; what is older than half of that must be forgotten, see [clock.turn].
type clock struct {
	coarse *otter.CoarseClock
	shift  uint

	mu      sync.Mutex // guards what follows
	turning *time.Timer
	stopped bool
}

// The bounds of a tick: about 1 and 67 milliseconds.
const (
	minShift = 20
	maxShift = 26
)

// maxTicks is the longest time in ticks.
const maxTicks = 1 << 31

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
	k := &clock{shift: maxShift, turning: time.NewTimer(0)}
	for k.shift > minShift && shortest>>k.shift < 16 {
		k.shift--
	}
	k.coarse = otter.NewCoarseClock(time.Duration(1) << k.shift)
	return k
}

func (k *clock) stop() {
	if k == nil {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.stopped {
		k.stopped = true
		k.turning.Stop()
		k.coarse.Stop()
	}
}

// turn forgets at each half turn of the ticks. Nothing else would ever look at what
// nobody asks for, until its age has gone round and it passes for young.
func (k *clock) turn(forget func()) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.stopped {
		return
	}
	k.turning = time.AfterFunc(k.half(), func() {
		forget()
		k.turn(forget)
	})
}

// half is the time of half a turn, the most that ticks can tell apart.
func (k *clock) half() time.Duration { return maxTicks << k.shift }

// now gives the time in ticks.
func (k *clock) now() uint32 { return uint32(k.coarse.NowNano() >> k.shift) }

// ticks gives a duration in ticks, rounded down: nothing is remembered for longer
// than declared.
func (k *clock) ticks(d time.Duration) uint32 {
	return uint32(min(d>>k.shift, maxTicks))
}
