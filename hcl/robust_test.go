package hcl_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/hcl"
)

// size is that of the hostile texts.
const size = 200 << 10

// repeat fills the size.
func repeat(s string) string { return strings.Repeat(s, size/len(s)) }

// hostile gives texts that break parsers, by name.
func hostile() map[string]string {
	random := make([]byte, size)
	source := rand.NewChaCha8([32]byte{1})
	_, _ = source.Read(random)
	locals := func(line func(i int) string) string {
		var b strings.Builder
		b.WriteString("locals {\n")
		for i := range 2_000 {
			b.WriteString(line(i))
		}
		return b.String() + "}\n"
	}
	return map[string]string{
		"random bytes":            string(random),
		"NUL":                     "mdb {\n  namespace = \"a\x00b\"\n}\n",
		"escape":                  "mdb {\n  namespace = \"\x1b[31m\"\n}\n",
		"invalid UTF-8":           "mdb {\n  namespace = \"\xff\"\n}\n",
		"quotes":                  repeat(`"`),
		"braces":                  repeat("{"),
		"closing braces":          repeat("}"),
		"brackets":                "locals {\n  a = " + repeat("[") + "\n}\n",
		"balanced brackets":       "locals {\n  a = " + repeat("[") + repeat("]") + "\n}\n",
		"parentheses":             "locals {\n  a = " + repeat("(") + "1" + repeat(")") + "\n}\n",
		"templates":               "locals {\n  a = " + repeat(`"${`) + "\n}\n",
		"template directives":     "locals {\n  a = \"" + repeat("%{if true}") + "\"\n}\n",
		"nested blocks":           repeat("area \"a\" {\n"),
		"negations":               "locals {\n  a = " + repeat("!") + "true\n}\n",
		"minus signs":             "locals {\n  a = " + repeat("-") + "1\n}\n",
		"ternaries":               "locals {\n  a = " + repeat("true ? 1 : ") + "1\n}\n",
		"sums":                    "locals {\n  a = 1" + repeat("+1") + "\n}\n",
		"indexes":                 "locals {\n  a = local.b" + repeat("[local.b]") + "\n}\n",
		"splats":                  "locals {\n  a = local.b" + repeat(".*.c") + "\n}\n",
		"calls":                   "locals {\n  a = " + repeat("lower(") + "\n}\n",
		"open heredocs":           repeat("a = <<X\n"),
		"heredoc of templates":    "locals {\n  a = <<X\n" + repeat("abc ${1}\n") + "X\n}\n",
		"string of templates":     "locals {\n  a = \"" + repeat("${1}") + "\"\n}\n",
		"long number":             "locals {\n  a = " + repeat("1234567890") + "\n}\n",
		"large exponent":          "locals {\n  a = \"${1e999999999}\"\n}\n",
		"exponents":               "locals {\n  a = 1e100000\n  b = \"${local.a * local.a}\"\n}\n",
		"doubling lists":          locals(func(i int) string { return fmt.Sprintf("  a%d = [local.a%d, local.a%d]\n", i, i+1, i+1) }),
		"doubling strings":        locals(func(i int) string { return fmt.Sprintf("  a%d = \"${local.a%d}${local.a%d}\"\n", i, i+1, i+1) }) + "locals {\n  a2000 = \"xxxxxxxxxxxxxxxx\"\n}\n",
		"chain of locals":         locals(func(i int) string { return fmt.Sprintf("  a%d = local.a%d\n", i, i+1) }),
		"nested for":              "locals {\n  r = range(1000)\n  a = [for x in local.r : [for y in local.r : [for z in local.r : x]]]\n}\n",
		"nested range":            "locals {\n  a = [for x in range(1000) : [for y in range(1000) : range(1000)]]\n}\n",
		"wide format":             "locals {\n  a = format(\"%999999999d\", 1)\n}\n",
		"deep indent":             "locals {\n  a = indent(999999999, \"a\\nb\")\n}\n",
		"product of sets":         "locals {\n  r = range(1000)\n  a = setproduct(local.r, local.r, local.r, local.r)\n}\n",
		"large replace":           "locals {\n  s = join(\"\", [for x in range(1000) : \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"])\n  a = replace(local.s, \"a\", local.s)\n}\n",
		"not a number":            "locals {\n  a = pow(-1, 0.5)\n  b = log(-1, 2)\n  c = 0 / 0\n  d = (1/0) - (1/0)\n}\n",
		"wrong index":             "locals {\n  a = [1][\"x\"]\n  b = {}[null]\n  c = server[null]\n  d = server[[]]\n  e = server[*]\n}\n",
		"splat of servers":        "server \"u1\" { address = \"a\" }\nlocals {\n  a = server.u1[*]\n  b = server.*.name\n  c = keys(server)\n}\n",
		"nulls":                   "mdb {\n  namespace = null\n}\nserver \"u1\" {\n  address = null\n  params = null\n}\narea \"a\" {\n  database = null\n  partition \"p\" {\n    start = null\n    shards = null\n  }\n}\ncentral {\n  shards = [null]\n}\n",
		"huge label":              "server \"" + repeat("x") + "\" { address = \"a\" }\n",
		"label of escapes":        "server \"\\u001b\\u0000\" { address = \"a\" }\n",
		"reference to everything": "locals {\n  a = [var, local, server, area, shard, partition, central]\n}\n",
		"json in hcl":             `{"mdb": {"namespace": "x"}}`,
	}
}

// hostileJSON gives the same for the JSON syntax.
func hostileJSON() map[string]string {
	return map[string]string{
		"nothing":            "",
		"null":               "null",
		"number":             "1",
		"list":               "[]",
		"list of numbers":    "[1, 2]",
		"truncated":          `{"mdb": {"namespace": "x`,
		"NUL":                "{\"mdb\": {\"namespace\": \"a\x00\"}}",
		"escaped NUL":        `{"mdb": {"namespace": "a\u0000"}}`,
		"lone surrogate":     `{"mdb": {"namespace": "a\ud800"}}`,
		"invalid UTF-8":      "{\"mdb\": {\"namespace\": \"\xff\"}}",
		"brackets":           `{"locals": {"a": ` + repeat("[") + "}}",
		"balanced brackets":  `{"locals": {"a": ` + repeat("[") + repeat("]") + "}}",
		"nested blocks":      repeat(`{"area":`),
		"lists of blocks":    `{"server": {"u1": ` + repeat("[") + repeat("]") + "}}",
		"brackets in string": `{"locals": {"a": "${` + repeat("[") + `}"}}`,
		"escaped brackets":   `{"locals": {"a": "${` + repeat(`\u005b`) + `}"}}`,
		"expression":         `{"area": {"a": {"partition": {"p": {"start": "0:0", "shards": "` + repeat("(") + `"}}}}}`,
		"type":               `{"variable": {"a": {"type": "` + repeat("list(") + `"}}}`,
		"negations":          `{"locals": {"a": "${` + repeat("!") + `true}"}}`,
		"templates":          `{"locals": {"a": "` + repeat("${1}") + `"}}`,
		"long number":        `{"locals": {"a": ` + repeat("1234567890") + `}}`,
		"large exponent":     `{"locals": {"a": 1e999999999, "b": "${local.a}"}}`,
		"wrong shapes":       `{"mdb": [], "server": "x", "area": {"a": 1}, "locals": [1], "central": [[]], "briefcase": {"b": [1, {"table": {"t": null}}]}, "profile": null}`,
		"same key twice":     `{"mdb": {"namespace": "a", "namespace": "b"}, "mdb": {"namespace": "c"}}`,
		"comments":           `{"//": "fine", "mdb": {"//": ["fine"], "namespace": 3, "hash": {"//": 1}}}`,
	}
}

// Whatever a file holds: findings with a place, no panic, no death, no long wait.
func TestCheck_survives(t *testing.T) {
	t.Parallel()
	run := func(t *testing.T, name, text string) { //nolint:thelper // it is the test
		start := time.Now()
		cfg, found := hcl.Check(".", hcl.Options{FS: fstest.MapFS{name: {Data: []byte(text)}}})
		require.True(t, found.HasErrors())
		require.Nil(t, cfg.Registry)
		for _, d := range found {
			require.Equal(t, name, d.Range.Filename)
			require.LessOrEqual(t, d.Range.Start.Byte, len(text))
			for _, s := range []string{d.Summary, d.Detail, d.Help, d.Address} {
				require.Less(t, len(s), 2_000)
				require.Equal(t, -1, strings.IndexFunc(s, func(r rune) bool { return r < ' ' }), "%q", s)
			}
		}
		require.Less(t, time.Since(start), 2*time.Minute, "far from what it takes, near to what it took without the budget")
		require.Len(t, cfg.Masked(name), len(text))
	}
	for name, text := range hostile() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run(t, "main.mdb.hcl", text)
		})
	}
	for name, text := range hostileJSON() {
		t.Run("json "+name, func(t *testing.T) {
			t.Parallel()
			run(t, "main.mdb.json", text)
		})
	}
}

func TestCheck_refuses_large_files(t *testing.T) {
	t.Parallel()
	_, found := hcl.Check(".", hcl.Options{FS: fstest.MapFS{"main.mdb.hcl": {Data: make([]byte, 6<<20)}}})
	require.Len(t, found, 1)
	require.Equal(t, "MDB107", found[0].Rule)
}

// Byte order marks and the line ends of other systems change nothing.
func TestCheck_line_ends_and_marks(t *testing.T) {
	t.Parallel()
	const bom = "\xef\xbb\xbf"
	text := "mdb {\n  namespace = \"x\"\n}\nserver \"u1\" {\n  addrss = \"a\"\n}\n"
	json := "{\n  \"mdb\": {\"namespace\": \"x\"},\n  \"server\": {\"u1\": {\n    \"addrss\": \"a\"}}\n}\n"
	tests := []struct{ name, file, text, want string }{
		{"plain", "main.mdb.hcl", text, "main.mdb.hcl:5:3"},
		{"CRLF", "main.mdb.hcl", strings.ReplaceAll(text, "\n", "\r\n"), "main.mdb.hcl:5:3"},
		{"byte order mark", "main.mdb.hcl", bom + text, "main.mdb.hcl:5:3"},
		{"plain JSON", "main.mdb.json", json, "main.mdb.json:4:5"},
		{"JSON with CRLF", "main.mdb.json", strings.ReplaceAll(json, "\n", "\r\n"), "main.mdb.json:4:5"},
		{"JSON with a byte order mark", "main.mdb.json", bom + json, "main.mdb.json:4:5"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			cfg, found := hcl.Check(".", hcl.Options{FS: fstest.MapFS{tt.file: {Data: []byte(tt.text)}}})
			i := indexOf(found, "MDB102")
			require.GreaterOrEqual(t, i, 0)
			require.Equal(t, tt.want, found[i].Range.String())
			at := found[i].Range
			require.Equal(t, "addrss", strings.Trim(tt.text[at.Start.Byte:at.End.Byte], `"`), "bytes count from the begin of the file")
			require.Len(t, cfg.Masked(tt.file), len(tt.text))
		})
	}
}

func indexOf(found hcl.Diagnostics, rule string) int {
	for i := range found {
		if found[i].Rule == rule {
			return i
		}
	}
	return -1
}

func withLint(opts hcl.Options) hcl.Options {
	opts.Lint = &hcl.Lint{}
	return opts
}

func fuzzLoad(f *testing.F, name string, seeds ...string) {
	f.Helper()
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		env := func(string) (string, bool) { return "", false }
		opts := hcl.Options{FS: fstest.MapFS{name: {Data: text}}, Getenv: env, Profile: "solo", Version: "0.1.0"}
		_, advice := hcl.Check(".", withLint(opts))
		require.False(t, bytes.Contains([]byte(fmt.Sprint(advice)), []byte{0x1b}))
		cfg, found := hcl.Check(".", opts)
		require.NotNil(t, cfg)
		require.False(t, found.HasErrors() && cfg.Registry != nil)
		require.Len(t, cfg.Masked(name), len(text))
		loaded, err := hcl.Load(".", opts)
		require.Equal(t, err == nil, cfg.Registry != nil, "a service opens what a tool finds no error in")
		if err == nil {
			require.Equal(t, cfg.Registry.Fingerprint(), loaded.Registry.Fingerprint())
		}
		require.False(t, bytes.Contains([]byte(fmt.Sprint(found)), []byte{0x1b}))
	})
}

func FuzzLoad_native(f *testing.F) {
	fuzzLoad(f, "main.mdb.hcl", sampleText(f), "", "mdb {}", "locals {\n  a = [for x in local.b : x]\n}\n")
}

func FuzzLoad_json(f *testing.F) {
	fuzzLoad(f, "main.mdb.json", sampleJSON, "", "{}", `{"mdb": [{"namespace": "x"}]}`)
}
