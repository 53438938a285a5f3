package embedded_test

import (
	"context"
	"database/sql"
	"testing"

	"github.com/go-sql-driver/mysql"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/mdbrouter/mdb/mdbtest/embedded"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// start returns a server with the database d, and a pool on it.
func start(t *testing.T, opts embedded.Options) (*embedded.Server, *sql.DB) {
	t.Helper()
	server, err := embedded.Start(opts)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Close()) })
	admin := open(t, server, "", false)
	exec(t, admin, "CREATE DATABASE d")
	return server, open(t, server, "d", true)
}

// open returns a pool on a database of the server.
func open(t *testing.T, server *embedded.Server, database string, interpolate bool) *sql.DB {
	t.Helper()
	config := mysql.NewConfig()
	config.Net, config.Addr, config.User, config.DBName = "tcp", server.Addr(), "root", database
	config.InterpolateParams = interpolate
	config.Logger = mysql.Logger(silent{})
	connector, err := mysql.NewConnector(config)
	require.NoError(t, err)
	db := sql.OpenDB(connector)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}

type silent struct{}

func (silent) Print(...any) {}

type execer interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

func exec(t *testing.T, db execer, query string, args ...any) sql.Result {
	t.Helper()
	result, err := db.ExecContext(t.Context(), query, args...)
	require.NoError(t, err, query)
	return result
}

type queryer interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

func number(t *testing.T, db queryer, query string) int64 {
	t.Helper()
	var n int64
	require.NoError(t, db.QueryRowContext(t.Context(), query).Scan(&n), query)
	return n
}

// requireNumber demands a server error of that number and state.
func requireNumber(t *testing.T, err error, number uint16, state string) {
	t.Helper()
	var serverErr *mysql.MySQLError
	require.ErrorAs(t, err, &serverErr)
	require.Equal(t, number, serverErr.Number, serverErr.Message)
	require.Equal(t, state, string(serverErr.SQLState[:]), serverErr.Message)
}
