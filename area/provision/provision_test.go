package provision_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/area/provision"
)

func TestApply_creates_what_is_missing_and_nothing_twice(t *testing.T) {
	t.Parallel()
	p := newProcess(t)
	cfg := p.config(layout{
		partitions:  []part{{name: "p0", start: "0:0", servers: twoServers}, {name: "p1", start: "0:1000", servers: []string{"u2"}}},
		breakpoints: []breakpoint{{name: "b", at: "1:0", partitions: []part{{name: "r0", start: "0:0", servers: []string{"u1"}}}}},
	})
	plan, err := provision.NewPlan(t.Context(), cfg)
	require.NoError(t, err)
	require.Len(t, plan.Steps(), 4)
	require.Empty(t, p.dump(), "a plan changes nothing")

	require.NoError(t, plan.Apply(t.Context()))
	require.NoError(t, plan.Apply(t.Context()), "applying a plan twice")

	again, err := provision.NewPlan(t.Context(), cfg)
	require.NoError(t, err)
	require.True(t, again.Empty(), again.Steps())

	fence := "SELECT layout, state, cases, end_era, end_counter, COUNT(*) FROM " + p.database("p0", 0) + ".mdb_fence GROUP BY 1, 2, 3, 4, 5"
	require.Equal(t, []string{"1|0|0|0|1000|1024"}, p.rows("u1", fence))
	fence = "SELECT state, end_era, end_counter, COUNT(*) FROM " + p.database("p1", 0) + ".mdb_fence GROUP BY 1, 2, 3"
	require.Equal(t, []string{"0|1|0|1024"}, p.rows("u2", fence), "a partition before a breakpoint ends there")
	fence = "SELECT state, end_era, end_counter, COUNT(*) FROM " + p.database("r0", 0) + ".mdb_fence GROUP BY 1, 2, 3"
	require.Equal(t, []string{"0|NULL|NULL|1024"}, p.rows("u1", fence))
	require.Equal(t, []string{"acme|user|0|0|1|2|jump1|1"}, p.rows("u2", "SELECT namespace, area, start_era, start_counter, shard, shards, hash, layout FROM "+p.database("p0", 1)+".mdb_shard"))
	require.Equal(t, []string{"1|11|NULL", "2|21|NULL"}, p.rows("u2", "SELECT * FROM "+p.database("p0", 1)+".plain"))
	require.Equal(t, []string{"utf8mb4_bin"}, p.rows("u2", "SELECT default_collation_name FROM information_schema.schemata WHERE schema_name = '"+p.database("p0", 1)+"'"))
}
