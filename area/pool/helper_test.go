package pool_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/area/dsn"
	"github.com/mdbrouter/mdb/area/pool"
	"github.com/mdbrouter/mdb/gdid"
	"github.com/mdbrouter/mdb/mdbtest/mysqld"
	"github.com/mdbrouter/mdb/mdbtest/proxy"
	"github.com/mdbrouter/mdb/partition"
)

const (
	namespace = "pool_test"
	password  = "c4nary" // must show up nowhere
)

var servers = mysqld.Shared{N: 2}

func TestMain(m *testing.M) {
	code := servers.Main(m)
	if err := goleak.Find(goleak.IgnoreCurrent()); code == 0 && err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// shardTables are the tables of mdb that a pool reads.
var shardTables = []string{
	`CREATE TABLE mdb_shard (one TINYINT UNSIGNED NOT NULL PRIMARY KEY, namespace VARBINARY(128) NOT NULL, area VARBINARY(64) NOT NULL,
		start_era INT UNSIGNED NOT NULL, start_counter BIGINT UNSIGNED NOT NULL, shard INT UNSIGNED NOT NULL, shards INT UNSIGNED NOT NULL,
		hash VARBINARY(32) NOT NULL, database_name VARBINARY(192) NOT NULL, uid BINARY(16) NOT NULL, layout BIGINT UNSIGNED NOT NULL, schema_version INT UNSIGNED NOT NULL, created DATETIME(6) NOT NULL) ENGINE=InnoDB`,
	`CREATE TABLE mdb_server (identity VARBINARY(160) NOT NULL PRIMARY KEY, server VARBINARY(64) NOT NULL, role VARBINARY(16) NOT NULL, admitted DATETIME(6) NOT NULL) ENGINE=InnoDB`,
	`CREATE TABLE mdb_fence (stripe SMALLINT UNSIGNED NOT NULL PRIMARY KEY, layout BIGINT UNSIGNED NOT NULL, state TINYINT UNSIGNED NOT NULL, cases INT UNSIGNED NOT NULL DEFAULT 0,
		end_era INT UNSIGNED NULL, end_counter BIGINT UNSIGNED NULL) ENGINE=InnoDB`,
	`INSERT INTO mdb_fence (stripe, layout, state) VALUES (0, 1, 0), (1, 1, 0), (2, 1, 0)`,
	`CREATE TABLE t (id INT NOT NULL PRIMARY KEY, v INT NOT NULL DEFAULT 0, name VARCHAR(20) UNIQUE) ENGINE=InnoDB`,
	`INSERT INTO t (id, v) VALUES (1, 0), (2, 0), (3, 0)`,
}

// A place is a shard's database on a server.
type place struct {
	server *mysqld.Server
	addr   string
	shard  area.Shard
}

func exec(t *testing.T, db *sql.DB, statements ...string) {
	t.Helper()
	for _, s := range statements {
		_, err := db.ExecContext(t.Context(), s)
		require.NoError(t, err, s)
	}
}

// identityOf asks a server for its identity.
func identityOf(t *testing.T, s *mysqld.Server) string {
	t.Helper()
	rows, err := s.DB().QueryContext(t.Context(), "SHOW VARIABLES WHERE Variable_name IN ('server_uuid', 'server_uid', 'server_id')")
	require.NoError(t, err)
	defer rows.Close()
	variables := map[string]string{}
	for rows.Next() {
		var name, value string
		require.NoError(t, rows.Scan(&name, &value))
		variables[name] = value
	}
	require.NoError(t, rows.Err())
	return area.Identity(variables)
}

// provision makes a database on a server that is the shard user p0/0, reached as
// label.
func provision(t *testing.T, server *mysqld.Server, label, database string) place {
	t.Helper()
	p := place{server: server, addr: server.Addr(), shard: area.Shard{
		Area: "user", Partition: "p0", Index: 0, Count: 2, Hash: partition.Jump1,
		Start: gdid.RangeKey{Counter: 250_000}, Server: label, Database: database,
	}}
	admin := server.DB()
	exec(t, admin,
		"CREATE DATABASE "+database,
		"CREATE USER IF NOT EXISTS 'mdb_rw'@'%' IDENTIFIED BY '"+password+"'",
		"GRANT SELECT, INSERT, UPDATE, DELETE, EXECUTE, CREATE, DROP, ALTER, INDEX, LOCK TABLES, CREATE TEMPORARY TABLES ON "+database+".* TO 'mdb_rw'@'%'",
	)
	for _, s := range shardTables {
		s = strings.NewReplacer("CREATE TABLE ", "CREATE TABLE "+database+".", "INSERT INTO ", "INSERT INTO "+database+".").Replace(s)
		exec(t, admin, s)
	}
	exec(t, admin,
		"INSERT INTO "+database+".mdb_shard VALUES (1, '"+namespace+"', 'user', 0, 250000, 0, 2, 'jump1', '"+database+"', 'uid', 1, 1, NOW(6))",
		"INSERT INTO "+database+".mdb_server VALUES ('"+identityOf(t, server)+"', '"+label+"', 'primary', NOW(6)), ('uid:else/99', 'else', 'primary', NOW(6))",
	)
	return p
}

// shared gives a place of its own on the shared server.
func shared(t *testing.T) place {
	t.Helper()
	cluster, prefix := servers.Get(t)
	return provision(t, cluster.Servers[0], "u1", prefix+"user")
}

// alone gives a place on a server of its own.
func alone(t *testing.T) place {
	t.Helper()
	return provision(t, mysqld.ForTest(t, 1, mysqld.Options{}).Servers[0], "u1", "user_p0_0")
}

// proxied gives p behind a proxy.
func proxied(t *testing.T, p place) (place, *proxy.Proxy) {
	t.Helper()
	wire, err := proxy.Start(t.Context(), p.server.Addr())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, wire.Close()) })
	p.addr = wire.Addr()
	return p, wire
}

// pools gives the pools of the place. params are for its DSN.
func (p place) pools(t *testing.T, params map[string]string) *pool.Pools {
	t.Helper()
	service, err := dsn.Build(dsn.Parts{Address: p.addr, User: "mdb_rw", Password: password, Params: params})
	require.NoError(t, err)
	admin, err := dsn.Build(dsn.Parts{Address: p.addr, User: "root"})
	require.NoError(t, err)
	pools := pool.New(
		[]pool.Endpoint{{Server: p.shard.Server, DSN: service}, {Server: p.shard.Server, Replica: "b"}},
		[]pool.Endpoint{{Server: p.shard.Server, DSN: admin}}, pool.Options{Namespace: namespace},
	)
	t.Cleanup(func() { require.NoError(t, pools.Close()) })
	return pools
}

// db gives the guarded pool of the place.
func (p place) db(t *testing.T, params map[string]string) *sql.DB {
	t.Helper()
	db, err := p.pools(t, params).Shard(p.shard).DB()
	require.NoError(t, err)
	return db
}

// value reads one value as root, from a table of the place's database.
func (p place) value(t *testing.T, query string) string {
	t.Helper()
	var v string
	require.NoError(t, p.server.DB().QueryRowContext(t.Context(), strings.ReplaceAll(query, "db.", p.shard.Database+".")).Scan(&v))
	return v
}

// settles waits until the query gives want.
func (p place) settles(t *testing.T, want, query string) {
	t.Helper()
	every := 5 * time.Millisecond
	if strings.Contains(query, "innodb_trx") {
		every = 150 * time.Millisecond // read more often, the table stands still
	}
	require.Eventually(t, func() bool { return p.value(t, query) == want }, 20*time.Second, every, query)
}

// connections asks for the service's connections to the database.
func (p place) connections() string {
	return "SELECT COUNT(*) FROM information_schema.processlist WHERE user = 'mdb_rw' AND db = '" + p.shard.Database + "'"
}

// cancelled gives a context that ends once the wire has seen a statement: no clock of
// a busy machine decides whether it was sent.
func cancelled(ctx context.Context, t *testing.T, wire *proxy.Proxy, text string) context.Context {
	t.Helper()
	wire.Reset()
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	t.Cleanup(func() {
		cancel()
		<-ended
	})
	go func() {
		defer close(ended)
		defer cancel()
		for ctx.Err() == nil && !sent(wire, text) {
			select {
			case <-ctx.Done():
			case <-time.After(time.Millisecond):
			}
		}
	}()
	return ctx
}

// A fence is an [area.Fence] of a test.
type fence func(ctx context.Context, query area.Query) error

func (f fence) Check(ctx context.Context, query area.Query) error { return f(ctx, query) }

var errSealed = errors.New("sealed")

// stripe locks a row of mdb_fence as a briefcase does.
func stripe(ctx context.Context, query area.Query) error {
	rows, err := query(ctx, "SELECT state, end_era FROM mdb_fence WHERE stripe = 1 LOCK IN SHARE MODE")
	if err != nil {
		return err
	}
	if len(rows) != 1 || fmt.Sprintf("%s", rows[0][0]) != "0" && fmt.Sprint(rows[0][0]) != "0" || rows[0][1] != nil {
		return errSealed
	}
	return nil
}

func fenced(ctx context.Context) context.Context { return area.WithFence(ctx, fence(stripe)) }

// begin begins a fenced transaction that is rolled back when the test ends.
func begin(t *testing.T, db *sql.DB, opts *sql.TxOptions) *sql.Tx {
	t.Helper()
	tx, err := db.BeginTx(fenced(t.Context()), opts)
	require.NoError(t, err)
	t.Cleanup(func() { _ = tx.Rollback() })
	return tx
}

// requireFacts checks that err says where it came up, and shows no secret.
func requireFacts(t *testing.T, err error, p place, op string) {
	t.Helper()
	var e *area.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, area.Error{Op: op, Area: "user", Shard: "p0/0", Server: p.shard.Server, Err: e.Err}, *e)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		require.NotContains(t, fmt.Sprintf(verb, err), password)
	}
	require.NotErrorIs(t, e.Err, error(nil))
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Error("failed", "err", err, "errs", []error{err})
	require.NoError(t, json.NewEncoder(&log).Encode(map[string]any{"err": err, "facts": *e, "cause": e.Err}))
	require.NotContains(t, log.String(), password)
}
