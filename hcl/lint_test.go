package hcl_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/hcl"
)

// No comment takes away a finding that keeps a configuration from being opened.
func TestLint_ignores_cover_no_demanded_rule(t *testing.T) {
	t.Parallel()
	for _, p := range hcl.Rules() {
		dir := path.Join(rulesDir, p.ID, "fail")
		if _, err := os.Stat(path.Join(dir, "main.mdb.hcl")); !p.Demanded || err != nil || p.ID == "MDB101" || p.ID == "MDB107" {
			continue // without a file to write into, or with one that does not parse
		}
		t.Run(p.ID, func(t *testing.T) {
			t.Parallel()
			fsys := os.DirFS(dir)
			text, err := fs.ReadFile(fsys, "main.mdb.hcl")
			require.NoError(t, err)
			var o caseOptions
			if options, err := fs.ReadFile(fsys, "options.json"); err == nil {
				require.NoError(t, json.Unmarshal(options, &o))
			}
			_, found := hcl.Check(".", hcl.Options{
				FS: fsys, Profile: o.Profile, Version: o.Version, Vars: o.Vars, VarFiles: o.VarFiles, Getenv: env(o.Env), Lint: &hcl.Lint{},
				Overlay: map[string][]byte{"main.mdb.hcl": append([]byte("# mdbcheck:ignore-file "+p.ID+" "+p.Slug+" -- no\n"), text...)},
			})
			require.GreaterOrEqual(t, indexOf(found, p.ID), 0)
		})
	}
}

const advised = `mdb { namespace = "x" } # mdbcheck:ignore MDB501, MDB707 until=2020-01-01 -- later
server "u1" { address = "u1.db" }
area "user" {
  database = "user_${shard.index}"
  partition "p0" {
    start  = "0:0"
    shards = [server.u1]
  }
}
`

// A service opens whatever mdbcheck only advises against, on every day.
func TestLoad_takes_no_advice(t *testing.T) {
	t.Parallel()
	fsys := fstest.MapFS{
		"main.mdb.hcl":  {Data: []byte(advised)},
		".mdbcheck.hcl": {Data: []byte(`rule "MDB607" { severity = "error" }` + "\n" + `rule "MDB999" {}` + "\n")},
	}
	lint := &hcl.Lint{Today: time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC), Rules: map[string]hcl.Severity{"MDB409": hcl.Error}}
	_, err := hcl.Load(".", hcl.Options{FS: fsys, Lint: lint})
	require.NoError(t, err)
	_, found := hcl.Check(".", hcl.Options{FS: fsys})
	require.Empty(t, found, "advice is given when it is asked for")
	_, found = hcl.Check(".", hcl.Options{FS: fsys, Lint: lint})
	require.True(t, found.HasErrors())
}

// While there are errors there is no advice: half of it would be about them.
func TestLint_waits_for_errors(t *testing.T) {
	t.Parallel()
	fsys := fstest.MapFS{"main.mdb.hcl": {Data: []byte(strings.Replace(advised, "server.u1]", "server.u2]", 1))}}
	_, found := hcl.Check(".", hcl.Options{FS: fsys, Lint: &hcl.Lint{}})
	require.Len(t, found, 1)
	require.Equal(t, "MDB201", found[0].Rule)
}

func TestLint_severities(t *testing.T) {
	t.Parallel()
	severities := func(settings string, rules map[string]hcl.Severity) map[string]hcl.Severity {
		fsys := fstest.MapFS{"c/main.mdb.hcl": {Data: []byte(advised)}, "c/.mdbcheck.hcl": {Data: []byte(settings)}}
		_, found := hcl.Check("c", hcl.Options{FS: fsys, Lint: &hcl.Lint{Rules: rules}})
		out := map[string]hcl.Severity{}
		for _, d := range found {
			out[d.Slug] = d.Severity
		}
		return out
	}
	plain := severities("", nil)
	require.Equal(t, hcl.Warning, plain["no-timeout"])
	require.Equal(t, hcl.Notice, plain["no-tls"])
	require.NotContains(t, plain, "no-central", "an ignore covers it while no day is given")
	set := severities("rule \"MDB409\" { severity = \"error\" }\nrule \"no-tls\" { severity = \"off\" }\n", nil)
	require.Equal(t, hcl.Error, set["no-timeout"])
	require.NotContains(t, set, "no-tls")
	set = severities(`rule "MDB409" { severity = "error" }`, map[string]hcl.Severity{"no-timeout": hcl.Notice})
	require.Equal(t, hcl.Notice, set["no-timeout"], "an option wins over the file")
}

func TestConfig_Ignored(t *testing.T) {
	t.Parallel()
	cfg, _ := hcl.Check(".", hcl.Options{FS: fstest.MapFS{"main.mdb.hcl": {Data: []byte(advised)}}, Lint: &hcl.Lint{Rules: map[string]hcl.Severity{"no-authority": hcl.Error}}})
	require.Len(t, cfg.Ignored, 2)
	require.Equal(t, "MDB501", cfg.Ignored[0].Rule)
	require.Equal(t, hcl.Error, cfg.Ignored[1].Severity)
	require.Equal(t, "later", cfg.Ignored[0].Reason)
	require.Equal(t, "main.mdb.hcl:1:25", cfg.Ignored[0].Ignore.String())
}

// What an ignore covers: each text has one server without a timeout and one
// comment, and the finding is at the server's header or at its parameters.
func TestLint_coverage(t *testing.T) {
	t.Parallel()
	const ignore = "mdbcheck:ignore MDB409 -- x"
	tests := []struct {
		name, server string
		covered      bool
	}{
		{"the line of the block", "server \"u1\" { # " + ignore + "\n  address = \"u1.db\"\n}", true},
		{"the line before", "# " + ignore + "\nserver \"u1\" { address = \"u1.db\" }", true},
		{"an empty line between", "// " + ignore + "\n\nserver \"u1\" { address = \"u1.db\" }", true},
		{"another comment between", "# " + ignore + "\n# the first\nserver \"u1\" { address = \"u1.db\" }", true},
		{"a comment of several lines", "/* " + ignore + "\n   and y */\nserver \"u1\" { address = \"u1.db\" }", true},
		{"an argument in a covered block", "# " + ignore + "\nserver \"u1\" {\n  address = \"u1.db\"\n  params = {\n    tls = \"true\"\n  }\n}", true},
		{"the argument's own line", "server \"u1\" {\n  address = \"u1.db\"\n  params = { # " + ignore + "\n    tls = \"true\"\n  }\n}", true},
		{"another argument", "server \"u1\" {\n  address = \"u1.db\" # " + ignore + "\n  params = {\n    tls = \"true\"\n  }\n}", false},
		{"the line of the closing brace", "server \"u1\" {\n  address = \"u1.db\"\n} # " + ignore, false},
		{"the end of the block", "server \"u1\" {\n  address = \"u1.db\"\n  # " + ignore + "\n}", false},
		{"the line after", "server \"u1\" { address = \"u1.db\" }\n# " + ignore, false},
		{"words that only begin so", "# mdbcheck:ignored MDB409 -- x\nserver \"u1\" { address = \"u1.db\" }", false},
		{"text in a string", "server \"u1\" {\n  address = \"u1.db\"\n  zone = \"# " + ignore + "\"\n}", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			text := tt.server + "\nmdb {\n  namespace = \"x\"\n}\narea \"user\" {\n  database = \"u\"\n  partition \"p0\" {\n    start = \"0:0\"\n    shards = [server.u1]\n  }\n}\n"
			for _, end := range []string{"\n", "\r\n"} {
				text := strings.ReplaceAll(text, "\n", end)
				cfg, found := hcl.Check(".", hcl.Options{FS: fstest.MapFS{"main.mdb.hcl": {Data: []byte(text)}}, Lint: &hcl.Lint{}})
				require.False(t, found.HasErrors(), "%v", found)
				require.Equal(t, tt.covered, indexOf(found, "MDB409") < 0)
				require.Equal(t, tt.covered, len(cfg.Ignored) == 1)
				if !strings.Contains(tt.server, "ignored") && !strings.Contains(tt.server, "zone") {
					require.Equal(t, tt.covered, indexOf(found, "MDB109") < 0)
				}
			}
		})
	}
}

// What the documentation and the examples show is not advised against.
func TestLint_documentation(t *testing.T) {
	t.Parallel()
	texts := map[string]string{}
	for _, pattern := range []string{"../docs/*.md", "../*.md"} {
		pages, err := filepath.Glob(pattern)
		require.NoError(t, err)
		require.NotEmpty(t, pages)
		for _, page := range pages {
			text, err := os.ReadFile(page)
			require.NoError(t, err)
			for _, block := range strings.Split(string(text), "```hcl\n")[1:] {
				if block, _, _ := strings.Cut(block, "```"); strings.Contains(block, "mdb {") {
					texts[page] = block
				}
			}
		}
	}
	files, err := filepath.Glob("../examples/*/*.mdb.hcl")
	require.NoError(t, err)
	for _, name := range append(files, sampleDir+"/sample.mdb.hcl") {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		texts[name] = string(text)
	}
	require.Greater(t, len(texts), 5)
	all := func(name string) (string, bool) {
		switch {
		case name == "MDB_VAR_dsns":
			return `["a@tcp(a:1)/", "a@tcp(b:1)/", "a@tcp(c:1)/", "a@tcp(d:1)/"]`, true
		case strings.HasSuffix(name, "LOCAL_DSN"):
			return "", false
		case strings.HasSuffix(name, "DSN"):
			return "a@tcp(" + strings.ToLower(name) + ".db:3306)/", true
		}
		return "x", true
	}
	for name, text := range texts {
		for _, getenv := range []func(string) (string, bool){noEnv, all} {
			_, found := hcl.Check(".", hcl.Options{FS: fstest.MapFS{"main.mdb.hcl": {Data: []byte(text)}}, Getenv: getenv, Lint: &hcl.Lint{}})
			require.Zero(t, found.Count(hcl.Error)+found.Count(hcl.Warning), "%s: %v", name, found)
		}
	}
}

// Advice takes away no error, and whatever stands in comments and settings ends
// nobody's process.
func FuzzLint(f *testing.F) {
	f.Add([]byte(advised), []byte(`rule "MDB409" { severity = "off" }`))
	f.Add([]byte(sampleText(f)+"# mdbcheck:ignore MDB304 until=x --\n/* mdbcheck:ignore"), []byte("rule {"))
	f.Fuzz(func(t *testing.T, text, settings []byte) {
		opts := hcl.Options{FS: fstest.MapFS{"main.mdb.hcl": {Data: text}, ".mdbcheck.hcl": {Data: settings}}, Getenv: noEnv}
		_, plain := hcl.Check(".", opts)
		opts.Lint = &hcl.Lint{Today: time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)}
		_, found := hcl.Check(".", opts)
		for _, d := range plain {
			if d.Severity == hcl.Error {
				require.Contains(t, found, d)
			}
		}
	})
}
