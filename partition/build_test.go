package partition_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/gdid"
	"github.com/mdbrouter/mdb/partition"
)

// bad is a partition whose fields are all wrong but its start.
func bad(name, start string) partition.Partition {
	return partition.Partition{Name: name, Start: key(start)}
}

func TestNew_faults(t *testing.T) {
	t.Parallel()
	type fault = partition.Fault
	type list = []partition.Partition
	none := gdid.RangeKey{}
	invalid := gdid.RangeKey{Counter: 1 << 60}
	whole := list{at("p", "0:0")}
	tests := []struct {
		name string
		spec partition.Spec
		want []fault
		text string // of the first fault
	}{
		{
			name: "nothing",
			want: []fault{{partition.NoPartitions, -1, -1, -1, none}},
			text: `there are no partitions`,
		},
		{
			name: "no partitions before a breakpoint",
			spec: partition.Spec{Breakpoints: []partition.Breakpoint{{Name: "b", At: key("0:9"), Partitions: whole}}},
			want: []fault{{partition.NoPartitions, -1, -1, -1, none}},
			text: `there are no partitions`,
		},
		{
			name: "no partitions in a breakpoint",
			spec: partition.Spec{Partitions: whole, Breakpoints: []partition.Breakpoint{{Name: "b", At: key("0:9")}}},
			want: []fault{{partition.EmptyBreakpoint, 0, -1, -1, none}},
			text: `breakpoint "b" has no partitions`,
		},
		{
			name: "the same start twice, and once more",
			spec: partition.Spec{Partitions: list{at("a", "0:5"), at("b", "0:0"), at("c", "0:5"), at("d", "0:5")}},
			want: []fault{{partition.DuplicateStart, -1, 2, 0, key("0:5")}, {partition.DuplicateStart, -1, 3, 0, key("0:5")}},
			text: `partition "c" starts at 0:5, as does partition "a"`,
		},
		{
			name: "the same offset twice",
			spec: partition.Spec{Partitions: whole, Breakpoints: []partition.Breakpoint{{Name: "b", At: key("1:7"), Partitions: list{at("q", "0:0"), at("r", "0:0")}}}},
			want: []fault{{partition.DuplicateStart, 0, 1, 0, key("1:7")}},
			text: `partition "r" starts at 1:7, as does partition "q"`,
		},
		{
			name: "the same offset in two tables is none",
			spec: partition.Spec{Partitions: whole, Breakpoints: []partition.Breakpoint{{Name: "b", At: key("1:7"), Partitions: whole}}},
		},
		{
			name: "a hole at the begin",
			spec: partition.Spec{Partitions: list{at("b", "0:9"), at("a", "0:5")}},
			want: []fault{{partition.Hole, -1, 1, -1, key("0:5")}},
			text: `no partition serves the ids before 0:5, where partition "a" starts`,
		},
		{
			name: "a hole at a breakpoint",
			spec: partition.Spec{Partitions: whole, Breakpoints: []partition.Breakpoint{{Name: "b", At: key("1:7"), Partitions: list{at("q", "0:5")}}}},
			want: []fault{{partition.Hole, 0, 0, -1, key("1:12")}},
			text: `no partition serves the ids before 1:12, where partition "q" starts`,
		},
		{
			name: "starts at and after the next breakpoint",
			spec: partition.Spec{
				Partitions: list{at("a", "0:0"), at("b", "0:9"), at("c", "0:8"), at("d", "7:0")},
				Breakpoints: []partition.Breakpoint{
					{Name: "x", At: key("0:9"), Partitions: list{at("e", "0:0"), at("f", "0:10"), at("g", "0:11")}},
					{Name: "y", At: key("0:20"), Partitions: list{at("h", "0:0"), at("i", "9:0")}},
				},
			},
			want: []fault{
				{partition.Unreachable, -1, 1, 0, key("0:9")},
				{partition.Unreachable, -1, 3, 0, key("7:0")},
				{partition.Unreachable, 0, 2, 1, key("0:20")},
			},
			text: `partition "b" starts at 0:9, at or after breakpoint "x"`,
		},
		{
			name: "a breakpoint at 0:0",
			spec: partition.Spec{Partitions: whole, Breakpoints: []partition.Breakpoint{{Name: "b", Partitions: whole}}},
			want: []fault{{partition.BreakpointOrder, 0, -1, -1, none}},
			text: `breakpoint "b" is at 0:0, want a key above 0:0`,
		},
		{
			name: "breakpoints that do not ascend",
			spec: partition.Spec{
				Partitions: whole,
				Breakpoints: []partition.Breakpoint{
					{Name: "x", At: key("0:9"), Partitions: whole},
					{Name: "y", At: key("0:9"), Partitions: whole},
					{Name: "z", At: key("0:8"), Partitions: whole},
				},
			},
			want: []fault{
				{partition.BreakpointOrder, 1, -1, 0, key("0:9")},
				{partition.BreakpointOrder, 2, -1, 1, key("0:8")},
			},
			text: `breakpoint "y" is at 0:9, want a key above that of breakpoint "x"`,
		},
		{
			name: "keys that are none",
			spec: partition.Spec{
				Partitions:  list{{Name: "a", Start: invalid, Hash: partition.Jump1, Shards: 1}, at("b", "0:7")},
				Breakpoints: []partition.Breakpoint{{Name: "x", At: invalid, Partitions: whole}, {Name: "y", At: key("0:9"), Partitions: whole}},
			},
			want: []fault{{partition.InvalidKey, -1, 0, -1, invalid}, {partition.InvalidKey, 0, -1, -1, invalid}},
			text: `partition "a": the counter of 0:1152921504606846976 exceeds 60 bits`,
		},
		{
			name: "an offset that leads past the last key",
			spec: partition.Spec{
				Partitions:  whole,
				Breakpoints: []partition.Breakpoint{{Name: "x", At: key("4294967295:9"), Partitions: list{at("a", "0:0"), at("b", "0:1152921504606846966"), at("c", "0:1152921504606846967")}}},
			},
			want: []fault{{partition.Overflow, 0, 2, -1, key("0:1152921504606846967")}},
			text: `partition "c": offset 0:1152921504606846967 leads past 4294967295:1152921504606846975`,
		},
		{
			name: "no shards and no hash",
			spec: partition.Spec{Partitions: list{bad("a", "0:0"), {Name: "b", Start: key("0:1"), Hash: partition.Azos1 + 1, Shards: -1}}},
			want: []fault{
				{partition.NoShards, -1, 0, -1, none},
				{partition.InvalidHash, -1, 0, -1, none},
				{partition.NoShards, -1, 1, -1, none},
				{partition.InvalidHash, -1, 1, -1, none},
			},
			text: `partition "a" has no shards`,
		},
		{
			name: "more shards than can be told apart",
			spec: partition.Spec{Partitions: list{{Name: "a", Hash: partition.Mod1, Shards: partition.MaxShards + 1}}},
			want: []fault{{partition.TooManyShards, -1, 0, -1, none}},
			text: `partition "a" has more than 2147483647 shards`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			table, err := partition.New(tt.spec)
			if tt.want == nil {
				require.NoError(t, err)
				return
			}
			require.Nil(t, table)
			var spec *partition.SpecError
			require.ErrorAs(t, err, &spec)
			require.Equal(t, tt.want, spec.Faults)
			require.Equal(t, tt.text, spec.Describe(spec.Faults[0]))
			lines := strings.Split(err.Error(), "\n")
			require.Len(t, lines, len(tt.want))
			for i, line := range lines {
				require.Equal(t, "partition: "+spec.Describe(spec.Faults[i]), line)
			}
		})
	}
}

// A SpecError describes any fault without a panic, also one that is not its own.
func TestSpecError_Describe(t *testing.T) {
	t.Parallel()
	for kind := range partition.TooManyShards + 2 {
		for _, i := range []int{-1, 0, 99} {
			require.NotEmpty(t, new(partition.SpecError).Describe(partition.Fault{Kind: kind, Breakpoint: i, Partition: i, Other: i}))
		}
	}
}

// The order of partitions as written means nothing to the table, and the spec may
// change afterwards.
func TestNew_order(t *testing.T) {
	t.Parallel()
	spec := sample()
	spec.Partitions[0].Breakpoint = "New fills this"
	table, err := partition.New(spec)
	require.NoError(t, err)
	wants := []struct{ name, breakpoint, start, end string }{
		{"p0", "", "0:0", "0:250000"},
		{"p1", "", "0:250000", "0:8000000000"},
		{"r0", "y2027", "0:8000000000", "0:8000500000"},
		{"r1", "y2027", "0:8000500000", "1:8000000000"},
		{"r2", "y2027", "1:8000000000", ""},
	}
	for i, want := range wants {
		p := table.Partition(i)
		require.Equal(t, want.name, p.Name)
		require.Equal(t, want.breakpoint, p.Breakpoint)
		require.Equal(t, want.start, p.Start.String())
		end, ok := table.End(i)
		require.Equal(t, want.end != "", ok)
		if ok {
			require.Equal(t, want.end, end.String())
		}
		source, written := table.Source(i), spec.Partitions
		if source.Breakpoint >= 0 {
			written = spec.Breakpoints[source.Breakpoint].Partitions
		}
		require.Equal(t, want.name, written[source.Partition].Name)
	}
	n := 0
	for i, p := range table.All() {
		require.Equal(t, n, i)
		require.Equal(t, table.Partition(i), p)
		n++
	}
	require.Equal(t, table.Len(), n)
	for i := range table.All() {
		require.Zero(t, i)
		break
	}
	spec.Partitions[0].Start = key("0:7")
	spec.Breakpoints[0].Partitions[0].Name = "changed"
	require.Equal(t, "0:0", table.Partition(0).Start.String())
	require.Equal(t, "r1", table.Partition(3).Name)
	require.Panics(t, func() { table.Partition(5) })
	require.Panics(t, func() { table.End(5) })
	require.Panics(t, func() { table.Source(-1) })
}

// Very many breakpoints are built in a moment.
func TestNew_manyBreakpoints(t *testing.T) {
	t.Parallel()
	spec := partition.Spec{Partitions: []partition.Partition{at("p", "0:0")}}
	for i := range 20000 {
		spec.Breakpoints = append(spec.Breakpoints, partition.Breakpoint{
			Name: fmt.Sprint("b", i), At: gdid.RangeKey{Counter: uint64(i+1) * 10},
			Partitions: []partition.Partition{at("q", "0:0"), at("r", "0:5")},
		})
	}
	table, err := partition.New(spec)
	require.NoError(t, err)
	require.Equal(t, 40001, table.Len())
	require.Equal(t, "b19999", table.Partition(table.FindID(gdid.MustParse("9:0:0"))).Breakpoint)
}
