package hcl_test

import (
	"maps"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/hcl"
)

// loadText loads one file of the native syntax behind a head with a namespace
// and a server.
func loadText(t *testing.T, text string, opts hcl.Options) *hcl.Config {
	t.Helper()
	files := fstest.MapFS{"main.mdb.hcl": {Data: []byte("mdb {\n  namespace = \"x\"\n}\nserver \"u1\" { address = \"u1\" }\nserver \"u2\" { address = \"u2\" }\n" + text)}}
	if extra, ok := opts.FS.(fstest.MapFS); ok {
		maps.Copy(files, extra)
	}
	opts.FS = files
	if opts.Getenv == nil {
		opts.Getenv = noEnv
	}
	cfg, err := hcl.Load(".", opts)
	require.NoError(t, err)
	return cfg
}

// databaseOf evaluates an expression as the name of a database.
func databaseOf(t *testing.T, expr, more string, opts hcl.Options) string {
	t.Helper()
	cfg := loadText(t, more+"\narea \"a\" {\n  database = "+expr+"\n  partition \"p\" {\n    start  = \"0:0\"\n    shards = [server.u1]\n  }\n}\n", opts)
	return cfg.Registry.Shards()[0].Database
}

func TestVariables_precedence(t *testing.T) {
	t.Parallel()
	const declared = "variable \"v\" {\n  type    = string\n  default = \"by_default\"\n}\n"
	environment := env(map[string]string{"MDB_VAR_v": "by_env", "MDB_VAR_other": "unused"})
	files := fstest.MapFS{"v.hcl": {Data: []byte("v = \"by_file\"\n")}, "v.json": {Data: []byte(`{"v": "by_json"}`)}}
	tests := []struct {
		name string
		opts hcl.Options
		want string
	}{
		{"the default", hcl.Options{}, "by_default"},
		{"the environment beats the default", hcl.Options{Getenv: environment}, "by_env"},
		{"a file beats the environment", hcl.Options{Getenv: environment, FS: files, VarFiles: []string{"v.hcl"}}, "by_file"},
		{"a later file beats an earlier one", hcl.Options{FS: files, VarFiles: []string{"v.hcl", "v.json"}}, "by_json"},
		{"an option beats all", hcl.Options{Getenv: environment, FS: files, VarFiles: []string{"v.hcl"}, Vars: map[string]string{"v": "by_option"}}, "by_option"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tt.want, databaseOf(t, "var.v", declared, tt.opts))
		})
	}
}

func TestVariables_types(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, typ, given, expr, want string }{
		{"string", "string", "a b", `replace(var.v, " ", "_")`, "a_b"},
		{"string that looks like a list", "string", "[1]", `"x${length(split(",", var.v))}"`, "x1"},
		{"number", "number", "42", `"n${var.v + 1}"`, "n43"},
		{"exact large number", "number", "1152921504606846975", `"n${var.v}"`, "n1152921504606846975"},
		{"bool", "bool", "true", `var.v ? "yes" : "no"`, "yes"},
		{"list", "list(string)", `["a", "b"]`, `join("_", var.v)`, "a_b"},
		{"set", "set(string)", `["b", "a", "b"]`, `join("_", var.v)`, "a_b"},
		{"map", "map(number)", `{a = 1, b = 2}`, `"n${var.v["b"]}"`, "n2"},
		{"object", "object({name = string, count = optional(number)})", `{name = "x"}`, `"${var.v.name}_${var.v.count == null ? 0 : 1}"`, "x_0"},
		{"tuple", "tuple([string, number])", `["a", 1]`, `"${var.v[0]}${var.v[1]}"`, "a1"},
		{"any", "any", "text", "var.v", "text"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			declared := "variable \"v\" { type = " + tt.typ + " }\n"
			require.Equal(t, tt.want, databaseOf(t, tt.expr, declared, hcl.Options{Vars: map[string]string{"v": tt.given}}))
		})
	}
}

func TestVariables_null_default_is_a_value(t *testing.T) {
	t.Parallel()
	require.Equal(t, "none", databaseOf(t, `var.v == null ? "none" : var.v`, "variable \"v\" {\n  type = string\n  default = null\n}\n", hcl.Options{}))
}

func TestFunctions(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, expr, want string }{
		{"format", `format("db_%03d", 7)`, "db_007"},
		{"join and for", `join("_", [for i in range(3) : "a${i}"])`, "a0_a1_a2"},
		{"replace text", `replace("a-b-c", "-", "_")`, "a_b_c"},
		{"replace a pattern", `replace("a1b22", "/[0-9]+/", "_")`, "a_b_"},
		{"lower, upper, title", `"${lower("A")}${upper("b")}${title("cd")}"`, "aBCd"},
		{"numbers", `"n${max(1, 5) + min(2, 3) + abs(-4) + ceil(1.2) + floor(1.8) + parseint("ff", 16)}"`, "n269"},
		{"lists", `join("", concat(reverse(["a", "b"]), slice(["c", "d", "e"], 1, 2), distinct(["f", "f"])))`, "badf"},
		{"maps", `lookup(merge({a = "1"}, {b = "2"}), "b", "3")`, "2"},
		{"env with a value", `env("SET")`, "from_env"},
		{"env with a default", `env("UNSET", "fallback")`, "fallback"},
		{"file", `trimspace(file("name.txt"))`, "from_file"},
		{"a conditional", `length(keys({a = 1})) == 1 ? "one" : "many"`, "one"},
		{"references are equal by name", `contains([server.u1, server.u2], server.u2) ? "in" : "out"`, "in"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			opts := hcl.Options{Getenv: env(map[string]string{"SET": "from_env"}), FS: fstest.MapFS{"name.txt": {Data: []byte("from_file\n")}}}
			require.Equal(t, tt.want, databaseOf(t, tt.expr, "", opts))
		})
	}
}

func TestTemplates(t *testing.T) {
	t.Parallel()
	const head = "locals {\n  stage = \"test\"\n}\n"
	tests := []struct{ name, expr, want string }{
		{"plain", `"user"`, "user"},
		{"the two variables", `"user_${partition.name}_${shard.index}"`, "user_p1_1"},
		{"one of them alone", `"${partition.name}"`, "p1"},
		{"a local", `"${local.stage}_${shard.index}"`, "test_1"},
		{"a function of the shard", `"user_${format("%02d", shard.index + 1)}"`, "user_02"},
		{"a function as a whole", `format("%s_%s_%d", local.stage, partition.name, shard.index)`, "test_p1_1"},
		{"a conditional", `shard.index == 0 ? "first" : "other_${shard.index}"`, "other_1"},
		{"a directive", `"user%{ if shard.index > 0 }_${shard.index}%{ endif }"`, "user_1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			text := head + "area \"a\" {\n  database = " + tt.expr + "\n  partition \"p1\" {\n    start  = \"0:0\"\n    shards = [server.u1, server.u2]\n  }\n}\n"
			cfg := loadText(t, text, hcl.Options{})
			require.Equal(t, tt.want, cfg.Registry.Shards()[1].Database)
		})
	}
}

func TestShards_computed(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, expr, want string }{
		{"by name", `[server.u1, server["u2"]]`, "u1/d0 u2/d1"},
		{"a local of references", "local.ring", "u2/d0 u1/d1"},
		{"part of a local", "slice(local.ring, 1, 2)", "u1/d0"},
		{"concat", "concat(local.ring, [server.u2])", "u2/d0 u1/d1 u2/d2"},
		{"reverse", "reverse(local.ring)", "u1/d0 u2/d1"},
		{"for by computed name", `[for i in range(3) : server["u${i % 2 + 1}"]]`, "u1/d0 u2/d1 u1/d2"},
		{"for with a condition", "[for s in local.ring : s if s == server.u1]", "u1/d0"},
		{"databases in a for", `[for i, s in local.ring : database(s, "x${i}")]`, "u2/x0 u1/x1"},
		{"databases among servers", `[server.u1, database(server.u1, "named"), local.pinned]`, "u1/d0 u1/named u2/pinned"},
		{"a conditional", "true ? local.ring : [server.u1]", "u2/d0 u1/d1"},
		{"an element of a local", "[local.ring[1]]", "u1/d0"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			text := "locals {\n  ring   = [server.u2, server.u1]\n  pinned = database(server.u2, \"pinned\")\n}\n" +
				"area \"a\" {\n  database = \"d${shard.index}\"\n  partition \"p\" {\n    start  = \"0:0\"\n    shards = " + tt.expr + "\n  }\n}\n"
			var got string
			for i, s := range loadText(t, text, hcl.Options{}).Registry.Shards() {
				if i > 0 {
					got += " "
				}
				got += s.Server + "/" + s.Database
			}
			require.Equal(t, tt.want, got)
		})
	}
}
