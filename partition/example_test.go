package partition_test

import (
	"fmt"

	"github.com/mdbrouter/mdb/gdid"
	"github.com/mdbrouter/mdb/partition"
)

func Example() {
	start := gdid.MustParseRangeKey
	table, err := partition.New(partition.Spec{
		Partitions: []partition.Partition{
			{Name: "p0", Start: start("0:0"), Hash: partition.Jump1, Shards: 2},
			{Name: "p1", Start: start("0:250_000"), Hash: partition.Jump1, Shards: 3},
		},
		Breakpoints: []partition.Breakpoint{{
			Name: "y2027", At: start("0:8_000_000_000"),
			Partitions: []partition.Partition{
				{Name: "r0", Start: start("0:0"), Hash: partition.Jump1, Shards: 3},
				{Name: "r1", Start: start("0:500_000"), Hash: partition.Jump1, Shards: 60},
			},
		}},
	})
	if err != nil {
		panic(err)
	}
	for _, text := range []string{"0:1:250122", "0:3:250123", "0:0:8000500000"} {
		id := gdid.MustParse(text)
		p := table.Partition(table.FindID(id))
		fmt.Println(id, "is in", p.Name, "from", p.Start, "shard", p.Hash.Shard(id, p.Shards))
	}
	// Output:
	// 0:1:250122 is in p1 from 0:250000 shard 2
	// 0:3:250123 is in p1 from 0:250000 shard 0
	// 0:0:8000500000 is in r1 from 0:8000500000 shard 56
}

// All mistakes are told at once, by their place in the spec.
func ExampleNew_faults() {
	_, err := partition.New(partition.Spec{
		Partitions: []partition.Partition{
			{Name: "p1", Start: gdid.MustParseRangeKey("0:250_000"), Hash: partition.Jump1, Shards: 3},
			{Name: "p2", Start: gdid.MustParseRangeKey("0:250_000"), Hash: partition.Jump1},
		},
	})
	fmt.Println(err)
	// Output:
	// partition: no partition serves the ids before 0:250000, where partition "p1" starts
	// partition: partition "p2" starts at 0:250000, as does partition "p1"
	// partition: partition "p2" has no shards
}
