package pool_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"strings"
	"testing"

	"github.com/go-sql-driver/mysql"
	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/area/pool"
)

// killing is a connector to a server where somebody kills each statement that begins
// with text as it ends: it fails although it was done.
type killing struct {
	driver.Connector
	text string
}

func (k killing) Connect(ctx context.Context) (driver.Conn, error) {
	c, err := k.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return killingConn{driverConn: c.(driverConn), text: k.text}, nil
}

// driverConn is what the driver's connections can do.
type driverConn interface {
	driver.Conn
	driver.ExecerContext
	driver.QueryerContext
	driver.ConnPrepareContext
	driver.NamedValueChecker
	driver.SessionResetter
	driver.Validator
}

type killingConn struct {
	driverConn
	text string
}

func (c killingConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	result, err := c.driverConn.ExecContext(ctx, query, args)
	if err == nil && strings.HasPrefix(query, c.text) {
		return nil, &mysql.MySQLError{Number: 1317, SQLState: [5]byte([]byte("70100")), Message: "Query execution was interrupted"}
	}
	return result, err
}

// A transaction that began although its beginning failed is nobody's: the next
// borrower of the session does not stand in it.
func TestTx_killed_as_it_begins(t *testing.T) {
	t.Parallel()
	p := shared(t)
	for _, text := range []string{"SET TRANSACTION", "START TRANSACTION"} {
		for _, level := range []sql.IsolationLevel{sql.LevelDefault, sql.LevelReadUncommitted} {
			pools := pool.New([]pool.Endpoint{{Server: "u1"}}, nil, pool.Options{Namespace: namespace, Connector: func(d pool.Dial, _ driver.Connector) driver.Connector {
				cfg := p.server.Config()
				cfg.DBName = d.Database
				c, err := mysql.NewConnector(cfg)
				require.NoError(t, err)
				return killing{Connector: c, text: text}
			}})
			defer pools.Close()
			db, err := pools.Shard(p.shard).DB()
			require.NoError(t, err)
			var before, after, inside int
			require.NoError(t, db.QueryRowContext(t.Context(), "SELECT CONNECTION_ID()").Scan(&before))
			tx, err := db.BeginTx(fenced(t.Context()), &sql.TxOptions{Isolation: level})
			if err == nil { // there was nothing to kill
				require.Equal(t, "SET TRANSACTION", text)
				require.NoError(t, tx.Rollback())
				continue
			}
			var se area.ServerError
			require.ErrorAs(t, err, &se)
			require.EqualValues(t, 1317, se.Number())
			require.NoError(t, db.QueryRowContext(t.Context(), "SELECT CONNECTION_ID(), @@in_transaction").Scan(&after, &inside))
			require.Zero(t, inside)
			require.NotEqual(t, before, after, "the level may be set for the next transaction")
			_, err = db.ExecContext(t.Context(), "INSERT INTO t (id) VALUES (99)")
			require.ErrorIs(t, err, area.ErrStatementRefused)
		}
	}
}
