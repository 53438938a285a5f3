package bench_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/maypok86/otter/v2"
	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/central"
	"github.com/mdbrouter/mdb/gdid"
)

const entries = 100_000

// memory is a CENTRAL shard that knows every key, in no time.
type memory struct{ db *sql.DB }

func newMemory(b *testing.B) *memory {
	b.Helper()
	m := &memory{}
	m.db = sql.OpenDB(m)
	b.Cleanup(func() { _ = m.db.Close() })
	return m
}

func (m *memory) DB() (*sql.DB, error)                         { return m.db, nil }
func (m *memory) Connect(context.Context) (driver.Conn, error) { return memoryConn{}, nil }
func (m *memory) Driver() driver.Driver                        { return nil }

type memoryConn struct{}

func (memoryConn) Prepare(string) (driver.Stmt, error) { return nil, errors.ErrUnsupported }
func (memoryConn) Close() error                        { return nil }
func (memoryConn) Begin() (driver.Tx, error)           { return nil, errors.ErrUnsupported }

// QueryContext finds an id that is made of the key's digits.
func (memoryConn) QueryContext(_ context.Context, query string, _ []driver.NamedValue) (driver.Rows, error) {
	if strings.Contains(query, " FROM mdb_index ") {
		return &memoryRows{row: []driver.Value{benchIndex().Recipe(), "varbinary(320)"}}, nil
	}
	_, rest, _ := strings.Cut(query, "x'")
	text, _, _ := strings.Cut(rest, "'")
	k, _ := hex.DecodeString(text)
	n := uint64(1)
	for _, c := range k {
		if c >= '0' && c <= '9' {
			n = n*10 + uint64(c-'0')
		}
	}
	id, _ := gdid.New(0, 1, n)
	raw := id.Bytes()
	return &memoryRows{row: []driver.Value{[]byte("1"), raw[:]}}, nil
}

type memoryRows struct{ row []driver.Value }

func (r *memoryRows) Columns() []string { return []string{"same", "gdid"} }
func (r *memoryRows) Close() error      { return nil }

func (r *memoryRows) Next(dest []driver.Value) error {
	if r.row == nil {
		return io.EOF
	}
	copy(dest, r.row)
	r.row = nil
	return nil
}

func benchIndex() *area.Index {
	return &area.Index{Name: "email", Normalize: []string{"trim", "nfkc", "fold"}, MaxBytes: 320, Unique: true}
}

// cachedIndex gives an index with a cache over memory.
func cachedIndex(b *testing.B, most int) *central.Index {
	b.Helper()
	c, err := central.New(central.Config{
		Spec: &area.Central{
			Shards:  []area.Database{{Server: "c1", Name: "a"}},
			Indexes: []area.Index{*benchIndex()},
			Cache:   area.Cache{MaxEntries: most, TTL: 10 * time.Minute, NegativeTTL: 2 * time.Second},
		},
		Shards: []central.DB{newMemory(b)},
	})
	require.NoError(b, err)
	b.Cleanup(c.Close)
	return c.Index("email")
}

func emails() []string {
	list := make([]string, entries)
	for i := range list {
		list[i] = fmt.Sprintf("user%06d@example.com", i)
	}
	return list
}

// bareOtter is the library alone, with a TTL.
func bareOtter(keys []string) *otter.Cache[string, gdid.GDID] {
	c := otter.Must(&otter.Options[string, gdid.GDID]{MaximumSize: 2 * entries, ExpiryCalculator: otter.ExpiryWriting[string, gdid.GDID](10 * time.Minute)})
	for i, k := range keys {
		id, _ := gdid.New(0, 1, uint64(i+1))
		c.Set(k, id)
	}
	c.CleanUp()
	return c
}

// filled gives an index whose cache holds all keys.
func filled(b *testing.B, keys []string) *central.Index {
	b.Helper()
	x := cachedIndex(b, 2*entries)
	for _, k := range keys {
		_, err := x.Lookup(b.Context(), k)
		require.NoError(b, err)
	}
	return x
}

// randomly gives keys in random order, each in memory of its own, as callers have
// them: a cache that is asked with the very string it holds need not compare it.
func randomly(keys []string) []string {
	r := rand.New(rand.NewPCG(1, 2))
	order := make([]string, queries)
	for i := range order {
		order[i] = strings.Clone(keys[r.IntN(len(keys))])
	}
	return order
}

// stretch is how many lookups a round makes: so few that some rounds pass between
// two disturbances of a busy machine.
const stretch = 2048

// inTurn gives a contestant that walks through order, a stretch a round.
func inTurn(name string, order []string, get func(k string) bool) contestant {
	at := 0
	return contestant{name: name, run: func() {
		for _, k := range order[at : at+stretch] {
			if !get(k) {
				panic(k)
			}
		}
		at = (at + stretch) % len(order)
	}}
}

// judge runs contestants for many short rounds and judges a goal.
func judge(b *testing.B, g goal, contestants ...contestant) {
	b.Helper()
	var ns map[string]float64
	for b.Loop() {
		ns = fastest(stretch, 3000, contestants...)
	}
	for _, c := range contestants {
		b.ReportMetric(ns[c.name], c.name+"-ns")
	}
	b.ReportMetric(ns[g.of]/ns[g.to], "ratio")
	if ns[g.of] > g.most*ns[g.to] {
		b.Errorf("%s takes %.1f ns, %.2f times the %.1f ns of %s; the goal is %.2f", g.of, ns[g.of], ns[g.of]/ns[g.to], ns[g.to], g.to, g.most)
	}
}

// A cached lookup beside the bare library with a TTL, 100k entries.
func BenchmarkGoalCentral_cachedLookup(b *testing.B) {
	keys := emails()
	x, bare, order := filled(b, keys), bareOtter(keys), randomly(keys)
	ctx := b.Context()
	judge(b, goal{"lookup", "otter", 1.1},
		inTurn("lookup", order, func(k string) bool { _, err := x.Lookup(ctx, k); return err == nil }),
		inTurn("otter", order, func(k string) bool { _, ok := bare.GetIfPresent(k); return ok }),
	)
	b.StopTimer()
	if allocs := testing.AllocsPerRun(1000, func() { _, _ = x.Lookup(ctx, order[1]) }); allocs != 0 {
		b.Errorf("a cached lookup makes %v allocations", allocs)
	}
}

// The same on two cores, which together do nearly twice as much as one.
func BenchmarkGoalCentral_cachedLookupOnTwoCores(b *testing.B) {
	if runtime.GOMAXPROCS(0) < 2 {
		b.Fatal("there is one core")
	}
	keys := emails()
	x, order := filled(b, keys), randomly(keys)
	ctx := b.Context()
	const each = 1 << 14
	pass := func(cores, round int) float64 {
		var running sync.WaitGroup
		begin := make(chan struct{})
		for core := range cores {
			at := (2*round + core) * each % len(order)
			running.Go(func() {
				<-begin
				for _, k := range order[at : at+each] {
					if _, err := x.Lookup(ctx, k); err != nil {
						panic(err)
					}
				}
			})
		}
		began := time.Now()
		close(begin)
		running.Wait()
		return float64(time.Since(began)) / float64(cores*each)
	}
	for b.Loop() {
		one, two := math.Inf(1), math.Inf(1)
		for round := range 400 {
			one, two = min(one, pass(1, round)), min(two, pass(2, round))
		}
		b.ReportMetric(one, "one-ns")
		b.ReportMetric(two, "two-ns")
		b.ReportMetric(one/two, "times")
		if one < 1.8*two {
			b.Errorf("two cores make %.2f times as many lookups as one; the goal is 1.8", one/two)
		}
	}
}

// The memory of a cached key, its own bytes left out.
func BenchmarkGoalCentral_memory(b *testing.B) {
	keys := emails()
	used := func() float64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return float64(m.HeapAlloc)
	}
	for b.Loop() {
		x := cachedIndex(b, 2*entries)
		before := used()
		for _, k := range keys {
			_, _ = x.Lookup(b.Context(), k)
		}
		bytes := (used()-before)/entries - 24 // the allocation of the key itself
		b.ReportMetric(bytes, "B/entry")
		if bytes > 120 {
			b.Errorf("a cached key takes %.0f bytes", bytes)
		}
		runtime.KeepAlive(x)
		runtime.KeepAlive(keys)
	}
}

// zipf gives indexes below n with the skew of the usual benchmarks.
type zipf struct {
	r                       *rand.Rand
	n                       float64
	alpha, zetan, eta, half float64
}

func newZipf(n int, theta float64) *zipf {
	zeta := func(n int) (sum float64) {
		for i := 1; i <= n; i++ {
			sum += 1 / math.Pow(float64(i), theta)
		}
		return sum
	}
	z := &zipf{r: rand.New(rand.NewPCG(3, 4)), n: float64(n), alpha: 1 / (1 - theta), zetan: zeta(n), half: math.Pow(0.5, theta)}
	z.eta = (1 - math.Pow(2/z.n, 1-theta)) / (1 - zeta(2)/z.zetan)
	return z
}

func (z *zipf) next() int {
	u := z.r.Float64()
	switch uz := u * z.zetan; {
	case uz < 1:
		return 0
	case uz < 1+z.half:
		return 1
	}
	return int(z.n * math.Pow(z.eta*u-z.eta+1, z.alpha))
}

// The hit ratio on zipf 0.99 over a million keys, beside 2Q.
func BenchmarkCentral_hitRatio(b *testing.B) {
	const universe, calls = 1_000_000, 1_000_000
	for _, most := range []int{10_000, 100_000} {
		b.Run(fmt.Sprint("cap=", most), func(b *testing.B) {
			for b.Loop() {
				x := cachedIndex(b, most)
				twoQ, err := lru.New2Q[string, int](most)
				require.NoError(b, err)
				z, hits := newZipf(universe, 0.99), 0
				for range calls {
					k := fmt.Sprintf("user%06d@example.com", z.next())
					_, _ = x.Lookup(b.Context(), k)
					if _, ok := twoQ.Get(k); ok {
						hits++
					} else {
						twoQ.Add(k, 1)
					}
				}
				b.ReportMetric(100*float64(x.Stats().Hits)/calls, "%hits")
				b.ReportMetric(100*float64(hits)/calls, "%2Q-hits")
			}
		})
	}
}

// What a lookup costs that is not a hit as it stands.
func BenchmarkCentral_lookup(b *testing.B) {
	keys := emails()
	x := filled(b, keys)
	for name, k := range map[string]string{"normal": keys[7], "capitals": strings.ToUpper(keys[7]), "accents": "Kaethe.Müller@Bücher.example"} {
		b.Run(name, func(b *testing.B) {
			_, _ = x.Lookup(b.Context(), k)
			ctx := b.Context()
			b.ReportAllocs()
			for b.Loop() {
				_, _ = x.Lookup(ctx, k)
			}
		})
	}
}
