package proxy_test

import (
	"context"
	"database/sql"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/mdbrouter/mdb/mdbtest/mysqld"
	"github.com/mdbrouter/mdb/mdbtest/proxy"
)

var servers mysqld.Shared

func TestMain(m *testing.M) { os.Exit(servers.Main(m)) }

// A bench is a proxy before a real server, and one connection through it in a
// database of the test's own with a table of two columns.
type bench struct {
	proxy  *proxy.Proxy
	direct *sql.DB // around the proxy
	db     *sql.DB // through it
	conn   *sql.Conn
	table  string
}

func setUp(t *testing.T) bench {
	t.Helper()
	c, prefix := servers.Get(t)
	server := c.Servers[0]
	p, err := proxy.Start(t.Context(), server.Addr())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, p.Close()) })

	b := bench{proxy: p, direct: server.DB(), db: through(t, p, server), table: prefix + "d.t"}
	run(t, b.direct, "CREATE DATABASE "+prefix+"d")
	run(t, b.direct, "CREATE TABLE "+b.table+" (id INT PRIMARY KEY, v INT)")
	b.conn, err = b.db.Conn(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() { b.conn.Close() })
	p.Reset()
	return b
}

func through(t *testing.T, p *proxy.Proxy, server *mysqld.Server) *sql.DB {
	t.Helper()
	cfg := server.Config()
	cfg.Addr = p.Addr()
	cfg.Logger = &mysql.NopLogger{}
	connector, err := mysql.NewConnector(cfg)
	require.NoError(t, err)
	db := sql.OpenDB(connector)
	t.Cleanup(func() { db.Close() })
	return db
}

type execer interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

func run(t *testing.T, db execer, query string, args ...any) {
	t.Helper()
	_, err := db.ExecContext(t.Context(), query, args...)
	require.NoError(t, err)
}

func (b bench) rows(t *testing.T) int {
	t.Helper()
	var n int
	require.NoError(t, b.direct.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM "+b.table).Scan(&n))
	return n
}

func TestProxy_Requests(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	insert := "INSERT INTO " + b.table + " VALUES "

	run(t, b.conn, insert+"(1, 1)")
	require.Equal(t, 1, b.proxy.Requests(), "a statement as text is one round trip")

	run(t, b.conn, insert+"(?, ?)", 2, 2)
	require.Equal(t, 3, b.proxy.Requests(), "with arguments it is prepared and executed; closing it has no answer")

	tx, err := b.conn.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	run(t, tx, insert+"(3, 3)")
	require.NoError(t, tx.Commit())
	require.Equal(t, 6, b.proxy.Requests())

	var codes []byte
	var texts []string
	for _, c := range b.proxy.Commands() {
		require.Equal(t, 1, c.Conn)
		codes = append(codes, c.Code)
		if c.Code == proxy.ComQuery || c.Code == proxy.ComStmtPrepare {
			texts = append(texts, c.Payload)
		}
	}
	require.Equal(t, []byte{
		proxy.ComQuery,
		proxy.ComStmtPrepare, proxy.ComStmtExecute, proxy.ComStmtClose,
		proxy.ComQuery, proxy.ComQuery, proxy.ComQuery,
	}, codes)
	require.Equal(t, []string{
		insert + "(1, 1)", insert + "(?, ?)", "START TRANSACTION", insert + "(3, 3)", "COMMIT",
	}, texts)

	b.proxy.Reset()
	require.Zero(t, b.proxy.Requests())
	require.Empty(t, b.proxy.Commands())
}

func TestProxy_largeStatements(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	// Just below and above what the length of a packet can say in one byte, in
	// two, and in a buffer of the proxy.
	for _, size := range []int{200, 300, 65 << 10, 1 << 20} {
		b.proxy.Reset()
		text := strings.Repeat("x", size)
		var got string
		require.NoError(t, b.conn.QueryRowContext(t.Context(), "SELECT '"+text+"'").Scan(&got))
		require.Equal(t, text, got)
		require.Equal(t, 1, b.proxy.Requests())
		require.LessOrEqual(t, len(b.proxy.Commands()[0].Payload), 4<<10)
	}
}

func TestProxy_CutReply_ofACommit(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	b.proxy.CutReply(proxy.Query("commit"))
	tx, err := b.conn.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	run(t, tx, "INSERT INTO "+b.table+" VALUES (1, 1)")
	require.Error(t, tx.Commit(), "the client hears nothing of its commit")
	require.Equal(t, 1, b.rows(t), "the server has committed")

	run(t, b.db, "INSERT INTO "+b.table+" VALUES (2, 2)")
	require.Equal(t, 2, b.proxy.Accepted(), "one command is cut, the next connection works")
}

func TestProxy_CutRequest_ofACommit(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	var session int
	require.NoError(t, b.conn.QueryRowContext(t.Context(), "SELECT CONNECTION_ID()").Scan(&session))
	b.proxy.CutRequest(proxy.Query("COMMIT"))
	tx, err := b.conn.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	run(t, tx, "INSERT INTO "+b.table+" VALUES (1, 1)")
	require.Error(t, tx.Commit())
	require.Eventually(t, func() bool {
		var n int
		err := b.direct.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM information_schema.processlist WHERE id = ?", session).Scan(&n)
		return err == nil && n == 0
	}, 10*time.Second, 10*time.Millisecond, "the server ends the session")
	require.Zero(t, b.rows(t), "the server never saw the commit")
}

func TestProxy_SwallowReply(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	b.proxy.SwallowReply(proxy.Query("INSERT"))
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err := b.conn.ExecContext(ctx, "INSERT INTO "+b.table+" VALUES (1, 1)")
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Equal(t, 1, b.rows(t))
}

func TestProxy_Delay(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	const delay = 50 * time.Millisecond
	b.proxy.Delay(delay)
	begin := time.Now()
	run(t, b.conn, "DO 1")
	require.GreaterOrEqual(t, time.Since(begin), delay)
	b.proxy.Delay(0)
	run(t, b.conn, "DO 1")
}

func TestProxy_BlackHole(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	b.proxy.BlackHole(true)
	b.proxy.BlackHole(true)
	answer := make(chan error, 1)
	go func() {
		_, err := b.conn.ExecContext(context.WithoutCancel(t.Context()), "DO 1")
		answer <- err
	}()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, b.db.PingContext(ctx), context.DeadlineExceeded, "a new connection hears nothing")
	require.Empty(t, answer)
	b.proxy.BlackHole(false)
	require.NoError(t, <-answer, "what was held passes")
}

func TestProxy_BlackHole_hidesTheClientsEnd(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	tx, err := b.conn.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	run(t, tx, "INSERT INTO "+b.table+" VALUES (1, 1)")
	b.proxy.BlackHole(true)
	b.proxy.Reset()
	require.NoError(t, b.conn.Raw(func(c any) error { return c.(interface{ Close() error }).Close() }))

	other, err := b.direct.Conn(t.Context())
	require.NoError(t, err)
	defer other.Close()
	run(t, other, "SET SESSION innodb_lock_wait_timeout = 1")
	_, err = other.ExecContext(t.Context(), "INSERT INTO "+b.table+" VALUES (1, 2)")
	require.ErrorContains(t, err, "1205", "the server still holds the lost client's locks")
	b.proxy.BlackHole(false)
	run(t, other, "INSERT INTO "+b.table+" VALUES (1, 2)")
}

func TestProxy_Cut(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	require.Equal(t, 1, b.proxy.Open())
	b.proxy.Cut()
	require.Eventually(t, func() bool { return b.proxy.Open() == 0 }, 5*time.Second, time.Millisecond)
	require.Error(t, b.conn.PingContext(t.Context()))
	run(t, b.db, "DO 1")
	require.Equal(t, 1, b.proxy.Open())
}

func TestProxy_serverIsDown(t *testing.T) {
	t.Parallel()
	c := mysqld.ForTest(t, 1, mysqld.Options{})
	server := c.Servers[0]
	p, err := proxy.Start(t.Context(), server.Addr())
	require.NoError(t, err)
	defer p.Close()
	require.NoError(t, server.Kill())
	require.Error(t, through(t, p, server).PingContext(t.Context()))
	require.NoError(t, server.Restart(t.Context()))
	require.NoError(t, through(t, p, server).PingContext(t.Context()))
}

func TestProxy_Close(t *testing.T) {
	// Not parallel: the goroutines of others are no leak of this one.
	c, _ := servers.Get(t)
	require.NoError(t, c.Servers[0].DB().PingContext(t.Context()))
	before := goleak.IgnoreCurrent()
	p, err := proxy.Start(t.Context(), c.Servers[0].Addr())
	require.NoError(t, err)
	db := through(t, p, c.Servers[0])
	conn, err := db.Conn(t.Context())
	require.NoError(t, err)
	p.BlackHole(true)
	require.NoError(t, p.Close())
	require.NoError(t, p.Close(), "closing twice does nothing")
	require.Error(t, conn.PingContext(t.Context()))
	conn.Close()
	require.Error(t, db.PingContext(t.Context()))
	require.NoError(t, db.Close())
	goleak.VerifyNone(t, before)
}
