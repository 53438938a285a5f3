package hcl_test

import (
	"embed"
	"io/fs"
	"os"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/gdid"
	"github.com/mdbrouter/mdb/hcl"
	"github.com/mdbrouter/mdb/partition"
)

const sampleDir = "../testdata/sample"

func sampleText(tb testing.TB) string {
	tb.Helper()
	text, err := os.ReadFile(sampleDir + "/sample.mdb.hcl")
	require.NoError(tb, err)
	return string(text)
}

// noEnv is an environment in which nothing is set.
func noEnv(string) (string, bool) { return "", false }

// env is an environment of a few variables.
func env(vars map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) { v, ok := vars[name]; return v, ok }
}

func TestCheck_sample_has_no_error_and_no_warning(t *testing.T) {
	t.Parallel()
	cfg, found := hcl.Check(sampleDir, hcl.Options{Getenv: noEnv, Version: "0.1.0"})
	for _, d := range found {
		require.Equal(t, hcl.Notice, d.Severity, "%v", d)
		require.Equal(t, "MDB120", d.Rule)
	}
	require.Len(t, found, 3, "the password, the admin's password and the DSN of u3 are unset")
	require.NotNil(t, cfg.Registry)
}

func TestLoad_sample_routes(t *testing.T) {
	t.Parallel()
	cfg, err := hcl.Load(sampleDir, hcl.Options{Getenv: noEnv})
	require.NoError(t, err)
	tests := []struct {
		name, id string
		want     area.Route
	}{
		{"the first id", "0:0:1", area.Route{Partition: "p0", Shard: 0, Server: "u1", Database: "user_p0_0"}},
		{"the documented shard of p1", "0:1:250122", area.Route{Partition: "p1", Shard: 2, Server: "u3", Database: "user_p1_2"}},
		{"its neighbour", "0:1:250123", area.Route{Partition: "p1", Shard: 0, Server: "u1", Database: "user_p1_0"}},
		{"the last id before the breakpoint", "0:15:7999999999", area.Route{Partition: "p1"}},
		{"the breakpoint itself", "0:0:8000000000", area.Route{Partition: "r0"}},
		{"the last id of r0", "0:0:8000499999", area.Route{Partition: "r0"}},
		{"r1 counts from the breakpoint", "0:0:8000500000", area.Route{Partition: "r1"}},
		{"the last id of all", "4294967295:15:1152921504606846975", area.Route{Partition: "r1"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			id := gdid.MustParse(tt.id)
			got, err := cfg.Registry.Route("user", id)
			require.NoError(t, err)
			require.Equal(t, tt.want.Partition, got.Partition)
			if tt.want.Server != "" {
				tt.want.Area, tt.want.RangeKey = "user", id.RangeKey()
				require.Equal(t, tt.want, got)
			}
		})
	}
	_, err = cfg.Registry.Route("usr", gdid.MustParse("0:0:1"))
	require.ErrorIs(t, err, area.ErrNoArea)
}

func TestLoad_sample_topology(t *testing.T) {
	t.Parallel()
	cfg, err := hcl.Load(sampleDir, hcl.Options{Getenv: noEnv})
	require.NoError(t, err)
	top := cfg.Topology
	require.Equal(t, "acme_prod", top.Namespace)
	require.Equal(t, partition.Jump1, top.Hash)

	require.Equal(t, []area.Server{
		{Name: "c1"}, {Name: "c2"}, {Name: "u1", Replicas: []area.Replica{{Name: "b"}}}, {Name: "u2"}, {Name: "u3"},
	}, top.Servers, "the server of the profile is no part of production")

	require.Len(t, top.Central.Shards, 64)
	require.Equal(t, area.Database{Server: "c2", Name: "central_49"}, top.Central.Shards[49])
	require.Equal(t, area.Cache{MaxEntries: 1_000_000, TTL: 10 * time.Minute, NegativeTTL: 2 * time.Second}, top.Central.Cache)
	require.Equal(t, []area.Index{
		{Name: "email", Briefcase: "customer", Type: "string", Normalize: []string{"trim", "nfkc", "fold"}, MaxBytes: 320, Unique: true},
		{Name: "phone", Briefcase: "customer", Type: "string", Normalize: []string{"trim", "fold"}, MaxBytes: 32},
	}, top.Central.Indexes)

	require.Equal(t, []area.Briefcase{{Name: "customer", Area: "user", Key: "g_user", Tables: []area.Table{
		{Name: "tbl_user"}, {Name: "tbl_address", Parent: "tbl_user"}, {Name: "tbl_order", Parent: "tbl_user"}, {Name: "tbl_order_line", Parent: "tbl_order"},
	}}}, top.Briefcases)

	require.Equal(t, []area.Authority{
		{Name: "chi", Number: 0, Store: &area.Database{Server: "c1", Name: "mdb_ids"}},
		{Name: "nyc", Number: 1, Store: &area.Database{Server: "c2", Name: "mdb_ids"}},
	}, top.Authorities)
	require.Equal(t, []area.Sequence{{Name: "order", Block: 1000}}, top.Sequences)

	user := top.Areas[0]
	require.Equal(t, []string{"p0", "p1"}, []string{user.Partitions[0].Name, user.Partitions[1].Name})
	require.Equal(t, gdid.RangeKey{Counter: 8_000_000_000}, user.Breakpoints[0].At)
	require.Equal(t, gdid.RangeKey{Counter: 500_000}, user.Breakpoints[0].Partitions[1].Start)
	require.Equal(t, area.Database{Server: "u3", Name: "user_r1_59"}, user.Breakpoints[0].Partitions[1].Shards[59])
}

func TestLoad_sample_servers(t *testing.T) {
	t.Parallel()
	cfg, err := hcl.Load(sampleDir, hcl.Options{Getenv: env(map[string]string{
		"MDB_VAR_db_password": "pw1", "MDB_ADMIN_PASSWORD": "pw2", "MDB_U3_DSN": "svc:pw3@tcp(u3.db:3307)/?timeout=9s",
	})})
	require.NoError(t, err)
	byName := map[string]hcl.Server{}
	for _, s := range cfg.Servers {
		byName[s.Name] = s
	}
	u1 := byName["u1"]
	require.True(t, u1.Primary.Known)
	require.Equal(t, 64, u1.Primary.MaxOpen)
	c := u1.Primary.DSN.Config()
	require.Equal(t, "mdb_rw pw1 u1.db.acme.internal:3306", c.User+" "+c.Passwd+" "+c.Addr)
	require.Equal(t, []time.Duration{2 * time.Second, 30 * time.Second, 30 * time.Second}, []time.Duration{c.Timeout, c.ReadTimeout, c.WriteTimeout})
	c = u1.Admin.DSN.Config()
	require.Equal(t, "mdb_admin pw2 u1.db.acme.internal:3306", c.User+" "+c.Passwd+" "+c.Addr)
	require.Equal(t, "b", u1.Replicas[0].Name)
	c = u1.Replicas[0].DSN.Config()
	require.Equal(t, "mdb_rw pw1 u1b.db.acme.internal:3306", c.User+" "+c.Passwd+" "+c.Addr)

	c = byName["u3"].Primary.DSN.Config()
	require.Equal(t, "svc pw3 u3.db:3307", c.User+" "+c.Passwd+" "+c.Addr, "user and password of the defaults do not apply to a DSN")
	require.Equal(t, []time.Duration{9 * time.Second, 30 * time.Second}, []time.Duration{c.Timeout, c.ReadTimeout}, "their parameters fill its gaps")
	require.Equal(t, "svc", byName["u3"].Admin.DSN.User())
}

func TestLoad_unknown_servers(t *testing.T) {
	t.Parallel()
	cfg, err := hcl.Load(sampleDir, hcl.Options{Getenv: env(map[string]string{"MDB_VAR_db_password": "pw", "MDB_ADMIN_PASSWORD": "pw"})})
	require.NoError(t, err)
	for _, s := range cfg.Servers {
		require.Equal(t, s.Name != "u3", s.Primary.Known, s.Name)
		require.Equal(t, s.Primary.Known, !s.Primary.DSN.IsZero())
	}
	require.Equal(t, `env("MDB_U3_DSN")`, cfg.Servers[4].Primary.Missing)

	cfg, err = hcl.Load(sampleDir, hcl.Options{Getenv: env(map[string]string{"MDB_ADMIN_PASSWORD": "pw"})})
	require.NoError(t, err)
	require.Equal(t, "var.db_password", cfg.Servers[0].Primary.Missing)
	require.True(t, cfg.Servers[0].Admin.Known, "the admin's password is set")
}

func TestLoad_profile(t *testing.T) {
	t.Parallel()
	plain, err := hcl.Load(sampleDir, hcl.Options{Getenv: noEnv})
	require.NoError(t, err)
	cfg, err := hcl.Load(sampleDir, hcl.Options{Getenv: noEnv, Profile: "solo"})
	require.NoError(t, err)
	require.Equal(t, "acme_prod/solo", cfg.Namespace)
	require.Equal(t, "acme_prod/solo", cfg.Registry.Namespace())
	require.Equal(t, "solo", cfg.Profile)
	require.Len(t, cfg.Servers, 1)
	require.Equal(t, "local", cfg.Servers[0].Name)
	require.True(t, cfg.Servers[0].Primary.Known, "the default of its DSN is used")
	require.True(t, cfg.Servers[0].Admin.Known)
	require.Equal(t, []area.Server{{Name: "local"}}, cfg.Topology.Servers)

	a, b := plain.Registry.Shards(), cfg.Registry.Shards()
	require.Len(t, b, len(a))
	for i := range b {
		require.Equal(t, "local", b[i].Server)
		require.Equal(t, a[i].Database, b[i].Database, "databases keep their names")
		require.Equal(t, a[i].Start, b[i].Start)
	}
	for _, s := range append(cfg.Topology.Central.Shards, *cfg.Topology.Authorities[0].Store, *cfg.Topology.Authorities[1].Store) {
		require.Equal(t, "local", s.Server)
	}
	require.NotEqual(t, plain.Registry.Fingerprint(), cfg.Registry.Fingerprint())
}

//go:embed testdata/embed
var embedded embed.FS

// A configuration may be read from an embed.FS, whole or one file of it, with
// its schema.
func TestLoad_embedded(t *testing.T) {
	t.Parallel()
	for _, at := range []string{"testdata/embed", "testdata/embed/main.mdb.hcl"} {
		cfg, err := hcl.Load(at, hcl.Options{FS: embedded, Getenv: noEnv})
		require.NoError(t, err)
		require.Equal(t, []string{"testdata/embed/main.mdb.hcl"}, cfg.Files)
		files, err := cfg.Schema("user")
		require.NoError(t, err)
		require.Equal(t, []string{"1.sql", "2.sql"}, []string{files[0].Name, files[1].Name})
		none, err := cfg.Schema("order")
		require.NoError(t, err)
		require.Empty(t, none)
	}
}

func TestConfig_Schema_absent(t *testing.T) {
	t.Parallel()
	fsys := fstest.MapFS{"main.mdb.hcl": {Data: []byte("mdb {\n  namespace = \"x\"\n}\nserver \"u1\" { address = \"a\" }\n" +
		"area \"user\" {\n  schema = \"no/such\"\n  partition \"p0\" {\n    start = \"0:0\"\n    shards = [database(server.u1, \"a\")]\n  }\n}\n")}}
	cfg, err := hcl.Load(".", hcl.Options{FS: fsys})
	require.NoError(t, err)
	_, err = cfg.Schema("user")
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.ErrorContains(t, err, `schema of area "user"`)
}
