package embedded_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"net"
	"strconv"
	"testing"
	"time"

	vitess "github.com/dolthub/vitess/go/mysql"
	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/mdbtest/embedded"
)

// counter starts a server with a table t of one row: 1, 0.
func counter(t *testing.T, opts embedded.Options) (*embedded.Server, *sql.DB) {
	t.Helper()
	server, db := start(t, opts)
	exec(t, db, "CREATE TABLE t (id INT PRIMARY KEY, n INT NOT NULL)")
	exec(t, db, "INSERT INTO t VALUES (1, 0)")
	return server, db
}

func begin(t *testing.T, db *sql.DB) *sql.Tx {
	t.Helper()
	tx, err := db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	return tx
}

func TestTransaction_forUpdateBlocksUntilCommit(t *testing.T) {
	t.Parallel()
	_, db := counter(t, patient)
	first, second := begin(t, db), begin(t, db)
	require.EqualValues(t, 0, number(t, first, "SELECT n FROM t WHERE id = 1 FOR UPDATE"))

	seen := make(chan int64, 1)
	go func() {
		var n int64
		if err := second.QueryRowContext(t.Context(), "SELECT n FROM t WHERE id = 1 FOR UPDATE").Scan(&n); err != nil {
			n = -1
		}
		seen <- n
	}()
	exec(t, first, "UPDATE t SET n = 7 WHERE id = 1")
	select {
	case n := <-seen:
		require.Fail(t, "did not wait", "read %d beside an open transaction", n)
	case <-time.After(200 * time.Millisecond):
	}
	require.NoError(t, first.Commit())
	require.EqualValues(t, 7, <-seen)
	require.NoError(t, second.Rollback())
}

func TestTransaction_waitEndsWith1205(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		wait func(t *testing.T, db *sql.DB) error
	}{
		{name: "an autocommit write", wait: func(t *testing.T, db *sql.DB) error {
			t.Helper()
			_, err := db.ExecContext(t.Context(), "UPDATE t SET n = 2")
			return err
		}},
		{name: "the first statement of a transaction", wait: func(t *testing.T, db *sql.DB) error {
			t.Helper()
			tx := begin(t, db)
			defer func() { require.NoError(t, tx.Rollback()) }()
			_, err := tx.ExecContext(t.Context(), "SELECT n FROM t LOCK IN SHARE MODE")
			return err
		}},
		{name: "a consistent snapshot", wait: func(t *testing.T, db *sql.DB) error {
			t.Helper()
			_, err := db.ExecContext(t.Context(), "START TRANSACTION WITH CONSISTENT SNAPSHOT")
			return err
		}},
		{name: "DDL", wait: func(t *testing.T, db *sql.DB) error {
			t.Helper()
			_, err := db.ExecContext(t.Context(), "CREATE TABLE u (id INT PRIMARY KEY)")
			return err
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, db := counter(t, embedded.Options{LockWait: time.Millisecond})
			tx := begin(t, db)
			exec(t, tx, "UPDATE t SET n = 1")
			requireNumber(t, tt.wait(t, db), 1205, "HY000")
			require.EqualValues(t, 0, number(t, db, "SELECT n FROM t"), "reads do not wait, and see what was committed")
			require.NoError(t, tx.Commit())
			require.EqualValues(t, 1, number(t, db, "SELECT n FROM t"))
		})
	}
}

func TestTransaction_lockWaitIsTheSessions(t *testing.T) {
	t.Parallel()
	_, db := counter(t, patient)
	conn, err := db.Conn(t.Context())
	require.NoError(t, err)
	defer func() { require.NoError(t, conn.Close()) }()
	exec(t, conn, "SET SESSION innodb_lock_wait_timeout=1")
	require.EqualValues(t, 1, number(t, conn, "SELECT @@innodb_lock_wait_timeout"))
	require.EqualValues(t, 300, number(t, db, "SELECT @@innodb_lock_wait_timeout"), "of another session")

	tx := begin(t, db)
	exec(t, tx, "UPDATE t SET n = 1")
	_, err = conn.ExecContext(t.Context(), "UPDATE t SET n = 2")
	requireNumber(t, err, 1205, "HY000")
	require.NoError(t, tx.Rollback())
	exec(t, conn, "UPDATE t SET n = 3")
}

func TestTransaction_isUndoneWhenTheConnectionDrops(t *testing.T) {
	t.Parallel()
	_, db := counter(t, patient)
	conn, err := db.Conn(t.Context())
	require.NoError(t, err)
	exec(t, conn, "BEGIN")
	exec(t, conn, "UPDATE t SET n = 1")
	require.ErrorIs(t, conn.Raw(func(any) error { return driver.ErrBadConn }), driver.ErrBadConn)
	exec(t, db, "UPDATE t SET n = n + 10") // waits for the slot of the dropped connection
	require.EqualValues(t, 10, number(t, db, "SELECT n FROM t"))
}

func TestTransaction_cancelledWaitLeavesNothingHeld(t *testing.T) {
	t.Parallel()
	_, db := counter(t, patient)
	holder := begin(t, db)
	exec(t, holder, "UPDATE t SET n = 1")

	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	waiter, err := db.BeginTx(ctx, nil)
	require.NoError(t, err)
	time.AfterFunc(50*time.Millisecond, cancel)
	_, err = waiter.ExecContext(ctx, "UPDATE t SET n = 2")
	require.ErrorIs(t, err, context.Canceled)

	require.NoError(t, holder.Commit())
	exec(t, db, "UPDATE t SET n = n + 10")
	require.EqualValues(t, 11, number(t, db, "SELECT n FROM t"), "the cancelled transaction left no trace")
}

func TestTransaction_refusesWritesWhenReadOnly(t *testing.T) {
	t.Parallel()
	_, db := counter(t, patient)
	conn, err := db.Conn(t.Context())
	require.NoError(t, err)
	defer func() { require.NoError(t, conn.Close()) }()

	exec(t, conn, "START TRANSACTION READ ONLY")
	require.EqualValues(t, 0, number(t, conn, "SELECT n FROM t"))
	_, err = conn.ExecContext(t.Context(), "UPDATE t SET n = 1")
	requireNumber(t, err, 1792, "25006")
	exec(t, conn, "COMMIT")

	exec(t, conn, "SET SESSION TRANSACTION READ ONLY")
	for _, query := range []string{"UPDATE t SET n = 1", "/* name: Add :exec */ INSERT INTO t VALUES (2, 0)", "CREATE TABLE u (id INT PRIMARY KEY)"} {
		_, err = conn.ExecContext(t.Context(), query)
		requireNumber(t, err, 1792, "25006")
	}
	exec(t, conn, "START TRANSACTION")
	_, err = conn.ExecContext(t.Context(), "DELETE FROM t")
	requireNumber(t, err, 1792, "25006")
	exec(t, conn, "ROLLBACK")

	exec(t, conn, "START TRANSACTION READ WRITE")
	exec(t, conn, "UPDATE t SET n = 5")
	exec(t, conn, "COMMIT")
	require.EqualValues(t, 5, number(t, db, "SELECT n FROM t"))
}

func TestTransaction_endsAtDDL(t *testing.T) {
	t.Parallel()
	_, db := counter(t, patient)
	conn, err := db.Conn(t.Context())
	require.NoError(t, err)
	defer func() { require.NoError(t, conn.Close()) }()
	exec(t, conn, "BEGIN")
	exec(t, conn, "UPDATE t SET n = 1")
	exec(t, conn, "ALTER TABLE t ADD COLUMN m INT NOT NULL DEFAULT 5")
	exec(t, conn, "INSERT INTO t VALUES (2, 2, 2)")
	require.EqualValues(t, 1+5+2+2, number(t, db, "SELECT CAST(SUM(n + m) AS SIGNED) FROM t"), "both writes are committed")
	exec(t, db, "UPDATE t SET n = 0")
}

func TestTransaction_endsWhenTheSessionIsReset(t *testing.T) {
	t.Parallel()
	server, db := counter(t, patient)
	host, port, err := net.SplitHostPort(server.Addr())
	require.NoError(t, err)
	portNumber, err := strconv.Atoi(port)
	require.NoError(t, err)
	// The driver never sends COM_RESET_CONNECTION; the engine's own client can.
	conn, err := vitess.Connect(t.Context(), &vitess.ConnParams{Host: host, Port: portNumber, Uname: "root", DbName: "d"})
	require.NoError(t, err)
	defer conn.Close()
	for _, query := range []string{"BEGIN", "UPDATE t SET n = 1"} {
		_, err = conn.ExecuteFetch(query, 1, false)
		require.NoError(t, err, query)
	}
	_, err = conn.Conn.Write([]byte{1, 0, 0, 0, vitess.ComResetConnection})
	require.NoError(t, err)
	exec(t, db, "UPDATE t SET n = n + 10")
	require.EqualValues(t, 10, number(t, db, "SELECT n FROM t"))
}

func TestTransaction_startCommitsTheOneBefore(t *testing.T) {
	t.Parallel()
	_, db := counter(t, patient)
	conn, err := db.Conn(t.Context())
	require.NoError(t, err)
	defer func() { require.NoError(t, conn.Close()) }()
	exec(t, conn, "BEGIN")
	exec(t, conn, "UPDATE t SET n = 1")
	exec(t, conn, "START TRANSACTION")
	exec(t, db, "UPDATE t SET n = n + 1")
	exec(t, conn, "ROLLBACK")
	require.EqualValues(t, 2, number(t, db, "SELECT n FROM t"))
}

func TestTransaction_survivesARefusedStatement(t *testing.T) {
	t.Parallel()
	_, db := counter(t, patient)
	tx := begin(t, db)
	exec(t, tx, "INSERT INTO t VALUES (2, 2)")
	_, err := tx.ExecContext(t.Context(), "INSERT INTO t VALUES (3, 3), (1, 1)")
	requireNumber(t, err, 1062, "23000")
	exec(t, tx, "INSERT INTO t VALUES (4, 4)")
	require.NoError(t, tx.Commit())
	require.EqualValues(t, 1+2+4, number(t, db, "SELECT CAST(SUM(id) AS SIGNED) FROM t"), "the refused statement left no row")
}

func TestTransaction_preparedStatementsReadAfresh(t *testing.T) {
	t.Parallel()
	server, db := counter(t, patient)
	prepared := open(t, server, "d", false)
	stmt, err := prepared.PrepareContext(t.Context(), "SELECT n FROM t WHERE id = ?")
	require.NoError(t, err)
	defer func() { require.NoError(t, stmt.Close()) }()
	exec(t, db, "UPDATE t SET n = 9")
	var n int
	require.NoError(t, stmt.QueryRowContext(t.Context(), 1).Scan(&n))
	require.Equal(t, 9, n)
}

// Whatever reads a table first in a transaction must wait: the engine keeps the table
// of that moment and would commit it over what others wrote.
func TestTransaction_everyReadTakesItsPlace(t *testing.T) {
	t.Parallel()
	for _, query := range []string{
		"SELECT n FROM t", "SET @n = (SELECT n FROM t)", "SELECT n, GET_LOCK('l', 0) FROM t", "EXPLAIN SELECT n FROM t", "SHOW CREATE TABLE t",
	} {
		t.Run(query, func(t *testing.T) {
			t.Parallel()
			_, db := counter(t, embedded.Options{LockWait: time.Millisecond})
			holder, tx := begin(t, db), begin(t, db)
			exec(t, holder, "UPDATE t SET n = 1")
			_, err := tx.ExecContext(t.Context(), query)
			requireNumber(t, err, 1205, "HY000")
			require.NoError(t, holder.Commit())
			exec(t, tx, "UPDATE t SET n = n + 10")
			require.NoError(t, tx.Commit())
			require.EqualValues(t, 11, number(t, db, "SELECT n FROM t"))
		})
	}
}

func TestTransaction_autocommitCannotBeSwitchedOff(t *testing.T) {
	t.Parallel()
	_, db := counter(t, patient)
	_, err := db.ExecContext(t.Context(), "SET autocommit=0")
	requireNumber(t, err, 1235, "42000")
	exec(t, db, "SET autocommit=1")
}
