package bench_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/gdid"
	"github.com/mdbrouter/mdb/partition"
)

// A field is one set of partitions and of keys to look up, in all forms that
// contestants take.
type field struct {
	table   *partition.Table
	bplus   *bplus
	google  google
	ids     []gdid.GDID
	keys    []gdid.RangeKey
	numbers []uint64
}

// spreads of starts within one era; each call returns a start above 0.
var spreads = map[string]func(r *rand.Rand) uint64{
	"uniform":     func(r *rand.Rand) uint64 { return 1 + r.Uint64N(gdid.MaxCounter) },
	"log-uniform": func(r *rand.Rand) uint64 { return uint64(math.Exp2(r.Float64() * 60)) },
}

// starts returns where n partitions begin: in one era as the spread says, or for
// "eras" at the begin of one era each, or for "4 eras" uniform in four.
func starts(r *rand.Rand, spread string, n int) []gdid.RangeKey {
	keys := []gdid.RangeKey{{}}
	for len(keys) < n {
		for i := len(keys); len(keys) < n; i++ {
			switch spread {
			case "eras":
				keys = append(keys, gdid.RangeKey{Era: uint32(i)})
			case "4 eras":
				keys = append(keys, gdid.RangeKey{Era: uint32(i % 4), Counter: spreads["uniform"](r)})
			default:
				keys = append(keys, gdid.RangeKey{Counter: spreads[spread](r)})
			}
		}
		slices.SortFunc(keys, gdid.RangeKey.Compare)
		keys = slices.Compact(keys)
	}
	return keys
}

// newField builds a field of n partitions. The keys to look up are uniform over
// the partitions and within each, or all in the newest one.
func newField(tb testing.TB, spread string, n int, newest bool) *field {
	tb.Helper()
	r := rand.New(rand.NewPCG(1, uint64(n)))
	keys, numbers, spec := starts(r, spread, n), make([]uint64, n), partition.Spec{}
	for i, k := range keys {
		// The contestant of 8-byte keys gets as many keys in the same order; where
		// counters alone do not order them, their ordinals.
		numbers[i] = k.Counter
		if strings.HasSuffix(spread, "eras") {
			numbers[i] = uint64(i) << 30
		}
		spec.Partitions = append(spec.Partitions, partition.Partition{Start: k, Hash: partition.Jump1, Shards: 1})
	}
	table, err := partition.New(spec)
	require.NoError(tb, err)
	f := &field{table: table, bplus: newBplus(numbers), google: newGoogle(keys)}
	for range queries {
		i := r.IntN(n)
		if newest {
			i = n - 1
		}
		k, number := keys[i], numbers[i]
		if end, ok := table.End(i); !ok || end.Era > k.Era {
			k.Counter += r.Uint64N(1<<60 - k.Counter)
		} else {
			k.Counter += r.Uint64N(end.Counter - k.Counter)
		}
		if !strings.HasSuffix(spread, "eras") {
			number = k.Counter
		}
		id, err := gdid.New(k.Era, uint8(r.IntN(16)), k.Counter)
		require.NoError(tb, err)
		f.ids, f.keys, f.numbers = append(f.ids, id), append(f.keys, k), append(f.numbers, number)
		if found := [4]int{table.FindID(id), table.Find(k), f.bplus.find(number), f.google.find(k)}; found != [4]int{i, i, i, i} {
			require.Equal(tb, [4]int{i, i, i, i}, found, "%v", id)
		}
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
	run := func(spread string, n int, newest bool) {
		f, keys := newField(b, spread, n, newest), "uniform"
		if newest {
			keys = "newest"
		}
		for _, form := range []string{"throughput", "latency"} {
			for _, c := range f.contestants(form) {
				b.Run(fmt.Sprintf("spread=%s/keys=%s/form=%s/partitions=%d/by=%s", spread, keys, form, n, c.name), func(b *testing.B) {
					b.ReportAllocs()
					for done := 0; done < b.N; done += queries {
						c.run()
					}
				})
			}
		}
	}
	for _, n := range []int{1, 16, 256, 4096, 65536, 1048576} {
		for _, spread := range []string{"uniform", "log-uniform", "4 eras", "eras"} {
			run(spread, n, false)
		}
		run("uniform", n, true)
	}
}

// BenchmarkGoalTable holds a lookup against a static B+tree and, where starts are
// uniform, also against the tree that it is compiled of.
func BenchmarkGoalTable(b *testing.B) {
	for _, spread := range []string{"uniform", "log-uniform", "4 eras", "eras"} {
		for _, n := range []int{16, 256, 4096, 65536} {
			f := newField(b, spread, n, false)
			goals := []goal{{"FindID", "bplus16", 1.5}, {"Find", "bplus16", 1.5}}
			if spread == "uniform" {
				goals = []goal{{"FindID", "bplus16", 1.25}, {"Find", "bplus16", 1.25}, {"FindID", "google", 0.25}, {"Find", "google", 0.25}}
			}
			for _, form := range []string{"throughput", "latency"} {
				b.Run(fmt.Sprintf("spread=%s/form=%s/partitions=%d", spread, form, n), func(b *testing.B) {
					benchmarkGoals(b, f.contestants(form), goals...)
				})
			}
		}
	}
}

// BenchmarkGoalNewest demands that the newest partition, where nearly all new ids
// are, is found in a tenth of what a lookup by the tree takes.
func BenchmarkGoalNewest(b *testing.B) {
	for _, n := range []int{16, 256, 4096, 65536} {
		newest, uniform := newField(b, "uniform", n, true), newField(b, "uniform", n, false)
		ours, tree := newest.contestants("throughput"), uniform.contestants("throughput")
		b.Run(fmt.Sprintf("partitions=%d", n), func(b *testing.B) {
			benchmarkGoals(b, []contestant{ours[0], ours[1], tree[3]}, goal{"FindID", "google", 0.1}, goal{"Find", "google", 0.1})
		})
	}
}

// All contestants find the same partitions; building a field checks it.
func TestTable_contestants(t *testing.T) {
	for _, spread := range []string{"uniform", "log-uniform", "4 eras", "eras"} {
		for _, n := range []int{1, 16, 300, 5000} {
			newField(t, spread, n, false)
			newField(t, spread, n, true)
		}
	}
}
