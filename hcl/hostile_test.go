package hcl_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/hcl"
)

// many writes lines until there are so many bytes.
func many(size int, line func(i int) string) string {
	var b strings.Builder
	for i := 0; b.Len() < size; i++ {
		b.WriteString(line(i))
	}
	return b.String()
}

// costly gives texts of a size whose cost once grew with its square, or with what
// they make of it.
func costly(size int) map[string]string {
	f := fmt.Sprintf
	const sound = "mdb {\n  namespace = \"x\"\n}\nserver \"u1\" { address = \"a\" }\narea \"user\" {\n  database = \"u\"\n  partition \"p0\" {\n    start  = \"0:0\"\n    shards = [server.u1]\n  }\n}\n"
	list := func(element string) string {
		return "locals {\n  a = join(\"\", [" + many(size, func(int) string { return element }) + "])\n}\n"
	}
	return map[string]string{
		"parameters of all servers": "server_defaults {\n  params = {\n" + many(size/2, func(i int) string { return f("p%d = 1\n", i) }) + "}\n}\n" +
			many(size/2, func(i int) string { return f("server \"s%d\" {\n  address = \"a\"\n}\n", i) }),
		"unknown blocks":            many(size, func(i int) string { return f("x%d {\n}\n", i) }),
		"unknown arguments":         "server \"u1\" {\n" + many(size, func(i int) string { return f("addr_%d = 1\n", i) }) + "}\n",
		"password lines":            "area \"a\" {}\n" + many(size, func(int) string { return "# password = [\n" }),
		"passwords in a line":       "area \"a\" {}\n# " + many(size, func(int) string { return `password="x" ` }) + "\n",
		"logins":                    "area \"a\" {}\n# " + many(size, func(int) string { return "a:b@" }) + "\n",
		"long texts in heredocs":    "area \"a\" {}\n" + many(size, func(int) string { return "# token = <<\n" }),
		"ignores":                   sound + many(size, func(i int) string { return f("# mdbcheck:ignore MDB405 -- x\nserver \"s%d\" { address = \"a\" }\n", i) }) + "area \"x\" {}\n",
		"names in an ignore":        sound + "# mdbcheck:ignore " + many(size, func(int) string { return "MDB313 " }) + "-- x\n",
		"misspelt names in ignores": sound + many(size, func(i int) string { return f("# mdbcheck:ignore same-server-%d -- x\n", i) }),
		"expired ignores": sound + many(size, func(i int) string {
			return f("# mdbcheck:ignore MDB405 until=2020-01-01 -- x\nserver \"s%d\" { address = \"a\" }\n", i)
		}),
		"numbers in templates":     "locals {\n" + many(size, func(i int) string { return f("  a%d = \"%s\"\n", i, strings.Repeat("${1}", 500)) }) + "}\n",
		"a long list":              list("\"x\","),
		"a long list of two types": list("\"x\",1,"),
		"passwords of variables": many(size, func(i int) string {
			return f("variable \"v%d\" { default = \"x\" }\nserver \"s%d\" {\n  address = \"a\"\n  password = var.v%d\n}\n", i, i, i)
		}),
	}
}

// What a hostile file costs grows as its size does. Without the bound that a case
// is about, it takes minutes, or more memory than there is.
func TestCheck_grows_with_the_text(t *testing.T) {
	t.Parallel()
	today := day(t, "2026-10-01")
	for name, text := range costly(256 << 10) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg, found := hcl.Check(".", hcl.Options{FS: fstest.MapFS{"main.mdb.hcl": {Data: []byte(text)}}, Getenv: noEnv, Lint: &hcl.Lint{Today: today}})
			require.NotEmpty(t, found)
			require.Less(t, len(found), 10_100)
			require.Len(t, cfg.Masked("main.mdb.hcl"), len(text))
			for i := range found {
				_ = cfg.Edits(&found[i])
			}
		})
	}
}

// However much is wrong, what is listed is bounded, what is left out is counted,
// and an error among it keeps the configuration from being opened.
func TestCheck_lists_so_many_findings(t *testing.T) {
	t.Parallel()
	text := "mdb {\n  namespace = \"x\"\n}\n" + many(256<<10, func(i int) string { return fmt.Sprintf("x%d {\n}\n", i) }) + "area \"user\" {\n  database = 1\n}\n"
	cfg, found := hcl.Check(".", hcl.Options{FS: fstest.MapFS{"main.mdb.hcl": {Data: []byte(text)}}, Getenv: noEnv})
	require.True(t, found.HasErrors())
	require.Nil(t, cfg.Registry)
	require.Less(t, len(found), 10_100)
	counted := 0
	for _, d := range found {
		if strings.Contains(d.Summary, "more of MDB102") {
			counted++
		}
	}
	require.Equal(t, 1, counted)

	// What is not listed is no reason to call a comment useless.
	server := regexp.MustCompile(`server\.s\d+`)
	text = "# mdbcheck:ignore-file MDB316 -- who knows\n" + server.ReplaceAllString(string(topologyOf(11_000, 1)), "server.s0, server.s0")
	_, found = hcl.Check(".", hcl.Options{FS: fstest.MapFS{"main.mdb.hcl": {Data: []byte(text)}}, Getenv: noEnv, Lint: &hcl.Lint{}})
	require.False(t, found.HasErrors())
	require.Greater(t, len(found), 10_000)
	require.Negative(t, indexOf(found, "MDB109"))
}

// Brackets are what a parser pays for: a file has so many, in either syntax.
func TestCheck_bounds_brackets(t *testing.T) {
	t.Parallel()
	lists := "[" + strings.Repeat("[],", 100_000) + "[]]"
	for name, text := range map[string]string{
		"main.mdb.hcl":  "locals {\n  a = " + lists + "\n}\n",
		"main.mdb.json": `{"locals": {"a": ` + lists + "}}",
		"in.mdb.hcl":    "# " + strings.Repeat("(", 100_001) + "\n",
	} {
		_, found := hcl.Check(".", hcl.Options{FS: fstest.MapFS{name: {Data: []byte(text)}}, Getenv: noEnv})
		require.Len(t, found, 1, name)
		require.Equal(t, "MDB107", found[0].Rule)
		require.Contains(t, found[0].Summary, "100,000 brackets")
		require.Positive(t, found[0].Range.Start.Column)
	}
}
