package hcl_test

import (
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/hcl"
)

// apply makes edits in a text.
func apply(t *testing.T, text []byte, edits []hcl.Edit) []byte {
	t.Helper()
	var out []byte
	at := 0
	for _, e := range edits {
		start, end := e.Range.Start, e.Range.End
		require.LessOrEqual(t, at, start.Byte, "in order, and apart")
		require.LessOrEqual(t, start.Byte, end.Byte)
		require.LessOrEqual(t, end.Byte, len(text))
		require.Equal(t, strings.Count(string(text[:start.Byte]), "\n")+1, start.Line)
		require.Equal(t, strings.Count(string(text[:end.Byte]), "\n")+1, end.Line)
		out = append(append(out, text[at:start.Byte]...), e.Text...)
		at = end.Byte
	}
	return append(out, text[at:]...)
}

// fixable gives the rules that Fix does something about.
func fixable() map[string]bool {
	out := map[string]bool{}
	for _, p := range hcl.Rules() {
		if p.Fix != "" {
			out[p.ID] = true
		}
	}
	return out
}

// of gives the findings of a rule.
func of(found hcl.Diagnostics, rule string) hcl.Diagnostics {
	return slices.DeleteFunc(slices.Clone(found), func(d hcl.Diagnostic) bool { return d.Rule != rule })
}

// Every finding that has edits is gone when they are made, alone or by Fix; none
// of a rule that says that Fix does nothing about it has any.
func TestEdits_of_every_rule(t *testing.T) {
	t.Parallel()
	dirs, err := filepath.Glob(rulesDir + "/*/fail*")
	require.NoError(t, err)
	mended := map[string]bool{}
	for _, dir := range dirs {
		rule := filepath.Base(filepath.Dir(dir))
		var o caseOptions
		if text, err := os.ReadFile(filepath.Join(dir, "options.json")); err == nil {
			require.NoError(t, json.Unmarshal(text, &o))
		}
		check := func(overlay map[string][]byte) (*hcl.Config, hcl.Diagnostics, hcl.Options) {
			lint := o.lint(t)
			if lint == nil {
				lint = &hcl.Lint{}
			}
			opts := hcl.Options{
				FS: os.DirFS(dir), Profile: o.Profile, Version: o.Version, Vars: o.Vars, VarFiles: o.VarFiles, Overlay: overlay, Lint: lint,
				Getenv: func(name string) (string, bool) { v, ok := o.Env[name]; return v, ok },
			}
			cfg, found := hcl.Check(".", opts)
			return cfg, of(found, rule), opts
		}
		cfg, found, opts := check(nil)
		var left []string
		for i := range found {
			edits := cfg.Edits(&found[i])
			if len(edits) == 0 {
				left = append(left, found[i].Summary)
				continue
			}
			require.True(t, fixable()[rule], "%s: %v", dir, found[i])
			mended[rule] = true
			name := found[i].Range.Filename
			text, err := fs.ReadFile(opts.FS, name)
			require.NoError(t, err)
			_, after, _ := check(map[string][]byte{name: apply(t, text, edits)})
			require.Less(t, len(after), len(found), "%s: %v", dir, found[i])
		}
		if !fixable()[rule] {
			continue
		}
		texts, err := hcl.Fix(".", opts)
		require.NoError(t, err)
		_, after, _ := check(texts)
		for i := range after { // one that has no edits may go with another
			require.Contains(t, left, after[i].Summary, dir)
		}
	}
	require.Equal(t, fixable(), mended)
}

// Comments that do nothing go with all that belongs to them, and nothing else.
func TestFix_ignores(t *testing.T) {
	t.Parallel()
	const rest = `area "user" {
  database = "user_${shard.index}"
  partition "p0" {
    start  = "0:0"
    shards = [server.u1, server.u1]
  }
}
`
	head := "mdb {\n  namespace = \"x\"\n}\nserver \"u1\" { address = \"a\" }\n"
	tests := []struct{ name, before, after string }{
		{"a line of its own", "# mdbcheck:ignore MDB405 -- why\n", ""},
		{"between empty lines", "\n# mdbcheck:ignore MDB405 -- why\n\n", "\n"},
		{"indented, with other comments", "# one\n  // mdbcheck:ignore MDB405 -- why\n# two\n", "# one\n# two\n"},
		{"beside code", "locals {\n  a = 1 # mdbcheck:ignore MDB405 -- why\n}\n", "locals {\n  a = 1\n}\n"},
		{"amid code", "locals {\n  a = /* mdbcheck:ignore MDB405 -- why */ 1\n}\n", "locals {\n  a = 1\n}\n"},
		{"before code", "/* mdbcheck:ignore MDB405 -- why */ locals {}\n", "locals {}\n"},
		{"the first of two names", "# mdbcheck:ignore MDB405, MDB313 -- why\n", "# mdbcheck:ignore MDB313 -- why\n"},
		{"the last of two names", "# mdbcheck:ignore MDB313 same-server MDB405 -- why\n", ""},
		{"two of four names, and an end", "# mdbcheck:ignore MDB405,MDB313 no-timeout until=2030-01-01 MDB316\n", "# mdbcheck:ignore MDB313 until=2030-01-01\n"},
		{"a rule that services demand", "# mdbcheck:ignore MDB304 -- why\n", ""},
		{"no rule", "# mdbcheck:ignore -- why\n", ""},
		{"a rule that is misspelt", "# mdbcheck:ignore MDB405, same-sever-twice -- why\n", "# mdbcheck:ignore same-sever-twice -- why\n"},
		{"ended, and nothing left", "# mdbcheck:ignore MDB405 until=2020-01-01 -- why\n", ""},
		{"ended, and something left", "# mdbcheck:ignore MDB405, MDB313 until=2020-01-01 -- why\n", "# mdbcheck:ignore MDB405, MDB313 until=2020-01-01 -- why\n"},
		{"of use", "# mdbcheck:ignore MDB313 -- why\n", "# mdbcheck:ignore MDB313 -- why\n"},
		{"of a rule that live applies", "# mdbcheck:ignore MDB810 -- why\n", "# mdbcheck:ignore MDB810 -- why\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			after := tt.after
			if tt.name == "the last of two names" { // a name that is none in between
				after = "# mdbcheck:ignore MDB313 same-server -- why\n"
			}
			opts := hcl.Options{Lint: &hcl.Lint{Today: day(t, "2026-10-01")}}
			got, err := fixed(t, map[string]string{"main.mdb.hcl": head + tt.before + rest}, opts)
			require.NoError(t, err)
			want := map[string]string{"main.mdb.hcl": head + after + rest}
			if tt.before == after {
				want = map[string]string{}
			}
			require.Equal(t, want, got)
			lines := strings.ReplaceAll(head+tt.before+rest, "\n", "\r\n")
			got, err = fixed(t, map[string]string{"main.mdb.hcl": lines}, opts)
			require.NoError(t, err)
			for name := range want {
				want[name] = strings.ReplaceAll(want[name], "\n", "\r\n")
			}
			require.Equal(t, want, got, "with line ends of another system")
		})
	}
}

func TestFix_ignoresInJSON(t *testing.T) {
	t.Parallel()
	const rest = `"mdb": {"namespace": "x"}, "server": {"u1": {"address": "a"}},
  "area": {"user": {"database": "u", "partition": {"p0": {"start": "0:0", "shards": ["server.u1"]}}}}`
	tests := []struct{ name, before, after string }{
		{"the first property", "{\n  \"//\": \"mdbcheck:ignore-file MDB405 -- why\",\n  " + rest + "}\n", "{\n  " + rest + "}\n"},
		{"the last property", "{" + rest + ",\n  \"//\" : \" mdbcheck:ignore-file MDB405 -- why\"\n}\n", "{" + rest + "\n}\n"},
		{"one name of two", "{\"//\": \"mdbcheck:ignore-file MDB405, MDB317 MDB607 -- why\", " + rest + "}\n", "{\"//\": \"mdbcheck:ignore-file MDB607 -- why\", " + rest + "}\n"},
		{"with escapes", "{\"//\": \"mdbcheck:ignore-file MDB405 -- \\u0077hy\", " + rest + "}\n", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := fixed(t, map[string]string{"main.mdb.json": tt.before}, hcl.Options{})
			require.NoError(t, err)
			if tt.after == "" {
				require.Empty(t, got)
				return
			}
			require.Equal(t, map[string]string{"main.mdb.json": tt.after}, got)
		})
	}
}

func TestFix_pools(t *testing.T) {
	t.Parallel()
	text := func(defaults, server string) string {
		return "mdb {\n  namespace = \"x\"\n}\nserver_defaults {\n  pool {\n" + defaults + "  }\n}\nserver \"u1\" {\n  address = \"a\"\n" + server + "}\n" +
			"area \"user\" {\n  database = \"u\"\n  partition \"p0\" {\n    start  = \"0:0\"\n    shards = [server.u1]\n  }\n}\n"
	}
	const ten = "    max_open = 10\n    max_idle = 10\n"
	tests := []struct{ name, before, after string }{
		{"too few idle", text("    max_open = 10\n    max_idle = 2\n", ""), text(ten, "")},
		{"too many idle", text("    max_open = 10\n    max_idle = 20\n", ""), text(ten, "")},
		{"idle ones of server_defaults", text(ten, "  pool {\n    max_open = 5 # few\n  }\n"), text(ten, "  pool {\n    max_open = 5\n    max_idle = 5 # few\n  }\n")},
		{"in one line", text(ten, "  pool { max_open = 5 }\n"), ""},
		{"by a variable", "variable \"n\" { default = 5 }\n" + text(ten, "  pool {\n    max_open = var.n\n  }\n"), ""},
		{"a long life", text("    max_lifetime = \"1h\"\n", ""), text("    max_lifetime = \"4m\"\n", "")},
		{"a life by a local", "locals {\n  hour = \"1h\"\n}\n" + text("    max_lifetime = local.hour\n", ""), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := fixed(t, map[string]string{"main.mdb.hcl": tt.before}, hcl.Options{})
			require.NoError(t, err)
			if tt.after == "" {
				require.Empty(t, got)
				return
			}
			require.Equal(t, map[string]string{"main.mdb.hcl": tt.after}, got)
		})
	}
	got, err := fixed(t, map[string]string{"main.mdb.json": `{"mdb": {"namespace": "x"}, "server_defaults": {"pool": {"max_idle": 9}}, "server": {"u1": {"address": "a", "pool": {"max_open": 5}}},
  "area": {"user": {"database": "u", "partition": {"p0": {"start": "0:0", "shards": ["server.u1"]}}}}}`}, hcl.Options{})
	require.NoError(t, err)
	require.Contains(t, got["main.mdb.json"], `"pool": {"max_open": 5, "max_idle": 5}`)
}

// No edit has a secret in it, whatever it moves.
func TestEdits_show_no_secret(t *testing.T) {
	t.Parallel()
	count := 0
	check := func(files map[string]string) {
		fsys := fstest.MapFS{}
		for name, text := range files {
			fsys[name] = &fstest.MapFile{Data: []byte(text)}
		}
		cfg, found := hcl.Check(".", hcl.Options{FS: fsys, Getenv: secretEnv, Lint: &hcl.Lint{}})
		for i := range found {
			for _, e := range cfg.Edits(&found[i]) {
				count++
				require.NotContains(t, e.Text, "canary", "%v", found[i])
			}
		}
	}
	for _, text := range secretTexts() {
		check(map[string]string{"main.mdb.hcl": text})
	}
	partition := func(label, start, comment string) string {
		return "  partition \"" + label + "\" {\n    start = \"" + start + "\"\n    shards = [server.u1] # " + comment + "\n  }\n"
	}
	head := "mdb {\n  namespace = \"x\"\n}\nserver \"u1\" {\n  address = \"a\"\n  password = env(\"X\")\n}\n"
	plain := "area \"user\" {\n  database = \"${partition.name}\"\n" + partition("p1", "0:10", "") + partition("p0", "0:0", "") + "}\n"
	check(map[string]string{"main.mdb.hcl": head + plain})
	require.Positive(t, count)
	before := count
	check(map[string]string{"main.mdb.hcl": strings.Replace(head+plain, "# \n", "# root:"+canary+"@tcp(u1.db)/\n", 1)})
	require.Positive(t, count-before, "the form of the file is mended, the order is not")
}

// Columns count what a reader sees as characters, as those of findings do.
func TestEdits_columns(t *testing.T) {
	t.Parallel()
	text := "mdb {\n  namespace = \"x\"\n}\nserver \"u1\" { address = \"a\" }\narea \"user\" {\n  database = \"${partition.name}\"\n" +
		"  partition \"p0\" { /* e\u0301\u65e5 */ start = \"0:3:0\" \n    shards = [server.u1]\n  }\n}\n"
	text = strings.Replace(text, "{ /*", "{\n /*", 1)
	cfg, found := hcl.Check(".", hcl.Options{FS: fstest.MapFS{"main.mdb.hcl": {Data: []byte(text)}}})
	i := indexOf(found, "MDB302")
	require.GreaterOrEqual(t, i, 0)
	edits := cfg.Edits(&found[i])
	require.Len(t, edits, 1)
	require.Equal(t, "0:0", edits[0].Text)
	inner := found[i].Range
	inner.Start.Column, inner.Start.Byte = inner.Start.Column+1, inner.Start.Byte+1
	inner.End.Column, inner.End.Byte = inner.End.Column-1, inner.End.Byte-1
	require.Equal(t, inner, edits[0].Range, "what stands between the quotes")
}

// A finding of another configuration, or of none, has no edits.
func TestEdits_of_strangers(t *testing.T) {
	t.Parallel()
	cfg, _ := hcl.Check(".", hcl.Options{FS: fstest.MapFS{"main.mdb.hcl": {Data: []byte("mdb {}\n")}}})
	for _, d := range []hcl.Diagnostic{{}, {Rule: "MDB113", Range: hcl.Range{Filename: "other.mdb.hcl"}}} {
		require.Empty(t, cfg.Edits(&d))
		require.Empty(t, (&hcl.Config{}).Edits(&d))
	}
	require.NotEmpty(t, slices.Collect(maps.Keys(fixable())))
}

func day(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.DateOnly, text)
	require.NoError(t, err)
	return at
}
