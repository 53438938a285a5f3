package partition_test

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/gdid"
	"github.com/mdbrouter/mdb/partition"
)

// number is a key on the 92-bit line.
func number(k gdid.RangeKey) *big.Int {
	n := new(big.Int).Lsh(big.NewInt(int64(k.Era)), 60)
	return n.Add(n, new(big.Int).SetUint64(k.Counter))
}

func keyOf(n *big.Int) gdid.RangeKey {
	era := new(big.Int).Rsh(n, 60)
	counter := new(big.Int).And(n, new(big.Int).SetUint64(gdid.MaxCounter))
	return gdid.RangeKey{Era: uint32(era.Uint64()), Counter: counter.Uint64()}
}

// slowFind is the definition, word for word and without any flattening: the last
// breakpoint not above the key, and in its table, counted from there, the last
// partition not above the rest.
func slowFind(spec partition.Spec, k gdid.RangeKey) (partition.Source, bool) {
	rest, breakpoint, partitions := number(k), -1, spec.Partitions
	for i, b := range spec.Breakpoints {
		if number(b.At).Cmp(number(k)) <= 0 {
			rest, breakpoint, partitions = new(big.Int).Sub(number(k), number(b.At)), i, b.Partitions
		}
	}
	found := -1
	for i, p := range partitions {
		if number(p.Start).Cmp(rest) <= 0 && (found < 0 || number(p.Start).Cmp(number(partitions[found].Start)) > 0) {
			found = i
		}
	}
	return partition.Source{Breakpoint: breakpoint, Partition: found}, found >= 0
}

// randomKey has a size of any magnitude.
func randomKey(r *rand.Rand) gdid.RangeKey {
	n := new(big.Int).SetUint64(r.Uint64())
	n.Lsh(n, 28).Or(n, big.NewInt(int64(r.Uint32()>>4)))
	return keyOf(n.Rsh(n, uint(r.IntN(93))))
}

// randomSpec has tables of up to n partitions; about one in three has faults.
func randomSpec(r *rand.Rand, n int) partition.Spec {
	table := func() []partition.Partition {
		partitions := []partition.Partition{at("first", "0:0")}
		for i := range r.IntN(n) {
			p := at(fmt.Sprint(i), "0:0")
			p.Start = randomKey(r)
			partitions = append(partitions, p)
		}
		r.Shuffle(len(partitions), func(i, j int) { partitions[i], partitions[j] = partitions[j], partitions[i] })
		return partitions
	}
	spec := partition.Spec{Partitions: table()}
	last := gdid.RangeKey{}
	for i := range r.IntN(4) {
		step := randomKey(r)
		next, err := last.Add(step)
		if err != nil || step.IsZero() {
			break
		}
		last = next
		spec.Breakpoints = append(spec.Breakpoints, partition.Breakpoint{Name: fmt.Sprint(i), At: last, Partitions: table()})
	}
	return spec
}

// reachable drops what would be a fault: partitions at or past the next breakpoint
// or the end of the line, and repeated starts.
func reachable(spec partition.Spec) partition.Spec {
	keep := func(at gdid.RangeKey, end *big.Int, partitions []partition.Partition) []partition.Partition {
		var kept []partition.Partition
		seen := map[gdid.RangeKey]bool{}
		for _, p := range partitions {
			if start := new(big.Int).Add(number(at), number(p.Start)); start.Cmp(end) < 0 && !seen[p.Start] {
				seen[p.Start] = true
				kept = append(kept, p)
			}
		}
		return kept
	}
	out := partition.Spec{}
	ends := make([]*big.Int, len(spec.Breakpoints)+1)
	for i, b := range spec.Breakpoints {
		ends[i] = number(b.At)
	}
	ends[len(spec.Breakpoints)] = new(big.Int).Lsh(big.NewInt(1), 92)
	out.Partitions = keep(gdid.RangeKey{}, ends[0], spec.Partitions)
	for i, b := range spec.Breakpoints {
		b.Partitions = keep(b.At, ends[i+1], b.Partitions)
		out.Breakpoints = append(out.Breakpoints, b)
	}
	return out
}

// requireAlike demands that lookups by key, by id of every authority and in the
// tree agree with the definition.
func requireAlike(t *testing.T, spec partition.Spec, table *partition.Table, k gdid.RangeKey) {
	t.Helper()
	want, ok := slowFind(spec, k)
	require.True(t, ok)
	i := table.Find(k)
	require.Equal(t, want, table.Source(i), "%v", k)
	require.Equal(t, want, table.FindInTree(k), "%v in the tree", k)
	for authority := range gdid.MaxAuthority + 1 {
		id, err := gdid.New(k.Era, authority, k.Counter)
		require.NoError(t, err)
		require.Equal(t, i, table.FindID(id), "%v", id)
	}
}

// boundaries calls check with the keys around each start and breakpoint.
func boundaries(table *partition.Table, check func(k gdid.RangeKey)) {
	one := gdid.RangeKey{Counter: 1}
	for _, p := range table.All() {
		check(p.Start)
		if k, err := p.Start.Sub(one); err == nil {
			check(k)
		}
		if k, err := p.Start.Add(one); err == nil {
			check(k)
		}
		check(gdid.RangeKey{Era: p.Start.Era})
		check(gdid.RangeKey{Era: p.Start.Era, Counter: gdid.MaxCounter})
	}
	check(gdid.MaxRangeKey)
}

func TestTable_Find_isTheDefinition(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 1))
	for range 300 {
		spec := reachable(randomSpec(r, 40))
		table, err := partition.New(spec)
		require.NoError(t, err)
		boundaries(table, func(k gdid.RangeKey) { requireAlike(t, spec, table, k) })
		for range 50 {
			requireAlike(t, spec, table, randomKey(r))
		}
	}
}

// New takes a spec exactly if each of its partitions serves some key and every key
// has one; that is so if the spec loses nothing by dropping the unreachable.
func TestNew_takesWhatIsWhole(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(2, 2))
	taken, refused := 0, 0
	for range 500 {
		spec := randomSpec(r, 4)
		if r.IntN(5) == 0 {
			spec.Partitions[0].Start = randomKey(r)
		}
		kept := reachable(spec)
		whole := len(kept.Partitions) == len(spec.Partitions)
		for i := range spec.Breakpoints {
			whole = whole && len(kept.Breakpoints[i].Partitions) == len(spec.Breakpoints[i].Partitions)
		}
		_, served := slowFind(spec, gdid.RangeKey{})
		_, err := partition.New(spec)
		require.Equal(t, whole && served, err == nil, "%v", err)
		if err == nil {
			taken++
		} else {
			refused++
		}
	}
	require.Greater(t, taken, 50)
	require.Greater(t, refused, 50)
}

// The compiled index answers as the tree does at every boundary and at random keys,
// in every shape it has: around each size at which a level fills up, in one era, in
// few, in one per partition, and with all but the last partition in era 0.
func TestTable_Find_isTheTree(t *testing.T) {
	t.Parallel()
	shapes := map[string]func(r *rand.Rand, i int) gdid.RangeKey{
		"one era":     func(r *rand.Rand, _ int) gdid.RangeKey { return gdid.RangeKey{Counter: r.Uint64N(gdid.MaxCounter)} },
		"log-uniform": func(r *rand.Rand, _ int) gdid.RangeKey { return randomKey(r) },
		"dense":       func(_ *rand.Rand, i int) gdid.RangeKey { return gdid.RangeKey{Counter: uint64(i)} },
		"the end of era 0": func(_ *rand.Rand, i int) gdid.RangeKey {
			return gdid.RangeKey{Counter: gdid.MaxCounter - uint64(i)}
		},
		"three eras": func(r *rand.Rand, i int) gdid.RangeKey {
			return gdid.RangeKey{Era: uint32(i % 3), Counter: r.Uint64N(gdid.MaxCounter)}
		},
		"an era each": func(_ *rand.Rand, i int) gdid.RangeKey { return gdid.RangeKey{Era: uint32(i)} },
		"an era each, from the last": func(_ *rand.Rand, i int) gdid.RangeKey {
			return gdid.RangeKey{Era: math.MaxUint32 - uint32(i), Counter: gdid.MaxCounter}
		},
		"evenly": func(_ *rand.Rand, i int) gdid.RangeKey { return gdid.RangeKey{Counter: uint64(i) * 1_000_000} },
		"about evenly": func(r *rand.Rand, i int) gdid.RangeKey {
			return gdid.RangeKey{Counter: uint64(i)*1_000_000 + r.Uint64N(1_500_000)}
		},
		"evenly but for a crowd": func(r *rand.Rand, i int) gdid.RangeKey {
			if i%10 == 0 {
				return gdid.RangeKey{Counter: 77_000_000 + r.Uint64N(900_000)}
			}
			return gdid.RangeKey{Counter: uint64(i) * 1_000_000}
		},
		"low counters in many eras": func(r *rand.Rand, i int) gdid.RangeKey {
			return gdid.RangeKey{Era: uint32(i % 1000), Counter: r.Uint64N(1 << 50)}
		},
		"more bits than numbers have": func(r *rand.Rand, i int) gdid.RangeKey {
			return gdid.RangeKey{Era: uint32(i % 40), Counter: r.Uint64N(gdid.MaxCounter)}
		},
		"the last in era 7": func(r *rand.Rand, i int) gdid.RangeKey {
			if i == 1 {
				return gdid.RangeKey{Era: 7}
			}
			return gdid.RangeKey{Counter: r.Uint64N(gdid.MaxCounter)}
		},
	}
	sizes := []int{1, 2, 3, 4, 5, 15, 16, 17, 18, 31, 32, 33, 34, 255, 256, 257, 258, 272, 273, 274, 4095, 4096, 4097, 4098, 70000}
	for name, shape := range shapes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(3, 3))
			for _, n := range sizes {
				seen := map[gdid.RangeKey]bool{{}: true}
				spec := partition.Spec{Partitions: []partition.Partition{at("", "0:0")}}
				for i := 1; len(spec.Partitions) < n; i++ {
					p := at("", "0:0")
					p.Start = shape(r, i)
					if !seen[p.Start] {
						seen[p.Start] = true
						spec.Partitions = append(spec.Partitions, p)
					}
				}
				table, err := partition.New(spec)
				require.NoError(t, err)
				check := func(k gdid.RangeKey) {
					if want, got := table.FindInTree(k), table.Source(table.Find(k)); want != got {
						require.Equal(t, want, got, "%v of %d partitions", k, n)
					}
				}
				boundaries(table, check)
				for range 1000 {
					check(randomKey(r))
					check(shape(r, r.IntN(2*n)))
				}
			}
		})
	}
}

func TestTable_Find_invalidCounter(t *testing.T) {
	t.Parallel()
	for _, spec := range []partition.Spec{
		sample(),
		{Partitions: []partition.Partition{at("p0", "0:0"), at("p1", "0:5"), at("p2", "0:9")}},
		{Partitions: []partition.Partition{at("p0", "0:0"), at("p1", "1:1152921504606846975"), at("p2", "20:0")}},
		{Partitions: []partition.Partition{at("p0", "0:0"), at("p1", "1:7"), at("p2", "20:0")}},
	} {
		table, err := partition.New(spec)
		require.NoError(t, err)
		for _, counter := range []uint64{1 << 60, 1 << 63, math.MaxUint64} {
			for era := range uint32(3) {
				require.Equal(t, table.Find(gdid.RangeKey{Era: era, Counter: gdid.MaxCounter}), table.Find(gdid.RangeKey{Era: era, Counter: counter}))
			}
		}
	}
}

func FuzzNew(f *testing.F) {
	f.Add([]byte{}, uint64(0), uint32(0))
	f.Add([]byte{0, 0, 5, 1, 9, 0, 200, 0, 0}, uint64(7), uint32(0))
	f.Add([]byte{0, 0, 0, 7, 255, 0, 0, 3}, uint64(70), uint32(1))
	f.Fuzz(func(t *testing.T, script []byte, counter uint64, era uint32) {
		// Each byte adds a partition, or from 200 on a breakpoint, at a key that its
		// value and place decide.
		spec := partition.Spec{}
		add := &spec.Partitions
		for i, c := range script {
			k := gdid.RangeKey{Era: uint32(c) >> 6 & 1, Counter: uint64(c&63) << (i % 50)}
			if c < 200 {
				*add = append(*add, partition.Partition{Start: k, Hash: partition.Jump1, Shards: 1})
				continue
			}
			spec.Breakpoints = append(spec.Breakpoints, partition.Breakpoint{At: k})
			add = &spec.Breakpoints[len(spec.Breakpoints)-1].Partitions
		}
		table, err := partition.New(spec)
		if err != nil {
			var faults *partition.SpecError
			require.ErrorAs(t, err, &faults)
			require.NotEmpty(t, faults.Faults)
			require.NotEmpty(t, err.Error())
			return
		}
		requireAlike(t, spec, table, gdid.RangeKey{Era: era, Counter: counter & gdid.MaxCounter})
		boundaries(table, func(k gdid.RangeKey) { requireAlike(t, spec, table, k) })
	})
}
