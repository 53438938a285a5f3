package pool_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/area/pool"
	"github.com/mdbrouter/mdb/mdbtest/proxy"
)

// run runs a statement to its end.
func run(ctx context.Context, db interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}, text string,
) error {
	rows, err := db.QueryContext(ctx, text)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
	}
	return rows.Err()
}

// sent reports whether a statement was on the wire.
func sent(wire *proxy.Proxy, text string) bool {
	for _, c := range wire.Commands() {
		if c.Payload == text {
			return true
		}
	}
	return false
}

// What is let through never ends a transaction: the row it wrote before is gone
// after the rollback, and the server says so too.
func TestGuard_admitted_statements_never_end_a_transaction(t *testing.T) {
	t.Parallel()
	p := alone(t) // SHOW BINLOG EVENTS wants a right on the server
	exec(t, p.server.DB(), "GRANT PROCESS, BINLOG MONITOR ON *.* TO 'mdb_rw'@'%'", "CREATE TABLE "+p.shard.Database+".q (ü INT)")
	db := p.db(t, nil)
	for _, tt := range admitted {
		if tt.kind == "read" && !strings.Contains(tt.text, "UPDATE") && !strings.Contains(tt.text, "DELETE") { // the server refuses a lock that nobody would hold, and plans of writes
			require.NoError(t, run(t.Context(), db, tt.text), "%q outside of a transaction", tt.text)
		}
		for _, prepared := range []bool{false, true} {
			tx, err := db.BeginTx(fenced(t.Context()), nil)
			require.NoError(t, err)
			for _, before := range []string{"INSERT INTO t (id, v) VALUES (77, 1)", "SAVEPOINT s1"} {
				_, err = tx.ExecContext(t.Context(), before)
				require.NoError(t, err)
			}
			if prepared {
				err = runPrepared(t.Context(), tx, tt.text)
			} else {
				err = run(t.Context(), tx, tt.text)
			}
			require.NoError(t, err, "%q", tt.text)
			var open int
			require.NoError(t, tx.QueryRowContext(t.Context(), "SELECT @@in_transaction").Scan(&open))
			require.Equal(t, 1, open, "%q", tt.text)
			require.NoError(t, tx.Rollback())
			require.Equal(t, "0", p.value(t, "SELECT COUNT(*) FROM db.t WHERE id > 3"), "%q", tt.text)
			require.Equal(t, "0", p.value(t, "SELECT SUM(v) FROM db.t"), "%q", tt.text)
		}
	}
	require.Equal(t, "1", p.value(t, p.connections()), "all ran on one connection")
}

// The test above would notice: on a connection without a guard, these end the
// transaction and leave the row.
func TestGuard_what_it_keeps_from_happening(t *testing.T) {
	t.Parallel()
	p := shared(t)
	admin, err := p.pools(t, nil).AdminShard(p.shard)
	require.NoError(t, err)
	exec(t, admin, "CREATE TABLE spare (id INT)")
	for _, text := range []string{
		"COMMIT", "/*! COMMIT */", "/*M! COMMIT */", "BEGIN", "START TRANSACTION", "SET autocommit = 1", "CREATE TABLE made (id INT)", "DROP TABLE made",
		"ALTER TABLE t COMMENT 'x'", "LOCK TABLES t WRITE", "ANALYZE TABLE t", "FLUSH TABLES", "TRUNCATE spare", "RENAME TABLE spare TO x", "EXECUTE IMMEDIATE 'COMMIT'",
		"CREATE USER IF NOT EXISTS pool_test_x", "DROP USER pool_test_x", "OPTIMIZE TABLE t", "CREATE OR REPLACE VIEW w AS SELECT 1",
	} {
		_, _, refusal := pool.Classify(text, false, false)
		require.ErrorIs(t, refusal, area.ErrStatementRefused, text)
		conn, err := admin.Conn(t.Context())
		require.NoError(t, err)
		for _, s := range []string{"DELETE FROM t WHERE id = 77", "SET autocommit = 0", "INSERT INTO t (id) VALUES (77)"} {
			_, err := conn.ExecContext(t.Context(), s)
			require.NoError(t, err)
		}
		require.NoError(t, run(t.Context(), conn, text), text)
		_, err = conn.ExecContext(t.Context(), "ROLLBACK")
		require.NoError(t, err)
		require.ErrorIs(t, conn.Raw(func(any) error { return driver.ErrBadConn }), driver.ErrBadConn) // its locks end with it
		require.Equal(t, "1", p.value(t, "SELECT COUNT(*) FROM db.t WHERE id = 77"), text)
	}
}

// runPrepared runs a statement by the binary protocol. MariaDB cannot prepare
// all that it can run.
func runPrepared(ctx context.Context, tx *sql.Tx, text string) error {
	stmt, err := tx.PrepareContext(ctx, text)
	var refused area.ServerError
	if errors.As(err, &refused) && refused.Number() == 1295 {
		return nil // cannot be prepared
	}
	if err != nil {
		return err
	}
	defer stmt.Close()
	rows, err := stmt.QueryContext(ctx)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
	}
	return rows.Err()
}

// What is refused never reaches the wire: not as text, not prepared, not in a
// transaction, not outside.
func TestGuard_refused_statements_are_never_sent(t *testing.T) {
	t.Parallel()
	p, wire := proxied(t, shared(t))
	db := p.db(t, nil)
	tx := begin(t, db, nil)
	conn, err := db.Conn(t.Context())
	require.NoError(t, err)
	defer conn.Close()
	require.NoError(t, db.PingContext(t.Context()), "all three have a connection now")
	wire.Reset()
	for _, tt := range refused {
		for _, on := range []interface {
			QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
			ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
			PrepareContext(ctx context.Context, query string) (*sql.Stmt, error)
		}{db, tx, conn} {
			err := run(t.Context(), on, tt.text)
			require.ErrorIs(t, err, area.ErrStatementRefused, "%q", tt.text)
			requireFacts(t, err, p, "query")
			require.Equal(t, area.Class{Advice: area.Fail, Outcome: area.NotApplied}, area.Classify(err))
			_, err = on.ExecContext(t.Context(), tt.text)
			require.ErrorIs(t, err, area.ErrStatementRefused, "%q", tt.text)
			_, err = on.PrepareContext(t.Context(), tt.text) //nolint:sqlclosecheck // there is none
			require.ErrorIs(t, err, area.ErrStatementRefused, "%q", tt.text)
		}
	}
	require.Empty(t, wire.Commands())
	require.NoError(t, run(t.Context(), tx, "UPDATE t SET v = 5 WHERE id = 1"), "a refused statement ends nothing")
	require.NoError(t, tx.Commit())
	require.Equal(t, "5", p.value(t, "SELECT v FROM db.t WHERE id = 1"))
}

// Outside a fenced transaction that may write, only reads are sent.
func TestGuard_writes_run_behind_the_fence_only(t *testing.T) {
	t.Parallel()
	p, wire := proxied(t, shared(t))
	db := p.db(t, nil)
	unfencedReadOnly, err := db.BeginTx(t.Context(), &sql.TxOptions{ReadOnly: true})
	require.NoError(t, err)
	defer unfencedReadOnly.Rollback() //nolint:errcheck // the test is over
	readOnly := begin(t, db, &sql.TxOptions{ReadOnly: true})
	conn, err := db.Conn(t.Context())
	require.NoError(t, err)
	defer conn.Close()
	for _, tt := range append(admitted, admittedElsewhere...) {
		if tt.kind == "read" {
			continue
		}
		for _, on := range []interface {
			QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
			ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
		}{db, conn, unfencedReadOnly, readOnly} {
			require.ErrorIs(t, run(t.Context(), on, tt.text), area.ErrStatementRefused, tt.text)
			_, err := on.ExecContext(t.Context(), tt.text)
			require.ErrorIs(t, err, area.ErrStatementRefused, tt.text)
		}
		require.False(t, sent(wire, tt.text), tt.text)
	}
	_, err = db.BeginTx(t.Context(), nil)
	require.ErrorIs(t, err, area.ErrStatementRefused, "no fence, no transaction that may write")
	requireFacts(t, err, p, "begin")
}

// A statement prepared anywhere is decided each time it runs.
func TestGuard_prepared_statements_are_decided_when_they_run(t *testing.T) {
	t.Parallel()
	p := shared(t)
	db := p.db(t, nil)
	stmt, err := db.PrepareContext(t.Context(), "UPDATE t SET v = v + ? WHERE id = 1")
	require.NoError(t, err)
	defer stmt.Close()
	_, err = stmt.ExecContext(t.Context(), 7)
	require.ErrorIs(t, err, area.ErrStatementRefused)

	tx := begin(t, db, nil)
	inTx := tx.StmtContext(t.Context(), stmt)
	defer inTx.Close()
	_, err = inTx.ExecContext(t.Context(), 7)
	require.NoError(t, err)
	require.NoError(t, tx.Commit())
	require.Equal(t, "7", p.value(t, "SELECT v FROM db.t WHERE id = 1"))

	_, err = stmt.ExecContext(t.Context(), 7)
	require.ErrorIs(t, err, area.ErrStatementRefused)
}

// The session itself refuses what hides a write in a read.
func TestGuard_a_read_that_writes_is_refused_by_the_server(t *testing.T) {
	t.Parallel()
	p := shared(t)
	exec(t, p.server.DB(),
		"CREATE FUNCTION "+p.shard.Database+".bump() RETURNS INT DETERMINISTIC MODIFIES SQL DATA BEGIN UPDATE t SET v = v + 1; RETURN 1; END",
		"CREATE SEQUENCE "+p.shard.Database+".s",
		"GRANT ALL ON "+p.shard.Database+".s TO 'mdb_rw'@'%'",
	)
	db := p.db(t, nil)
	for _, text := range []string{"SELECT bump()", "SELECT NEXTVAL(s)"} {
		err := run(t.Context(), db, text)
		var se area.ServerError
		require.ErrorAs(t, err, &se, text)
		require.EqualValues(t, 1792, se.Number())
		require.NotErrorIs(t, err, area.ErrReadOnly, "the session is read-only, the server is not")
	}
	require.Equal(t, "0", p.value(t, "SELECT SUM(v) FROM db.t"))
	tx := begin(t, db, nil)
	require.NoError(t, run(t.Context(), tx, "SELECT bump()"))
	require.NoError(t, tx.Rollback())
	require.Error(t, run(t.Context(), db, "SELECT bump()"), "the session is as before")
}

// Nobody gets at the driver's own connection.
func TestGuard_raw_gives_the_guarded_connection(t *testing.T) {
	t.Parallel()
	p := shared(t)
	db := p.db(t, nil)
	conn, err := db.Conn(t.Context())
	require.NoError(t, err)
	defer conn.Close()
	require.NoError(t, conn.Raw(func(raw any) error {
		_, err := raw.(driver.ExecerContext).ExecContext(t.Context(), "SET autocommit = 0", nil)
		require.ErrorIs(t, err, area.ErrStatementRefused)
		_, err = raw.(driver.ConnBeginTx).BeginTx(t.Context(), driver.TxOptions{})
		require.ErrorIs(t, err, area.ErrStatementRefused)
		_, err = raw.(driver.Conn).Begin() //nolint:staticcheck // old callers have it
		require.ErrorIs(t, err, area.ErrStatementRefused)
		_, err = raw.(driver.Conn).Prepare("COMMIT")
		require.ErrorIs(t, err, area.ErrStatementRefused)
		stmt, err := raw.(driver.Conn).Prepare("UPDATE t SET v = ?")
		require.NoError(t, err)
		defer stmt.Close()
		_, err = stmt.Exec([]driver.Value{int64(1)}) //nolint:staticcheck // old callers have it
		require.ErrorIs(t, err, area.ErrStatementRefused)
		// A transaction left open does not come back to the pool.
		_, err = raw.(driver.ConnBeginTx).BeginTx(fenced(t.Context()), driver.TxOptions{})
		require.NoError(t, err)
		_, err = raw.(driver.ExecerContext).ExecContext(t.Context(), "UPDATE t SET v = 9", nil)
		require.NoError(t, err)
		return nil
	}))
	require.NoError(t, conn.Close())
	p.settles(t, "0", p.connections())
	require.Equal(t, "0", p.value(t, "SELECT SUM(v) FROM db.t"))
}

// Two transactions on one connection: the second would end the first.
func TestGuard_no_transaction_in_a_transaction(t *testing.T) {
	t.Parallel()
	p := shared(t)
	conn, err := p.db(t, nil).Conn(t.Context())
	require.NoError(t, err)
	defer conn.Close()
	tx, err := conn.BeginTx(fenced(t.Context()), nil)
	require.NoError(t, err)
	_, err = tx.ExecContext(t.Context(), "UPDATE t SET v = 9")
	require.NoError(t, err)
	_, err = conn.BeginTx(fenced(t.Context()), nil)
	require.ErrorIs(t, err, area.ErrStatementRefused)
	require.NoError(t, tx.Rollback())
	require.Equal(t, "0", p.value(t, "SELECT SUM(v) FROM db.t"))
}

func TestGuard_open_rows_are_told(t *testing.T) {
	t.Parallel()
	p := shared(t)
	tx := begin(t, p.db(t, nil), nil)
	rows, err := tx.QueryContext(t.Context(), "SELECT id FROM t")
	require.NoError(t, err)
	defer rows.Close()
	require.True(t, rows.Next())
	_, err = tx.ExecContext(t.Context(), "UPDATE t SET v = 1")
	require.ErrorContains(t, err, "rows of an earlier query")
	require.NotErrorIs(t, err, driver.ErrBadConn)
	require.NoError(t, rows.Close())
	require.NoError(t, rows.Err())
	_, err = tx.ExecContext(t.Context(), "UPDATE t SET v = 1 WHERE id = 1")
	require.NoError(t, err)
	require.NoError(t, tx.Commit())
	require.Equal(t, "1", p.value(t, "SELECT SUM(v) FROM db.t"))
}

// Arguments reach the server with and without interpolation, NULL and all.
func TestGuard_arguments(t *testing.T) {
	t.Parallel()
	p := shared(t)
	for _, interpolate := range []string{"true", "false"} {
		db := p.db(t, map[string]string{"interpolateParams": interpolate, "parseTime": "true"})
		var a, c string
		var b sql.Null[int64]
		text := "SELECT ?, ?, ? -- why?\n"
		require.NoError(t, db.QueryRowContext(t.Context(), text, "it's; COMMIT \\", nil, []byte{'x', 0, '\''}).Scan(&a, &b, &c))
		require.Equal(t, "it's; COMMIT \\", a)
		require.False(t, b.Valid)
		require.Equal(t, "x\x00'", c)
		rows, err := db.QueryContext(t.Context(), "SELECT id, name FROM t WHERE id = ?", uint64(1))
		require.NoError(t, err)
		defer rows.Close()
		types, err := rows.ColumnTypes()
		require.NoError(t, err)
		require.Equal(t, "INT", types[0].DatabaseTypeName())
		nullable, ok := types[1].Nullable()
		require.True(t, nullable && ok)
		require.Equal(t, "sql.NullString", types[1].ScanType().String())
		require.NoError(t, rows.Close())
		require.NoError(t, rows.Err())
	}
}

func TestGuard_round_trips(t *testing.T) {
	t.Parallel()
	p, wire := proxied(t, shared(t))
	db := p.db(t, nil)
	require.NoError(t, db.PingContext(t.Context()))
	wire.Reset()
	require.NoError(t, run(t.Context(), db, "SELECT 1"))
	require.Equal(t, 1, wire.Requests())

	wire.Reset()
	tx := begin(t, db, nil)
	_, err := tx.ExecContext(t.Context(), "UPDATE t SET v = ? WHERE id = ?", 1, 2)
	require.NoError(t, err)
	require.NoError(t, tx.Commit())
	var texts []string
	for _, c := range wire.Commands() {
		texts = append(texts, c.Payload)
	}
	require.Equal(t, []string{
		"START TRANSACTION READ WRITE", "SELECT state, end_era FROM mdb_fence WHERE stripe = 1 LOCK IN SHARE MODE",
		"UPDATE t SET v = 1 WHERE id = 2", "COMMIT",
	}, texts)

	wire.Reset()
	tx = begin(t, db, &sql.TxOptions{Isolation: sql.LevelReadCommitted, ReadOnly: true})
	require.NoError(t, tx.Rollback())
	require.Equal(t, "SET TRANSACTION ISOLATION LEVEL READ COMMITTED", wire.Commands()[0].Payload)
	require.True(t, strings.HasPrefix(wire.Commands()[1].Payload, "START TRANSACTION READ ONLY"))
	require.Equal(t, 4, wire.Requests())
}
