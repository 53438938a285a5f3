package central

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"sync"

	"github.com/mdbrouter/mdb/gdid"
)

const (
	// maxKeys is the most keys of one query of LookupMany, and maxKeyBytes the most
	// bytes that they are written in: servers take statements of a megabyte and
	// more.
	maxKeys     = 1000
	maxKeyBytes = 512 << 10
	// parallelShards is the most shards asked at once by one call.
	parallelShards = 16
)

// LookupMany looks up many keys at once. It gives an id for each key, in the order
// of keys, zero for those that nobody owns. Shards are asked in parallel, with one
// query for up to 1,000 keys, fewer if they are very long. If some shards fail, the ids of the others are given
// together with the joined errors. If a key is none, nothing is asked. What is found
// is remembered; a key that others ask for at this moment is asked for once more.
func (x *Index) LookupMany(ctx context.Context, keys []any) ([]gdid.GDID, error) {
	m := many{x: x, ids: make([]gdid.GDID, len(keys)), same: make([]int, len(keys)), groups: make([]*group, len(x.shards))}
	for i, k := range keys {
		encoded, err := x.encode("lookup", k)
		if err != nil {
			return nil, err
		}
		m.add(i, encoded)
	}
	switch {
	case x.err != nil:
		return nil, x.err
	case !x.spec.Unique:
		return nil, x.fail("lookup", nil, ErrNotUnique)
	}
	return m.ids, m.ask(ctx)
}

// many is one LookupMany.
type many struct {
	x      *Index
	ids    []gdid.GDID
	same   []int    // for each place, one more than the place where the same key was asked for before; 0: nowhere
	groups []*group // by shard, as far as one is asked
}

// A group is what a shard is asked for: each key once, and where its id goes.
type group struct {
	shard *shard
	keys  []string
	at    map[string]int   // the last place of a key
	old   map[string]entry // remembered for too long
}

// add notes a key, or answers it from memory.
func (m *many) add(i int, encoded string) {
	s := m.x.shardOf(encoded)
	c := m.x.cache
	var old entry
	if c != nil && !m.x.bypass {
		var e entry
		var ok bool
		if e, ok, old = c.peek(encoded, s); ok {
			m.ids[i] = e.id()
			return
		}
		c.counters.misses.add()
	}
	g := m.groups[s.place.Index]
	if g == nil {
		g = &group{shard: s, at: make(map[string]int, len(m.ids)/len(m.groups)+1)}
		m.groups[s.place.Index] = g
	}
	if before, again := g.at[encoded]; again {
		m.same[i] = before + 1
	} else {
		g.keys = append(g.keys, encoded)
	}
	g.at[encoded] = i
	if old.found() {
		if g.old == nil {
			g.old = make(map[string]entry)
		}
		g.old[encoded] = old
	}
}

// ask asks all shards for what is missing.
func (m *many) ask(ctx context.Context) error {
	asked := slices.DeleteFunc(m.groups, func(g *group) bool { return g == nil })
	return inParallel(len(asked), func(i int) error {
		g := asked[i]
		for rest := g.keys; len(rest) > 0; {
			n := oneQuery(rest)
			if err := m.askShard(ctx, g, rest[:n]); err != nil {
				return m.x.fail("lookup", g.shard, err)
			}
			rest = rest[n:]
		}
		return nil
	})
}

// oneQuery gives how many of the keys fit one query, at least one.
func oneQuery(keys []string) int {
	bytes := 0
	for i, k := range keys {
		bytes += 2*len(k) + len("x'',")
		if i > 0 && (i == maxKeys || bytes > maxKeyBytes) {
			return i
		}
	}
	return len(keys)
}

func (m *many) askShard(ctx context.Context, g *group, keys []string) error {
	if m.x.cache == nil || m.x.bypass {
		return m.x.askMany(ctx, g.shard, keys, func(k string, id gdid.GDID) { m.put(g, k, id) })
	}
	return m.load(ctx, m.x.cache, g, keys)
}

// load asks a shard and remembers what it says. It does not wait for others that
// ask for the same keys at this moment.
func (m *many) load(ctx context.Context, c *cache, g *group, keys []string) error {
	asked, before := c.clock.now(), g.shard.writes.Load()
	found := make(map[string]bool, len(keys))
	c.counters.loads.Add(1)
	err := m.x.askMany(ctx, g.shard, keys, func(k string, id gdid.GDID) {
		found[k] = true
		m.put(g, k, id)
		c.remember(k, newEntry(id, asked), g.shard, before)
	})
	if ctx.Err() == nil {
		g.shard.report(err, c.clock.now())
	}
	if err != nil {
		c.counters.failures.Add(1)
		return m.excuse(c, g, keys, before, err)
	}
	if c.negativeTTL > 0 && len(found) < len(keys) {
		for _, k := range keys {
			if !found[k] {
				c.remember(k, entry{asked: asked}, g.shard, before)
			}
		}
	}
	return nil
}

// excuse gives what was remembered for too long in place of an outage, if that is
// so for all keys, and goes on remembering it.
func (m *many) excuse(c *cache, g *group, keys []string, before uint64, err error) error {
	all := isOutage(err)
	for _, k := range keys {
		old := g.old[k]
		if !c.mayServeStale(old) {
			all = false
			continue
		}
		c.remember(k, old, g.shard, before)
	}
	if !all {
		return err
	}
	for _, k := range keys {
		c.counters.stale.add()
		m.put(g, k, g.old[k].id())
	}
	return nil
}

// put puts an id where its key was asked for. Groups have no place in common.
func (m *many) put(g *group, k string, id gdid.GDID) {
	last, asked := g.at[k]
	if !asked {
		return
	}
	for i := last + 1; i > 0; i = m.same[i-1] {
		m.ids[i-1] = id
	}
}

// askMany asks a shard for the owners of keys.
func (x *Index) askMany(ctx context.Context, s *shard, keys []string, put func(k string, id gdid.GDID)) error {
	return x.query(ctx, s, x.selectMany(s, keys), func(columns [][]byte) error {
		id, err := idOf(columns[1])
		put(string(columns[0]), id)
		return err
	})
}

func (x *Index) selectMany(s *shard, keys []string) string {
	var b strings.Builder
	b.WriteString("SELECT s.layout = " + s.layout + ", i.`key`, i.gdid FROM mdb_shard s LEFT JOIN " + x.table + " i ON i.state = 2 AND i.`key` IN (")
	for i, k := range keys {
		if i > 0 {
			b.WriteByte(',')
		}
		writeHex(&b, k)
	}
	b.WriteString(") WHERE s.one = 1")
	return b.String()
}

const digits = "0123456789abcdef"

// writeHex is hex for many values.
func writeHex(b *strings.Builder, k string) {
	b.WriteString("x'")
	for i := range len(k) {
		b.WriteByte(digits[k[i]>>4])
		b.WriteByte(digits[k[i]&15])
	}
	b.WriteByte('\'')
}

// rawRow takes rows without a copy.
type rawRow struct {
	values  []sql.RawBytes
	targets []any
	bytes   [][]byte
}

func newRawRow(n int) *rawRow {
	r := &rawRow{values: make([]sql.RawBytes, n), targets: make([]any, n), bytes: make([][]byte, n)}
	for i := range r.values {
		r.targets[i] = &r.values[i]
	}
	return r
}

// columns gives the row that was scanned last, until the next one.
func (r *rawRow) columns() [][]byte {
	for i, v := range r.values {
		r.bytes[i] = v
	}
	return r.bytes
}

// inParallel calls fn for each of n parts, several at once, and joins the errors
// in the order of the parts once all have returned.
func inParallel(n int, fn func(i int) error) error {
	failures := make([]error, n)
	slots := make(chan struct{}, parallelShards)
	var running sync.WaitGroup
	for i := range n {
		slots <- struct{}{}
		running.Go(func() {
			defer func() { <-slots }()
			failures[i] = fn(i)
		})
	}
	running.Wait()
	return errors.Join(failures...)
}
