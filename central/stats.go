package central

import (
	"sync/atomic"
	"unsafe"
)

// Stats tells what the cache of an index did since the start. Without a cache all
// is zero.
type Stats struct {
	// Hits is how many lookups were answered from memory with an id, and
	// NegativeHits with "not found".
	Hits, NegativeHits uint64
	// Stale is how many answers were older than the TTL, because the shard did not
	// answer (stale_if_error).
	Stale uint64
	// Misses is how many lookups were not answered from memory; several that ask
	// for one key at once share a load.
	Misses uint64
	// Loads is how many queries were sent for them, and Failures how many failed.
	Loads, Failures uint64
	// Entries is how many keys are remembered now, expired ones among them.
	Entries int
}

// Stats tells what the cache of the index did.
func (x *Index) Stats() Stats {
	if x.cache == nil {
		return Stats{}
	}
	c := &x.cache.counters
	return Stats{
		Hits: c.hits.sum(), NegativeHits: c.negative.sum(), Stale: c.stale.sum(), Misses: c.misses.sum(),
		Loads: c.loads.Load(), Failures: c.failures.Load(), Entries: x.cache.entries.EstimatedSize(),
	}
}

// Stats tells what the caches of all indexes did together.
func (c *Central) Stats() Stats {
	var all Stats
	for _, x := range c.indexes {
		s := x.Stats()
		all.Hits += s.Hits
		all.NegativeHits += s.NegativeHits
		all.Stale += s.Stale
		all.Misses += s.Misses
		all.Loads += s.Loads
		all.Failures += s.Failures
		all.Entries += s.Entries
	}
	return all
}

type counters struct {
	hits, negative, stale, misses counter
	loads, failures               atomic.Uint64
}

// count counts a hit.
func (c *counters) count(e entry) {
	if e.found() {
		c.hits.add()
		return
	}
	c.negative.add()
}

// A counter is spread over cache lines, so that many processors can count at once.
type counter [16]struct {
	n atomic.Uint64
	_ [56]byte
}

func (c *counter) add() { c[stripe()].n.Add(1) }

// stripe picks a line of a counter by the goroutine's stack: a goroutine stays on
// one line, so that lines seldom wander from one processor to another.
func stripe() uint32 {
	var here byte
	return uint32(uintptr(unsafe.Pointer(&here))>>12) * 0x9E3779B1 >> 28
}

func (c *counter) sum() uint64 {
	var n uint64
	for i := range c {
		n += c[i].n.Load()
	}
	return n
}
