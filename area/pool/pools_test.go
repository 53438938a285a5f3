package pool_test

import (
	"bytes"
	"context"
	"database/sql"
	"database/sql/driver"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/area/dsn"
	"github.com/mdbrouter/mdb/area/pool"
	"github.com/mdbrouter/mdb/mdbtest/proxy"
)

// A lockedBuffer takes a log from any goroutine.
type lockedBuffer struct {
	mu  sync.Mutex // guards buf
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

func (b *lockedBuffer) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(b, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

func TestPools_one_pool_per_shard(t *testing.T) {
	t.Parallel()
	p := shared(t)
	pools := p.pools(t, nil)
	same := p.shard
	same.Ordinal = 17
	require.Same(t, pools.Shard(p.shard), pools.Shard(same), "the ordinal is no part of a shard")
	other := p.shard
	other.Index = 1
	require.NotSame(t, pools.Shard(p.shard), pools.Shard(other))

	var dbs sync.Map
	var running sync.WaitGroup
	for range 16 {
		running.Go(func() {
			db, err := pools.Shard(p.shard).DB()
			if err == nil {
				dbs.Store(db, true)
			}
		})
	}
	running.Wait()
	n := 0
	dbs.Range(func(any, any) bool { n++; return true })
	require.Equal(t, 1, n)
	db, err := pools.Shard(p.shard).DB()
	require.NoError(t, err)
	require.Equal(t, 32, db.Stats().MaxOpenConnections)
}

func TestPools_bounds(t *testing.T) {
	t.Parallel()
	p := shared(t)
	d, err := dsn.Build(dsn.Parts{Address: p.addr, User: "mdb_rw", Password: password})
	require.NoError(t, err)
	pools := pool.New([]pool.Endpoint{{Server: "u1", DSN: d, MaxOpen: 2, MaxIdle: 1, MaxLifetime: time.Minute}}, nil, pool.Options{Namespace: namespace})
	defer pools.Close()
	db, err := pools.Shard(p.shard).DB()
	require.NoError(t, err)
	one, err := db.Conn(t.Context())
	require.NoError(t, err)
	two, err := db.Conn(t.Context())
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, db.PingContext(ctx), context.DeadlineExceeded)
	require.NoError(t, one.Close())
	require.NoError(t, two.Close())
	require.Equal(t, 1, db.Stats().OpenConnections)
}

func TestPools_unknown_DSN(t *testing.T) {
	t.Parallel()
	p := place{shard: area.Shard{Area: "user", Partition: "p0", Server: "u1", Database: "d"}}
	pools := pool.New([]pool.Endpoint{{Server: "u1", Missing: `env("MDB_U1_DSN")`}}, []pool.Endpoint{{Server: "u1", Missing: `var.admin`}}, pool.Options{})
	defer pools.Close()
	_, err := pools.Shard(p.shard).DB()
	requireUnavailable(t, err, p)
	require.ErrorContains(t, err, `env("MDB_U1_DSN") is not set`)
	_, err = pools.Admin("u1")
	require.ErrorIs(t, err, area.ErrUnavailable)
	require.ErrorContains(t, err, `var.admin is not set`)
	_, err = pools.Ping(t.Context(), "u1")
	require.ErrorIs(t, err, area.ErrUnavailable)
	_, err = pools.Admin("u9")
	require.ErrorIs(t, err, area.ErrUnavailable)

	tls, err := dsn.Parse("u:" + password + "@tcp(h:1)/?tls=" + password)
	require.NoError(t, err)
	pools = pool.New([]pool.Endpoint{{Server: "u1", DSN: tls}}, nil, pool.Options{})
	defer pools.Close()
	_, err = pools.Shard(p.shard).DB()
	requireUnavailable(t, err, p)
}

func TestPools_Admin(t *testing.T) {
	t.Parallel()
	p := shared(t)
	pools := p.pools(t, nil)
	admin, err := pools.Admin("u1")
	require.NoError(t, err)
	again, err := pools.Admin("u1")
	require.NoError(t, err)
	require.Same(t, admin, again)
	exec(t, admin, "CREATE TABLE "+p.shard.Database+".made (id INT PRIMARY KEY)", "SET @a = 1")

	database, err := pools.AdminDatabase("u1", p.shard.Database)
	require.NoError(t, err)
	exec(t, database, "INSERT INTO made VALUES (1)")
	shard, err := pools.AdminShard(p.shard)
	require.NoError(t, err)
	exec(t, shard, "ALTER TABLE made ADD v INT", "DROP TABLE made")

	// Without a guard a transaction takes what it is given, but a dead one stays
	// dead.
	tx, err := shard.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	_, err = tx.ExecContext(t.Context(), "UPDATE t SET v = 1")
	require.NoError(t, err)
	_, err = tx.ExecContext(t.Context(), "SIGNAL SQLSTATE '40001' SET MYSQL_ERRNO = 1213")
	require.Equal(t, area.Retry, area.Classify(err).Advice)
	_, err = tx.ExecContext(t.Context(), "UPDATE t SET v = 1")
	require.ErrorIs(t, err, area.ErrTxDead)
	require.ErrorIs(t, tx.Commit(), area.ErrTxDead)
	require.Equal(t, "0", p.value(t, "SELECT SUM(v) FROM db.t"))

	readOnly, err := shard.BeginTx(t.Context(), &sql.TxOptions{ReadOnly: true})
	require.NoError(t, err)
	_, err = readOnly.ExecContext(t.Context(), "UPDATE t SET v = 1")
	require.Error(t, err)
	require.NotErrorIs(t, err, area.ErrReadOnly, "it was asked for")
	require.NoError(t, readOnly.Rollback())
}

// On a pool without a guard a statement may write by itself: when its answer is
// lost, it may have landed.
func TestPools_Admin_statement_without_an_answer(t *testing.T) {
	t.Parallel()
	p, wire := proxied(t, shared(t))
	admin, err := p.pools(t, nil).AdminShard(p.shard)
	require.NoError(t, err)
	wire.CutReply(proxy.Query("UPDATE"))
	_, err = admin.ExecContext(t.Context(), "UPDATE t SET v = 1")
	require.ErrorIs(t, err, area.ErrConnLost)
	require.Equal(t, area.Unknown, area.Classify(err).Outcome)
	wire.CutReply(proxy.Query("INSERT"))
	err = run(t.Context(), admin, "INSERT INTO t (id) VALUES (9) RETURNING id")
	require.Equal(t, area.Unknown, area.Classify(err).Outcome)
	ctx := cancelled(t.Context(), t, wire, "DELETE FROM t")
	wire.SwallowReply(proxy.Query("DELETE"))
	_, err = admin.ExecContext(ctx, "DELETE FROM t")
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, area.Unknown, area.Classify(err).Outcome)

	_, err = admin.ExecContext(ctx, "DELETE FROM t")
	require.Equal(t, area.NotApplied, area.Classify(err).Outcome, "it was not sent")
	wire.CutReply(proxy.Query("SELECT id"))
	require.Equal(t, area.NotApplied, area.Classify(run(t.Context(), admin, "SELECT id FROM t")).Outcome, "a read leaves nothing")
}

func TestPools_Ping(t *testing.T) {
	t.Parallel()
	p := shared(t)
	info, err := p.pools(t, nil).Ping(t.Context(), "u1")
	require.NoError(t, err)
	require.Contains(t, info.Version, ".")
	require.Equal(t, identityOf(t, p.server), info.Identity)
	require.False(t, info.ReadOnly)
	require.Positive(t, info.Latency)
}

func TestPools_Close(t *testing.T) {
	t.Parallel()
	p := shared(t)
	pools := p.pools(t, nil)
	s := pools.Shard(p.shard)
	db, err := s.DB()
	require.NoError(t, err)
	tx := begin(t, db, nil)
	require.NoError(t, db.PingContext(t.Context()))
	require.NoError(t, pools.Close())
	require.NoError(t, pools.Close())
	_, err = s.DB()
	require.ErrorIs(t, err, area.ErrClosed)
	_, err = pools.Shard(p.shard).DB()
	require.ErrorIs(t, err, area.ErrClosed)
	_, err = pools.Admin("u1")
	require.ErrorIs(t, err, area.ErrClosed)
	_, err = pools.Ping(t.Context(), "u1")
	require.ErrorIs(t, err, area.ErrClosed)
	require.NoError(t, tx.Rollback(), "what is under way may end")
	p.settles(t, "0", p.connections())
}

// A DSN that would break the guard is made harmless even when nobody checked it.
func TestPools_unsafe_parameters_do_nothing(t *testing.T) {
	t.Parallel()
	p, wire := proxied(t, shared(t))
	pools := p.pools(t, map[string]string{"multiStatements": "true", "rejectReadOnly": "true", "allowAllFiles": "true"})
	admin, err := pools.AdminShard(p.shard)
	require.NoError(t, err)
	require.NoError(t, admin.PingContext(t.Context()))
	db, err := pools.Shard(p.shard).DB()
	require.NoError(t, err)
	require.NoError(t, db.PingContext(t.Context()))
	require.ErrorIs(t, run(t.Context(), db, "SELECT 1; SELECT 2"), area.ErrStatementRefused)
	tx := begin(t, db, &sql.TxOptions{ReadOnly: true})
	require.NoError(t, tx.Rollback())
	require.NotEmpty(t, wire.Commands())
}

// A connector that gives less than a driver must is refused.
func TestPools_Connector_must_take_contexts(t *testing.T) {
	t.Parallel()
	pools := pool.New([]pool.Endpoint{{Server: "u1"}}, nil, pool.Options{Connector: func(pool.Dial, driver.Connector) driver.Connector { return bare{} }})
	defer pools.Close()
	db, err := pools.Shard(area.Shard{Server: "u1"}).DB()
	require.NoError(t, err)
	require.ErrorContains(t, db.PingContext(t.Context()), "takes no context")
}

type bare struct{}

func (bare) Connect(context.Context) (driver.Conn, error) { return bareConn{}, nil }
func (bare) Driver() driver.Driver                        { return nil }

type bareConn struct{}

func (bareConn) Prepare(string) (driver.Stmt, error) { return nil, driver.ErrSkip }
func (bareConn) Begin() (driver.Tx, error)           { return nil, driver.ErrSkip }
func (bareConn) Close() error                        { return nil }
