package bench_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/gdid"
	"github.com/mdbrouter/mdb/partition"
)

// queries is how many lookups a round makes; a power of two.
const queries = 1 << 16

// A field is one set of partitions and of keys to look up, in all forms that
// contestants take. Contestants of 8-byte keys get the counter, or the era where
// each partition has an era of its own.
type field struct {
	table   *partition.Table
	bplus   *bplus
	google  google
	ids     []gdid.GDID
	keys    []gdid.RangeKey
	numbers []uint64
}

// spreads say where partitions start. Each returns n-1 numbers above 0, in no
// order and perhaps some twice.
var spreads = map[string]func(r *rand.Rand) uint64{
	"uniform":     func(r *rand.Rand) uint64 { return 1 + r.Uint64N(gdid.MaxCounter) },
	"log-uniform": func(r *rand.Rand) uint64 { return uint64(math.Exp2(r.Float64() * 60)) },
}

// newField builds a field of n partitions: of one era with starts as spread, or of
// one era each ("eras"). Keys are uniform over the partitions, and within each.
func newField(tb testing.TB, spread string, n int) *field {
	tb.Helper()
	r := rand.New(rand.NewPCG(1, uint64(n)))
	starts := []uint64{0}
	if spread == "eras" {
		for era := range n - 1 {
			starts = append(starts, uint64(era)+1)
		}
	} else {
		for len(starts) < n {
			for len(starts) < n {
				starts = append(starts, spreads[spread](r))
			}
			slices.Sort(starts)
			starts = slices.Compact(starts)
		}
	}
	f := &field{bplus: newBplus(starts)}
	spec, keys := partition.Spec{}, []gdid.RangeKey{}
	for _, s := range starts {
		k := gdid.RangeKey{Counter: s}
		if spread == "eras" {
			k = gdid.RangeKey{Era: uint32(s)}
		}
		keys = append(keys, k)
		spec.Partitions = append(spec.Partitions, partition.Partition{Start: k, Hash: partition.Jump1, Shards: 1})
	}
	table, err := partition.New(spec)
	require.NoError(tb, err)
	f.table, f.google = table, newGoogle(keys)
	for range queries {
		i := r.IntN(n)
		end := uint64(1 << 60)
		if i+1 < n {
			end = starts[i+1]
		}
		number := starts[i] + r.Uint64N(end-starts[i])
		k := gdid.RangeKey{Counter: number}
		if spread == "eras" {
			number = starts[i]
			k = gdid.RangeKey{Era: uint32(number), Counter: r.Uint64N(gdid.MaxCounter)}
		}
		id, err := gdid.New(k.Era, uint8(r.IntN(16)), k.Counter)
		require.NoError(tb, err)
		f.ids, f.keys, f.numbers = append(f.ids, id), append(f.keys, k), append(f.numbers, number)
		require.Equal(tb, i, table.FindID(id))
		require.Equal(tb, i, table.Find(k))
		require.Equal(tb, i, f.bplus.find(number))
		require.Equal(tb, i, f.google.find(k))
	}
	return f
}

// contestants returns one round of each: in the form "throughput" lookups are
// independent, in the form "latency" each waits for the one before.
func (f *field) contestants(form string) []contestant {
	if form == "latency" {
		return []contestant{
			{"FindID", func() {
				found := 0
				for i := range f.ids {
					found = f.table.FindID(f.ids[(i+found&1)&(queries-1)])
				}
				sink += found
			}},
			{"Find", func() {
				found := 0
				for i := range f.keys {
					found = f.table.Find(f.keys[(i+found&1)&(queries-1)])
				}
				sink += found
			}},
			{"bplus16", func() {
				found := 0
				for i := range f.numbers {
					found = f.bplus.find(f.numbers[(i+found&1)&(queries-1)])
				}
				sink += found
			}},
			{"google", func() {
				found := 0
				for i := range f.keys {
					found = f.google.find(f.keys[(i+found&1)&(queries-1)])
				}
				sink += found
			}},
		}
	}
	return []contestant{
		{"FindID", func() {
			for _, id := range f.ids {
				sink += f.table.FindID(id)
			}
		}},
		{"Find", func() {
			for _, k := range f.keys {
				sink += f.table.Find(k)
			}
		}},
		{"bplus16", func() {
			for _, k := range f.numbers {
				sink += f.bplus.find(k)
			}
		}},
		{"google", func() {
			for _, k := range f.keys {
				sink += f.google.find(k)
			}
		}},
	}
}

func BenchmarkTable(b *testing.B) {
	for _, spread := range []string{"uniform", "log-uniform", "eras"} {
		for _, n := range []int{1, 16, 256, 4096, 65536, 1048576} {
			f := newField(b, spread, n)
			for _, form := range []string{"throughput", "latency"} {
				for _, c := range f.contestants(form) {
					b.Run(fmt.Sprintf("spread=%s/form=%s/partitions=%d/by=%s", spread, form, n, c.name), func(b *testing.B) {
						b.ReportAllocs()
						for done := 0; done < b.N; done += queries {
							c.run()
						}
					})
				}
			}
		}
	}
}

func TestTableGoals(t *testing.T) {
	for _, spread := range []string{"uniform", "log-uniform", "eras"} {
		for _, n := range []int{16, 256, 4096, 65536} {
			f := newField(t, spread, n)
			for _, form := range []string{"throughput", "latency"} {
				t.Run(fmt.Sprintf("%s/%s/%d partitions", spread, form, n), func(t *testing.T) {
					ns := fastest(queries, 40, f.contestants(form)...)
					most := 1.5
					if spread == "uniform" {
						most = 1.25
						requireRatio(t, ns, "FindID", "google", 1./4)
						requireRatio(t, ns, "Find", "google", 1./4)
					}
					requireRatio(t, ns, "FindID", "bplus16", most)
					requireRatio(t, ns, "Find", "bplus16", most)
				})
			}
		}
	}
}
