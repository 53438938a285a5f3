package provision_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/area/provision"
	"github.com/mdbrouter/mdb/mdbtest/mysqld"
)

func TestAdmit(t *testing.T) {
	t.Parallel()
	p := newProcess(t)
	cfg := p.config(p0on("u1", "u2", "u2"))
	require.NoError(t, p.provision(t.Context(), cfg))
	p.exec("u2", "UPDATE "+p.database("p0", 1)+".mdb_server SET server = 'before'")
	p.exec("u2", "UPDATE "+p.database("p0", 2)+".mdb_server SET identity = 'uid:old/1'")
	_, err := provision.NewPlan(t.Context(), cfg)
	require.ErrorIs(t, err, area.ErrWrongShard)

	done, err := provision.Admit(t.Context(), cfg, "u2")
	require.NoError(t, err)
	require.Equal(t, "u2", done.Server)
	require.NotEmpty(t, done.Identity)
	require.Equal(t, []string{p.database("p0", 1), p.database("p0", 2)}, done.Databases)
	again, err := provision.Admit(t.Context(), cfg, "u2")
	require.NoError(t, err)
	require.Equal(t, done, again)

	plan, err := provision.NewPlan(t.Context(), cfg)
	require.NoError(t, err)
	require.True(t, plan.Empty())
	require.Equal(t, []string{"u2"}, p.rows("u2", "SELECT server FROM "+p.database("p0", 1)+".mdb_server"), "it has the label that it has now")
	require.ElementsMatch(t, []string{"uid:old/1|primary", done.Identity + "|primary"}, p.rows("u2", "SELECT identity, role FROM "+p.database("p0", 2)+".mdb_server"))
}

// A copy beside the original is refused for as long as both stand; a database that
// was renamed is admitted.
func TestAdmit_renamed(t *testing.T) {
	t.Parallel()
	p := newProcess(t)
	cfg := p.config(p0on("u1", "u2"))
	cfg.Schema = smallSchema
	require.NoError(t, p.provision(t.Context(), cfg))
	original, renamed := p.database("p0", 1), p.prefix+"renamed"
	p.exec("u2", "CREATE DATABASE "+renamed)
	for _, table := range p.rows("u2", "SELECT table_name FROM information_schema.tables WHERE table_schema = '"+original+"'") {
		p.exec("u2", "CREATE TABLE "+renamed+"."+table+" LIKE "+original+"."+table)
		p.exec("u2", "INSERT INTO "+renamed+"."+table+" SELECT * FROM "+original+"."+table)
	}
	topology := p.registry(p0on("u1", "u2")).Topology()
	topology.Areas[0].Partitions[0].Shards[1].Name = renamed
	var err error
	cfg.Registry, err = area.NewRegistry(topology)
	require.NoError(t, err)

	_, err = provision.NewPlan(t.Context(), cfg)
	require.ErrorContains(t, err, "stands in database "+original)
	_, err = provision.Admit(t.Context(), cfg, "u2")
	require.ErrorContains(t, err, "the shard stands in database "+original+" on u2 too")

	p.exec("u2", "DROP DATABASE "+original)
	_, err = provision.NewPlan(t.Context(), cfg)
	wrong, ok := errors.AsType[*area.IdentityError](err)
	require.True(t, ok, "%v", err)
	require.Equal(t, area.IdentityError{Server: "u2", Database: renamed, Fact: "database", Want: renamed, Got: original}, *wrong)
	done, err := provision.Admit(t.Context(), cfg, "u2")
	require.NoError(t, err)
	require.Equal(t, []string{renamed}, done.Databases)
	plan, err := provision.NewPlan(t.Context(), cfg)
	require.NoError(t, err)
	require.True(t, plan.Empty())
}

func TestAdmit_refuses(t *testing.T) {
	t.Parallel()
	p := newProcess(t)
	cfg := p.config(p0on("u1", "u2"))
	require.NoError(t, p.provision(t.Context(), cfg))

	_, err := provision.Admit(t.Context(), cfg, "u9")
	require.ErrorContains(t, err, "no such server")

	swapped := processOn(t, p.prefix, map[string]*mysqld.Server{"u1": p.servers["u2"], "u2": p.servers["u1"]})
	_, err = provision.Admit(t.Context(), swapped.config(p0on("u1", "u2")), "u1")
	require.ErrorContains(t, err, "no shard that the configuration puts there stands on it")

	same := processOn(t, p.prefix, map[string]*mysqld.Server{"u1": p.servers["u1"], "u2": p.servers["u1"]})
	_, err = provision.Admit(t.Context(), same.config(p0on("u1", "u2")), "u1")
	require.ErrorContains(t, err, "u2 is the same server")

	p.exec("u1", "UPDATE "+p.database("p0", 0)+".mdb_shard SET shard = 1")
	_, err = provision.Admit(t.Context(), cfg, "u1")
	require.ErrorIs(t, err, area.ErrWrongShard)
}

func TestApply_admits_declared_replicas(t *testing.T) {
	t.Parallel()
	third := mysqld.ForTest(t, 1, mysqld.Options{}).Servers[0]
	p := newProcess(t)
	cfg := p.config(p0on("u1", "u2"))
	require.NoError(t, p.provision(t.Context(), cfg))

	cfg.Registry = withReplica(t, cfg.Registry)
	p.servers = map[string]*mysqld.Server{"u1": p.servers["u1"], "u2": p.servers["u2"], "replica": third}
	cfg.Replicas = replicaOf{p: p, server: "replica"}
	plan, err := provision.NewPlan(t.Context(), cfg)
	require.NoError(t, err)
	require.Len(t, plan.Steps(), 1)
	require.Contains(t, plan.Steps()[0].String(), "admit replica")
	require.NoError(t, plan.Apply(t.Context()))
	require.Equal(t, []string{"u2|primary", "u2|replica"}, p.rows("u2", "SELECT server, role FROM "+p.database("p0", 1)+".mdb_server ORDER BY role"))
	require.Equal(t, []string{"u1|primary"}, p.rows("u1", "SELECT server, role FROM "+p.database("p0", 0)+".mdb_server"))

	again, err := provision.NewPlan(t.Context(), cfg)
	require.NoError(t, err)
	require.True(t, again.Empty())
}

func TestRead(t *testing.T) {
	t.Parallel()
	p := newProcess(t)
	cfg := p.config(p0on("u1", "u2"))
	require.NoError(t, p.provision(t.Context(), cfg))
	states := provision.Read(t.Context(), cfg)
	require.Len(t, states, 2)
	require.Equal(t, "u2", states[1].Server)
	require.NoError(t, states[1].Err)
	require.NotEqual(t, states[0].Identity, states[1].Identity)

	db, ok := states[1].Database(p.database("p0", 1))
	require.True(t, ok)
	require.Equal(t, "user", db.Stamp.Area)
	require.Equal(t, 1, db.Stamp.Shard)
	require.Equal(t, 2, db.Stamp.Shards)
	require.Equal(t, provision.Done, db.Phase)
	require.Contains(t, db.Tables, "tbl_order")
	require.Equal(t, []provision.Admitted{{Identity: states[1].Identity, Server: "u2", Role: "primary"}}, db.Admitted)
	require.Equal(t, []provision.FenceState{{Layout: area.Layout, State: area.StripeOpen, Rows: area.Stripes}}, db.Fence)
	_, ok = states[1].Database(p.database("p0", 0))
	require.False(t, ok)
}
