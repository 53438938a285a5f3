package live_test

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/cmd/mdbcheck/internal/live"
	"github.com/mdbrouter/mdb/gdid"
)

// keysOf gives n random keys, sorted, as a table of several authorities and eras has
// them; a few are no ids.
func keysOf(r *rand.Rand, n int) [][]byte {
	eras := []uint32{0, 0, 0, 1, 2, 7, math.MaxUint32}[:1+r.IntN(7)]
	authorities := 1 + r.IntN(16)
	spread := []uint64{1, 50, 10_000, gdid.MaxCounter}[r.IntN(4)]
	keys := make([][]byte, 0, n)
	for len(keys) < n {
		id, err := gdid.New(eras[r.IntN(len(eras))], uint8(r.IntN(authorities)), r.Uint64N(spread)+uint64(len(keys))/16)
		if err != nil {
			continue
		}
		b := id.Bytes()
		key := b[:]
		if r.IntN(50) == 0 {
			key = key[:r.IntN(13)]
		}
		keys = append(keys, key)
	}
	slices.SortFunc(keys, bytes.Compare)
	return slices.CompactFunc(keys, bytes.Equal)
}

func has(keys [][]byte, key []byte) bool {
	_, found := slices.BinarySearchFunc(keys, key, bytes.Compare)
	return found
}

// Whatever stands in a table: a table smaller than the sample is seen whole, of any
// other the first and last keys of every authority, and the cost has a bound.
func TestPicker(t *testing.T) {
	t.Parallel()
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 1))
		keys := keysOf(r, r.IntN(600))
		most := 1 + r.IntN(400)
		got := live.PickFrom(t, r, keys, most)
		for _, key := range got.Keys {
			require.True(t, has(keys, key), "seed %d: %x is in the table", seed, key)
		}
		require.LessOrEqual(t, got.Rows, 2*most+1+4*16*2*4+4*16*4, "seed %d", seed)
		if len(keys) < most {
			require.Len(t, got.Keys, len(keys), "seed %d: all of a small table", seed)
			continue
		}
		require.True(t, has(got.Keys, keys[0]), "seed %d: the first", seed)
		require.True(t, has(got.Keys, keys[len(keys)-1]), "seed %d: the last", seed)
		for at, ends := range endsOf(keys) {
			require.True(t, has(got.Keys, ends[0]) && has(got.Keys, ends[1]), "seed %d: the ends of %s", seed, at)
		}
	}
}

// endsOf gives the first and the last id of each authority in the eras that are
// looked into: the first two and the last two that there can be.
func endsOf(keys [][]byte) map[string][2][]byte {
	low, high := era(keys[0]), era(keys[len(keys)-1])
	ends := map[string][2][]byte{}
	for _, key := range keys {
		if e := era(key); len(key) != gdid.Size || e > low+1 && e+1 < high {
			continue
		}
		id := gdid.FromBytes([gdid.Size]byte(key))
		at := fmt.Sprintf("era %d, authority %d", id.Era(), id.Authority())
		if first, seen := ends[at]; seen {
			ends[at] = [2][]byte{first[0], key}
		} else {
			ends[at] = [2][]byte{key, key}
		}
	}
	return ends
}

func era(key []byte) uint64 {
	var n uint64
	for i := range 4 {
		n <<= 8
		if i < len(key) {
			n |= uint64(key[i])
		}
	}
	return n
}

// Every id between two ends can be picked, and no other.
func TestPicker_points(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	seen := map[[12]byte]bool{}
	for range 100 {
		for _, b := range live.PointsOf(r, 3, 9, 100, 109, 20) {
			id := gdid.FromBytes(b)
			require.Equal(t, uint32(3), id.Era())
			require.Equal(t, uint8(9), id.Authority())
			require.True(t, id.Counter() >= 100 && id.Counter() <= 109, id)
			seen[b] = true
		}
	}
	require.Len(t, seen, 10)
	require.Len(t, live.PointsOf(r, 0, 0, 5, 5, 1), 1)
	require.NotEmpty(t, live.PointsOf(r, math.MaxUint32, 15, 0, gdid.MaxCounter, 3))
}

// Ids that are spread over a table are found about as often as they are there.
func TestPicker_isEven(t *testing.T) {
	t.Parallel()
	var keys [][]byte
	add := func(authority uint8, counter uint64) {
		id, err := gdid.New(0, authority, counter)
		require.NoError(t, err)
		b := id.Bytes()
		keys = append(keys, b[:])
	}
	for counter := range uint64(50_000) {
		add(uint8(counter%2), counter+1)
	}
	for _, atTheEnd := range []uint64{50_001, 1 << 40} { // the second leaves a gap
		add(0, atTheEnd)
		add(1, atTheEnd)
		slices.SortFunc(keys, bytes.Compare)
		r := rand.New(rand.NewPCG(3, 4))
		tenths := make([]int, 10)
		for _, key := range live.PickFrom(t, r, keys, 1000).Keys {
			if counter := gdid.FromBytes([12]byte(key)).Counter(); counter <= 50_000 {
				tenths[(counter-1)/5_000]++
			}
		}
		for i, n := range tenths {
			require.Greater(t, n, 4, "tenth %d of the ids, those at the end at %d", i, atTheEnd)
		}
	}
}

func TestPicker_beginsNothingWhenItIsLate(t *testing.T) {
	t.Parallel()
	require.ErrorIs(t, live.PickLate(t), live.ErrLate)
}
