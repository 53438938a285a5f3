package main_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	mdbctl "github.com/mdbrouter/mdb/cmd/mdbctl"
	"github.com/mdbrouter/mdb/mdbtest/mysqld"
)

var servers = mysqld.Shared{N: 2}

func TestMain(m *testing.M) {
	if err := os.Setenv("MDBCTL_TEST_PASSWORD", secret); err != nil {
		panic(err)
	}
	os.Exit(servers.Main(m))
}

// secret is the password of every configuration of the tests: no output may show it.
const secret = `pa"ss'w\ord #1;[x]`

type outcome struct {
	status         int
	stdout, stderr string
}

// runIn runs a command line in a world of its own.
func runIn(ctx context.Context, t *testing.T, w mdbctl.World, args ...string) outcome {
	t.Helper()
	var stdout, stderr bytes.Buffer
	if w.Stdin == nil {
		w.Stdin = strings.NewReader("")
	}
	if w.Stdout == nil {
		w.Stdout = &stdout
	}
	w.Stderr = &stderr
	status := mdbctl.Run(ctx, args, w)
	got := outcome{status, stdout.String(), stderr.String()}
	require.NotContains(t, got.stdout, secret)
	require.NotContains(t, got.stderr, secret)
	return got
}

func command(t *testing.T, args ...string) outcome {
	t.Helper()
	return runIn(t.Context(), t, mdbctl.World{}, args...)
}

// site is a configuration on the package's servers.
type site struct {
	t       *testing.T
	dir     string
	prefix  string
	cluster *mysqld.Cluster
}

const topology = `mdb { namespace = "%[1]sacme" }
server_defaults {
  params = { timeout = "2s", readTimeout = "30s", writeTimeout = "30s" }
  admin {
    user     = "%[1]sadmin"
    password = env("MDBCTL_TEST_PASSWORD")
  }
}
server "u1" {
  address  = "%[2]s"
  user     = "%[1]srw"
  password = env("MDBCTL_TEST_PASSWORD")
}
server "u2" {
  address  = "%[3]s"
  user     = "%[1]srw"
  password = env("MDBCTL_TEST_PASSWORD")
}
area "user" {
  database = "%[1]suser_${partition.name}_${shard.index}"
  schema   = "schema"
  partition "p0" {
    start  = "0:0"
    shards = [server.u1, server.u2]
  }
%[4]s}
profile "solo" {
  collapse_to = server.local
}
server "local" {
  address  = "%[3]s"
  user     = "%[1]srw"
  password = env("MDBCTL_TEST_PASSWORD")
}
briefcase "customer" {
  area = area.user
  key  = "g_user"
  table "tbl_user" {}
}
`

const appended = `  partition "p1" {
    start  = "0:1_000"
    shards = [server.u2, server.u1, server.u2]
  }
`

// newSite writes a configuration and creates its users.
func newSite(t *testing.T) *site {
	t.Helper()
	cluster, prefix := servers.Get(t)
	s := &site{t: t, dir: t.TempDir(), prefix: prefix, cluster: cluster}
	for _, server := range cluster.Servers {
		for _, name := range []string{"rw", "admin"} {
			user := "'" + prefix + name + "'@'127.0.0.1'"
			s.exec(server, "CREATE USER "+user+" IDENTIFIED BY '"+strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(secret)+"'")
			s.exec(server, "GRANT ALL ON *.* TO "+user)
			t.Cleanup(func() { _, _ = server.DB().ExecContext(context.WithoutCancel(t.Context()), "DROP USER "+user) })
		}
	}
	require.NoError(t, os.Mkdir(filepath.Join(s.dir, "schema"), 0o700))
	s.schema("CREATE TABLE tbl_user (g_user BINARY(12) NOT NULL PRIMARY KEY, name VARCHAR(80) NOT NULL);\n")
	s.write("")
	return s
}

// write writes the configuration; more goes into the area.
func (s *site) write(more string) {
	s.t.Helper()
	s.writeOn(s.cluster.Servers[0].Addr(), s.cluster.Servers[1].Addr(), more)
}

func (s *site) writeOn(u1, u2, more string) {
	s.t.Helper()
	text := fmt.Sprintf(topology, s.prefix, u1, u2, more)
	require.NoError(s.t, os.WriteFile(filepath.Join(s.dir, "acme.mdb.hcl"), []byte(text), 0o600))
}

func (s *site) schema(sql string) {
	s.t.Helper()
	require.NoError(s.t, os.WriteFile(filepath.Join(s.dir, "schema", "001.sql"), []byte(sql), 0o600))
}

func (s *site) exec(server *mysqld.Server, statement string) {
	s.t.Helper()
	_, err := server.DB().ExecContext(s.t.Context(), statement)
	require.NoError(s.t, err)
}

// plain gives an output without what differs between runs.
func (s *site) plain(text string) string {
	for i, server := range s.cluster.Servers {
		text = strings.ReplaceAll(text, server.Addr(), fmt.Sprintf("u%d:3306", i+1))
	}
	return strings.NewReplacer(s.prefix, "", s.dir, "DIR").Replace(text)
}

func (s *site) provisioned() *site {
	s.t.Helper()
	got := command(s.t, "provision", s.dir, "--yes")
	require.Zero(s.t, got.status, got.stderr)
	return s
}
