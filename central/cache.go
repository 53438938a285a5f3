package central

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/maypok86/otter/v2"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/gdid"
)

// A cache remembers what lookups of one index found. A nil cache remembers
// nothing. Entries carry the time they were asked for; expired ones stay until
// they are asked for again or room is needed, which is what stale_if_error lives
// on. The library beneath bounds the number of entries, lets one caller load a key
// while others wait, each with its own context, and drops what was loaded before
// an invalidation.
type cache struct {
	entries     *otter.Cache[string, entry]
	clock       *clock
	ttl         uint32 // in ticks
	negativeTTL uint32
	stale       uint32
	counters    counters
}

// An entry is an id, or zero for a key that nobody owns, and when it was asked
// for. It is 16 bytes without pointers, because there are millions of them.
type entry struct {
	era, high, low uint32
	asked          uint32
}

func newEntry(id gdid.GDID, asked uint32) entry {
	b := id.Bytes()
	return entry{era: be32(b[0:]), high: be32(b[4:]), low: be32(b[8:]), asked: asked}
}

func be32(b []byte) uint32 {
	return uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
}

// id gives the id back without a detour over its parts.
func (e entry) id() gdid.GDID {
	return gdid.FromBytes([gdid.Size]byte{
		byte(e.era >> 24), byte(e.era >> 16), byte(e.era >> 8), byte(e.era),
		byte(e.high >> 24), byte(e.high >> 16), byte(e.high >> 8), byte(e.high),
		byte(e.low >> 24), byte(e.low >> 16), byte(e.low >> 8), byte(e.low),
	})
}

func (e entry) found() bool { return e.era|e.high|e.low != 0 }

// newCache gives the cache of one index, or nil.
func newCache(spec area.Cache, k *clock) *cache {
	if k == nil {
		return nil
	}
	spec = withDefaults(spec)
	return &cache{
		entries: otter.Must(&otter.Options[string, entry]{MaximumSize: spec.MaxEntries, Logger: &otter.NoopLogger{}}),
		clock:   k, ttl: k.ticks(spec.TTL), negativeTTL: k.ticks(spec.NegativeTTL), stale: min(k.ticks(spec.StaleIfError), maxTicks-k.ticks(spec.TTL)),
	}
}

// hit gives the id of a key that is remembered and not expired. A key that is no
// key of the index is never found.
func (c *cache) hit(k string) (gdid.GDID, bool) {
	e, ok := c.entries.GetIfPresent(k)
	if !ok || !e.found() || c.clock.now()-e.asked >= c.ttl {
		return gdid.GDID{}, false
	}
	c.counters.hits.add()
	return e.id(), true
}

// fresh reports whether an entry has not expired.
func (c *cache) fresh(e entry) bool {
	age := c.clock.now() - e.asked
	if e.found() {
		return age < c.ttl
	}
	return age < c.negativeTTL
}

// mayServeStale reports whether an expired entry may be given out while its shard
// does not answer.
func (c *cache) mayServeStale(e entry) bool {
	return c.stale > 0 && e.found() && c.clock.now()-e.asked < c.ttl+c.stale
}

// peek gives an entry that is fresh, or that an outage of its shard excuses. An
// expired entry is forgotten, so that it is loaded anew, and given as old.
func (c *cache) peek(k string, s *shard) (e entry, ok bool, old entry) {
	e, ok = c.entries.GetIfPresent(k)
	switch {
	case !ok:
		return entry{}, false, entry{}
	case c.fresh(e):
		c.counters.count(e)
		return e, true, entry{}
	case c.mayServeStale(e) && s.isDown(c.clock.now()):
		c.counters.stale.add()
		return e, true, entry{}
	}
	c.entries.ComputeIfPresent(k, func(now entry) (entry, otter.ComputeOp) {
		if now == e {
			return now, otter.InvalidateOp
		}
		return now, otter.CancelOp
	})
	return entry{}, false, e
}

// errAbsent tells the library that there is nothing to remember.
var errAbsent = fmt.Errorf("central: %w", otter.ErrNotFound)

// A panicError is what a query of another caller panicked with.
type panicError struct{ value any }

func (e *panicError) Error() string { return fmt.Sprintf("the lookup panicked: %v", e.value) }

// get gives the entry of a key, from memory or from its shard. However many ask at
// once, one asks the shard; the others wait, each no longer than its own context.
func (c *cache) get(ctx context.Context, k string, s *shard, query func(context.Context) (gdid.GDID, error)) (entry, error) {
	e, ok, old := c.peek(k, s)
	if ok {
		return e, nil
	}
	c.counters.misses.add()
	for {
		mine := false
		e, err := c.entries.Get(ctx, k, otter.LoaderFunc[string, entry](func(ctx context.Context, _ string) (entry, error) {
			mine = true
			return c.load(ctx, s, old, query)
		}))
		var panicked *panicError
		switch {
		case err == nil:
			return e, nil
		case errors.Is(err, otter.ErrNotFound):
			return entry{}, nil
		case !errors.As(err, &panicked):
			return entry{}, err
		case mine:
			panic(panicked.value)
		}
		// Another caller's query panicked; that is no answer to this one.
	}
}

// load asks the shard. old is what was remembered for too long, if anything.
func (c *cache) load(ctx context.Context, s *shard, old entry, query func(context.Context) (gdid.GDID, error)) (e entry, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &panicError{value: p}
		}
	}()
	began, asked := time.Now(), c.clock.now()
	c.counters.loads.Add(1)
	id, err := query(ctx)
	if ctx.Err() == nil || time.Since(began) >= retryPause { // a caller in a hurry says nothing about the shard
		s.report(err, c.clock.now())
	}
	switch {
	case err == nil && (!id.IsZero() || c.negativeTTL > 0):
		return newEntry(id, asked), nil
	case err == nil:
		return entry{}, errAbsent
	}
	c.counters.failures.Add(1)
	if isOutage(err) && c.mayServeStale(old) {
		c.counters.stale.add()
		return old, nil
	}
	return entry{}, err
}

// retryPause is how long a shard that failed is left alone by lookups that have
// something older to give out.
const retryPause = time.Second

// isDown reports whether the shard failed a moment ago. One caller is let through
// after each pause.
func (s *shard) isDown(now uint32) bool {
	at := s.askAgain.Load()
	if at == 0 {
		return false
	}
	return int32(now-at) < 0 || !s.askAgain.CompareAndSwap(at, s.pauseAfter(now))
}

// pauseAfter gives the tick at which the next caller is let through.
func (s *shard) pauseAfter(now uint32) uint32 { return max(now+s.pause, 1) }

// report notes whether the shard answered.
func (s *shard) report(err error, now uint32) {
	switch {
	case err == nil && s.askAgain.Load() != 0:
		s.askAgain.Store(0)
	case err != nil && isOutage(err):
		s.askAgain.Store(s.pauseAfter(now))
	}
}

// invalidate forgets a key that this process has written, or may have. It counts
// the write first, for those who remember by [cache.remember].
func (c *cache) invalidate(p place) {
	if c != nil {
		p.shard.writes.Add(1)
		c.entries.Invalidate(p.key)
	}
}

// remember keeps an entry unless there is one, or this process has written to the
// shard since it was asked when writes stood at before. The count is read under the
// lock of the key's place in the table, so a write that is counted later also
// forgets the key later.
func (c *cache) remember(k string, e entry, s *shard, before uint64) {
	c.entries.ComputeIfAbsent(k, func() (entry, bool) { return e, s.writes.Load() != before })
}

// correct forgets a key if what is remembered is not what its shard just said.
func (c *cache) correct(k string, id gdid.GDID) {
	if c == nil {
		return
	}
	if e, ok := c.entries.GetEntryQuietly(k); ok && e.Value.id() != id {
		c.entries.Invalidate(k)
	}
}

// forget forgets everything.
func (c *cache) forget() {
	if c != nil {
		c.entries.InvalidateAll()
	}
}
