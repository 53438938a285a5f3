package pool_test

import (
	"bytes"
	"context"
	"database/sql"
	"database/sql/driver"
	"io"
	"net"
	"syscall"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/area/dsn"
	"github.com/mdbrouter/mdb/area/pool"
)

// requireUnavailable checks an error of a server that cannot be reached.
func requireUnavailable(t *testing.T, err error, p place) {
	t.Helper()
	require.ErrorIs(t, err, area.ErrUnavailable)
	require.NotErrorIs(t, err, driver.ErrBadConn)
	require.Equal(t, area.Class{Advice: area.RefreshServer, Outcome: area.NotApplied}, area.Classify(err))
	requireFacts(t, err, p, "connect")
}

func TestServer_nobody_listens(t *testing.T) {
	t.Parallel()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	p := shared(t)
	p.addr = listener.Addr().String()
	err = p.db(t, nil).PingContext(t.Context())
	requireUnavailable(t, err, p)
	require.ErrorIs(t, err, syscall.ECONNREFUSED)
}

// Whatever answers at the address, nobody waits for ever.
func TestServer_is_no_server(t *testing.T) {
	t.Parallel()
	for name, talk := range map[string]func(net.Conn){
		"silent":   func(c net.Conn) { _, _ = io.Copy(io.Discard, c) },
		"hangs up": func(net.Conn) {},
		"http":     func(c net.Conn) { _, _ = c.Write([]byte("HTTP/1.1 400 Bad Request\r\n\r\n")) },
		"ssh":      func(c net.Conn) { _, _ = c.Write([]byte("SSH-2.0-x\r\n")) },
		"garbage":  func(c net.Conn) { _, _ = c.Write([]byte("\x05\x00\x00\x00\x77\xff\xff\xff\xff")) },
		"cut off":  func(c net.Conn) { _, _ = c.Write([]byte("\x0a\x00\x00\x00\x0a8.0")) },
		"no end":   func(c net.Conn) { _, _ = c.Write([]byte("\x05\x00\x00\x00\x0a8.0.")) },
		"short":    func(c net.Conn) { _, _ = c.Write([]byte("\x0a\x00\x00\x00\x0a8.0\x00aaaab")) },
		"error":    func(c net.Conn) { _, _ = c.Write([]byte("\x03\x00\x00\x00\xff\x01\x02")) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
			require.NoError(t, err)
			served := make(chan struct{})
			go func() {
				defer close(served)
				for {
					c, err := listener.Accept()
					if err != nil {
						return
					}
					talk(c)
					_ = c.Close()
				}
			}()
			p := shared(t)
			p.addr = listener.Addr().String()
			db := p.db(t, map[string]string{"timeout": "100ms", "readTimeout": "100ms"})
			requireUnavailable(t, db.PingContext(t.Context()), p)

			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			if err := db.PingContext(ctx); name == "silent" {
				require.ErrorIs(t, err, area.ErrUnavailable)
				require.ErrorIs(t, err, context.DeadlineExceeded)
				require.Equal(t, area.Fail, area.Classify(err).Advice, "the caller has no time left")
			}
			require.NoError(t, listener.Close())
			<-served
		})
	}
}

// A server that accepts and never answers is given up after a while, without
// any timeout in the DSN.
func TestServer_black_hole(t *testing.T) {
	t.Parallel()
	p, wire := proxied(t, shared(t))
	wire.BlackHole(true)
	began := time.Now()
	err := p.db(t, map[string]string{"timeout": "200ms"}).PingContext(t.Context())
	requireUnavailable(t, err, p)
	require.Less(t, time.Since(began), 8*time.Second)
	_, err = p.pools(t, map[string]string{"timeout": "200ms"}).Ping(t.Context(), "u1")
	require.ErrorIs(t, err, area.ErrUnavailable)
	wire.BlackHole(false)
}

func TestServer_killed_and_restarted(t *testing.T) {
	t.Parallel()
	p := alone(t)
	db := p.db(t, nil)
	tx := begin(t, db, nil)
	require.NoError(t, run(t.Context(), tx, "UPDATE t SET v = 1"))
	running := make(chan error, 1)
	go func() { running <- run(t.Context(), db, "SELECT SLEEP(60)") }()
	p.settles(t, "1", "SELECT COUNT(*) FROM information_schema.processlist WHERE info = 'SELECT SLEEP(60)'")
	require.NoError(t, p.server.Kill())

	err := <-running
	require.ErrorIs(t, err, area.ErrConnLost)
	require.Equal(t, area.Class{Advice: area.RefreshServer, Outcome: area.NotApplied}, area.Classify(err))
	err = tx.Commit()
	require.ErrorIs(t, err, area.ErrConnLost)
	requireUnavailable(t, db.PingContext(t.Context()), p)
	_, err = db.BeginTx(fenced(t.Context()), nil)
	requireUnavailable(t, err, p)

	require.NoError(t, p.server.Restart(t.Context()))
	require.NoError(t, db.PingContext(t.Context()))
	require.Equal(t, "0", p.value(t, "SELECT SUM(v) FROM db.t"))
}

// A server that stands still: the caller's context is honoured everywhere, and
// nothing is left behind when it goes on.
func TestServer_paused(t *testing.T) {
	t.Parallel()
	p := alone(t)
	db := p.db(t, nil)
	tx := begin(t, db, nil)
	require.NoError(t, run(t.Context(), tx, "UPDATE t SET v = 1 WHERE id = 1"))
	ctx, cancel := context.WithCancel(fenced(t.Context()))
	defer cancel()
	committing, err := db.BeginTx(ctx, nil)
	require.NoError(t, err)
	require.NoError(t, run(t.Context(), committing, "INSERT INTO t (id) VALUES (9)"))
	require.NoError(t, db.PingContext(t.Context()), "there is an idle connection")
	require.NoError(t, p.server.Pause(t.Context()))

	short := func() context.Context {
		ctx, cancel := context.WithTimeout(fenced(t.Context()), 50*time.Millisecond)
		t.Cleanup(cancel)
		return ctx
	}
	require.ErrorIs(t, run(short(), db, "SELECT 1"), context.DeadlineExceeded)
	_, err = db.BeginTx(short(), nil)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.ErrorIs(t, run(short(), tx, "UPDATE t SET v = 2"), context.DeadlineExceeded)
	require.ErrorIs(t, tx.Commit(), area.ErrTxDead)
	time.AfterFunc(time.Second, cancel) // long after it is sent
	err = committing.Commit()
	require.ErrorIs(t, err, area.ErrOutcomeUnknown)
	require.ErrorIs(t, err, context.Canceled)

	require.NoError(t, p.server.Resume())
	p.settles(t, "0", p.connections())
	require.Equal(t, "0", p.value(t, "SELECT SUM(v) FROM db.t"))
	require.NoError(t, db.PingContext(t.Context()))
}

func TestServer_read_only(t *testing.T) {
	t.Parallel()
	p := alone(t)
	db := p.db(t, nil)
	tx := begin(t, db, nil)
	exec(t, p.server.DB(), "SET GLOBAL read_only = 1")
	err := run(t.Context(), tx, "UPDATE t SET v = 1")
	require.ErrorIs(t, err, area.ErrReadOnly)
	require.Equal(t, area.Class{Advice: area.RefreshServer, Outcome: area.NotApplied}, area.Classify(err))
	requireFacts(t, err, p, "query")
	require.ErrorIs(t, tx.Commit(), area.ErrReadOnly)
	_, err = db.BeginTx(fenced(t.Context()), nil)
	require.ErrorIs(t, err, area.ErrReadOnly)
	require.NoError(t, run(t.Context(), db, "SELECT 1"))
	info, err := p.pools(t, nil).Ping(t.Context(), "u1")
	require.NoError(t, err)
	require.True(t, info.ReadOnly)
	exec(t, p.server.DB(), "SET GLOBAL read_only = 0")

	// The server answers the COMMIT itself with an error.
	number := func(tx *sql.Tx) (id int) {
		require.NoError(t, tx.QueryRowContext(t.Context(), "SELECT CONNECTION_ID()").Scan(&id))
		return id
	}
	tx = begin(t, db, nil)
	require.NoError(t, run(t.Context(), tx, "UPDATE t SET v = 1"))
	failed := number(tx)
	exec(t, p.server.DB(), "SET GLOBAL read_only = 1")
	err = tx.Commit()
	require.ErrorIs(t, err, area.ErrReadOnly)
	require.Equal(t, area.NotApplied, area.Classify(err).Outcome)
	exec(t, p.server.DB(), "SET GLOBAL read_only = 0")
	require.Equal(t, "0", p.value(t, "SELECT SUM(v) FROM db.t"))
	tx = begin(t, db, nil)
	require.NotEqual(t, failed, number(tx), "the connection is not used again")
	require.NoError(t, tx.Rollback())
}

func TestServer_too_many_connections(t *testing.T) {
	t.Parallel()
	p := alone(t)
	exec(t, p.server.DB(), "ALTER USER 'mdb_rw'@'%' WITH MAX_USER_CONNECTIONS 1")
	db := p.db(t, nil)
	held, err := db.Conn(t.Context())
	require.NoError(t, err)
	err = db.PingContext(t.Context())
	require.Equal(t, area.Class{Advice: area.BackOff, Outcome: area.NotApplied}, area.Classify(err))
	requireFacts(t, err, p, "connect")
	require.NotErrorIs(t, err, area.ErrUnavailable, "an overloaded server is not a dead one")
	require.NoError(t, held.Close())
	require.NoError(t, db.PingContext(t.Context()))
}

func TestServer_wrong_password(t *testing.T) {
	t.Parallel()
	p := shared(t)
	d, err := dsn.Build(dsn.Parts{Address: p.addr, User: "mdb_rw", Password: "wrong " + password})
	require.NoError(t, err)
	pools := pool.New([]pool.Endpoint{{Server: "u1", DSN: d}}, nil, pool.Options{Namespace: namespace})
	defer pools.Close()
	db, err := pools.Shard(p.shard).DB()
	require.NoError(t, err)
	err = db.PingContext(t.Context())
	var se area.ServerError
	require.ErrorAs(t, err, &se)
	require.EqualValues(t, 1045, se.Number())
	require.Equal(t, area.Fail, area.Classify(err).Advice)
	requireFacts(t, err, p, "connect")
}

// What the driver prints goes to the logger, without a secret.
func TestServer_driver_log(t *testing.T) {
	t.Parallel()
	p, wire := proxied(t, shared(t))
	var log lockedBuffer
	d, err := dsn.Build(dsn.Parts{Address: p.addr, User: "mdb_rw", Password: password})
	require.NoError(t, err)
	pools := pool.New([]pool.Endpoint{{Server: "u1", DSN: d}}, nil, pool.Options{Namespace: namespace, Logger: log.logger()})
	defer pools.Close()
	db, err := pools.Shard(p.shard).DB()
	require.NoError(t, err)
	require.NoError(t, db.PingContext(t.Context()))
	wire.Cut()
	require.NoError(t, db.PingContext(t.Context()))
	require.Contains(t, log.String(), "server=u1")
	require.NotContains(t, log.String(), password)
}

// Whatever a first packet holds, the driver can take it apart.
func FuzzReadGreeting(f *testing.F) {
	f.Add([]byte("\x4a\x00\x00\x00\x0a8.0.11\x00\x08\x00\x00\x00abcdefgh\x00\xff\xf7\xff\x02\x00\xff\x81\x15\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00abcdefghijkl\x00mysql_native_password\x00"))
	f.Add([]byte("\x10\x00\x00\x00\xff\x10\x04#08004Too many"))
	f.Add([]byte("\x05\x00\x00\x00\x0a8.0."))
	f.Fuzz(func(t *testing.T, packet []byte) {
		greeting, err := pool.ReadGreeting(bytes.NewReader(packet))
		if err != nil {
			return
		}
		cfg := mysql.NewConfig()
		cfg.Addr, cfg.Timeout, cfg.ReadTimeout, cfg.Logger = "h:1", time.Second, time.Second, &mysql.NopLogger{}
		cfg.DialFunc = func(context.Context, string, string) (net.Conn, error) {
			client, server := net.Pipe()
			go func() {
				_, _ = server.Write(greeting)
				_ = server.Close()
			}()
			return client, nil
		}
		connector, err := mysql.NewConnector(cfg)
		require.NoError(t, err)
		_, err = connector.Connect(t.Context())
		require.Error(t, err)
	})
}
