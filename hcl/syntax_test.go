package hcl_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/hcl"
)

// Each slip of the keyboard is one finding, at its place, with what to do.
func TestCheck_slips(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, from, to, at, summary, help string }{
		{"a quote that is missing", `"a.db:3306"`, `"a.db:3306`, "5:23", "a text in quotes does not end on its line", `write the closing " where the text ends`},
		{"quotes of a word processor", `"a.db:3306"`, "\u201ca.db:3306\u201d", "5:13", "this is no straight quote", `write " on both sides of the text`},
		{"single quotes", `"a.db:3306"`, "'a.db:3306'", "5:13", "this is no straight quote", `write " on both sides of the text`},
		{"a colon", `address = "a.db:3306"`, `address: "a.db:3306"`, "5:3", "an argument is written with =, not with a colon", "write NAME = VALUE"},
		{"no sign at all", `address = "a.db:3306"`, `address "a.db:3306"`, "5:22", "invalid block definition", "write NAME = VALUE"},
		{"a semicolon", `"a.db:3306"`, `"a.db:3306";`, "5:24", "a line ends without a semicolon", "remove it"},
		{"a comma", `"a.db:3306"`, `"a.db:3306",`, "5:24", "unexpected comma after argument", "remove the comma"},
		{"a comment of SQL", "server \"a\" {", "-- the first\nserver \"a\" {", "4:1", "this begins neither an argument nor a comment", "begin comments with #"},
		{"no label", `server "b" {`, "server {", "7:8", "a server needs a label", "write its name in quotes"},
		{"two labels", `server "b" {`, `server "b" "c" {`, "7:12", `label "c" is one too many`, "remove the others"},
		{"a brace too many", "    shards = [server.a]\n  }\n", "    shards = [server.a]\n  }\n  }\n", "28:1", "this brace closes nothing", "remove it, or the one too many above it"},
		{"a brace that is missing", "    shards = [server.b]\n  }\n", "    shards = [server.b]\n", "10:13", "unclosed configuration block", "write the } that is missing"},
		{"a merge conflict", "server \"b\" {\n", "<<<<<<< HEAD\nserver \"b\" {\n=======\nserver \"c\" {\n>>>>>>> x\n", "7:1", "a merge conflict is left in the file", "keep what is right of both"},
		{"a name without its kind", "[server.b]", "[b]", "18:15", `there is no "b" here`, "write server.b"},
		{"a variable of the shell", `"a.db:3306"`, "DB_ADDRESS", "5:13", `there is no "DB_ADDRESS" here`, `env("DB_ADDRESS"), quotes and all`},
		{"a server that is no list", "[server.b]", "server.b", "18:14", `"shards" must be a list of server references, got a reference to a server`, "write a list, even of one: shards = [...]"},
		{"a counter alone", `"0:1_000"`, "1000", "17:14", `"1000" is no range key: wrong number of parts`, `write "0:1_000", the era before the counter`},
		{"a template of the shell", "${shard.index}", "$shard.index", "11:14", "database name \"user_p0_$shard.index\" has one of ` / \\ .", "stands in braces: ${partition.name}, ${shard.index}"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			text := strings.Replace(helpful, tt.from, tt.to, 1)
			require.NotEqual(t, helpful, text)
			_, found := hcl.Check(".", hcl.Options{FS: fstest.MapFS{"main.mdb.hcl": {Data: []byte(text)}}, Getenv: noEnv})
			require.NotEmpty(t, found)
			require.Equal(t, "main.mdb.hcl:"+tt.at, found[0].Range.String())
			require.Equal(t, tt.summary, found[0].Summary)
			require.Contains(t, found[0].Help, tt.help)
			if found[0].Rule <= "MDB104" {
				require.Equal(t, 1, found.Count(hcl.Error), "what follows from it is not said: %v", found)
			}
		})
	}
}

// A directory above a configuration, and a file of one, are told what to name.
func TestCheck_namesTheDirectory(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{"deploy/mdb/main.mdb.hcl": {Data: []byte(helpful)}, "deploy/mdb/more.mdb.hcl": {Data: []byte("locals {}\n")}, ".git/mdb/x.mdb.hcl": {}}
	_, found := hcl.Check(".", hcl.Options{FS: files, Getenv: noEnv})
	require.Equal(t, "MDB114", found[0].Rule)
	require.Equal(t, "name the directory that has them: deploy/mdb", found[0].Help)
	_, found = hcl.Check("deploy/mdb/more.mdb.hcl", hcl.Options{FS: files, Getenv: noEnv})
	require.Equal(t, "MDB103", found[0].Rule)
	require.Contains(t, found[0].Help, "name the directory that it is in")
}
