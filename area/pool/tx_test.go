package pool_test

import (
	"context"
	"database/sql"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/mdbtest/proxy"
)

// After an error that ends the transaction on some server, nothing runs in it any
// more; after one that undoes a statement alone, it goes on.
func TestTx_dies_of_errors(t *testing.T) {
	t.Parallel()
	p := shared(t)
	exec(t, p.server.DB(),
		"CREATE TRIGGER "+p.shard.Database+".no BEFORE INSERT ON "+p.shard.Database+".t FOR EACH ROW IF NEW.id = 666 THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'c4nary'; ELSEIF NEW.id = 667 THEN SIGNAL SQLSTATE '40001' SET MYSQL_ERRNO = 1213, MESSAGE_TEXT = 'c4nary'; ELSEIF NEW.id = 668 THEN SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = 1205; END IF",
		"CREATE TABLE "+p.shard.Database+".strict (n INT NOT NULL, d DATE)",
	)
	db := p.db(t, map[string]string{"max_statement_time": "0.5"})
	tests := []struct {
		name, text string
		number     uint16
		dies       bool
	}{
		{name: "duplicate key", text: "INSERT INTO t (id) VALUES (1)", number: 1062},
		{name: "duplicate name", text: "INSERT INTO t (id, name) VALUES (4, 'c4nary'), (5, 'c4nary')", number: 1062},
		{name: "syntax", text: "SELECT c4nary c4nary c4nary", number: 1064},
		{name: "no such table", text: "SELECT * FROM nowhere", number: 1146},
		{name: "no such column", text: "SELECT nowhere FROM t", number: 1054},
		{name: "too long", text: "INSERT INTO t (id, name) VALUES (4, '0123456789012345678c4nary')", number: 1406},
		{name: "bad value", text: "INSERT INTO strict (n) VALUES ('c4nary')", number: 1366},
		{name: "bad date", text: "INSERT INTO strict (n, d) VALUES (1, 'c4nary')", number: 1292},
		{name: "no default", text: "INSERT INTO strict (d) VALUES (NULL)", number: 1364},
		{name: "raised by a trigger", text: "INSERT INTO t (id) VALUES (666)", number: 1644},
		{name: "no such savepoint", text: "ROLLBACK TO nowhere", number: 1305},
		{name: "deadlock", text: "INSERT INTO t (id) VALUES (667)", number: 1213, dies: true},
		{name: "lock wait", text: "INSERT INTO t (id) VALUES (668)", number: 1205, dies: true},
		{name: "too slow", text: "SELECT /* x */ SLEEP(2) FROM t", number: 1969, dies: true},
	}
	for _, tt := range tests {
		for _, commit := range []bool{true, false} {
			tx := begin(t, db, nil)
			_, err := tx.ExecContext(t.Context(), "UPDATE t SET v = v + 1 WHERE id = 1")
			require.NoError(t, err)
			err = run(t.Context(), tx, tt.text)
			var se area.ServerError
			require.ErrorAs(t, err, &se, tt.name)
			require.Equal(t, tt.number, se.Number(), tt.name)
			var me *mysql.MySQLError
			require.ErrorAs(t, err, &me)
			require.Equal(t, tt.number, me.Number)
			requireFacts(t, err, p, "query")

			err = run(t.Context(), tx, "UPDATE t SET v = v + 1 WHERE id = 2")
			if tt.dies {
				require.ErrorIs(t, err, area.ErrTxDead, tt.name)
				require.ErrorAs(t, err, &se)
				require.Equal(t, tt.number, se.Number(), "it tells what it died of")
			} else {
				require.NoError(t, err, tt.name)
			}
			if commit {
				err = tx.Commit()
			} else {
				require.NoError(t, tx.Rollback())
			}
			want := "0"
			switch {
			case !commit:
			case tt.dies:
				require.ErrorIs(t, err, area.ErrTxDead, tt.name)
				require.NotErrorIs(t, err, area.ErrOutcomeUnknown)
				requireFacts(t, err, p, "commit")
			default:
				require.NoError(t, err, tt.name)
				want = "2"
			}
			require.Equal(t, want, p.value(t, "SELECT SUM(v) FROM db.t"), tt.name)
			exec(t, p.server.DB(), "UPDATE "+p.shard.Database+".t SET v = 0")
		}
	}
}

// A deadlock of two real transactions: the victim is dead, and its next
// statement does not run outside.
func TestTx_dies_of_a_real_deadlock(t *testing.T) {
	t.Parallel()
	p := shared(t)
	db := p.db(t, nil)
	one, two := begin(t, db, nil), begin(t, db, nil)
	require.NoError(t, run(t.Context(), one, "UPDATE t SET v = 1 WHERE id = 1"))
	require.NoError(t, run(t.Context(), two, "UPDATE t SET v = 2 WHERE id IN (2, 3)"))
	waits := make(chan error, 1)
	go func() { waits <- run(t.Context(), one, "UPDATE t SET v = 1 WHERE id = 2") }()
	p.settles(t, "1", "SELECT COUNT(*) FROM information_schema.innodb_trx x JOIN information_schema.processlist l ON l.id = x.trx_mysql_thread_id WHERE x.trx_state = 'LOCK WAIT' AND l.db = '"+p.shard.Database+"'")
	err := run(t.Context(), two, "UPDATE t SET v = 2 WHERE id = 1")
	victim, survivor := two, one
	if other := <-waits; err == nil {
		err, victim, survivor = other, one, two
	} else {
		require.NoError(t, other)
	}
	require.Equal(t, area.Class{Advice: area.Retry, Outcome: area.NotApplied}, area.Classify(err))
	require.ErrorIs(t, run(t.Context(), victim, "INSERT INTO t (id) VALUES (9)"), area.ErrTxDead)
	err = victim.Commit()
	require.ErrorIs(t, err, area.ErrTxDead)
	require.Equal(t, area.Class{Advice: area.Retry, Outcome: area.NotApplied}, area.Classify(err))
	require.NoError(t, survivor.Commit())
	require.Equal(t, "0", p.value(t, "SELECT COUNT(*) FROM db.t WHERE id = 9"))
}

// The error of a result that breaks off while it is read counts too.
func TestTx_dies_while_rows_are_read(t *testing.T) {
	t.Parallel()
	p := shared(t)
	exec(t, p.server.DB(), "CREATE TABLE "+p.shard.Database+".wide (id INT, c CHAR(200))", "INSERT INTO "+p.shard.Database+".wide SELECT seq, REPEAT('x', 200) FROM mysql.seq_1_to_2000")
	tx := begin(t, p.db(t, nil), nil)
	rows, err := tx.QueryContext(t.Context(), "SELECT c, IF(id = 1999, (SELECT x.id FROM wide x WHERE x.id >= w.id), 0) FROM wide w")
	require.NoError(t, err)
	defer rows.Close()
	n := 0
	for rows.Next() {
		n++
	}
	require.Positive(t, n)
	var se area.ServerError
	require.ErrorAs(t, rows.Err(), &se)
	require.EqualValues(t, 1242, se.Number())
	requireFacts(t, rows.Err(), p, "query")
	require.ErrorIs(t, run(t.Context(), tx, "SELECT 1"), area.ErrTxDead)
	require.ErrorIs(t, tx.Commit(), area.ErrTxDead)

	// Rows that nobody read to the end.
	tx = begin(t, p.db(t, nil), nil)
	rows, err = tx.QueryContext(t.Context(), "SELECT c, IF(id = 1999, (SELECT x.id FROM wide x WHERE x.id >= w.id), 0) FROM wide w")
	require.NoError(t, err)
	defer rows.Close()
	require.ErrorAs(t, rows.Close(), &se)
	require.Error(t, rows.Err())
	require.ErrorIs(t, tx.Commit(), area.ErrTxDead)
}

// A COMMIT whose answer is lost may have landed; one that was never sent has
// not.
func TestTx_commit_without_an_answer(t *testing.T) {
	t.Parallel()
	p, wire := proxied(t, shared(t))
	db := p.db(t, nil)
	write := func(t *testing.T) *sql.Tx {
		t.Helper()
		tx := begin(t, db, nil)
		require.NoError(t, run(t.Context(), tx, "UPDATE t SET v = v + 1 WHERE id = 1"))
		return tx
	}
	wire.CutReply(proxy.Query("COMMIT"))
	err := write(t).Commit()
	require.ErrorIs(t, err, area.ErrConnLost)
	require.Equal(t, area.Class{Advice: area.RefreshServer, Outcome: area.Unknown}, area.Classify(err))
	requireFacts(t, err, p, "commit")
	p.settles(t, "1", "SELECT v FROM db.t WHERE id = 1") // it did land

	wire.CutRequest(proxy.Query("COMMIT"))
	err = write(t).Commit()
	require.Equal(t, area.Unknown, area.Classify(err).Outcome, "the client cannot know")
	p.settles(t, "0", p.connections())
	require.Equal(t, "1", p.value(t, "SELECT v FROM db.t WHERE id = 1"))

	tx := write(t)
	wire.Cut()
	err = tx.Commit()
	require.ErrorIs(t, err, area.ErrConnLost)
	p.settles(t, "0", p.connections())

	// A reader has nothing that could land.
	tx = begin(t, db, &sql.TxOptions{ReadOnly: true})
	wire.CutReply(proxy.Query("COMMIT"))
	require.Equal(t, area.NotApplied, area.Classify(tx.Commit()).Outcome)

	// The context that the transaction began with ends on the way.
	ctx := cancelled(fenced(t.Context()), t, wire, "COMMIT")
	tx, err = db.BeginTx(ctx, nil)
	require.NoError(t, err)
	require.NoError(t, run(ctx, tx, "UPDATE t SET v = v + 1 WHERE id = 1"))
	wire.SwallowReply(proxy.Query("COMMIT"))
	err = tx.Commit()
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorIs(t, err, area.ErrOutcomeUnknown)
	require.NoError(t, run(t.Context(), db, "SELECT 1"), "a new connection takes its place")
}

// A statement inside a transaction whose connection breaks has left no trace.
func TestTx_statement_without_an_answer(t *testing.T) {
	t.Parallel()
	p, wire := proxied(t, shared(t))
	db := p.db(t, nil)
	tx := begin(t, db, nil)
	wire.CutReply(proxy.Query("UPDATE"))
	err := run(t.Context(), tx, "UPDATE t SET v = 1")
	require.ErrorIs(t, err, area.ErrConnLost)
	require.ErrorIs(t, err, mysql.ErrInvalidConn)
	require.Equal(t, area.Class{Advice: area.RefreshServer, Outcome: area.NotApplied}, area.Classify(err))
	requireFacts(t, err, p, "query")
	err = tx.Commit()
	require.ErrorIs(t, err, area.ErrTxDead)
	require.ErrorIs(t, err, area.ErrConnLost)
	require.Equal(t, area.NotApplied, area.Classify(err).Outcome)
	p.settles(t, "0", p.connections())
	require.Equal(t, "0", p.value(t, "SELECT SUM(v) FROM db.t"))

	// While it begins.
	wire.CutReply(proxy.Query("SELECT state"))
	_, err = db.BeginTx(fenced(t.Context()), nil)
	require.ErrorIs(t, err, area.ErrConnLost)
	wire.CutReply(proxy.Query("START TRANSACTION"))
	_, err = db.BeginTx(fenced(t.Context()), nil)
	require.ErrorIs(t, err, area.ErrConnLost)
	p.settles(t, "0", p.connections())

	// While it rolls back.
	tx = begin(t, db, nil)
	require.NoError(t, run(t.Context(), tx, "UPDATE t SET v = 1"))
	wire.CutReply(proxy.Query("ROLLBACK"))
	require.ErrorIs(t, tx.Rollback(), area.ErrConnLost)
	p.settles(t, "0", p.connections())
	require.Equal(t, "0", p.value(t, "SELECT SUM(v) FROM db.t"))
}

// An idle connection that broke is replaced without anybody noticing.
func TestTx_begins_on_a_new_connection_when_the_idle_one_is_gone(t *testing.T) {
	t.Parallel()
	p, wire := proxied(t, shared(t))
	for _, liveness := range []string{"true", "false"} {
		db := p.db(t, map[string]string{"checkConnLiveness": liveness})
		require.NoError(t, db.PingContext(t.Context()))
		wire.Cut()
		tx, err := db.BeginTx(fenced(t.Context()), nil)
		if err != nil { // without the check the driver may learn of it too late
			require.ErrorIs(t, err, area.ErrConnLost)
			require.Equal(t, "false", liveness)
			continue
		}
		require.NoError(t, tx.Rollback())
	}
}

// A context that ends in a statement ends its transaction, on the server too.
func TestTx_cancelled_contexts_leave_nothing(t *testing.T) {
	t.Parallel()
	p, wire := proxied(t, shared(t))
	db := p.db(t, nil)
	trx := "SELECT COUNT(*) FROM information_schema.innodb_trx x JOIN information_schema.processlist l ON l.id = x.trx_mysql_thread_id WHERE l.db = '" + p.shard.Database + "'"

	// In a statement with a context of its own.
	tx := begin(t, db, nil)
	require.NoError(t, run(t.Context(), tx, "UPDATE t SET v = 1"))
	ctx := cancelled(t.Context(), t, wire, "SELECT SLEEP(1)")
	err := run(ctx, tx, "SELECT SLEEP(1)")
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, area.Class{Advice: area.Fail, Outcome: area.NotApplied}, area.Classify(err))
	require.ErrorIs(t, run(t.Context(), tx, "UPDATE t SET v = 2"), area.ErrTxDead)
	require.ErrorIs(t, tx.Commit(), area.ErrTxDead)

	// Before a statement is sent, nothing ends.
	tx = begin(t, db, nil)
	require.ErrorIs(t, run(ctx, tx, "UPDATE t SET v = 1"), context.Canceled)
	require.NoError(t, run(t.Context(), tx, "UPDATE t SET v = 0 WHERE id = 1"))
	require.NoError(t, tx.Commit())

	// The transaction's own context, while it is idle.
	ctx, cancel := context.WithCancel(fenced(t.Context()))
	tx, err = db.BeginTx(ctx, nil)
	require.NoError(t, err)
	require.NoError(t, run(t.Context(), tx, "UPDATE t SET v = 1"))
	cancel()
	p.settles(t, "0", trx)
	require.Error(t, tx.Commit())

	// While the fence waits.
	control, err := p.server.DB().BeginTx(t.Context(), nil)
	require.NoError(t, err)
	defer control.Rollback() //nolint:errcheck // the test is over
	_, err = control.ExecContext(t.Context(), "UPDATE "+p.shard.Database+".mdb_fence SET cases = 0, end_era = 7")
	require.NoError(t, err)
	ctx, cancel = context.WithTimeout(fenced(t.Context()), 30*time.Millisecond)
	defer cancel()
	_, err = db.BeginTx(ctx, nil)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Equal(t, area.NotApplied, area.Classify(err).Outcome)
	require.NoError(t, control.Rollback())
	p.settles(t, "0", trx)
	require.Equal(t, "0", p.value(t, "SELECT SUM(v) FROM db.t"))
	require.Zero(t, db.Stats().InUse)
}

func TestTx_isolation(t *testing.T) {
	t.Parallel()
	p, wire := proxied(t, shared(t))
	db := p.db(t, nil)
	for level, want := range map[sql.IsolationLevel]string{
		sql.LevelReadCommitted: "READ COMMITTED", sql.LevelReadUncommitted: "READ UNCOMMITTED",
		sql.LevelRepeatableRead: "REPEATABLE READ", sql.LevelSerializable: "SERIALIZABLE",
	} {
		wire.Reset()
		tx := begin(t, db, &sql.TxOptions{Isolation: level})
		require.True(t, sent(wire, "SET TRANSACTION ISOLATION LEVEL "+want))
		require.NoError(t, tx.Rollback())
	}
	_, err := db.BeginTx(fenced(t.Context()), &sql.TxOptions{Isolation: sql.LevelLinearizable})
	require.ErrorContains(t, err, "Linearizable")

	// The level is the transaction's own: the next one has the session's again.
	reader := begin(t, db, &sql.TxOptions{Isolation: sql.LevelReadCommitted})
	require.NoError(t, run(t.Context(), reader, "SELECT * FROM t"))
	exec(t, p.server.DB(), "UPDATE "+p.shard.Database+".t SET v = 1")
	var sum int
	require.NoError(t, reader.QueryRowContext(t.Context(), "SELECT SUM(v) FROM t").Scan(&sum))
	require.Equal(t, 3, sum)
	require.NoError(t, reader.Commit())
	reader = begin(t, db, nil)
	require.NoError(t, run(t.Context(), reader, "SELECT * FROM t"))
	exec(t, p.server.DB(), "UPDATE "+p.shard.Database+".t SET v = 2")
	require.NoError(t, reader.QueryRowContext(t.Context(), "SELECT SUM(v) FROM t").Scan(&sum))
	require.Equal(t, 3, sum)
}
