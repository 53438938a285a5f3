package central_test

import (
	"fmt"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/central"
)

// An index says without any server what becomes of a key, and where it stands.
func ExampleIndex_Shard() {
	c, err := central.New(central.Config{
		Spec: &area.Central{
			Shards:  []area.Database{{Server: "c1", Name: "central_0"}, {Server: "c2", Name: "central_1"}},
			Indexes: []area.Index{{Name: "email", Normalize: []string{"trim", "nfkc", "fold"}, Unique: true}},
		},
		Shards: make([]central.DB, 2),
	})
	if err != nil {
		panic(err)
	}
	defer c.Close()
	email := c.Index("email")
	for _, text := range []string{" Ann@Example.com", "ann@example.com"} {
		k, err := email.Encode(text)
		if err != nil {
			panic(err)
		}
		place, err := email.Shard(k)
		if err != nil {
			panic(err)
		}
		fmt.Println(email.Text(k), "stands in", place.Database, "on", place.Server)
	}
	// Output:
	// ann@example.com stands in central_0 on c1
	// ann@example.com stands in central_0 on c1
}
