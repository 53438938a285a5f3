package main_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	mdbcheck "github.com/mdbrouter/mdb/cmd/mdbcheck"
)

// soundJSON has blocks of every type and every way to write them.
const soundJSON = `{
  "//": "a comment",
  "mdb": {"namespace": "acme_prod", "required_version": ">= 0.1", "hash": "jump1"},
  "variable": {"pw": {"type": "string", "sensitive": true, "default": "", "description": "x",
    "validation": {"condition": "${var.pw != \"x\"}", "error_message": "too long"}}},
  "locals": {"ring": ["${server.u1}", "${server.u2}"], "n": 1},
  "server_defaults": {
    "user": "mdb_rw", "password": "${var.pw}", "params": {"timeout": "2s", "readTimeout": "30s", "writeTimeout": "30s"},
    "pool": {"max_open": 64, "max_idle": "${32 + 32}", "max_lifetime": "1h30m"},
    "admin": {"user": "mdb_admin", "password": "${env(\"MDB_ADMIN_PASSWORD\")}"}
  },
  "server": {
    "u1": {"address": "u1:3306", "zone": "a", "replica": {"b": {"address": "u1b:3306", "zone": "b"}}},
    "u2": [{"address": "u2:3306", "//": ["x"]}],
    "u3": {"dsn": "${env(\"MDB_U3_DSN\")}"}
  },
  "authority": [
    {"chi": {"number": 0, "store": "${database(server.u1, \"mdb_ids\")}"}},
    {"nyc": {"number": 1, "files": ["ids/a", "ids/b"]}}
  ],
  "sequence": {"order": {"block": 1000, "max_jump": 5000}},
  "central": {
    "database": "central_${shard.index}",
    "shards": "${[for i in range(64) : server[\"u${i % 2 + 1}\"]]}",
    "index": [
      {"email": {"briefcase": "briefcase.customer", "type": "string", "normalize": ["trim", "fold"], "max_bytes": 320, "unique": true}},
      {"phone": {"briefcase": "${briefcase.customer}", "unique": "${1 == 2}", "normalize": ["trim", "fold"]}}
    ],
    "cache": {"max_entries": 1000000, "ttl": "10m", "negative_ttl": "2s", "stale_if_error": "1m"}
  },
  "area": {"user": {
    "database": "user_${partition.name}_${shard.index}",
    "partition": {
      "p0": {"start": "0:0", "shards": ["server.u1", "${server[\"u2\"]}"]},
      "p1": {"start": "0:250_000", "shards": "local.ring", "hash": "mod1"}
    },
    "breakpoint": {"y2027": {"at": "0:8_000_000_000", "partition": {"r0": {"offset": "0:0", "shards": "${local.ring}"}}}}
  }},
  "briefcase": {"customer": {"area": "area.user", "key": "g_user",
    "table": {"tbl_user": {"table": [{"tbl_address": {}}, {"tbl_order": {"table": {"Tbl_Order$Line": {}}}}]}}}},
  "profile": {"solo": {"collapse_to": "server.u1"}}
}`

// What the schema for editors accepts and refuses is what check does.
func TestSchemaOfJSON(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/reference/mdb.schema.json")
	require.NoError(t, err)
	schema := parseSchema(t, text)
	check := func(document string) outcome {
		dir := t.TempDir()
		require.NoError(t, os.WriteFile(filepath.Join(dir, "main.mdb.json"), []byte(document), 0o600))
		return command(mdbcheck.World{}, "check", dir)
	}
	require.Zero(t, check(soundJSON).status, check(soundJSON).stdout)
	require.Empty(t, schema.faults(t, []byte(soundJSON)))
	require.Empty(t, schema.faults(t, []byte("["+soundJSON+"]")), "a list of files' contents")

	sound, err := filepath.Glob("../../testdata/rules/*/pass*/*.mdb.json")
	require.NoError(t, err)
	require.NotEmpty(t, sound)
	for _, path := range sound {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Empty(t, schema.faults(t, text), path)
	}

	for name, document := range map[string]string{
		"an unknown block":               `{"servr": {}}`,
		"an unknown argument":            `{"server": {"u1": {"zon": "a", "address": "a"}}}`,
		"an unknown argument in a list":  `{"server": [{"u1": [{"zon": "a", "address": "a"}]}]}`,
		"an argument that is missing":    `{"mdb": {}}`,
		"a label":                        `{"server": {"U-1": {"address": "a"}}}`,
		"a block that is no object":      `{"server": "u1"}`,
		"text for a flag":                `{"mdb": {"namespace": "x"}, "variable": {"v": {"default": 1, "sensitive": "maybe"}}}`,
		"text for a number":              `{"mdb": {"namespace": "x"}, "authority": {"a": {"number": "one", "files": ["a", "b"]}}}`,
		"a fraction":                     `{"mdb": {"namespace": "x"}, "authority": {"a": {"number": 1.5, "files": ["a", "b"]}}}`,
		"a range key that is a number":   `{"area": {"a": {"partition": {"p": {"start": 0, "shards": []}}}}}`,
		"a range key that is none":       `{"area": {"a": {"partition": {"p": {"start": "zero", "shards": []}}}}}`,
		"a duration that is none":        `{"server": {"a": {"address": "a", "pool": {"max_lifetime": "soon"}}}}`,
		"a shard function":               `{"mdb": {"namespace": "x", "hash": "azos2"}}`,
		"a list for an object":           `{"server": {"a": {"address": "a", "params": ["x"]}}}`,
		"a number among texts":           `{"authority": {"a": {"number": 0, "files": [["a"]]}}}`,
		"a block in the wrong block":     `{"mdb": {"namespace": "x", "server": {}}}`,
		"a list where shards are wanted": `{"area": {"a": {"partition": {"p": {"start": "0:0", "shards": {"a": 1}}}}}}`,
	} {
		require.NotEmpty(t, schema.faults(t, []byte(document)), name)
		require.Equal(t, 1, check(document).status, name)
	}
}
