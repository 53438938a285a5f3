package hcl_test

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/hcl"
)

const mendable = `mdb {
    namespace = "x"
}
server_defaults {
  pool {
    max_open = 64
    max_idle = 2 # why not
  }
}
server "u1" { cs = env("MDB_U1_DSN") }
area "user" {
  database = "user_${partition.name}_${shard.index}"
  partition "p1" {
    start  = "0:3:250000"
    shards = [server.u1]
  }
  partition "p0" {
    start  = "0:0"
    shards = [server.u1]
  }
  breakpoint "b" {
    at = "0:1_000_000"
    partition "r0" {
      start  = "0:1_000_000"
      shards = [server.u1]
    }
  }
}
`

const mendedText = `mdb {
  namespace = "x"
}
server_defaults {
  pool {
    max_open = 64
    max_idle = 64 # why not
  }
}
server "u1" { dsn = env("MDB_U1_DSN") }
area "user" {
  database = "user_${partition.name}_${shard.index}"
  partition "p0" {
    start  = "0:0"
    shards = [server.u1]
  }
  partition "p1" {
    start  = "0:250_000"
    shards = [server.u1]
  }
  breakpoint "b" {
    at = "0:1_000_000"
    partition "r0" {
      offset = "0:0"
      shards = [server.u1]
    }
  }
}
`

func fixed(t *testing.T, files map[string]string, opts hcl.Options) (map[string]string, error) {
	t.Helper()
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	opts.FS, opts.Getenv = fsys, noEnv
	texts, err := hcl.Fix(".", opts)
	out := map[string]string{}
	for name, text := range texts {
		out[name] = string(text)
	}
	return out, err
}

func TestFix(t *testing.T) {
	t.Parallel()
	got, err := fixed(t, map[string]string{"main.mdb.hcl": mendable, "other.mdb.hcl": "locals {}\n"}, hcl.Options{})
	require.NoError(t, err)
	require.Equal(t, map[string]string{"main.mdb.hcl": mendedText}, got)
	again, err := fixed(t, got, hcl.Options{})
	require.NoError(t, err)
	require.Empty(t, again, "nothing is left to mend")
}

func TestFix_json(t *testing.T) {
	t.Parallel()
	got, err := fixed(t, map[string]string{"main.mdb.json": `{
  "mdb": {"namespace": "x"},
  "server": {"u1": {"cs": "${env(\"MDB_U1_DSN\")}"}},
  "area": {"user": {"database": "u_${partition.name}", "partition": {"p0": {"start": "0:3:0", "shards": ["server.u1"]}},
    "breakpoint": {"b": {"at": "0:10", "partition": {"r0": {"start": "0:10", "shards": ["server.u1"]}}}}}}
}`}, hcl.Options{})
	require.NoError(t, err)
	require.Equal(t, map[string]string{"main.mdb.json": `{
  "mdb": {"namespace": "x"},
  "server": {"u1": {"dsn": "${env(\"MDB_U1_DSN\")}"}},
  "area": {"user": {"database": "u_${partition.name}", "partition": {"p0": {"start": "0:0", "shards": ["server.u1"]}},
    "breakpoint": {"b": {"at": "0:10", "partition": {"r0": {"offset": "0:0", "shards": ["server.u1"]}}}}}}
}`}, got)
}

// What is off, ignored, or comes from elsewhere is left alone.
func TestFix_leaves_alone(t *testing.T) {
	t.Parallel()
	text := `mdb {
  namespace = "x"
}
locals {
  key = "0:3:250000"
}
server "u1" { cs = env("MDB_U1_DSN") } # mdbcheck:ignore MDB112 -- an old program reads it too
area "user" {
    database = "user_${shard.index}"
  partition "p0" {
    start  = "0:0"
    shards = [server.u1]
  }
}
`
	got, err := fixed(t, map[string]string{"main.mdb.hcl": text}, hcl.Options{Lint: &hcl.Lint{Rules: map[string]hcl.Severity{"MDB113": hcl.Off}}})
	require.NoError(t, err)
	require.Empty(t, got)
	got, err = fixed(t, map[string]string{"main.mdb.hcl": "locals {\n  key = \"0:3:0\"\n}\n" + `mdb { namespace = "x" }
server "u1" { address = "a" }
area "user" {
  database = "u"
  partition "p0" {
    start  = local.key
    shards = [server.u1]
  }
}
`}, hcl.Options{})
	require.NoError(t, err)
	require.Empty(t, got, "a local may be used elsewhere")
}

func TestFix_refuses_what_it_cannot_compare(t *testing.T) {
	t.Parallel()
	_, err := fixed(t, map[string]string{"main.mdb.hcl": "mdb { namespace = \"x\" }\nserver \"u1\" { cs = env(\"X\") }\narea \"user\" {\n  database = env(\"NAME\")\n  partition \"p0\" {\n    start = \"0:0\"\n    shards = [database(server.u1, \"a\")]\n  }\n}\n"}, hcl.Options{})
	require.ErrorIs(t, err, hcl.ErrRoutingUnset)
}
