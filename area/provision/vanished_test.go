package provision_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/area/provision"
	"github.com/mdbrouter/mdb/gdid"
)

// A shard that is gone from an area that somebody uses is not made anew in silence:
// its briefcases would seem never to have existed.
func TestNewPlan_refuses_to_make_a_lost_shard_anew(t *testing.T) {
	t.Parallel()
	appended := p0on("u1", "u2")
	appended.partitions = append(appended.partitions, part{name: "p1", start: "0:1000", servers: twoServers})
	tests := []struct {
		name   string
		lost   string // a database on u2
		lose   string // a statement, with %s for the database
		filled string // the database on u1 that holds a row, or none
		want   string // in the refusal; none: the shard is planned
	}{
		{name: "a sibling has rows", lost: "user_p0_1", lose: "DROP DATABASE %s", filled: "user_p0_0", want: "table tbl_user of p0/0 on u1 has rows"},
		{name: "its tables are gone", lost: "user_p0_1", lose: "CREATE OR REPLACE DATABASE %s", filled: "user_p0_0", want: "table tbl_user of p0/0 on u1 has rows"},
		{name: "another partition has rows", lost: "user_p1_1", lose: "DROP DATABASE %s", filled: "user_p0_0", want: "table tbl_user of p0/0 on u1 has rows"},
		{name: "an older partition", lost: "user_p0_1", lose: "DROP DATABASE %s", filled: "user_p1_0", want: "table tbl_user of p1/0 on u1 has rows"},
		{name: "nobody has used the area", lost: "user_p0_1", lose: "DROP DATABASE %s"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := newProcess(t)
			require.NoError(t, p.provision(t.Context(), p.config(appended)))
			if tt.filled != "" {
				require.NoError(t, insert(t.Context(), p.db("u1"), p.prefix+tt.filled, gdid.MustParse("0:1:7")))
			}
			p.exec("u2", fmt.Sprintf(tt.lose, p.prefix+tt.lost))

			cfg := p.config(appended)
			plan, err := provision.NewPlan(t.Context(), cfg)
			if tt.want == "" {
				require.NoError(t, err)
				require.Len(t, plan.Steps(), 1)
				return
			}
			var reasons *provision.RefusedError
			require.ErrorAs(t, err, &reasons)
			require.Len(t, reasons.Refusals, 1)
			require.Equal(t, p.prefix+tt.lost, reasons.Refusals[0].Database)
			require.ErrorContains(t, err, tt.want)
			require.ErrorContains(t, err, "--recreate u2/"+p.prefix+tt.lost)

			cfg.Recreate = []string{"u2/" + p.prefix + tt.lost}
			require.NoError(t, p.provision(t.Context(), cfg))
			plan, err = provision.NewPlan(t.Context(), p.config(appended))
			require.NoError(t, err)
			require.True(t, plan.Empty())
			_, err = provision.NewPlan(t.Context(), cfg)
			require.ErrorContains(t, err, "no shard is missing there")
		})
	}
}

// The shards of an appended partition are made before the first of them opens. So one
// that is missing beside an open one is lost, used or not, also where the partition
// before has lost its end, so that it looks as if the append had only begun.
func TestNewPlan_refuses_to_make_a_lost_shard_of_an_append_anew(t *testing.T) {
	t.Parallel()
	p := newProcess(t)
	before, after := grown()
	require.NoError(t, p.provision(t.Context(), p.config(before)))
	cfg := p.config(after)
	cfg.Heads = &fakeHeads{head: gdid.RangeKey{Counter: 1000}}
	require.NoError(t, p.provision(t.Context(), cfg))

	p.exec("u2", "UPDATE "+p.database("p0", 1)+".mdb_fence SET end_era = NULL, end_counter = NULL")
	lost := p.database("p1", 0)
	p.exec("u2", "DROP DATABASE "+lost)
	_, err := provision.NewPlan(t.Context(), cfg)
	require.ErrorContains(t, err, "p1/1 of the same partition is in use")
	require.ErrorContains(t, err, "--recreate u2/"+lost)
}

// Giving the rows up is said once: a run that was cut short while it made the shard
// anew is completed by one that does not say it.
func TestApply_goes_on_making_a_lost_shard_anew(t *testing.T) {
	t.Parallel()
	p := newProcess(t)
	cfg := p.config(p0on("u1", "u2"))
	require.NoError(t, p.provision(t.Context(), cfg))
	require.NoError(t, insert(t.Context(), p.db("u1"), p.database("p0", 0), gdid.MustParse("0:1:7")))
	lost := p.database("p0", 1)
	p.exec("u2", "DROP DATABASE "+lost)

	f := &faults{at: 8} // past the claim, before the stamp
	killed := p.again(f)
	cut := killed.config(p0on("u1", "u2"))
	cut.Recreate = []string{"u2/" + lost}
	require.ErrorIs(t, killed.provision(t.Context(), cut), errBroken)
	killed.close()
	require.Equal(t, []string{"1"}, p.rows("u2", "SELECT phase FROM "+lost+".mdb_provision"))
	require.NoError(t, p.provision(t.Context(), cfg))
	require.Equal(t, []string{"4"}, p.rows("u2", "SELECT phase FROM "+lost+".mdb_provision"))
}

// A key that stood in a lost shard of CENTRAL could be taken a second time.
func TestNewPlan_refuses_to_make_a_lost_central_shard_anew(t *testing.T) {
	t.Parallel()
	p := newProcess(t)
	cfg := p.centralConfig(twoServers, emailIndex)
	require.NoError(t, p.provision(t.Context(), cfg))
	lost := p.centralDatabase(1)
	p.exec("u2", "DROP DATABASE "+lost)
	plan, err := provision.NewPlan(t.Context(), cfg)
	require.NoError(t, err, "nobody has used it")
	require.Len(t, plan.Steps(), 1)

	p.exec("u1", "INSERT INTO "+p.centralDatabase(0)+".mdb_index_email VALUES ('ann@x.org', ?, 2, ?, 1, NULL, NOW(), NOW())", gdid.MustParse("0:1:7"), make([]byte, 16))
	_, err = provision.NewPlan(t.Context(), cfg)
	require.ErrorContains(t, err, "table mdb_index_email of shard 0 on u1 has rows")
	require.ErrorContains(t, err, "--recreate u2/"+lost)

	cfg.Recreate = []string{"u2/" + lost}
	require.NoError(t, p.provision(t.Context(), cfg))
	cfg.Recreate = nil
	plan, err = provision.NewPlan(t.Context(), cfg)
	require.NoError(t, err)
	require.True(t, plan.Empty())
}
