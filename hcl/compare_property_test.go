package hcl_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/gdid"
	"github.com/mdbrouter/mdb/hcl"
)

// A randomPartition is a partition of a random configuration. Its start counts
// from its breakpoint.
type randomPartition struct {
	name, hash string
	start      uint64
	shards     []string
}

type randomTable struct {
	name       string // of the breakpoint, "" for the first table
	at         uint64
	partitions []randomPartition
}

// A randomArea is one version of an area; edit gives another.
type randomArea struct{ tables []randomTable }

const randomSpan = 1000 // ids between neighbouring bounds, at most

func newRandomArea(r *rand.Rand) *randomArea {
	a := &randomArea{}
	at := uint64(0)
	for t := range 1 + r.IntN(3) {
		table := randomTable{name: fmt.Sprintf("b%d", t), at: at}
		if t == 0 {
			table.name = ""
		}
		start := uint64(0)
		for p := range 1 + r.IntN(4) {
			table.partitions = append(table.partitions, randomPartition{
				name: fmt.Sprintf("p%d_%d", t, p), hash: randomHash(r), start: start, shards: randomShards(r),
			})
			start += 1 + r.Uint64N(randomSpan)
		}
		a.tables = append(a.tables, table)
		at += start + r.Uint64N(randomSpan)
	}
	return a
}

func randomHash(r *rand.Rand) string { return []string{"jump1", "mod1", "azos1"}[r.IntN(3)] }

// randomShards picks from few databases, so that two versions have some in common.
func randomShards(r *rand.Rand) []string {
	all := []string{"d0", "d1", "d2", "d3", "d4", "d5"}
	r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all[:1+r.IntN(len(all))]
}

func (a *randomArea) clone() *randomArea {
	b := &randomArea{tables: slices.Clone(a.tables)}
	for i := range b.tables {
		b.tables[i].partitions = slices.Clone(b.tables[i].partitions)
	}
	return b
}

// edit gives a version with a few edits, each of which is sound.
func (a *randomArea) edit(r *rand.Rand) *randomArea {
	b := a.clone()
	for range r.IntN(4) {
		t := &b.tables[r.IntN(len(b.tables))]
		k := r.IntN(len(t.partitions))
		p := &t.partitions[k]
		switch r.IntN(8) {
		case 0:
			p.shards = randomShards(r)
		case 1:
			p.hash = randomHash(r)
		case 2:
			p.name = fmt.Sprintf("q%d", r.IntN(1000))
		case 3:
			if k > 0 {
				p.start++
			}
		case 4:
			if k > 0 {
				t.partitions = slices.Delete(t.partitions, k, k+1)
			}
		case 5:
			t.partitions = append(t.partitions, randomPartition{name: fmt.Sprintf("n%d", r.IntN(1000)), hash: randomHash(r), start: 1 + r.Uint64N(4*randomSpan), shards: randomShards(r)})
		case 6:
			if len(b.tables) > 1 {
				b.tables = b.tables[:len(b.tables)-1]
			}
		case 7:
			last := &b.tables[len(b.tables)-1]
			last.at += r.Uint64N(2) * uint64(len(b.tables)-1)
		}
	}
	return b
}

// topology gives the area for package area: names of databases stand for servers
// too. The labels of partitions are unique only by chance, which routing allows.
func (a *randomArea) topology() area.Topology {
	spec := area.Spec{Name: "user"}
	list := func(t *randomTable) []area.PartitionSpec {
		var out []area.PartitionSpec
		for _, p := range t.partitions {
			s := area.PartitionSpec{Name: p.name, Start: gdid.RangeKey{Counter: p.start}}
			if err := s.Hash.UnmarshalText([]byte(p.hash)); err != nil {
				panic(err)
			}
			for _, d := range p.shards {
				s.Shards = append(s.Shards, area.Database{Server: "s" + d, Name: d})
			}
			out = append(out, s)
		}
		return out
	}
	for i := range a.tables {
		t := &a.tables[i]
		if t.name == "" {
			spec.Partitions = list(t)
			continue
		}
		spec.Breakpoints = append(spec.Breakpoints, area.BreakpointSpec{Name: t.name, At: gdid.RangeKey{Counter: t.at}, Partitions: list(t)})
	}
	return area.Topology{Namespace: "random", Areas: []area.Spec{spec}}
}

// config gives a Config of the area, or nil if the edits do not fit together.
func (a *randomArea) config() *hcl.Config {
	registry, err := area.NewRegistry(a.topology())
	if err != nil {
		return nil
	}
	return &hcl.Config{Namespace: "random", Topology: registry.Topology(), Registry: registry}
}

// versions gives two random versions, the second mostly an edit of the first.
func versions(r *rand.Rand) (was, now *hcl.Config) {
	a := newRandomArea(r)
	for now == nil {
		b := a.edit(r)
		if r.IntN(10) == 0 {
			b = newRandomArea(r)
		}
		was, now = a.config(), b.config()
	}
	return was, now
}

// The comparison says of an id that it may move exactly if its interval is one of
// those that differ: outside of them every id has the place it had, in intervals
// of which all move none has, and of the others about the share that is told.
func TestCompare_saysWhatRoutingSays(t *testing.T) {
	t.Parallel()
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(5, seed))
		was, now := versions(r)
		c := hcl.Compare(was, now, hcl.CompareOptions{})
		var intervals []hcl.Interval
		for _, a := range c.Areas {
			intervals = append(intervals, a.Intervals...)
		}
		before := gdid.RangeKey{}
		for i, x := range intervals {
			require.LessOrEqual(t, x.First.Compare(x.Last), 0)
			if i > 0 {
				require.Positive(t, x.First.Compare(before), "intervals ascend and do not overlap")
			}
			before = x.Last
			require.GreaterOrEqual(t, x.Verdict, hcl.NeedsHead, "without a head nothing is safe")
		}
		for range 300 {
			checkID(t, seed, was, now, intervals, randomID(r))
		}
		for _, x := range intervals { // bounds are where mistakes are
			for _, k := range []gdid.RangeKey{x.First, x.Last} {
				for _, step := range []int{-1, 0, 1} {
					if id, ok := idNear(k, step, uint8(r.IntN(16))); ok {
						checkID(t, seed, was, now, intervals, id)
					}
				}
			}
		}
	}
}

func randomID(r *rand.Rand) gdid.GDID {
	era, counter := uint32(0), r.Uint64N(16*randomSpan)+1
	if r.IntN(4) == 0 {
		era, counter = r.Uint32(), r.Uint64N(gdid.MaxCounter)
	}
	id, err := gdid.New(era, uint8(r.IntN(16)), counter)
	if err != nil {
		panic(err)
	}
	return id
}

func idNear(k gdid.RangeKey, step int, authority uint8) (gdid.GDID, bool) {
	var err error
	switch step {
	case -1:
		k, err = k.Sub(gdid.RangeKey{Counter: 1})
	case 1:
		k, err = k.Add(gdid.RangeKey{Counter: 1})
	}
	if err != nil {
		return gdid.GDID{}, false
	}
	id, err := gdid.New(k.Era, authority, k.Counter)
	return id, err == nil && !id.IsZero()
}

func checkID(t *testing.T, seed uint64, was, now *hcl.Config, intervals []hcl.Interval, id gdid.GDID) {
	t.Helper()
	at := slices.IndexFunc(intervals, func(x hcl.Interval) bool {
		return x.First.Compare(id.RangeKey()) <= 0 && id.RangeKey().Compare(x.Last) <= 0
	})
	differs := movesID(t, was, now, id)
	switch {
	case at < 0:
		require.False(t, differs, "seed %d: %v moves and is in no interval", seed, id)
	case intervals[at].Share.Moved == 0:
		require.False(t, differs, "seed %d: %v moves though none should", seed, id)
	case intervals[at].Share.Moved == intervals[at].Share.Of:
		require.True(t, differs, "seed %d: %v stays though all should move", seed, id)
	}
	if at >= 0 {
		a, err := was.Registry.Route("user", id)
		require.NoError(t, err)
		b, err := now.Registry.Route("user", id)
		require.NoError(t, err)
		require.Equal(t, intervals[at].Was.Partition, a.Partition)
		require.Equal(t, intervals[at].Now.Partition, b.Partition)
	}
}

func movesID(t *testing.T, was, now *hcl.Config, id gdid.GDID) bool {
	t.Helper()
	a, err := was.Registry.Route("user", id)
	require.NoError(t, err)
	b, err := now.Registry.Route("user", id)
	require.NoError(t, err)
	return a.Server != b.Server || a.Database != b.Database
}

// onePartition is an area of one partition.
func onePartition(hash string, shards ...string) *randomArea {
	return &randomArea{tables: []randomTable{{partitions: []randomPartition{{name: "p0", hash: hash, shards: shards}}}}}
}

func names(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("d%d", i)
	}
	return out
}

// shareOf compares two areas of one partition each.
func shareOf(was, now *randomArea) hcl.Share {
	c := hcl.Compare(was.config(), now.config(), hcl.CompareOptions{})
	if len(c.Areas) == 0 {
		return hcl.Share{Moved: 0, Of: 1}
	}
	return c.Areas[0].Intervals[0].Share
}

func TestShare_knownValues(t *testing.T) {
	t.Parallel()
	swapped := []string{"d1", "d0"}
	replaced := []string{"d0", "d1", "x", "d3"}
	tests := []struct {
		name     string
		was, now *randomArea
		want     hcl.Share
		text     string
	}{
		{"mod1, 3 to 4 with the same prefix", onePartition("mod1", names(3)...), onePartition("mod1", names(4)...), hcl.Share{Moved: 3, Of: 4}, "75.0%"},
		{"mod1, 2 to 4", onePartition("mod1", names(2)...), onePartition("mod1", names(4)...), hcl.Share{Moved: 1, Of: 2}, "50.0%"},
		{"mod1, one of 4 replaced", onePartition("mod1", names(4)...), onePartition("mod1", replaced...), hcl.Share{Moved: 1, Of: 4}, "25.0%"},
		{"mod1, two swapped", onePartition("mod1", names(2)...), onePartition("mod1", swapped...), hcl.Share{Moved: 1, Of: 1}, "100.0%"},
		{"azos1, 3 to 4 with the same prefix", onePartition("azos1", names(3)...), onePartition("azos1", names(4)...), hcl.Share{Moved: 3, Of: 4}, "75.0%"},
		{"jump1, 3 to 4", onePartition("jump1", names(3)...), onePartition("jump1", names(4)...), hcl.Share{Moved: 1, Of: 4}, "25.0%"},
		{"jump1, 2 to 4", onePartition("jump1", names(2)...), onePartition("jump1", names(4)...), hcl.Share{Moved: 1, Of: 2}, "50.0%"},
		{"jump1, 4 to 3", onePartition("jump1", names(4)...), onePartition("jump1", names(3)...), hcl.Share{Moved: 1, Of: 4}, "25.0%"},
		{"jump1, two swapped", onePartition("jump1", names(2)...), onePartition("jump1", swapped...), hcl.Share{Moved: 1, Of: 1}, "100.0%"},
		{"one shard under another function", onePartition("jump1", "d0"), onePartition("mod1", "d0"), hcl.Share{Moved: 0, Of: 1}, "0.0%"},
		{"jump1 to mod1 on 4", onePartition("jump1", names(4)...), onePartition("mod1", names(4)...), hcl.Share{Moved: 3, Of: 4}, "75.0%"},
		{"a thousand shards and one more", onePartition("jump1", names(2000)...), onePartition("jump1", names(2001)...), hcl.Share{Moved: 1, Of: 2001}, "<0.1%"},
		{"nearly all", onePartition("mod1", names(2000)...), onePartition("mod1", append([]string{"d0"}, slices.Repeat([]string{"x"}, 1999)...)...), hcl.Share{Moved: 1999, Of: 2000}, ">99.9%"},
		{"the same", onePartition("mod1", names(4)...), onePartition("mod1", names(4)...), hcl.Share{Moved: 0, Of: 1}, "0.0%"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := shareOf(tt.was, tt.now)
			require.Equal(t, tt.want, got)
			require.Equal(t, tt.text, got.String())
		})
	}
}

// Residues can be counted one by one: modulo the least common multiple of both
// lengths every id of a class goes the same way.
func TestShare_countsResidues(t *testing.T) {
	t.Parallel()
	for seed := range uint64(150) {
		r := rand.New(rand.NewPCG(6, seed))
		hash := []string{"mod1", "azos1"}[r.IntN(2)]
		was, now := onePartition(hash, randomShards(r)...), onePartition(hash, randomShards(r)...)
		a, b := was.config(), now.config()
		const classes = 60 // the least common multiple of 1 to 6
		differ := 0
		for c := range uint64(classes) {
			id, err := gdid.New(0, 0, c+classes)
			require.NoError(t, err)
			if movesID(t, a, b, id) {
				differ++
			}
		}
		require.InDelta(t, float64(differ)/classes, shareOf(was, now).Fraction(), 1e-9, "seed %d", seed)
	}
}

// From mod1 to azos1 and back, within era 0, the authority turns residues around;
// of 7 shards not all turns are equally often.
func TestShare_countsAuthorities(t *testing.T) {
	t.Parallel()
	turned := slices.Concat(names(7)[1:], []string{"d0"})
	for _, hashes := range [][2]string{{"mod1", "azos1"}, {"azos1", "mod1"}} {
		for _, n := range []int{7, 5, 4} {
			was, now := onePartition(hashes[0], names(7)...), onePartition(hashes[1], turned[:n]...)
			for _, a := range []*randomArea{was, now} {
				a.tables[0].partitions = append(a.tables[0].partitions, randomPartition{name: "p1", hash: "jump1", start: gdid.MaxCounter, shards: []string{"d9"}})
			}
			a, b := was.config(), now.config()
			differ, all := 0, 0
			for authority := range uint8(16) {
				for c := range uint64(140) { // the least common multiple of 7, 5 and 4
					id, err := gdid.New(0, authority, 140+c)
					require.NoError(t, err)
					all++
					if movesID(t, a, b, id) {
						differ++
					}
				}
			}
			require.InDelta(t, float64(differ)/float64(all), shareOf(was, now).Fraction(), 1e-9, "%v, %d", hashes, n)
		}
	}
	require.Equal(t, hcl.Share{Moved: 3, Of: 4}, shareOf(onePartition("mod1", names(4)...), onePartition("azos1", names(4)...)), "over all eras")
}

// Under any two functions the share is about what a sample of ids shows.
func TestShare_agreesWithSamples(t *testing.T) {
	t.Parallel()
	const samples = 20_000
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(7, seed))
		was, now := onePartition(randomHash(r), randomShards(r)...), onePartition(randomHash(r), randomShards(r)...)
		// A second partition ends the first within era 0, so that all functions
		// have their exact law.
		for _, a := range []*randomArea{was, now} {
			a.tables[0].partitions = append(a.tables[0].partitions, randomPartition{name: "p1", hash: "jump1", start: gdid.MaxCounter, shards: []string{"d9"}})
		}
		a, b := was.config(), now.config()
		differ := 0
		for range samples {
			id, err := gdid.New(0, uint8(r.IntN(16)), r.Uint64N(gdid.MaxCounter))
			require.NoError(t, err)
			if movesID(t, a, b, id) {
				differ++
			}
		}
		require.InDelta(t, shareOf(was, now).Fraction(), float64(differ)/samples, 0.02, "seed %d", seed)
	}
}

// load opens one version of a configuration.
func load(tb testing.TB, text string) *hcl.Config {
	tb.Helper()
	cfg, err := hcl.Load(".", hcl.Options{FS: fstest.MapFS{"main.mdb.hcl": {Data: []byte(text)}}})
	require.NoError(tb, err)
	return cfg
}
