package bench_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/google/btree"
	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/gdid"
	"github.com/mdbrouter/mdb/partition"
)

// areasOf gives a registry of eight areas with n partitions of 8 shards each.
func areasOf(tb testing.TB, n int) *area.Registry {
	tb.Helper()
	top := area.Topology{Namespace: "bench", Hash: partition.Jump1}
	for a := range 8 {
		spec := area.Spec{Name: fmt.Sprintf("area%d", a)}
		for p := range n {
			part := area.PartitionSpec{Name: fmt.Sprintf("p%d", p), Start: gdid.RangeKey{Counter: uint64(p) * 1_000_000}}
			for s := range 8 {
				part.Shards = append(part.Shards, area.Database{Server: fmt.Sprintf("u%d", s), Name: fmt.Sprintf("a%d_p%d_%d", a, p, s)})
			}
			spec.Partitions = append(spec.Partitions, part)
		}
		top.Areas = append(top.Areas, spec)
	}
	r, err := area.NewRegistry(top)
	require.NoError(tb, err)
	return r
}

// idsOf gives ids that are spread evenly over n partitions.
func idsOf(tb testing.TB, n int) []gdid.GDID {
	tb.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	ids := make([]gdid.GDID, 1<<14)
	for i := range ids {
		id, err := gdid.New(0, uint8(random.UintN(16)), 1+random.Uint64N(uint64(n)*1_000_000))
		require.NoError(tb, err)
		ids[i] = id
	}
	return ids
}

// locked is how one would write the router without thinking: a lock around a map
// of trees of pointers.
type locked struct {
	mu    sync.RWMutex // guards areas
	areas map[string]*btree.BTreeG[*lockedPartition]
}

type lockedPartition struct {
	start  gdid.RangeKey
	hash   partition.Hash
	shards []area.Shard
}

func newLocked(r *area.Registry) *locked {
	l := &locked{areas: map[string]*btree.BTreeG[*lockedPartition]{}}
	for _, a := range r.Areas() {
		tree := btree.NewG(32, func(x, y *lockedPartition) bool { return x.start.Compare(y.start) < 0 })
		for i := range a.Table().Len() {
			p := a.Table().Partition(i)
			tree.ReplaceOrInsert(&lockedPartition{start: p.Start, hash: p.Hash, shards: a.PartitionShards(i)})
		}
		l.areas[a.Name()] = tree
	}
	return l
}

func (l *locked) route(name string, id gdid.GDID) (area.Route, bool) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	tree, ok := l.areas[name]
	if !ok {
		return area.Route{}, false
	}
	var found *lockedPartition
	tree.DescendLessOrEqual(&lockedPartition{start: id.RangeKey()}, func(p *lockedPartition) bool {
		found = p
		return false
	})
	if found == nil {
		return area.Route{}, false
	}
	s := &found.shards[found.hash.Shard(id, len(found.shards))]
	return area.Route{Area: s.Area, Partition: s.Partition, Shard: s.Index, Server: s.Server, Database: s.Database, RangeKey: id.RangeKey()}, true
}

func TestLocked_routes_alike(t *testing.T) {
	t.Parallel()
	r, ids := areasOf(t, 256), idsOf(t, 256)
	l := newLocked(r)
	for _, id := range ids {
		want, err := r.Route("area3", id)
		require.NoError(t, err)
		got, ok := l.route("area3", id)
		require.True(t, ok)
		require.Equal(t, want, got)
	}
}

func BenchmarkRoute(b *testing.B) {
	for _, n := range []int{1, 16, 256, 4096} {
		r, ids := areasOf(b, n), idsOf(b, n)
		l := newLocked(r)
		b.Run(fmt.Sprintf("of=mdb/partitions=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if _, err := r.Route("area3", ids[i&(len(ids)-1)]); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("of=locked/partitions=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if _, ok := l.route("area3", ids[i&(len(ids)-1)]); !ok {
					b.Fatal("no route")
				}
			}
		})
	}
}

// Run with -cpu 1,2: the throughput of two cores over that of one.
func BenchmarkRouteParallel(b *testing.B) {
	r, ids := areasOf(b, 256), idsOf(b, 256)
	l := newLocked(r)
	b.Run("of=mdb", func(b *testing.B) {
		b.RunParallel(func(pb *testing.PB) {
			for i := 0; pb.Next(); i++ {
				if _, err := r.Route("area3", ids[i&(len(ids)-1)]); err != nil {
					b.Error(err)
				}
			}
		})
	})
	b.Run("of=locked", func(b *testing.B) {
		b.RunParallel(func(pb *testing.PB) {
			for i := 0; pb.Next(); i++ {
				if _, ok := l.route("area3", ids[i&(len(ids)-1)]); !ok {
					b.Error("no route")
				}
			}
		})
	})
}

// BenchmarkGoalRoute reports Route at 256 partitions over the locked map of
// trees: at most 0.25.
func BenchmarkGoalRoute(b *testing.B) {
	r, ids := areasOf(b, 256), idsOf(b, 256)
	l := newLocked(r)
	var ns map[string]float64
	for b.Loop() {
		ns = fastest(len(ids), 60,
			contestant{"mdb", func() {
				for _, id := range ids {
					route, _ := r.Route("area3", id)
					sink += route.Shard
				}
			}},
			contestant{"locked", func() {
				for _, id := range ids {
					route, _ := l.route("area3", id)
					sink += route.Shard
				}
			}})
	}
	ratio := ns["mdb"] / ns["locked"]
	b.ReportMetric(ratio, "mdb/locked")
	b.ReportMetric(0, "ns/op")
	if ratio > 0.25 {
		b.Errorf("a route takes %.2f ns, %.2f times the %.2f ns of the locked map; the goal is 0.25", ns["mdb"], ratio, ns["locked"])
	}
}
