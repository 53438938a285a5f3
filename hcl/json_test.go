package hcl_test

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/hcl"
)

// sampleJSON declares what the sample does, in JSON as a generator would write
// it: references in plain strings and in ${ }, lists of blocks, comments.
const sampleJSON = `{
  "//": "the sample in JSON",
  "mdb": {"namespace": "acme_prod", "required_version": ">= 0.1", "hash": "jump1"},
  "variable": {"db_password": {"type": "string", "sensitive": true}},
  "locals": {"ring": ["${server.u1}", "${server.u2}", "${server.u3}"]},
  "server_defaults": {
    "user": "mdb_rw",
    "password": "${var.db_password}",
    "params": {"timeout": "2s", "readTimeout": "30s", "writeTimeout": "30s"},
    "pool": {"max_open": 64},
    "admin": {"user": "mdb_admin", "password": "${env(\"MDB_ADMIN_PASSWORD\")}"}
  },
  "server": {
    "c1": {"address": "c1.db.acme.internal:3306"},
    "c2": {"address": "c2.db.acme.internal:3306"},
    "u1": {"address": "u1.db.acme.internal:3306", "replica": {"b": {"address": "u1b.db.acme.internal:3306"}}},
    "u2": [{"address": "u2.db.acme.internal:3306"}],
    "u3": {"dsn": "${env(\"MDB_U3_DSN\")}"},
    "local": {"dsn": "${env(\"MDB_LOCAL_DSN\", \"root@tcp(127.0.0.1:3306)/\")}"}
  },
  "authority": {
    "chi": {"number": 0, "store": "${database(server.c1, \"mdb_ids\")}"},
    "nyc": {"number": 1, "store": "database(server.c2, \"mdb_ids\")"}
  },
  "sequence": {"order": {"block": 1000}},
  "central": {
    "database": "central_${shard.index}",
    "shards": "${[for i in range(64) : server[\"c${i % 2 + 1}\"]]}",
    "index": [
      {"email": {"briefcase": "briefcase.customer", "type": "string", "normalize": ["trim", "nfkc", "fold"], "max_bytes": 320}},
      {"phone": {"briefcase": "${briefcase.customer}", "unique": false, "normalize": ["trim", "fold"], "max_bytes": 32}}
    ],
    "cache": {"max_entries": 1000000, "ttl": "10m", "negative_ttl": "2s"}
  },
  "area": {"user": {
    "database": "user_${partition.name}_${shard.index}",
    "schema": "schema/user",
    "partition": {
      "p0": {"start": "0:0", "shards": ["server.u1", "server[\"u2\"]"]},
      "p1": {"start": "0:250_000", "shards": "local.ring", "hash": "jump1"}
    },
    "breakpoint": {"y2027": {
      "at": "0:8_000_000_000",
      "partition": {
        "r0": {"offset": "0:0", "shards": "${local.ring}"},
        "r1": {"offset": "0:500_000", "shards": "[for i in range(60) : server[\"u${i % 3 + 1}\"]]"}
      }
    }}
  }},
  "briefcase": {"customer": {
    "area": "area.user",
    "key": "g_user",
    "table": {"tbl_user": {"table": [
      {"tbl_address": {}},
      {"tbl_order": {"table": {"tbl_order_line": {}}}}
    ]}}
  }},
  "profile": {"solo": {"collapse_to": "server.local"}}
}`

func TestLoad_json_means_the_same(t *testing.T) {
	t.Parallel()
	native, err := hcl.Load(sampleDir, hcl.Options{Getenv: noEnv})
	require.NoError(t, err)
	fsys := fstest.MapFS{"main.mdb.json": {Data: []byte(sampleJSON)}}
	json, err := hcl.Load(".", hcl.Options{FS: fsys, Getenv: noEnv})
	require.NoError(t, err)
	require.Equal(t, native.Registry.Fingerprint(), json.Registry.Fingerprint())
	require.Equal(t, native.Topology.Central, json.Topology.Central)
	require.Equal(t, native.Topology.Briefcases, json.Topology.Briefcases)
	require.Equal(t, native.Topology.Authorities, json.Topology.Authorities)
	require.Equal(t, native.Topology.Servers, json.Topology.Servers)
	for i := range native.Servers {
		require.Equal(t, native.Servers[i].Primary.Missing, json.Servers[i].Primary.Missing)
	}
}

// The blocks of all files, in both syntaxes, are one configuration.
func TestLoad_mixed_directory(t *testing.T) {
	t.Parallel()
	fsys := fstest.MapFS{
		"conf/b.mdb.json":           {Data: []byte(`{"server": {"u1": {"address": "a"}}}`)},
		"conf/a.mdb.hcl":            {Data: []byte("mdb {\n  namespace = \"x\"\n}\narea \"user\" {\n  partition \"p0\" {\n    start = \"0:0\"\n    shards = [database(local.first, \"a\")]\n  }\n}\n")},
		"conf/c.mdb.hcl":            {Data: []byte("locals {\n  first = server.u1\n}\n")},
		"conf/.hidden.mdb.hcl":      {Data: []byte("garbage {{{")},
		"conf/other.hcl":            {Data: []byte("garbage {{{")},
		"conf/inner/d.mdb.hcl":      {Data: []byte("garbage {{{")},
		"conf/inner.mdb.hcl/x.html": {Data: []byte("a directory")},
	}
	cfg, err := hcl.Load("conf", hcl.Options{FS: fsys})
	require.NoError(t, err)
	require.Equal(t, []string{"conf/a.mdb.hcl", "conf/b.mdb.json", "conf/c.mdb.hcl"}, cfg.Files)
}
