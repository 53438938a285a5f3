package partition_test

import (
	"encoding"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/gdid"
	"github.com/mdbrouter/mdb/partition"
)

var (
	_ encoding.TextMarshaler   = partition.Hash(0)
	_ encoding.TextUnmarshaler = (*partition.Hash)(nil)
)

var hashes = []partition.Hash{partition.Jump1, partition.Mod1, partition.Azos1}

func TestParseHash(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{"jump1", "mod1", "azos1"}, partition.HashNames())
	partition.HashNames()[0] = "changed"
	require.Equal(t, "jump1", partition.HashNames()[0])
	for i, name := range partition.HashNames() {
		h, err := partition.ParseHash(name)
		require.NoError(t, err)
		require.Equal(t, hashes[i], h)
		require.Equal(t, name, h.String())
		require.True(t, h.Valid())
		text, err := h.MarshalText()
		require.NoError(t, err)
		require.Equal(t, name, string(text))
		var back partition.Hash
		require.NoError(t, back.UnmarshalText(text))
		require.Equal(t, h, back)
	}
	for _, name := range []string{"", "jump", "jump2", "Jump1", "jump1 ", "jump1\x00", "Hash(0)", strings.Repeat("x", 1<<20)} {
		h, err := partition.ParseHash(name)
		require.Zero(t, h)
		var unknown *partition.UnknownHashError
		require.ErrorAs(t, err, &unknown)
		require.Equal(t, name, unknown.Name)
		require.Less(t, len(err.Error()), 200)
		h = partition.Mod1
		require.ErrorAs(t, h.UnmarshalText([]byte(name)), &unknown)
		require.Equal(t, partition.Mod1, h, "a failed UnmarshalText changes nothing")
	}
}

// A Hash that is none routes nothing: it panics.
func TestHash_invalid(t *testing.T) {
	t.Parallel()
	id := gdid.MustParse("0:1:250122")
	for _, h := range []partition.Hash{0, partition.Azos1 + 1, 255} {
		require.False(t, h.Valid())
		require.Equal(t, fmt.Sprintf("Hash(%d)", uint8(h)), h.String())
		var unknown *partition.UnknownHashError
		_, err := h.MarshalText()
		require.ErrorAs(t, err, &unknown)
		require.Panics(t, func() { h.Shard(id, 3) })
	}
	for _, h := range hashes {
		require.Panics(t, func() { h.Shard(id, 0) })
		require.Panics(t, func() { h.Shard(id, -1) })
		require.Panics(t, func() { h.Shard(id, partition.MaxShards+1) })
	}
}

func TestHash_Shard(t *testing.T) {
	t.Parallel()
	require.Equal(t, 2, partition.Jump1.Shard(gdid.MustParse("0:1:250122"), 3))
	require.Equal(t, 0, partition.Jump1.Shard(gdid.MustParse("0:1:250123"), 3))
	a, b := gdid.MustParse("7:1:250122"), gdid.MustParse("7:2:250122")
	for n := 1; n < 100; n++ {
		require.Equal(t, partition.Jump1.Shard(a, n), partition.Jump1.Shard(b, n), "the authority takes no part")
		require.Equal(t, partition.Mod1.Shard(a, n), partition.Mod1.Shard(b, n), "the authority takes no part")
	}
	require.NotEqual(t, partition.Azos1.Shard(a, 64-1), partition.Azos1.Shard(b, 64-1), "the authority takes part")
	for _, h := range hashes {
		require.Zero(t, h.Shard(a, 1))
		for _, n := range []int{2, 3, 64, 1000, math.MaxInt32} {
			for _, id := range []gdid.GDID{a, b, gdid.MustParse("0:0:1"), gdid.MustParse("4294967295:15:1152921504606846975")} {
				shard := h.Shard(id, n)
				require.True(t, shard >= 0 && shard < n, "%v of %v is %d of %d", h, id, shard, n)
			}
		}
	}
}

// millionIDs are patterns in which ids come into being. Counters begin with 1,
// since the zero id is none.
func millionIDs() map[string]func(i uint64) gdid.RangeKey {
	patterns := map[string]func(i uint64) gdid.RangeKey{
		"sequential":                  func(i uint64) gdid.RangeKey { return gdid.RangeKey{Counter: 1 + i} },
		"odd only":                    func(i uint64) gdid.RangeKey { return gdid.RangeKey{Counter: 1 + 2*i} },
		"even only":                   func(i uint64) gdid.RangeKey { return gdid.RangeKey{Counter: 2 + 2*i} },
		"decimal blocks":              func(i uint64) gdid.RangeKey { return gdid.RangeKey{Counter: 1 + 1000*i} },
		"eras one after the other":    func(i uint64) gdid.RangeKey { return gdid.RangeKey{Era: uint32(i / 250000), Counter: 1 + i%250000} },
		"eras in turn":                func(i uint64) gdid.RangeKey { return gdid.RangeKey{Era: uint32(i % 4), Counter: 1 + i/4} },
		"eras in turn, shared counts": func(i uint64) gdid.RangeKey { return gdid.RangeKey{Era: uint32(i % 4), Counter: 1 + i} },
		"a thousand eras":             func(i uint64) gdid.RangeKey { return gdid.RangeKey{Era: uint32(i % 1000), Counter: 1 + i/1000} },
		"an era each":                 func(i uint64) gdid.RangeKey { return gdid.RangeKey{Era: uint32(i), Counter: 1} },
	}
	for bits := 2; bits <= 31; bits++ {
		patterns[fmt.Sprintf("stride 2^%d", bits)] = func(i uint64) gdid.RangeKey { return gdid.RangeKey{Counter: 1 + i<<bits} }
	}
	for _, bits := range []int{8, 16, 24, 31} {
		patterns[fmt.Sprintf("multiples of 2^%d", bits)] = func(i uint64) gdid.RangeKey { return gdid.RangeKey{Counter: (i + 1) << bits} }
	}
	return patterns
}

// Of a million ids in any pattern no shard of 64 gets more than 3 % above its part
// under jump1.
func TestJump1_even(t *testing.T) {
	t.Parallel()
	const million, shards = 1_000_000, 64
	for name, key := range millionIDs() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var count [shards]int
			for i := range uint64(million) {
				k := key(i)
				id, err := gdid.New(k.Era, uint8(i&15), k.Counter)
				if err != nil {
					t.Fatal(err)
				}
				count[partition.Jump1.Shard(id, shards)]++
			}
			ratio := float64(slices.Max(count[:])) * shards / million
			require.LessOrEqual(t, ratio, 1.03)
		})
	}
}

// mod1 is exact round robin, and has the trap that its documentation names.
func TestMod1_roundRobin(t *testing.T) {
	t.Parallel()
	var sequential, odd [64]int
	for i := range uint64(64_000) {
		id, err := gdid.New(0, 0, 1+i)
		require.NoError(t, err)
		sequential[partition.Mod1.Shard(id, 64)]++
		id, err = gdid.New(0, 0, 1+2*i)
		require.NoError(t, err)
		odd[partition.Mod1.Shard(id, 64)]++
	}
	for shard := range 64 {
		require.Equal(t, 1000, sequential[shard])
		require.Equal(t, 2000*(shard%2), odd[shard])
	}
}

// One shard more moves ids only to the new shard, and about 1/(N+1) of them.
func TestJump1_growth(t *testing.T) {
	t.Parallel()
	const ids = 20_000
	for n := 1; n <= 64; n++ {
		moved := 0
		for i := range uint64(ids) {
			id, err := gdid.New(uint32(i%3), 0, 1+i)
			if err != nil {
				t.Fatal(err)
			}
			before, after := partition.Jump1.Shard(id, n), partition.Jump1.Shard(id, n+1)
			if before != after {
				moved++
				require.Equal(t, n, after)
			}
		}
		ideal := float64(ids) / float64(n+1)
		require.InDelta(t, ideal, moved, 5*math.Sqrt(ideal), "from %d shards", n)
	}
}

func FuzzParseHash(f *testing.F) {
	for _, name := range append(partition.HashNames(), "", "jump", "\x00", "JUMP1") {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		h, err := partition.ParseHash(name)
		require.Equal(t, slices.Contains(partition.HashNames(), name), err == nil)
		if err == nil {
			require.Equal(t, name, h.String())
			return
		}
		_, ok := errors.AsType[*partition.UnknownHashError](err)
		require.True(t, ok)
	})
}

// The shortcut of jump1 must give what the loop of the paper gives, for any number
// of shards and above all where a quotient is close to it.
func TestHash_Jump1_is_the_loop_of_the_paper(t *testing.T) {
	t.Parallel()
	paper := func(key uint64, buckets int64) int {
		at, next := int64(-1), int64(0)
		for next < buckets {
			at = next
			key = key*2862933555777941757 + 1
			next = int64(float64(at+1) * (float64(int64(1)<<31) / float64(int64(key>>33)+1)))
		}
		return int(at)
	}
	shards := []int{1<<20 - 1, 1 << 20, 1<<20 + 1, 1_000_003, 1 << 24, partition.MaxShards}
	for n := 1; n <= 130; n++ {
		shards = append(shards, n)
	}
	for _, n := range shards {
		for i := range uint64(20_000) {
			counter := i * 0x9E3779B97F4A7C15 & gdid.MaxCounter
			if i%2 == 0 {
				counter = i
			}
			id, err := gdid.New(0, 0, counter)
			require.NoError(t, err)
			require.Equal(t, paper(counter, int64(n)), partition.Jump1.Shard(id, n), "counter %d of %d shards", counter, n)
		}
	}
}

// Draws at and beside every quotient that is a whole number: the products may only
// say "above" where the division does.
func TestHash_Jump1_shortcut_at_ties(t *testing.T) {
	t.Parallel()
	for n := uint64(1); n <= 1<<20; n += 1 + n/50 {
		for at := uint64(0); at < n; at += 1 + n/50 {
			for draw := (at+1)<<31/n - min(2, (at+1)<<31/n-1); draw <= (at+1)<<31/n+2; draw++ {
				if (at+1)<<31 > n*draw {
					next := int64(float64(int64(at+1)) * (float64(int64(1)<<31) / float64(int64(draw))))
					require.GreaterOrEqual(t, next, int64(n), "at %d of %d, draw %d", at, n, draw)
				}
			}
		}
	}
}
