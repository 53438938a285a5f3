package partition_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/gdid"
	"github.com/mdbrouter/mdb/partition"
)

// The paths that every request takes do not allocate. AllocsPerRun counts those of
// the whole process, so this test does not run in parallel.
func TestAllocations(t *testing.T) {
	one, err := partition.New(partition.Spec{Partitions: []partition.Partition{at("a", "0:0"), at("b", "0:5"), at("c", "0:9")}})
	require.NoError(t, err)
	many, err := partition.New(partition.Spec{Partitions: []partition.Partition{at("a", "0:0"), at("b", "3:5"), at("c", "7:9")}})
	require.NoError(t, err)
	for _, table := range []*partition.Table{one, many} {
		for _, text := range []string{"0:1:3", "0:1:7", "2:1:5", "9:1:5"} {
			id := gdid.MustParse(text)
			require.Zero(t, testing.AllocsPerRun(100, func() { table.FindID(id) }))
			require.Zero(t, testing.AllocsPerRun(100, func() { table.Find(id.RangeKey()) }))
			require.Zero(t, testing.AllocsPerRun(100, func() { table.Partition(0); table.Source(0); table.End(0) }))
			for _, h := range hashes {
				require.Zero(t, testing.AllocsPerRun(100, func() { h.Shard(id, 64) }))
			}
		}
	}
}
