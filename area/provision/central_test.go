package provision_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/area/provision"
	"github.com/mdbrouter/mdb/partition"
)

var (
	emailIndex = area.Index{Name: "email", Briefcase: "customer", Type: "string", Normalize: []string{"trim", "fold"}, MaxBytes: 320, Unique: true}
	phoneIndex = area.Index{Name: "phone", Briefcase: "customer", Type: "string", MaxBytes: 3060}
)

// centralConfig declares CENTRAL with a shard on each of servers, and one area.
func (p *process) centralConfig(servers []string, indexes ...area.Index) provision.Config {
	c := &area.Central{Indexes: indexes}
	for i, server := range servers {
		c.Shards = append(c.Shards, area.Database{Server: server, Name: p.centralDatabase(i)})
	}
	return p.centralOf(c)
}

func (p *process) centralOf(c *area.Central) provision.Config {
	t := area.Topology{
		Namespace: p.prefix + "acme", Hash: partition.Jump1, Central: c, Servers: []area.Server{{Name: "u1"}, {Name: "u2"}},
		Areas: []area.Spec{{Name: "user", Partitions: p.parts(p0on("u1").partitions)}},
	}
	r, err := area.NewRegistry(t)
	if err != nil {
		panic(err)
	}
	return provision.Config{Registry: r, Servers: p}
}

func (p *process) centralDatabase(i int) string { return fmt.Sprintf("%scentral_%d", p.prefix, i) }

func TestApply_creates_central(t *testing.T) {
	t.Parallel()
	p := newProcess(t)
	cfg := p.centralConfig(twoServers, emailIndex, phoneIndex)
	plan, err := provision.NewPlan(t.Context(), cfg)
	require.NoError(t, err)
	var steps []string
	for _, s := range plan.Steps() {
		steps = append(steps, p.plain(s.String()))
	}
	require.Equal(t, []string{
		"create user p0/0: database user_p0_0 on u1, open",
		"create CENTRAL 0: database central_0 on u1, 2 indexes",
		"create CENTRAL 1: database central_1 on u2, 2 indexes",
	}, steps)
	require.NoError(t, plan.Apply(t.Context()))

	layout := fmt.Sprint(cfg.Registry.Central().Layout())
	require.Equal(t, []string{"acme|CENTRAL|0|0|1|2|xxh64-jump1|" + layout},
		p.rows("u2", "SELECT namespace, area, start_era, start_counter, shard, shards, hash, layout FROM "+p.centralDatabase(1)+".mdb_shard"))
	require.Equal(t, []string{"email|1 string [trim fold] unique customer", "phone|1 string [] several customer"},
		p.rows("u2", "SELECT name, spec FROM "+p.centralDatabase(1)+".mdb_index ORDER BY name"))
	require.Equal(t, []string{"mdb_index_email|key", "mdb_index_phone|key,gdid"},
		p.rows("u1", "SELECT table_name, GROUP_CONCAT(column_name ORDER BY seq_in_index) FROM information_schema.statistics WHERE table_schema = '"+
			p.centralDatabase(0)+"' AND table_name LIKE 'mdb\\_index\\_%' AND index_name = 'PRIMARY' GROUP BY table_name ORDER BY 1"))

	plan, err = provision.NewPlan(t.Context(), cfg)
	require.NoError(t, err)
	require.True(t, plan.Empty(), "%v", plan.Steps())
}

func TestApply_adds_an_index_to_central(t *testing.T) {
	t.Parallel()
	p := newProcess(t)
	require.NoError(t, p.provision(t.Context(), p.centralConfig(twoServers, emailIndex)))
	p.exec("u1", "INSERT INTO "+p.centralDatabase(0)+".mdb_index_email VALUES ('a', REPEAT('x', 12), 2, REPEAT('t', 16), 1, NULL, NOW(6), NOW(6))")
	cfg := p.centralConfig(twoServers, emailIndex, phoneIndex)
	plan, err := provision.NewPlan(t.Context(), cfg)
	require.NoError(t, err)
	require.Len(t, plan.Steps(), 2)
	require.Equal(t, "add index phone to CENTRAL 0: database central_0 on u1", p.plain(plan.Steps()[0].String()))
	require.NoError(t, plan.Apply(t.Context()))
	require.Equal(t, []string{"0"}, p.rows("u2", "SELECT COUNT(*) FROM "+p.centralDatabase(1)+".mdb_index_phone"))
	require.Equal(t, []string{"1"}, p.rows("u1", "SELECT COUNT(*) FROM "+p.centralDatabase(0)+".mdb_index_email"), "the other index keeps its keys")
	plan, err = provision.NewPlan(t.Context(), cfg)
	require.NoError(t, err)
	require.True(t, plan.Empty())
}

func TestApply_killed_anywhere_while_creating_central(t *testing.T) {
	t.Parallel()
	crashes(t, 1, func(*process) {}, func(p *process) error {
		return p.provision(context.Background(), p.centralConfig([]string{"u1"}, emailIndex, phoneIndex))
	})
}

func TestApply_killed_anywhere_while_adding_an_index(t *testing.T) {
	t.Parallel()
	crashes(t, 1, func(p *process) {
		require.NoError(t, p.provision(context.Background(), p.centralConfig(twoServers, emailIndex)))
	}, func(p *process) error {
		return p.provision(context.Background(), p.centralConfig(twoServers, emailIndex, phoneIndex))
	})
}

func TestNewPlan_refuses_in_central(t *testing.T) {
	t.Parallel()
	changed := func(change func(x *area.Index)) area.Index {
		x := emailIndex
		change(&x)
		return x
	}
	renamed := func(p *process) provision.Config {
		return p.centralOf(&area.Central{Indexes: []area.Index{emailIndex}, Shards: []area.Database{
			{Server: "u1", Name: p.centralDatabase(0)}, {Server: "u2", Name: p.centralDatabase(7)},
		}})
	}
	tests := []struct {
		name   string
		mangle func(p *process)
		after  func(p *process) provision.Config
		want   []string
		is     error
	}{
		{
			name: "reordered servers", after: func(p *process) provision.Config { return p.centralConfig([]string{"u2", "u1"}, emailIndex) },
			want: []string{"CENTRAL 0, database central_0, server u2: the shard stands in database central_0 on u1"},
		},
		{
			name: "another shard", after: func(p *process) provision.Config { return p.centralConfig([]string{"u1", "u2", "u1"}, emailIndex) },
			want: []string{`shards is "2", want "3"`}, is: area.ErrWrongShard,
		},
		{
			name: "a shard less", after: func(p *process) provision.Config { return p.centralConfig([]string{"u1"}, emailIndex) },
			want: []string{`shards is "2", want "1"`, "does not have; is it an old file?"},
		},
		{name: "a renamed database", after: renamed, want: []string{"stands in database central_1 on u2"}},
		{
			name:   "a renamed database that was moved by hand",
			mangle: func(p *process) { p.rename("u2", p.centralDatabase(1), p.centralDatabase(7)) }, after: renamed,
			want: []string{"its databases were renamed or reordered"},
		},
		{
			name: "another normaliser", want: []string{`index email has keys made as "1 string [trim fold] unique customer"`, "1 string [trim] unique"},
			after: func(p *process) provision.Config {
				return p.centralConfig(twoServers, changed(func(x *area.Index) { x.Normalize = []string{"trim"} }))
			},
		},
		{
			name: "another type", want: []string{"1 bytes"},
			after: func(p *process) provision.Config {
				return p.centralConfig(twoServers, changed(func(x *area.Index) { x.Type, x.Normalize = "bytes", nil }))
			},
		},
		{
			name: "no longer unique", want: []string{"several customer"},
			after: func(p *process) provision.Config {
				return p.centralConfig(twoServers, changed(func(x *area.Index) { x.Unique = false }))
			},
		},
		{
			name: "another briefcase", want: []string{"unique order"},
			after: func(p *process) provision.Config {
				return p.centralConfig(twoServers, changed(func(x *area.Index) { x.Briefcase = "order" }))
			},
		},
		{
			name: "longer keys", want: []string{"the keys of index email are varbinary(320)", "ALTER TABLE mdb_index_email MODIFY `key` varbinary(400) NOT NULL"},
			after: func(p *process) provision.Config {
				return p.centralConfig(twoServers, changed(func(x *area.Index) { x.MaxBytes = 400 }))
			},
		},
		{
			name: "a lost index", mangle: func(p *process) { p.exec("u2", "DROP TABLE "+p.centralDatabase(1)+".mdb_index_email") },
			want: []string{"CENTRAL 1, database central_1, server u2: the shard lacks table mdb_index_email"},
		},
		{
			name: "a lost table", mangle: func(p *process) { p.exec("u2", "DROP TABLE "+p.centralDatabase(1)+".mdb_index") },
			want: []string{"lacks table mdb_index"},
		},
		{
			name: "a server that was not admitted", is: area.ErrWrongShard,
			mangle: func(p *process) {
				p.exec("u2", "UPDATE "+p.centralDatabase(1)+".mdb_server SET identity = 'uid:old/1'")
			},
			want: []string{"was not admitted", "mdbctl admit u2"},
		},
		{
			name: "a database of an area", want: []string{"the database is also that of user p0/0"},
			after: func(p *process) provision.Config {
				return p.centralOf(&area.Central{Indexes: []area.Index{emailIndex}, Shards: []area.Database{{Server: "u1", Name: p.database("p0", 0)}}})
			},
		},
		{
			name: "one database twice", want: []string{"the database is also that of CENTRAL 0"},
			after: func(p *process) provision.Config {
				return p.centralOf(&area.Central{Indexes: []area.Index{emailIndex}, Shards: []area.Database{{Server: "u1", Name: "x"}, {Server: "u1", Name: "x"}}})
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := newProcess(t)
			require.NoError(t, p.provision(t.Context(), p.centralConfig(twoServers, emailIndex)))
			if tt.mangle != nil {
				tt.mangle(p)
			}
			cfg := p.centralConfig(twoServers, emailIndex)
			if tt.after != nil {
				cfg = tt.after(p)
			}
			before := p.dump()
			_, err := provision.NewPlan(t.Context(), cfg)
			var refused *provision.RefusedError
			require.ErrorAs(t, err, &refused)
			for _, want := range tt.want {
				require.Contains(t, p.plain(err.Error()), want)
			}
			if tt.is != nil {
				require.ErrorIs(t, err, tt.is)
			}
			require.Equal(t, before, p.dump(), "a refused plan changes nothing")
		})
	}
}

// rename moves all tables of a database to a new one.
func (p *process) rename(server, from, to string) {
	p.t.Helper()
	p.exec(server, "CREATE DATABASE "+to)
	for _, table := range p.rows(server, "SELECT table_name FROM information_schema.tables WHERE table_schema = '"+from+"'") {
		p.exec(server, "RENAME TABLE "+from+"."+table+" TO "+to+"."+table)
	}
	p.exec(server, "DROP DATABASE "+from)
}

func TestAdmit_admits_central(t *testing.T) {
	t.Parallel()
	p := newProcess(t)
	cfg := p.centralConfig([]string{"u2"}, emailIndex)
	require.NoError(t, p.provision(t.Context(), cfg))
	p.exec("u2", "UPDATE "+p.centralDatabase(0)+".mdb_server SET identity = 'uid:old/1'")
	admission, err := provision.Admit(t.Context(), cfg, "u2")
	require.NoError(t, err)
	require.Equal(t, []string{p.centralDatabase(0)}, admission.Databases)
	plan, err := provision.NewPlan(t.Context(), cfg)
	require.NoError(t, err)
	require.True(t, plan.Empty())
}
