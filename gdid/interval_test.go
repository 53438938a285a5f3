package gdid_test

import (
	"bytes"
	"math"
	"math/big"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/gdid"
)

// The universe is small but has all that can go wrong: eras that touch and eras
// that do not, the ends of counters and of the line.
var (
	smallEras     = []uint32{0, 1, 2, 3, math.MaxUint32 - 1, math.MaxUint32}
	smallCounters = []uint64{0, 1, 2, 3, gdid.MaxCounter - 2, gdid.MaxCounter - 1, gdid.MaxCounter}
)

func TestIntervals(t *testing.T) {
	t.Parallel()
	var keys []gdid.RangeKey
	var ids []gdid.GDID
	for _, era := range smallEras {
		for _, counter := range smallCounters {
			keys = append(keys, gdid.RangeKey{Era: era, Counter: counter})
			for authority := range gdid.MaxAuthority + 1 {
				id, err := gdid.New(era, authority, counter)
				require.NoError(t, err)
				ids = append(ids, id)
			}
		}
	}
	one := big.NewInt(1)
	for _, first := range keys {
		for _, last := range keys {
			intervals := slices.Collect(gdid.Intervals(first, last))
			if first.Compare(last) > 0 {
				require.Empty(t, intervals)
				continue
			}
			require.LessOrEqual(t, len(intervals), 31)
			total := new(big.Int)
			for i, in := range intervals {
				low, high := new(big.Int).SetBytes(in.First[:]), new(big.Int).SetBytes(in.Last[:])
				require.LessOrEqual(t, low.Cmp(high), 0)
				total.Add(total, high.Sub(high, low).Add(high, one))
				if i > 0 {
					before := new(big.Int).SetBytes(intervals[i-1].Last[:])
					require.Negative(t, before.Add(before, one).Cmp(low), "%v to %v: intervals ascend and do not touch", first, last)
				}
			}
			// As many ids as the keys have, sixteen times over, so that none of
			// those between the samples below is missing or too many.
			want := new(big.Int).Sub(number(last), number(first))
			want.Add(want, one).Lsh(want, 4)
			require.Equal(t, want, total, "%v to %v", first, last)
			for _, id := range ids {
				key, b := id.RangeKey(), id.Bytes()
				in := slices.ContainsFunc(intervals, func(i gdid.Interval) bool {
					return bytes.Compare(i.First[:], b[:]) <= 0 && bytes.Compare(b[:], i.Last[:]) <= 0
				})
				require.Equal(t, first.Compare(key) <= 0 && key.Compare(last) <= 0, in, "%v in %v to %v", id, first, last)
			}
		}
	}
}

func TestIntervals_count(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, first, last string
		want              int
	}{
		{"within an era", "0:5", "0:9", 16},
		{"one key", "0:5", "0:5", 16},
		{"the first key", "0:0", "0:0", 16},
		{"a whole era", "3:0", "3:1152921504606846975", 1},
		{"all ids", "0:0", "4294967295:1152921504606846975", 1},
		{"parts of two eras", "0:5", "1:9", 31},
		{"parts of two eras and whole ones between", "0:5", "9:9", 31},
		{"the end of an era and whole ones", "0:5", "9:1152921504606846975", 16},
		{"whole eras and the begin of one", "1:0", "9:9", 16},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			first, last := gdid.MustParseRangeKey(tt.first), gdid.MustParseRangeKey(tt.last)
			require.Len(t, slices.Collect(gdid.Intervals(first, last)), tt.want)
			for range gdid.Intervals(first, last) {
				break // an early end is no mistake
			}
		})
	}
	require.Panics(t, func() { gdid.Intervals(gdid.RangeKey{Counter: 1 << 60}, gdid.MaxRangeKey) })
	require.Panics(t, func() { gdid.Intervals(gdid.RangeKey{}, gdid.RangeKey{Counter: 1 << 60}) })
}
