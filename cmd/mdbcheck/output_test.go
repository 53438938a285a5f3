package main_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	mdbcheck "github.com/mdbrouter/mdb/cmd/mdbcheck"
)

func TestOutput_severalAtOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := func(name string) string { return filepath.Join(dir, name) }
	got := command(mdbcheck.World{Terminal: true}, "check", "testdata/check/hole", "-o", "human", "-o", "github",
		"-o", "compact="+file("c"), "-o", "human="+file("h"), "-o", "json="+file("j"), "-o", "sarif="+file("s"), "-o", "junit="+file("x"))
	require.Equal(t, 1, got.status)
	require.Empty(t, got.stderr)
	require.Contains(t, got.stdout, "error[MDB304]")
	require.Contains(t, got.stdout, "\x1b[")
	require.Contains(t, got.stdout, "\n::error file=")
	for name, want := range map[string]string{"c": ": error MDB304: ", "h": "error[MDB304]", "j": `{"format_version":"1.1"`, "s": `{"$schema":`, "x": "<?xml"} {
		text, err := os.ReadFile(file(name))
		require.NoError(t, err)
		require.Contains(t, string(text), want)
		require.NotContains(t, string(text), "\x1b[", "a file is no terminal")
	}

	// A second run replaces what the first has written.
	before, err := os.ReadFile(file("c"))
	require.NoError(t, err)
	require.Equal(t, 1, command(mdbcheck.World{}, "testdata/check/hole", "--output=compact="+file("c")).status)
	after, err := os.ReadFile(file("c"))
	require.NoError(t, err)
	require.Equal(t, before, after)
}

func TestOutput_ofEveryCommandHasAPath(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"show", routeCase, "-o", "json"},
		{"show", routeCase, "-o", "human"},
		{"graph", "testdata/check/graph", "-o", "svg"},
		{"graph", "testdata/check/graph", "-o", "mermaid"},
		{"route", "--config", routeCase, "area.user", "0:1:5", "-o", "human"},
		{"test", "testdata/check/pins", "-o", "junit"},
		{"test", "testdata/check/pins", "-o", "sarif"},
		{"breaking", routeCase, "--against", routeCase, "-o", "github"},
		{"breaking", routeCase, "--against", routeCase, "-o", "json"},
		{"version", "-o", "json"},
	} {
		path := filepath.Join(t.TempDir(), "out")
		want := command(mdbcheck.World{}, args...)
		args[len(args)-1] += "=" + path
		got := command(mdbcheck.World{}, args...)
		require.Equal(t, want.status, got.status, "%v: %s", args, got.stderr)
		require.Empty(t, got.stdout, args)
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, withoutTimes(want.stdout), withoutTimes(string(text)), args)
	}
}

func withoutTimes(text string) string {
	out, _, _ := strings.Cut(text, "time=")
	return out
}

func TestOutput_isRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	tests := []struct {
		name string
		args []string
		want string
	}{
		{"a form that is none", []string{"check", "-o", "xml"}, `--output="xml" is not one of human, compact, json, sarif, github, junit: see mdbcheck check --help`},
		{"a form of another command", []string{"show", "-o", "sarif"}, `--output="sarif" is not one of human, json: see mdbcheck show --help`},
		{"no path", []string{"check", "-o", "json="}, `--output="json=" has no path after =: see mdbcheck check --help`},
		{"two documents on standard output", []string{"check", "-o", "human", "-o", "json"}, "--output: human and json cannot both be on standard output: give one a path, as json=PATH: see mdbcheck check --help"},
		{"standard output by its other name", []string{"check", "-o", "sarif=-", "-o", "junit"}, "--output: sarif and junit cannot both be on standard output: give one a path, as junit=PATH: see mdbcheck check --help"},
		{"one form twice", []string{"check", "-o", "human", "-o", "human"}, "--output: human is asked for twice: see mdbcheck check --help"},
		{"two in a file", []string{"check", "-o", "json=" + dir + "/a", "-o", "human=" + dir + "/./a"}, `--output: json and human cannot both be in "` + dir + `/./a": see mdbcheck check --help`},
		{"several of a command that writes one", []string{"show", "-o", "json", "-o", "human=x"}, "mdbcheck show writes one output: give --output once: see mdbcheck show --help"},
		{"a file of the configuration", []string{"check", "-o", "json=a.mdb.json"}, `--output="json=a.mdb.json" would overwrite a file of the configuration: see mdbcheck check --help`},
		{"the lock", []string{"check", "-o", "json=x/mdb.lock.json"}, `--output="json=x/mdb.lock.json" would overwrite a file of the configuration: see mdbcheck check --help`},
		{"a directory that is not there", []string{"check", routeCase, "-o", "json=" + dir + "/no/a"}, "cannot write the output: open " + dir + "/no/a: no such file or directory"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := command(mdbcheck.World{}, tt.args...)
			require.Equal(t, 2, got.status)
			require.Equal(t, "mdbcheck: "+tt.want+"\n", got.stderr)
		})
	}
}

// One output that is lost keeps back no other, and is no success.
func TestOutput_lostKeepsBackNoOther(t *testing.T) {
	t.Parallel()
	got := command(mdbcheck.World{}, "check", routeCase, "-o", "json=/dev/full", "-o", "compact=/no/such/directory/x", "-o", "human")
	require.Equal(t, 2, got.status)
	require.Contains(t, got.stderr, "/dev/full: no space left on device")
	require.Contains(t, got.stderr, "/no/such/directory/x")
	require.Contains(t, got.stdout, "checked ")
}

func TestOutput_completes(t *testing.T) {
	t.Parallel()
	require.Contains(t, command(mdbcheck.World{}, "__complete", "check", "-o", "").stdout, "sarif\n")
	require.Contains(t, command(mdbcheck.World{}, "__complete", "graph", "-o", "").stdout, "svg\nmermaid\n")
	require.NotContains(t, command(mdbcheck.World{}, "__complete", "show", "-o", "").stdout, "sarif")
	require.Contains(t, command(mdbcheck.World{}, "__complete", "check", "-o", "json=").stdout, ":0\n", "paths are completed by the shell")
}

// Each text has the canary where a secret can stand, and something wrong with it.
func secretFiles() map[string]map[string]string {
	const canary = "hunter2canary"
	dsn := "app:" + canary + "@tcp(u1.db:3306)/"
	one := func(text string) map[string]string { return map[string]string{"main.mdb.hcl": text} }
	server := func(body string) map[string]string {
		return one("mdb {\n  namespace = \"x\"\n}\nserver \"u1\" {\n" + body + "\n}\n")
	}
	return map[string]map[string]string{
		"password":                  server("address = \"a\"\npassword = \"" + canary + "\""),
		"password after characters": server("address = \"a\"\npassword = \"日本" + canary + "\""),
		"password in a heredoc":     server("address = \"a\"\npassword = <<X\n" + canary + "\nX"),
		"misspelt password":         server("address = \"a\"\npasword = \"" + canary + "\""),
		"torn password":             server("address = \"a\"\npassword = \"" + canary),
		"torn line":                 server("address = \"a\" password = \"" + canary + "\""),
		"unknown argument":          server("address = \"a\"\nnope = \"" + canary + "\""),
		"unknown list":              server("address = \"a\"\nnope = [\n\"" + canary + "\",\n# ]\n(\"" + canary + "\")]\nzone=\"x\""),
		"unknown heredoc":           server("address = \"a\"\nnope = <<-X\n" + canary + "\n  X\nzone=\"x\""),
		"unknown block":             server("address = \"a\"\nnope {\nx {\nvalue=\"" + canary + "\"\n}\ny=\"" + canary + "\"\n}\nzone=\"x\""),
		"unknown template":          server("address = \"a\"\nnope = \"a${lower(\"" + canary + "\")}\"\nnope2 = \"}" + canary + "{\"\nzone=\"x\""),
		"unknown escapes":           server("address = \"a\"\nnope = \"a\\\"" + canary + "\""),
		"dsn":                       server("dsn = \"" + dsn + "\""),
		"broken dsn":                server("dsn = \"app:" + canary + "@tcp(u1\""),
		"dsn in the address":        server("address = \"" + dsn + "\""),
		"dsn in a default":          server("dsn = env(\"UNSET\", \"" + dsn + "\")"),
		"dsn in a comment":          server("zon = \"a\" # " + dsn),
		"replica":                   server("address = \"a\"\nreplica \"b\" {\ndsn = \"" + dsn + "\"\n}"),
		"admin":                     server("address = \"a\"\nadmin {\nuser = \"x\"\npassword = \"" + canary + "\"\n}"),
		"defaults":                  one("server_defaults {\npassword = \"" + canary + "\"\n}\n"),
		"local":                     one("locals {\n  innocent=\"" + canary + "\"\n}\nserver \"u1\" {\naddress = \"a\"\npassword = local.innocent\n}\n"),
		"local of another file":     {"a.mdb.hcl": "locals {\n  innocent=\"" + canary + "\"\n}\n", "b.mdb.hcl": "server \"u1\" {\naddress = \"a\"\npassword = local.innocent\n}\n"},
		"sensitive default":         one("variable \"v\" {\nsensitive=true\ntype = number\ndefault=\"" + canary + "\"\n}\n"),
		"variable":                  server("address = \"/${var.v} ?\"\npassword = var.v\n}\nvariable \"v\" {\nsensitive=true"),
		"environment":               server("address = \"${env(\"SECRET\")} ?\"\npassword = env(\"SECRET\")"),
		"database name":             one("mdb {\nnamespace=\"x\"\n}\nserver \"a\" {\naddress=\"a\"\n}\narea \"user\" {\ndatabase=\"/${env(\"SECRET\")}\"\npartition \"p0\" {\nstart=\"0:0\"\nshards=[server.a,server.a]\n}\n}\n"),
		"json":                      {"main.mdb.json": `{"server": {"u1": {"address": "a", "password": "` + canary + `"}}}`},
		"torn json":                 {"main.mdb.json": `{"server": {"u1": {"address": "a", "password": "` + canary + `" "x"}}}`},
		"misspelt json":             {"main.mdb.json": `{"server": {"u1": {"address": "a", "pasword": "` + canary + `"}}}`},
	}
}

// A secret is in no output of any form, on no stream, in no file.
func TestOutput_showsNoSecret(t *testing.T) {
	t.Parallel()
	for name, files := range secretFiles() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, out := t.TempDir(), t.TempDir()
			for name, text := range files {
				require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
			}
			w := mdbcheck.World{Env: map[string]string{
				"SECRET": "hunter2canary", "MDB_VAR_v": "hunter2canary", "GITHUB_STEP_SUMMARY": filepath.Join(out, "summary"),
			}}
			shown := ""
			args := []string{"check", dir, "-o", "human", "-o", "github"}
			for _, form := range []string{"human", "compact", "json", "sarif", "github", "junit"} {
				args = append(args, "-o", form+"="+filepath.Join(out, form))
			}
			for _, args := range [][]string{args, {"fmt", "--diff", "--check", dir}, {"breaking", dir, "--against", dir}, {"test", dir}, {"show", dir}, {"graph", dir}} {
				got := command(w, args...)
				shown += got.stdout + got.stderr
			}
			written, err := os.ReadDir(out)
			require.NoError(t, err)
			require.Len(t, written, 7)
			for _, e := range written {
				text, err := os.ReadFile(filepath.Join(out, e.Name()))
				require.NoError(t, err)
				require.NotEmpty(t, text, "%s: the case is meant to have a finding", e.Name())
				require.NotContains(t, string(text), "canary", e.Name())
			}
			require.NotContains(t, shown, "canary")
		})
	}
}
