package area_test

import (
	"errors"
	"fmt"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/gdid"
	"github.com/mdbrouter/mdb/partition"
)

// A registry is compiled from a topology and answers where an id lives.
func ExampleRegistry_Route() {
	registry, err := area.NewRegistry(area.Topology{
		Namespace: "shop",
		Hash:      partition.Jump1,
		Servers:   []area.Server{{Name: "a"}, {Name: "b"}},
		Areas: []area.Spec{{Name: "user", Partitions: []area.PartitionSpec{
			{Name: "p0", Shards: []area.Database{{Server: "a", Name: "user_p0_0"}}},
			{Name: "p1", Start: gdid.MustParseRangeKey("0:250_000"), Shards: []area.Database{{Server: "a", Name: "user_p1_0"}, {Server: "b", Name: "user_p1_1"}}},
		}}},
	})
	if err != nil {
		panic(err)
	}
	route, err := registry.Route("user", gdid.MustParse("0:1:250122"))
	if err != nil {
		panic(err)
	}
	fmt.Println(route.Partition, route.Shard, route.Server, route.Database)

	_, err = registry.Route("order", gdid.MustParse("0:1:250122"))
	fmt.Println(errors.Is(err, area.ErrNoArea))
	// Output:
	// p1 1 b user_p1_1
	// true
}

// Classify tells whether to try again, and whether the write may have landed.
func ExampleClassify() {
	for _, err := range []error{area.ErrMoving, area.ErrOutOfRange, area.ErrOutcomeUnknown} {
		class := area.Classify((area.Error{Op: "commit", Area: "user"}).Wrap(err))
		fmt.Printf("%v: %v, %v\n", err, class.Advice, class.Outcome)
	}
	// Output:
	// the briefcase is moving or its shard is not open yet: back off, not applied
	// the id lies past the end of the shard's range: refresh shard, not applied
	// the write may have landed: fail, unknown
}
