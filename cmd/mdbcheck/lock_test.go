package main_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	mdbcheck "github.com/mdbrouter/mdb/cmd/mdbcheck"
)

// lockCase is a directory with a configuration of three shards.
func lockCase(t *testing.T) (dir string, run func(args ...string) outcome) {
	t.Helper()
	dir = t.TempDir()
	writeConfig(t, dir, threeShards)
	return dir, func(args ...string) outcome {
		return command(mdbcheck.World{}, append([]string{args[0], dir}, args[1:]...)...)
	}
}

func writeConfig(t *testing.T, dir, text string) {
	t.Helper()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "main.mdb.hcl"), []byte(text), 0o644))
}

var appendedPartition = strings.Replace(threeShards, "shards = [server.u1, server.u2, server.u3]\n  }\n", `shards = [server.u1, server.u2, server.u3]
  }
  partition "p1" {
    start  = "0:700_000"
    shards = [server.u1]
  }
`, 1)

func TestLock_life(t *testing.T) {
	t.Parallel()
	dir, run := lockCase(t)
	path := filepath.Join(dir, "mdb.lock.json")
	require.Equal(t, 0, run("check").status, "a lock is not demanded where there is none")
	got := run("check", "--locked")
	require.Equal(t, 1, got.status)
	require.Contains(t, got.stdout, "error[MDB922]")
	got = run("lock", "--check")
	require.Equal(t, 2, got.status)
	require.Contains(t, got.stderr, "there is no "+path)

	got = run("lock", "--head", "area.user=0:612_044")
	require.Equal(t, 0, got.status, got.stderr)
	require.Contains(t, got.stdout, "written with 3 entries")
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o644), info.Mode().Perm())
	require.Equal(t, 0, run("check", "--locked").status)
	require.Equal(t, 0, run("lock", "--check").status)
	first, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Contains(t, run("lock").stdout, "agrees with the configuration: 3 entries")

	writeConfig(t, dir, appendedPartition)
	got = run("check")
	require.Equal(t, 1, got.status)
	require.Contains(t, got.stdout, `error[MDB922] lock-differs: mdb.lock.json is not of this configuration: partition "p1" of area "user" at 0:700000 is not in it`)
	require.Contains(t, got.stdout, "main.mdb.hcl:13:13")
	got = run("lock", "--check")
	require.Equal(t, 1, got.status)
	require.Contains(t, got.stdout, "does not agree with the configuration")
	kept, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(first), string(kept), "--check writes nothing")
	got = run("lock")
	require.Equal(t, 0, got.status, got.stdout)
	require.Contains(t, got.stdout, "notice[MDB907]", "the head on record makes it safe")
	require.Contains(t, got.stdout, "1 entry appended")
	require.Equal(t, 0, run("check").status)
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, 2, "no temporary file is left")
}

func TestLock_refusesWhatBreaks(t *testing.T) {
	t.Parallel()
	dir, run := lockCase(t)
	require.Equal(t, 0, run("lock").status)
	path := filepath.Join(dir, "mdb.lock.json")
	before, err := os.ReadFile(path)
	require.NoError(t, err)

	writeConfig(t, dir, twoShards)
	got := run("lock")
	requireBreaks(t, got, "MDB901")
	require.Contains(t, got.stdout, path+":", "it says where the lock has it")
	got = run("lock", "-o", "json")
	require.Equal(t, 1, got.status)
	require.Contains(t, got.stdout, `"rule":"MDB901"`)
	after, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(before), string(after), "nothing is written")

	fingerprint := fingerprintIn(run("lock").stdout)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "mdb-accept.hcl"), []byte("accept \""+fingerprint+"\" {\n  reason = \"moved\"\n  owner  = \"storage\"\n}\n"), 0o644))
	got = run("lock")
	require.Equal(t, 0, got.status, got.stdout)
	require.Contains(t, got.stdout, "1 entry appended")
}

func TestLock_heads(t *testing.T) {
	t.Parallel()
	dir, run := lockCase(t)
	require.Equal(t, 0, run("lock", "--head", "area.user=0:612_044").status)
	got := run("lock", "--head", "area.user=0:612_043")
	require.Equal(t, 2, got.status)
	require.Contains(t, got.stderr, "heads only rise")
	require.Equal(t, 0, run("lock", "--head", "area.user=0:650_000").status)

	lock := filepath.Join(dir, "mdb.lock.json")
	writeConfig(t, dir, appendedPartition)
	got = run("breaking", "--against", lock)
	require.Equal(t, 0, got.status)
	require.Contains(t, got.stdout, "warning[MDB907]")
	got = run("breaking", "--against", lock, "--head-from", "lock")
	require.Equal(t, 0, got.status)
	require.Contains(t, got.stdout, "(head 0:650000, safe from 0:660000 on)")
	got = run("breaking", "--against", lock, "--head-from", "lock", "--head", "area.user=0:695_000")
	requireBreaks(t, got, "MDB907")
	require.Contains(t, got.stdout, `the smallest safe start is "0:705_000"`)
	got = run("breaking", "--against", lock, "--head-from", "lock", "--margin", "50001")
	requireBreaks(t, got, "MDB907")
}

func TestLock_refusesToRun(t *testing.T) {
	t.Parallel()
	dir, run := lockCase(t)
	got := run("lock", "--profile", "solo")
	require.Equal(t, 2, got.status)
	require.Contains(t, got.stderr, "leave --profile out")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "mdb.lock.json"), []byte("{}"), 0o644))
	got = run("lock")
	require.Equal(t, 1, got.status)
	require.Contains(t, got.stderr, "error[MDB923]")
	got = run("breaking", "--against", filepath.Join(dir, "mdb.lock.json"))
	require.Equal(t, 1, got.status, got.stderr)
	require.Contains(t, got.stderr, "MDB923")
	got = run("check")
	require.Equal(t, 1, got.status)
	require.Contains(t, got.stdout, "error[MDB923]")
}

// What a merge leaves behind is no lock, and running lock once more on the file of
// one branch appends what the other did.
func TestLock_afterAMerge(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	r.write("mdb/main.mdb.hcl", threeShards)
	run := func(args ...string) outcome {
		return command(mdbcheck.World{}, append([]string{args[0], r.path("mdb")}, args[1:]...)...)
	}
	require.Equal(t, 0, run("lock").status)
	r.commit("base")
	const two = "area \"order\" {\n  database = \"order_${partition.name}_${shard.index}\"\n  partition \"p0\" {\n    start  = \"0:0\"\n    shards = [server.u1]\n  }\n}\n"
	r.git("checkout", "-q", "-b", "theirs")
	r.write("mdb/order.mdb.hcl", two)
	require.Equal(t, 0, run("lock").status)
	r.commit("an area")
	r.git("checkout", "-q", "main")
	r.write("mdb/main.mdb.hcl", appendedPartition)
	require.Equal(t, 0, run("lock").status)
	r.commit("a partition")
	r.try("CONFLICT", "merge", "-q", "theirs")
	got := run("check")
	require.Equal(t, 1, got.status)
	require.Contains(t, got.stdout, "the lock has a merge conflict")
	r.git("checkout", "--ours", "mdb/mdb.lock.json")
	got = run("lock")
	require.Equal(t, 0, got.status, got.stdout+got.stderr)
	require.Contains(t, got.stdout, "1 entry appended")
	require.Equal(t, 0, run("check", "--locked").status)
}
