package gdid_test

import (
	"bytes"
	"cmp"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/gdid"
)

func TestNew(t *testing.T) {
	t.Parallel()
	g, err := gdid.New(7, 3, 250000)
	require.NoError(t, err)
	require.Equal(t, uint32(7), g.Era())
	require.Equal(t, uint8(3), g.Authority())
	require.Equal(t, uint64(250000), g.Counter())
	require.Equal(t, gdid.RangeKey{Era: 7, Counter: 250000}, g.RangeKey())
	require.Equal(t, "7:3:250000", g.String())
	require.Equal(t, "00000007300000000003d090", g.Hex())
	require.False(t, g.IsZero())

	zero, err := gdid.New(0, 0, 0)
	require.NoError(t, err)
	require.True(t, zero.IsZero())

	var limit *gdid.LimitError
	_, err = gdid.New(0, 16, 0)
	require.ErrorAs(t, err, &limit)
	require.Equal(t, gdid.LimitError{Part: "authority", Value: 16, Limit: 15}, *limit)
	_, err = gdid.New(math.MaxUint32, 15, 1<<60)
	require.ErrorAs(t, err, &limit)
	require.Equal(t, gdid.LimitError{Part: "counter", Value: 1 << 60, Limit: 1<<60 - 1}, *limit)
}

// Compare is the order of the bytes, CompareRange the order of range keys, and
// the two disagree where authorities differ.
func TestGDID_Compare(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, a, b         string
		compare, compareBy int
	}{
		{name: "the same id", a: "1:2:3", b: "1:2:3"},
		{name: "the counter decides last", a: "1:2:3", b: "1:2:4", compare: -1, compareBy: -1},
		{name: "the era decides first", a: "2:0:0", b: "1:15:1152921504606846975", compare: 1, compareBy: 1},
		{name: "the authority alone differs", a: "1:2:3", b: "1:3:3", compare: -1},
		{name: "the authority stands above the counter", a: "0:1:9", b: "0:2:5", compare: -1, compareBy: 1},
		{name: "the ends of the line", a: "0:0:0", b: "4294967295:15:1152921504606846975", compare: -1, compareBy: -1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a, b := gdid.MustParse(tt.a), gdid.MustParse(tt.b)
			require.Equal(t, tt.compare, a.Compare(b))
			require.Equal(t, -tt.compare, b.Compare(a))
			require.Equal(t, tt.compareBy, a.CompareRange(b))
			require.Equal(t, -tt.compareBy, b.CompareRange(a))
			require.Equal(t, tt.compareBy, a.RangeKey().Compare(b.RangeKey()))
		})
	}
}

func TestGDID_Bytes(t *testing.T) {
	t.Parallel()
	texts := []string{"0:0:0", "0:0:1", "0:0:1152921504606846975", "0:1:0", "0:15:1152921504606846975", "1:0:0", "4294967295:15:0"}
	for i, a := range texts {
		for j, b := range texts {
			x, y := gdid.MustParse(a).Bytes(), gdid.MustParse(b).Bytes()
			require.Equal(t, cmp.Compare(i, j), bytes.Compare(x[:], y[:]), "bytes sort as Compare does")
			require.Equal(t, cmp.Compare(i, j), gdid.MustParse(a).Compare(gdid.MustParse(b)))
		}
		require.Equal(t, gdid.MustParse(a), gdid.FromBytes(gdid.MustParse(a).Bytes()))
	}
}
