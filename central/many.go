package central

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"sync"

	"github.com/maypok86/otter/v2"

	"github.com/mdbrouter/mdb/gdid"
)

const (
	// maxKeys is the most keys of one query of LookupMany.
	maxKeys = 1000
	// parallelShards is the most shards asked at once by one call.
	parallelShards = 16
)

// LookupMany looks up many keys at once. It gives an id for each key, in the order
// of keys, zero for those that nobody owns. Shards are asked in parallel, with one
// query for up to 1,000 keys. If some shards fail, the ids of the others are given
// together with the joined errors. If a key is none, nothing is asked.
func (x *Index) LookupMany(ctx context.Context, keys []any) ([]gdid.GDID, error) {
	m := many{x: x, ids: make([]gdid.GDID, len(keys)), groups: make(map[*shard]*group)}
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
	groups map[*shard]*group
	order  []*group
}

// A group is what a shard is asked for: each key once, and where its id goes.
type group struct {
	shard *shard
	keys  []string
	at    map[string][]int
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
	g := m.groups[s]
	if g == nil {
		g = &group{shard: s, at: make(map[string][]int)}
		m.groups[s] = g
		m.order = append(m.order, g)
	}
	if g.at[encoded] == nil {
		g.keys = append(g.keys, encoded)
	}
	g.at[encoded] = append(g.at[encoded], i)
	if old.found() {
		if g.old == nil {
			g.old = make(map[string]entry)
		}
		g.old[encoded] = old
	}
}

// ask asks all shards for what is missing.
func (m *many) ask(ctx context.Context) error {
	return inParallel(len(m.order), func(i int) error {
		g := m.order[i]
		for chunk := range slices.Chunk(g.keys, maxKeys) {
			if err := m.askShard(ctx, g, chunk); err != nil {
				return m.x.fail("lookup", g.shard, err)
			}
		}
		return nil
	})
}

func (m *many) askShard(ctx context.Context, g *group, keys []string) error {
	if m.x.cache == nil || m.x.bypass {
		return m.x.askMany(ctx, g.shard, keys, func(k string, id gdid.GDID) { m.put(g, k, id) })
	}
	found, err := m.x.cache.getMany(ctx, g, keys, func(ctx context.Context, keys []string, put func(k string, id gdid.GDID)) error {
		return m.x.askMany(ctx, g.shard, keys, put)
	})
	for k, e := range found {
		m.put(g, k, e.id())
	}
	return err
}

// put puts an id where its key was asked for. Groups have no place in common.
func (m *many) put(g *group, k string, id gdid.GDID) {
	for _, i := range g.at[k] {
		m.ids[i] = id
	}
}

// getMany is get for keys of one shard.
func (c *cache) getMany(ctx context.Context, g *group, keys []string, query func(ctx context.Context, keys []string, put func(k string, id gdid.GDID)) error) (map[string]entry, error) {
	return c.entries.BulkGet(ctx, keys, otter.BulkLoaderFunc[string, entry](func(ctx context.Context, keys []string) (map[string]entry, error) {
		asked := c.clock.now()
		loaded := make(map[string]entry, len(keys))
		if c.negativeTTL > 0 {
			for _, k := range keys {
				loaded[k] = entry{asked: asked}
			}
		}
		c.counters.loads.Add(1)
		err := query(ctx, keys, func(k string, id gdid.GDID) { loaded[k] = newEntry(id, asked) })
		if ctx.Err() == nil {
			g.shard.report(err, c.clock.now())
		}
		if err != nil {
			c.counters.failures.Add(1)
			return c.excuse(keys, g.old, err)
		}
		return loaded, nil
	}))
}

// excuse gives what was remembered for too long in place of an outage, if that is
// so for all keys.
func (c *cache) excuse(keys []string, old map[string]entry, err error) (map[string]entry, error) {
	if !isOutage(err) {
		return nil, err
	}
	stale := make(map[string]entry, len(keys))
	for _, k := range keys {
		if !c.mayServeStale(old[k]) {
			return nil, err
		}
		stale[k] = old[k]
	}
	for range keys {
		c.counters.stale.add()
	}
	return stale, nil
}

// askMany asks a shard for the owners of keys.
func (x *Index) askMany(ctx context.Context, s *shard, keys []string, put func(k string, id gdid.GDID)) error {
	return s.query(ctx, x.selectMany(s, keys), func(columns [][]byte) error {
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
