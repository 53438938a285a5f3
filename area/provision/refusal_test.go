package provision_test

import (
	"context"
	"database/sql"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/area/provision"
	"github.com/mdbrouter/mdb/gdid"
	"github.com/mdbrouter/mdb/mdbtest/mysqld"
	"github.com/mdbrouter/mdb/partition"
)

// p0on gives a layout with one partition.
func p0on(servers ...string) layout {
	return layout{partitions: []part{{name: "p0", start: "0:0", servers: servers}}}
}

func TestNewPlan_refuses(t *testing.T) {
	t.Parallel()
	two := p0on("u1", "u2")
	withP1 := func(start string) layout {
		return layout{partitions: append(p0on("u1", "u2").partitions, part{name: "p1", start: start, servers: []string{"u1"}})}
	}
	tests := []struct {
		name   string
		before *layout          // what is provisioned first
		mangle func(p *process) // what then happens to it
		after  layout           // what is asked for
		heads  provision.Heads  // default: none
		want   []string         // in the message
		is     error            // in its tree
		times  int              // number of reasons; 0: any
		schema func(string) ([]provision.File, error)
	}{
		{
			name: "reordered servers", before: &two, after: p0on("u2", "u1"), times: 2,
			want: []string{"user p0/0, database user_p0_0, server u2", "stands in database user_p0_0 on u1"},
		},
		{
			name: "a changed count", before: &two, after: p0on("u1", "u2", "u1"), is: area.ErrWrongShard, times: 2,
			want: []string{`shards is "2", want "3"`, "database user_p0_1, server u2"},
		},
		{
			name: "a changed hash", before: &two, is: area.ErrWrongShard, times: 2,
			after: layout{partitions: []part{{name: "p0", start: "0:0", servers: twoServers, hash: partition.Mod1}}},
			want:  []string{`hash is "jump1", want "mod1"`},
		},
		{
			name: "a changed start", before: new(withP1("0:1000")), after: withP1("0:2000"), heads: provision.FixedHeads{"user": {}},
			want: []string{"user_p1_0", `start is "0:1000", want "0:2000"`, "takes ids below 0:1000 only"},
		},
		{
			name: "a partition taken out", before: new(withP1("0:1000")), after: two, times: 3,
			want: []string{"stamped user from 0:1000, shard 0 of 1", "is it an old file?", "ends only fall"},
		},
		{
			name: "another namespace", before: &two, after: layout{namespace: "other", partitions: two.partitions}, is: area.ErrWrongShard, times: 2,
			want: []string{`namespace is "acme", want "other"`},
		},
		{
			name: "a database that is not empty", after: two, times: 1,
			mangle: func(p *process) {
				p.exec("u2", "CREATE DATABASE "+p.database("p0", 1))
				p.exec("u2", "CREATE TABLE "+p.database("p0", 1)+".things (id INT PRIMARY KEY)")
			},
			want: []string{"user p0/1, database user_p0_1, server u2", "not empty and not stamped (it has a table things)"},
		},
		{
			name: "a shard that lost a table", before: &two, after: two, times: 1,
			mangle: func(p *process) { p.exec("u2", "DROP TABLE "+p.database("p0", 1)+".mdb_claim") },
			want:   []string{"lacks table mdb_claim"},
		},
		{
			name: "a shard that lost stripes", before: &two, after: two, times: 1,
			mangle: func(p *process) { p.exec("u2", "DELETE FROM "+p.database("p0", 1)+".mdb_fence WHERE stripe > 1000") },
			want:   []string{"1001 rows instead of 1024"},
		},
		{
			name: "a shard of another layout", before: &two, after: two, times: 1,
			mangle: func(p *process) { p.exec("u2", "UPDATE "+p.database("p0", 1)+".mdb_fence SET layout = 2") },
			want:   []string{"layout 2"},
		},
		{
			name: "a server that was not admitted", before: &two, after: two, is: area.ErrWrongShard, times: 1,
			mangle: func(p *process) {
				p.exec("u2", "UPDATE "+p.database("p0", 1)+".mdb_server SET identity = 'uid:old/1'")
			},
			want: []string{"was not admitted", "mdbctl admit u2"},
		},
		{
			name: "a server that was admitted under another label", before: &two, after: two, is: area.ErrWrongShard, times: 1,
			mangle: func(p *process) { p.exec("u2", "UPDATE "+p.database("p0", 1)+".mdb_server SET server = 'u3'") },
			want:   []string{"was not admitted as u2", "mdbctl admit u2"},
		},
		{
			name: "a stamp that was copied", before: &two, after: two, times: 1,
			mangle: func(p *process) { p.exec("u2", "UPDATE "+p.database("p0", 1)+".mdb_shard SET uid = REPEAT('x', 16)") },
			want:   []string{"one of them was copied here"},
		},
		{
			name: "the same shard in two places", before: &two, after: two, times: 1,
			mangle: func(p *process) {
				p.exec("u1", "CREATE DATABASE "+p.prefix+"copy")
				p.exec("u1", "CREATE TABLE "+p.prefix+"copy.mdb_shard LIKE "+p.database("p0", 0)+".mdb_shard")
				p.exec("u1", "INSERT INTO "+p.prefix+"copy.mdb_shard SELECT * FROM "+p.database("p0", 0)+".mdb_shard")
			},
			want: []string{"stands in database copy on u1"},
		},
		{
			name: "an appended partition without heads", before: &two, after: withP1("0:1000"), times: 1,
			want: []string{"--head user=ERA:COUNTER"},
		},
		{
			name: "an appended partition when an authority is down", before: &two, after: withP1("0:1000"), times: 1,
			heads: &fakeHeads{down: errors.New("authority chi is down")}, want: []string{"authority chi is down"},
		},
		{
			name: "a partition appended below the head", before: &two, after: withP1("0:1000"), times: 1,
			heads: provision.FixedHeads{"user": {Counter: 1001}}, want: []string{"would start at 0:1000, but ids below 0:1001 may exist"},
		},
		{
			name: "a partition put between others below the head", before: new(withP1("0:1000")), times: 1,
			after: layout{partitions: []part{
				{name: "p0", start: "0:0", servers: twoServers}, {name: "mid", start: "0:500", servers: twoServers}, {name: "p1", start: "0:1000", servers: []string{"u1"}},
			}},
			heads: provision.FixedHeads{"user": {Counter: 501}}, want: []string{"would start at 0:500"},
		},
		{
			name: "an append to a shard without a declared table", before: &two, after: withP1("0:1000"), times: 1,
			mangle: func(p *process) { p.exec("u2", "DROP TABLE "+p.database("p0", 1)+".tbl_order") },
			heads:  provision.FixedHeads{"user": {}}, want: []string{"lacks the declared table tbl_order", "user_p0_1"},
		},
		{
			name: "a schema that cannot be split", after: two, times: 1,
			schema: func(string) ([]provision.File, error) {
				return []provision.File{{Name: "schema/user/007.sql", SQL: "CREATE TABLE a (id INT);\n\nUSE other;"}}, nil
			},
			want: []string{"schema/user/007.sql:3: USE has no place"},
		},
		{
			name: "a schema that cannot be read", after: two, times: 1,
			schema: func(string) ([]provision.File, error) { return nil, errors.New("no such directory") },
			want:   []string{"user: read the schema: no such directory"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := newProcess(t)
			if tt.before != nil {
				require.NoError(t, p.provision(t.Context(), p.config(*tt.before)))
			}
			if tt.mangle != nil {
				tt.mangle(p)
			}
			before := p.dump()
			cfg := p.config(tt.after)
			cfg.Heads = tt.heads
			if tt.schema != nil {
				cfg.Schema = tt.schema
			}
			_, err := provision.NewPlan(t.Context(), cfg)
			refused, ok := errors.AsType[*provision.RefusedError](err)
			require.True(t, ok, "%v", err)
			for _, want := range tt.want {
				require.Contains(t, p.plain(err.Error()), want)
			}
			if tt.is != nil {
				require.ErrorIs(t, err, tt.is)
			}
			if tt.times > 0 {
				require.Len(t, refused.Refusals, tt.times, "%v", err)
			}
			require.Equal(t, before, p.dump(), "a refused plan changes nothing")
		})
	}
}

func TestNewPlan_refuses_swapped_servers(t *testing.T) {
	t.Parallel()
	p := newProcess(t)
	require.NoError(t, p.provision(t.Context(), p.config(p0on("u1", "u2"))))
	swapped := processOn(t, p.prefix, map[string]*mysqld.Server{"u1": p.servers["u2"], "u2": p.servers["u1"]})
	_, err := provision.NewPlan(t.Context(), swapped.config(p0on("u1", "u2")))
	require.ErrorContains(t, err, "stands in database "+p.database("p0", 1)+" on u1")
	require.ErrorContains(t, err, "stands in database "+p.database("p0", 0)+" on u2")
}

func TestNewPlan_refuses_two_labels_for_one_server(t *testing.T) {
	t.Parallel()
	p := newProcess(t)
	same := processOn(t, p.prefix, map[string]*mysqld.Server{"u1": p.servers["u1"], "u2": p.servers["u1"]})
	_, err := provision.NewPlan(t.Context(), same.config(p0on("u1", "u2")))
	require.ErrorContains(t, err, "u1 and u2 are the same server")

	cfg := p.config(p0on("u1", "u2"))
	cfg.Registry = withReplica(t, cfg.Registry)
	cfg.Replicas = replicaOf{p: p, server: "u1"}
	_, err = provision.NewPlan(t.Context(), cfg)
	require.ErrorContains(t, err, "u1 and u2.b are the same server")
}

// replicaOf gives a server as every replica.
type replicaOf struct {
	p      *process
	server string
}

func (r replicaOf) Replica(context.Context, string, string) (*sql.DB, error) {
	return r.p.db(r.server), nil
}

// withReplica declares a replica "b" of u2.
func withReplica(t *testing.T, r *area.Registry) *area.Registry {
	t.Helper()
	topology := r.Topology()
	topology.Servers = []area.Server{{Name: "u1"}, {Name: "u2", Replicas: []area.Replica{{Name: "b"}}}}
	r, err := area.NewRegistry(topology)
	require.NoError(t, err)
	return r
}

func TestNewPlan_refuses_a_server_that_is_down(t *testing.T) {
	t.Parallel()
	cluster := mysqld.ForTest(t, 2, mysqld.Options{})
	p := processOn(t, "t_", map[string]*mysqld.Server{"u1": cluster.Servers[0], "u2": cluster.Servers[1]})
	require.NoError(t, cluster.Servers[1].Kill())
	_, err := provision.NewPlan(t.Context(), p.config(p0on("u1")))
	require.ErrorContains(t, err, "server u2: it cannot be read", "even if no shard is on it")
	require.Empty(t, p.rows("u1", "SELECT schema_name FROM information_schema.schemata WHERE schema_name LIKE 't\\_%'"))
}

func TestNewPlan_refuses_a_read_only_server_only_where_it_would_write(t *testing.T) {
	t.Parallel()
	cluster := mysqld.ForTest(t, 1, mysqld.Options{})
	p := processOn(t, "t_", map[string]*mysqld.Server{"u1": cluster.Servers[0]})
	one := layout{servers: []string{"u1"}, partitions: p0on("u1").partitions}
	require.NoError(t, p.provision(t.Context(), p.config(one)))
	p.exec("u1", "SET GLOBAL read_only = 1")
	plan, err := provision.NewPlan(t.Context(), p.config(one))
	require.NoError(t, err)
	require.True(t, plan.Empty())

	two := one
	two.breakpoints = []breakpoint{{name: "b", at: "1:0", partitions: []part{{name: "r0", start: "0:0", servers: []string{"u1"}}}}}
	cfg := p.config(two)
	cfg.Heads = provision.FixedHeads{"user": gdid.RangeKey{}}
	_, err = provision.NewPlan(t.Context(), cfg)
	require.ErrorIs(t, err, area.ErrReadOnly)
}
