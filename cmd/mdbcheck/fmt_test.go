package main_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	mdbcheck "github.com/mdbrouter/mdb/cmd/mdbcheck"
)

const (
	untidy = "locals{\na=1\n  bc = 2\n}"
	tidy   = "locals {\n  a  = 1\n  bc = 2\n}\n"
)

func TestFmt_writesWhatChanges(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		require.NoError(t, os.Chmod(path, mode))
		return path
	}
	config := write("b.mdb.hcl", untidy, 0o640)
	pins := write("a.mdbtest.hcl", "route \"x\"{\n}", 0o644)
	accept := write("mdb-accept.hcl", untidy, 0o644)
	done := write("c.mdb.hcl", tidy, 0o444)
	write("d.mdb.json", `{ "locals": {}}`, 0o644)
	write("other.hcl", untidy, 0o644)
	write(".hidden.mdb.hcl", untidy, 0o644)
	require.NoError(t, os.Mkdir(filepath.Join(dir, "e.mdb.hcl"), 0o755))
	require.NoError(t, os.Symlink("nowhere", filepath.Join(dir, "f.mdb.hcl")))
	before, err := os.Stat(done)
	require.NoError(t, err)

	got := command(mdbcheck.World{}, "fmt", dir)
	require.Zero(t, got.status, got.stderr)
	require.Equal(t, pins+"\n"+config+"\n"+accept+"\n", got.stdout)
	require.Equal(t, tidy, read(t, config))
	require.Equal(t, "route \"x\" {\n}\n", read(t, pins))
	for _, name := range []string{"other.hcl", ".hidden.mdb.hcl"} {
		require.Equal(t, untidy, read(t, filepath.Join(dir, name)))
	}
	info, err := os.Stat(config)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o640), info.Mode().Perm())
	after, err := os.Stat(done)
	require.NoError(t, err)
	require.True(t, os.SameFile(before, after), "what is in its form already is not touched")
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, 9, "no file is left behind")

	got = command(mdbcheck.World{}, "fmt", "--check", "--config", dir)
	require.Zero(t, got.status, got.stderr)
	require.Empty(t, got.stdout)
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(text)
}

func TestFmt_writesBehindALink(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	target, link := filepath.Join(dir, "target"), filepath.Join(dir, "in", "link.mdb.hcl")
	require.NoError(t, os.Mkdir(filepath.Join(dir, "in"), 0o755))
	require.NoError(t, os.WriteFile(target, []byte(untidy), 0o600))
	require.NoError(t, os.Symlink("../target", link))
	require.Zero(t, command(mdbcheck.World{}, "fmt", filepath.Dir(link)).status)
	require.Equal(t, tidy, read(t, target))
	info, err := os.Lstat(link)
	require.NoError(t, err)
	require.Equal(t, os.ModeSymlink, info.Mode().Type(), "the link stays one")
}

func TestFmt_modes(t *testing.T) {
	t.Parallel()
	const diff = "--- FILE\n+++ FILE (formatted)\n@@ -1,4 +1,4 @@\n-locals{\n-a=1\n+locals {\n+  a  = 1\n   bc = 2\n-}\n\\ No newline at end of file\n+}\n"
	tests := []struct {
		name, args, stdout string
		status             int
		written            bool
	}{
		{"check", "--check", "FILE\n", 1, false},
		{"diff", "--diff", diff, 0, false},
		{"check and diff", "--check --diff", diff, 1, false},
		{"check and write", "--check --write", "FILE\n", 1, true},
		{"diff and write", "--diff --write", diff, 0, true},
		{"neither writes nor checks", "--write=false", "FILE\n", 0, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "a.mdb.hcl")
			require.NoError(t, os.WriteFile(path, []byte(untidy), 0o600))
			got := command(mdbcheck.World{}, append([]string{"fmt", path}, strings.Fields(tt.args)...)...)
			require.Equal(t, tt.status, got.status, got.stderr)
			require.Equal(t, tt.stdout, strings.ReplaceAll(got.stdout, path, "FILE"))
			require.Equal(t, tt.written, read(t, path) == tidy)
		})
	}
}

func TestFmt_standardInput(t *testing.T) {
	t.Parallel()
	run := func(in string, args ...string) outcome {
		return command(mdbcheck.World{Stdin: strings.NewReader(in)}, append([]string{"fmt", "-"}, args...)...)
	}
	require.Equal(t, outcome{0, tidy, ""}, run(untidy))
	require.Equal(t, outcome{0, tidy, ""}, run(tidy))
	require.Equal(t, outcome{0, "", ""}, run(""))
	require.Equal(t, outcome{1, "", ""}, run(untidy, "--check"))
	require.Equal(t, outcome{0, "", ""}, run(tidy, "--check"))
	require.Contains(t, run(untidy, "--diff").stdout, "\n-a=1\n")
	require.Equal(t, outcome{0, "server \"a\" {\n  password = \"hunter2\"\n}\n", ""}, run("server \"a\" {\npassword=\"hunter2\"\n}"), "the text itself is not masked")

	broken := run("server \"a\" {\n  password = \"hunter2\n}\n", "--stdin-filename", "x/a.mdb.hcl")
	require.Equal(t, 1, broken.status)
	require.Empty(t, broken.stdout)
	require.Contains(t, broken.stderr, "error[MDB101]")
	require.Contains(t, broken.stderr, "x/a.mdb.hcl:2:")
	require.NotContains(t, broken.stderr, "hunter2")

	torn := command(mdbcheck.World{Stdin: iotest.ErrReader(errors.New("torn cable"))}, "fmt", "-")
	require.Equal(t, outcome{2, "", "mdbcheck: read standard input: torn cable\n"}, torn)
}

func TestFmt_goesOnAfterAFileThatDoesNotParse(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "a.mdb.hcl"), []byte("locals {\n  a = \"\xff\"\n"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "b.mdb.hcl"), []byte(untidy), 0o600))
	got := command(mdbcheck.World{}, "fmt", dir)
	require.Equal(t, 1, got.status)
	require.Equal(t, filepath.Join(dir, "b.mdb.hcl")+"\n", got.stdout)
	require.Contains(t, got.stderr, "a.mdb.hcl:2:8")
	require.Equal(t, "locals {\n  a = \"\xff\"\n", read(t, filepath.Join(dir, "a.mdb.hcl")))
	require.Equal(t, tidy, read(t, filepath.Join(dir, "b.mdb.hcl")))
}

func TestFmt_cannotRun(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	large := filepath.Join(dir, "large.mdb.hcl")
	require.NoError(t, os.WriteFile(large, []byte(strings.Repeat("# x\n", 5<<18+1)), 0o600))
	for name, args := range map[string][]string{
		"no such file or directory":      {"fmt", filepath.Join(dir, "nothing")},
		"standard input is formatted by": {"fmt", "-", dir},
		"it has more than 5 MiB":         {"fmt", large},
		`--output="json" is not one of`:  {"fmt", "-o", "json"},
	} {
		got := command(mdbcheck.World{}, args...)
		require.Equal(t, 2, got.status, name)
		require.Contains(t, got.stderr, name)
	}
	json := filepath.Join(dir, "a.mdb.json")
	require.NoError(t, os.WriteFile(json, []byte(" {"), 0o600))
	require.Equal(t, outcome{0, "", ""}, command(mdbcheck.World{}, "fmt", json), "JSON is left alone")
}

// What somebody else writes between reading and writing is kept.
func TestRewrite_keepsWhatChangedMeanwhile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "a.mdb.hcl")
	require.NoError(t, os.WriteFile(path, []byte("new"), 0o600))
	require.ErrorContains(t, mdbcheck.Rewrite(path, "old", "formatted"), "has changed since it was read")
	require.Equal(t, "new", read(t, path))
	require.NoError(t, mdbcheck.Rewrite(path, "new", "formatted"))
	require.Equal(t, "formatted", read(t, path))
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, 1)
}
