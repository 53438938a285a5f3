package mdb_test

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/mdbrouter/mdb"
	"github.com/mdbrouter/mdb/gdid"
	"github.com/mdbrouter/mdb/mdbtest/mysqld"
)

var servers = mysqld.Shared{N: 3}

func TestMain(m *testing.M) {
	if job := os.Getenv(childVariable); job != "" {
		os.Exit(child(job))
	}
	os.Exit(servers.Main(m))
}

// site is a topology of one test on servers that other tests share: area "user"
// has two partitions and a breakpoint, and a briefcase of three tables.
type site struct {
	cluster *mysqld.Cluster
	prefix  string
	dir     string
	vars    map[string]string
}

const userSchema = `
CREATE TABLE tbl_user (g_user BINARY(12) NOT NULL PRIMARY KEY, name VARCHAR(64) NOT NULL, balance INT NOT NULL DEFAULT 0) ENGINE=InnoDB;
CREATE TABLE tbl_order (g_user BINARY(12) NOT NULL, id INT NOT NULL, total INT NOT NULL, PRIMARY KEY (g_user, id)) ENGINE=InnoDB;
`

// firstFile is the configuration that most tests use.
const firstFile = `
  partition "p0" {
    start  = "0:0"
    shards = [server.u1, server.u2]
  }
  partition "p1" {
    start  = "0:250_000"
    shards = [server.u1, server.u2, server.u3]
  }
  breakpoint "far" {
    at = "0:8_000_000_000"
    partition "r0" {
      offset = "0:0"
      shards = [server.u3, server.u1]
    }
  }
`

func newSite(t *testing.T) *site {
	t.Helper()
	cluster, prefix := servers.Get(t)
	return siteOn(t, cluster, prefix)
}

func siteOn(t *testing.T, cluster *mysqld.Cluster, prefix string) *site {
	t.Helper()
	s := &site{cluster: cluster, prefix: prefix, dir: t.TempDir(), vars: map[string]string{}}
	for i, server := range cluster.Servers {
		s.vars[fmt.Sprintf("u%d", i+1)] = server.Addr()
	}
	schema := filepath.Join(s.dir, "schema")
	require.NoError(t, os.Mkdir(schema, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(schema, "1.sql"), []byte(userSchema), 0o644))
	return s
}

// write gives the path of a configuration with the given partitions of area user.
func (s *site) write(t *testing.T, name, partitions string) string {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "mdb { namespace = %q }\n", strings.TrimSuffix(s.prefix, "_"))
	b.WriteString("server_defaults {\n user = \"root\"\n params = { timeout = \"2s\", readTimeout = \"10s\", writeTimeout = \"10s\" }\n}\n")
	for i := range s.cluster.Servers {
		fmt.Fprintf(&b, "variable \"u%d\" { type = string }\nserver \"u%d\" { address = var.u%d }\n", i+1, i+1, i+1)
	}
	fmt.Fprintf(&b, "area \"user\" {\n  database = \"%suser_${partition.name}_${shard.index}\"\n  schema = \"schema\"\n%s}\n", s.prefix, partitions)
	b.WriteString("briefcase \"customer\" {\n  area = area.user\n  key = \"g_user\"\n  table \"tbl_user\" {\n    table \"tbl_order\" {}\n  }\n}\n")
	path := filepath.Join(s.dir, name+".mdb.hcl")
	require.NoError(t, os.WriteFile(path, []byte(b.String()), 0o644))
	return path
}

func (s *site) options() mdb.Options { return mdb.Options{Vars: s.vars} }

// open provisions the first file and gives a router on it.
func (s *site) open(t *testing.T) *mdb.Router {
	t.Helper()
	path := s.write(t, "first", firstFile)
	require.NoError(t, mdb.Provision(t.Context(), path, s.options()))
	return s.router(t, path)
}

func (s *site) router(t *testing.T, path string) *mdb.Router {
	t.Helper()
	router, err := mdb.Open(t.Context(), path, s.options())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, router.Close()) })
	return router
}

func users(t *testing.T, router *mdb.Router) *mdb.Area {
	t.Helper()
	a, err := router.Area("user")
	require.NoError(t, err)
	return a
}

func briefcaseOf(t *testing.T, router *mdb.Router, id string) *mdb.Briefcase {
	t.Helper()
	b, err := users(t, router).Briefcase(gdid.MustParse(id))
	require.NoError(t, err)
	return b
}

func addUser(t *testing.T, b *mdb.Briefcase, name string) {
	t.Helper()
	_, err := b.ExecContext(t.Context(), "INSERT INTO tbl_user (g_user, name) VALUES (?, ?)", b.ID(), name)
	require.NoError(t, err)
}

func nameOf(t *testing.T, b *mdb.Briefcase) string {
	t.Helper()
	var name string
	require.NoError(t, b.QueryRowContext(t.Context(), "SELECT name FROM tbl_user WHERE g_user = ?", b.ID()).Scan(&name))
	return name
}

// direct gives root's own connections to a shard, past mdb.
func (s *site) direct(t *testing.T, r mdb.Route) *sql.DB {
	t.Helper()
	for i, server := range s.cluster.Servers {
		if r.Server != fmt.Sprintf("u%d", i+1) {
			continue
		}
		db, err := sql.Open("mysql", server.DSN(r.Database))
		require.NoError(t, err)
		t.Cleanup(func() { _ = db.Close() })
		return db
	}
	t.Fatalf("no server %s", r.Server)
	return nil
}

// noLeaks fails the test if goroutines are left when it ends.
func noLeaks(t *testing.T) {
	t.Helper()
	before := goleak.IgnoreCurrent()
	t.Cleanup(func() { goleak.VerifyNone(t, before) })
}
