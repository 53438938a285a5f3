package hcl_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/hcl"
)

const minimal = "mdb {\n  namespace = \"x\"\n}\n"

func write(t *testing.T, name, text string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o755))
	require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
}

func TestLoad_absent(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "none")
	_, err := hcl.Load(path, hcl.Options{})
	require.ErrorIs(t, err, fs.ErrNotExist)
	failed, ok := errors.AsType[*hcl.DiagnosticsError](err)
	require.True(t, ok)
	require.Equal(t, "MDB114", failed.Diagnostics[0].Rule)
	require.ErrorContains(t, err, "configuration "+path+" has a mistake")

	cfg, found := hcl.Check(path, hcl.Options{})
	require.NotNil(t, cfg)
	require.Len(t, found, 1)
	require.Nil(t, cfg.Masked("anything"))
}

func TestLoad_one_file_of_any_name(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir+"/one.conf", minimal)
	write(t, dir+"/two.mdb.hcl", minimal)
	cfg, err := hcl.Load(dir+"/one.conf", hcl.Options{})
	require.NoError(t, err)
	require.Equal(t, []string{filepath.Join(dir, "one.conf")}, cfg.Files)
}

// Kubernetes mounts a ConfigMap as links to files of a hidden directory.
func TestLoad_linked_files(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir+"/..2026/main.mdb.hcl", minimal)
	require.NoError(t, os.Symlink("..2026", dir+"/..data"))
	require.NoError(t, os.Symlink("..data/main.mdb.hcl", dir+"/main.mdb.hcl"))
	require.NoError(t, syscall.Mkfifo(dir+"/pipe.mdb.hcl", 0o600), "a pipe would wait for ever")
	cfg, err := hcl.Load(dir, hcl.Options{})
	require.NoError(t, err)
	require.Equal(t, []string{filepath.Join(dir, "main.mdb.hcl")}, cfg.Files)
}

// What has the name of a file of the configuration and is none is not read, and
// a tool says so.
func TestCheck_says_what_is_no_file(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir+"/main.mdb.hcl", minimal)
	write(t, dir+"/old.mdb.hcl/x.txt", "x")
	require.NoError(t, syscall.Mkfifo(dir+"/pipe.mdb.json", 0o600))
	_, found := hcl.Check(dir, hcl.Options{})
	require.Len(t, found, 2)
	for i, want := range []string{"old.mdb.hcl is not read: it is a directory", "pipe.mdb.json is not read: it is no regular file"} {
		require.Equal(t, "MDB114", found[i].Rule)
		require.Equal(t, hcl.Warning, found[i].Severity)
		require.Equal(t, filepath.Join(dir, want), found[i].Summary)
	}
}

func TestLoad_length(t *testing.T) {
	t.Parallel()
	for expr, want := range map[string]int{
		`length("")`: 0, `length("grün")`: 4, `length("e\u0301")`: 1, `length(["a", "b"])`: 2, `length({ a = 1 })`: 1,
		`length([env("UNSET")])`: 1,
	} {
		cfg, err := hcl.Load(".", textOptions(minimal+"server \"a\" {\n  address = \"a\"\n  pool {\n    max_open = "+expr+"\n  }\n}\n", nil))
		require.NoError(t, err, expr)
		require.Equal(t, want, cfg.Servers[0].Primary.MaxOpen, expr)
	}
	_, err := hcl.Load(".", textOptions(minimal+"locals {\n  n = length(5)\n}\n", nil))
	require.ErrorContains(t, err, "invalid function argument")
}

func TestLoad_dangling_link(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir+"/main.mdb.hcl", minimal+"server \"u1\" { address = \"a\" }\narea \"a\" {\n  partition \"p\" {\n    start  = \"0:0\"\n    shards = [server.u2]\n  }\n}\n")
	require.NoError(t, os.Symlink("nowhere", dir+"/more.mdb.hcl"))
	_, found := hcl.Check(dir, hcl.Options{})
	require.Len(t, found, 1, "server.u2 may be declared in the file that could not be read")
	require.Equal(t, "MDB114", found[0].Rule)
}

func TestLoad_overlay(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir+"/main.mdb.hcl", "garbage {{{")
	cfg, err := hcl.Load(dir, hcl.Options{Overlay: map[string][]byte{
		dir + "/main.mdb.hcl":  []byte(minimal),
		dir + "/more.mdb.hcl":  []byte("server \"u1\" { address = \"a\" }\n"),
		dir + "/x/sub.mdb.hcl": []byte("garbage {{{"),
	}})
	require.NoError(t, err)
	require.Len(t, cfg.Files, 2)
	require.Len(t, cfg.Servers, 1)

	cfg, err = hcl.Load("stdin.mdb.hcl", hcl.Options{Overlay: map[string][]byte{"stdin.mdb.hcl": []byte(minimal)}})
	require.NoError(t, err)
	require.Equal(t, "x", cfg.Namespace)
}

// Everything that is wrong anywhere is reported at once, in the order of files
// and places, and nothing follows from it.
func TestCheck_all_at_once(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{
		"a.mdb.hcl": {Data: []byte(`mdb {
  namespace = "x"
  hash      = "jmp1"
}
server "u1" { address = "u1" }
server "u2" { addrss = "u2" }
server "u3" { address = }
server "u4" { address = "u4", zone = "z" }
locals {
  ring = [server.u1, server.u3, server.u9x]
}
`)},
		"b.mdb.hcl": {Data: []byte(`area "user" {
  database = "d_${partition.name}_${shard.index}"
  partition "p0" {
    start  = "0:5"
    shards = local.ring
  }
  partition "p1" {
    start  = "0:250000x"
    shards = [server.u1, server.u4]
  }
  breakpoint "b" {
    at = "0:9"
  }
}
briefcase "customer" {
  area = area.usr
  key  = "g"
  table "t" {}
`)},
	}
	_, found := hcl.Check(".", hcl.Options{FS: files})
	var got []string
	for _, d := range found {
		got = append(got, d.Range.String()+" "+d.Rule)
	}
	require.Equal(t, []string{
		"a.mdb.hcl:3:15 MDB318",
		"a.mdb.hcl:6:15 MDB102",
		"a.mdb.hcl:7:25 MDB101",
		"a.mdb.hcl:8:29 MDB101",
		"a.mdb.hcl:10:33 MDB201",
		"b.mdb.hcl:8:14 MDB301",
		"b.mdb.hcl:11:3 MDB308",
		"b.mdb.hcl:15:22 MDB101",
	}, got)
}

func TestDiagnostics(t *testing.T) {
	t.Parallel()
	text := minimal
	for range 12 {
		text += "nope {}\n"
	}
	_, err := hcl.Load(".", hcl.Options{FS: fstest.MapFS{"main.mdb.hcl": {Data: []byte(text)}}})
	failed, ok := errors.AsType[*hcl.DiagnosticsError](err)
	require.True(t, ok)
	require.Len(t, failed.Diagnostics, 12)
	require.Equal(t, 12, failed.Diagnostics.Count(hcl.Error))
	require.True(t, failed.Diagnostics.HasErrors())
	lines := strings.Split(err.Error(), "\n")
	require.Equal(t, "configuration . has 12 mistakes", lines[0])
	require.Equal(t, `  main.mdb.hcl:4:1: error[MDB102] unknown-name: blocks of type "nope" are not expected here`, lines[1])
	require.Equal(t, "  and 2 more", lines[11])
	require.NoError(t, errors.Unwrap(err))
	require.Equal(t, []string{"error", "warning", "notice", "Severity(9)"},
		[]string{hcl.Error.String(), hcl.Warning.String(), hcl.Notice.String(), hcl.Severity(9).String()})
	require.True(t, hcl.Range{}.IsZero())
	require.Equal(t, "f", hcl.Range{Filename: "f"}.String())
}

func TestConfig_Masked(t *testing.T) {
	t.Parallel()
	text := minimal + `variable "pw" {
  sensitive = true
  default   = "s3cret"
}
locals {
  word = "s3cret"
  host = "db.example"
}
server "u1" {
  address  = "u1.db"
  user     = "app"
  password = "s3cret" # not "here"
}
server "u2" {
  address  = local.host
  password = local.word
}
server "u3" { dsn = env("U3_DSN", "root:s3cret@tcp(u3)/") }
server "u4" {
  address  = "u4"
  password = "é${var.pw}\"é"
}
`
	want := strings.NewReplacer(
		`"s3cret" # not "here"`, `"******" # not "****"`, `"s3cret"`, `"******"`,
		`"root:s3cret@tcp(u3)/"`, `"`+strings.Repeat("*", 20)+`"`, `"é${var.pw}\"é"`, `"**${var.pw}****"`,
	).Replace(text)
	cfg, found := hcl.Check(".", hcl.Options{FS: fstest.MapFS{"main.mdb.hcl": {Data: []byte(text)}}, Getenv: noEnv})
	require.True(t, found.HasErrors())
	require.Len(t, cfg.Masked("main.mdb.hcl"), len(text))
	require.NotContains(t, string(cfg.Masked("main.mdb.hcl")), "s3cret")
	for i, line := range strings.Split(string(cfg.Masked("main.mdb.hcl")), "\n") {
		if i < 20 {
			require.Equal(t, strings.Split(want, "\n")[i], line)
		}
	}
	require.Contains(t, string(cfg.Masked("main.mdb.hcl")), `env("U3_DSN", `)
}
