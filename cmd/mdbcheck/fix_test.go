package main_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	mdbcheck "github.com/mdbrouter/mdb/cmd/mdbcheck"
)

func TestCheck_fix(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file, rest := filepath.Join(dir, "main.mdb.hcl"), filepath.Join(dir, "rest.mdb.hcl")
	require.NoError(t, os.WriteFile(file, []byte("mdb {\n    namespace = \"x\"\n}\nserver \"u1\" { cs = env(\"MDB_U1_DSN\") }\n"), 0o640))
	routing := "area \"user\" {\n  database = \"u\"\n  partition \"p0\" {\n    start  = \"0:0\"\n    shards = [server.u1]\n  }\n}\n"
	require.NoError(t, os.WriteFile(rest, []byte(routing), 0o600))

	got := command(mdbcheck.World{}, "check", "--fix", dir, "-o", "compact")
	require.Zero(t, got.status, got.stderr)
	require.Equal(t, "fixed "+file+"\n", got.stderr)
	require.NotContains(t, got.stdout, "MDB112")
	require.NotContains(t, got.stdout, "MDB113")
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, "mdb {\n  namespace = \"x\"\n}\nserver \"u1\" { dsn = env(\"MDB_U1_DSN\") }\n", string(text))
	info, err := os.Stat(file)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o640), info.Mode().Perm())

	got = command(mdbcheck.World{}, "check", "--fix", dir, "-o", "compact")
	require.Empty(t, got.stderr, "nothing is left to mend")

	unset := "area \"user\" {\n    database = env(\"NAME\")\n  partition \"p0\" {\n    start  = \"0:0\"\n    shards = [server.u1]\n  }\n}\n"
	require.NoError(t, os.WriteFile(rest, []byte(unset), 0o600))
	got = command(mdbcheck.World{}, "check", "--fix", dir)
	require.Equal(t, 2, got.status)
	require.Contains(t, got.stderr, "nothing is written")
	text, err = os.ReadFile(rest)
	require.NoError(t, err)
	require.Equal(t, unset, string(text))
}
