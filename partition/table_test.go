package partition_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/gdid"
	"github.com/mdbrouter/mdb/partition"
)

func key(s string) gdid.RangeKey { return gdid.MustParseRangeKey(s) }

func at(name, start string) partition.Partition {
	return partition.Partition{Name: name, Start: key(start), Hash: partition.Jump1, Shards: 1}
}

// sample has the shape of a real area: two tables, the second after a breakpoint,
// nothing in the order of its starts.
func sample() partition.Spec {
	return partition.Spec{
		Partitions: []partition.Partition{at("p1", "0:250_000"), at("p0", "0:0")},
		Breakpoints: []partition.Breakpoint{
			{Name: "y2027", At: key("0:8_000_000_000"), Partitions: []partition.Partition{at("r1", "0:500_000"), at("r0", "0:0"), at("r2", "1:0")}},
		},
	}
}

func TestTable(t *testing.T) {
	t.Parallel()
	table, err := partition.New(sample())
	require.NoError(t, err)
	require.Equal(t, 5, table.Len())
	tests := []struct{ name, key, want string }{
		{name: "the first key", key: "0:0", want: "p0"},
		{name: "the last key before a start", key: "0:249999", want: "p0"},
		{name: "a start", key: "0:250000", want: "p1"},
		{name: "the last key before the breakpoint", key: "0:7999999999", want: "p1"},
		{name: "the breakpoint", key: "0:8000000000", want: "r0"},
		{name: "the last key before an offset", key: "0:8000499999", want: "r0"},
		{name: "an offset counts from the breakpoint", key: "0:8000500000", want: "r1"},
		{name: "the last key before an offset of a whole era", key: "1:7999999999", want: "r1"},
		{name: "an offset of a whole era", key: "1:8000000000", want: "r2"},
		{name: "the last key of all", key: "4294967295:1152921504606846975", want: "r2"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			k := key(tt.key)
			require.Equal(t, tt.want, table.Partition(table.Find(k)).Name)
			for authority := range gdid.MaxAuthority + 1 {
				id, err := gdid.New(k.Era, authority, k.Counter)
				require.NoError(t, err)
				require.Equal(t, tt.want, table.Partition(table.FindID(id)).Name)
			}
		})
	}
}
