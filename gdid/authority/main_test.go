package authority_test

import (
	"database/sql"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/area/dsn"
	"github.com/mdbrouter/mdb/area/pool"
	"github.com/mdbrouter/mdb/gdid/authority"
	"github.com/mdbrouter/mdb/mdbtest/mysqld"
)

var servers = mysqld.Shared{N: 2}

func TestMain(m *testing.M) {
	if order := os.Getenv(workerOrder); order != "" {
		os.Exit(work(order))
	}
	os.Exit(servers.Main(m))
}

const namespace = "acme_test"

// connect gives unguarded connections to a server, as a router's pool does.
func connect(tb testing.TB, addr, params string) *sql.DB {
	tb.Helper()
	db, closeDB, err := dial(addr, params)
	require.NoError(tb, err)
	tb.Cleanup(closeDB)
	return db
}

func dial(addr, params string) (db *sql.DB, closeDB func(), err error) {
	d, err := dsn.Parse("root@tcp(" + addr + ")/?" + params)
	if err != nil {
		return nil, nil, err
	}
	pools := pool.New(nil, []pool.Endpoint{{Server: "c1", DSN: d}}, pool.Options{})
	db, err = pools.Admin("c1")
	return db, func() { _ = pools.Close() }, err
}

// newMySQL gives an authority on a server.
func newMySQL(tb testing.TB, addr, database string, number uint8) *authority.MySQL {
	tb.Helper()
	name := []string{"chi", "nyc", "sfo", "lax"}[number%4]
	m := authority.NewMySQL(connect(tb, addr, ""), authority.MySQLConfig{Name: name, Number: number, Namespace: namespace, Database: database})
	tb.Cleanup(func() { require.NoError(tb, m.Close()) })
	return m
}

func newFiles(tb testing.TB, number uint8, paths ...string) *authority.Files {
	tb.Helper()
	f := authority.NewFiles(authority.FilesConfig{Name: "local", Number: number, Namespace: namespace, Paths: paths})
	tb.Cleanup(func() { require.NoError(tb, f.Close()) })
	return f
}
