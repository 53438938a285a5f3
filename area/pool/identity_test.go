package pool_test

import (
	"context"
	"database/sql/driver"
	"net"
	"sync/atomic"
	"testing"

	"github.com/go-sql-driver/mysql"
	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/area/dsn"
	"github.com/mdbrouter/mdb/area/pool"
	"github.com/mdbrouter/mdb/gdid"
	"github.com/mdbrouter/mdb/partition"
)

func requireIdentityError(t *testing.T, err error, fact, want, got string) {
	t.Helper()
	var e *area.IdentityError
	require.ErrorAs(t, err, &e)
	require.Equal(t, fact, e.Fact)
	require.Equal(t, want, e.Want)
	require.Equal(t, got, e.Got)
	require.ErrorIs(t, err, area.ErrWrongShard)
	require.NotErrorIs(t, err, driver.ErrBadConn)
	require.Equal(t, area.Class{Advice: area.RefreshShard, Outcome: area.NotApplied}, area.Classify(err))
}

func TestIdentity_every_fact_must_agree(t *testing.T) {
	t.Parallel()
	p := shared(t)
	copied := p.shard.Database + "_copy" // on the same server, as a dump restores it
	exec(t, p.server.DB(), "CREATE DATABASE "+copied, "GRANT SELECT ON "+copied+".* TO 'mdb_rw'@'%'")
	for _, table := range []string{"mdb_shard", "mdb_server"} {
		exec(t, p.server.DB(), "CREATE TABLE "+copied+"."+table+" AS SELECT * FROM "+p.shard.Database+"."+table)
	}
	tests := []struct {
		fact, want, got string
		change          func(s *area.Shard)
	}{
		{"area", "order", "user", func(s *area.Shard) { s.Area = "order" }},
		{"start", "0:250001", "0:250000", func(s *area.Shard) { s.Start.Counter++ }},
		{"start", "1:250000", "0:250000", func(s *area.Shard) { s.Start = gdid.RangeKey{Era: 1, Counter: 250_000} }},
		{"shard", "1", "0", func(s *area.Shard) { s.Index = 1 }},
		{"shards", "3", "2", func(s *area.Shard) { s.Count = 3 }},
		{"hash", "mod1", "jump1", func(s *area.Shard) { s.Hash = partition.Mod1 }},
		{"database", copied, p.shard.Database, func(s *area.Shard) { s.Database = copied }},
	}
	pools := p.pools(t, nil)
	for _, tt := range tests {
		s := p.shard
		tt.change(&s)
		db, err := pools.Shard(s).DB()
		require.NoError(t, err)
		requireIdentityError(t, db.PingContext(t.Context()), tt.fact, tt.want, tt.got)
		admin, err := pools.AdminShard(s)
		require.NoError(t, err)
		requireIdentityError(t, admin.PingContext(t.Context()), tt.fact, tt.want, tt.got)
	}
	db, err := pools.Shard(p.shard).DB()
	require.NoError(t, err)
	require.NoError(t, db.PingContext(t.Context()))
}

func TestIdentity_another_namespace(t *testing.T) {
	t.Parallel()
	p := shared(t)
	d, err := dsn.Build(dsn.Parts{Address: p.addr, User: "mdb_rw", Password: password})
	require.NoError(t, err)
	pools := pool.New([]pool.Endpoint{{Server: "u1", DSN: d}}, nil, pool.Options{Namespace: namespace + "/solo"})
	defer pools.Close()
	db, err := pools.Shard(p.shard).DB()
	require.NoError(t, err)
	err = db.PingContext(t.Context())
	requireIdentityError(t, err, "namespace", namespace+"/solo", namespace)
	requireFacts(t, err, p, "connect")
}

// Two labels whose DSNs were swapped, and a database that was copied to another
// server: no statement of the caller reaches either.
func TestIdentity_swapped_and_copied(t *testing.T) {
	t.Parallel()
	cluster, prefix := servers.Get(t)
	one, two := cluster.Servers[0], cluster.Servers[1]
	a := provision(t, one, "u1", prefix+"user")
	b := provision(t, two, "u2", prefix+"user")

	// The very database of u1 behind the label u2.
	swapped := a
	swapped.addr, swapped.server = b.addr, b.server
	_, err := swapped.db(t, nil).ExecContext(t.Context(), "SELECT 1")
	requireIdentityError(t, err, "server", "u1", "u2")

	// A copy of u1's database on another server: the stamp agrees, the server
	// does not.
	exec(t, two.DB(), "DELETE FROM "+prefix+"user.mdb_server", "INSERT INTO "+prefix+"user.mdb_server VALUES ('"+identityOf(t, one)+"', 'u1', 'primary', NOW(6))")
	swapped, wire := proxied(t, swapped)
	db := swapped.db(t, nil)
	_, err = db.QueryContext(t.Context(), "SELECT 'canary statement'") //nolint:rowserrcheck,sqlclosecheck // there are none
	requireIdentityError(t, err, "server identity", identityOf(t, one), identityOf(t, two))
	_, err = db.BeginTx(fenced(t.Context()), nil)
	require.ErrorIs(t, err, area.ErrWrongShard)
	for _, c := range wire.Commands() {
		require.NotContains(t, c.Payload, "canary statement")
		require.NotContains(t, c.Payload, "START TRANSACTION")
	}
	swapped.settles(t, "0", swapped.connections())
}

// An engine that has no identity passes where none was ever admitted, and nowhere
// else: there it has taken the place of a server that had one.
func TestIdentity_of_an_engine_without_one(t *testing.T) {
	t.Parallel()
	for _, admitted := range []driver.Value{nil, []byte("uid:known/1")} {
		pools := poolsOn(nullConnector{admitted: admitted})
		defer pools.Close()
		db, err := pools.Shard(nullShard).DB()
		require.NoError(t, err)
		if err = db.PingContext(t.Context()); admitted == nil {
			require.NoError(t, err)
			continue
		}
		requireIdentityError(t, err, "server identity", "uid:known/1", "")
	}
}

// A connection that broke is replaced by one that is checked like the first.
func TestIdentity_after_a_silent_reconnect(t *testing.T) {
	t.Parallel()
	cluster, prefix := servers.Get(t)
	p := provision(t, cluster.Servers[0], "u1", prefix+"user")
	db := p.db(t, nil)
	require.NoError(t, db.PingContext(t.Context()))

	exec(t, p.server.DB(), "UPDATE "+p.shard.Database+".mdb_shard SET shard = 1")
	require.NoError(t, db.PingContext(t.Context()), "the connection is the same")
	exec(t, p.server.DB(), "KILL "+p.value(t, "SELECT id FROM information_schema.processlist WHERE user = 'mdb_rw' AND db = '"+p.shard.Database+"'"))
	p.settles(t, "0", p.connections())
	requireIdentityError(t, db.PingContext(t.Context()), "shard", "0", "1")
}

// Another server takes over the address.
func TestIdentity_another_server_behind_the_address(t *testing.T) {
	t.Parallel()
	cluster, prefix := servers.Get(t)
	p := provision(t, cluster.Servers[0], "u1", prefix+"user")
	other := provision(t, cluster.Servers[1], "u1", prefix+"user")
	exec(t, other.server.DB(), "DELETE FROM "+prefix+"user.mdb_server WHERE server = 'u1'")

	var addr atomic.Pointer[string]
	addr.Store(&p.addr)
	pools := pool.New([]pool.Endpoint{{Server: "u1"}}, nil, pool.Options{Namespace: namespace, Connector: func(d pool.Dial, c driver.Connector) driver.Connector {
		require.Equal(t, pool.Dial{Server: "u1", Database: p.shard.Database}, d)
		require.Nil(t, c, "the DSN is unknown")
		cfg := p.server.Config()
		cfg.User, cfg.Passwd, cfg.DBName = "mdb_rw", password, d.Database
		cfg.Logger = &mysql.NopLogger{}
		cfg.DialFunc = func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, *addr.Load())
		}
		connector, err := mysql.NewConnector(cfg)
		require.NoError(t, err)
		return connector
	}})
	defer pools.Close()
	db, err := pools.Shard(p.shard).DB()
	require.NoError(t, err)
	require.NoError(t, db.PingContext(t.Context()))

	addr.Store(&other.addr)
	require.NoError(t, db.PingContext(t.Context()), "the connection is the same")
	exec(t, p.server.DB(), "KILL "+p.value(t, "SELECT id FROM information_schema.processlist WHERE user = 'mdb_rw' AND db = '"+p.shard.Database+"'"))
	p.settles(t, "0", p.connections())
	requireIdentityError(t, db.PingContext(t.Context()), "server identity", "one that mdbctl admit has let in", identityOf(t, other.server))
}

func TestIdentity_not_provisioned(t *testing.T) {
	t.Parallel()
	cluster, prefix := servers.Get(t)
	p := provision(t, cluster.Servers[0], "u1", prefix+"user")
	requireNext := func(p place) {
		err := p.db(t, nil).PingContext(t.Context())
		var e *pool.UnprovisionedError
		require.ErrorAs(t, err, &e)
		require.Equal(t, p.shard.Database, e.Database)
		require.ErrorIs(t, err, area.ErrWrongShard)
		require.Contains(t, err.Error(), "mdbctl provision")
		require.Equal(t, area.RefreshShard, area.Classify(err).Advice)
		requireFacts(t, err, p, "connect")
	}
	exec(t, p.server.DB(), "DELETE FROM "+p.shard.Database+".mdb_shard")
	requireNext(p)
	exec(t, p.server.DB(), "DROP TABLE "+p.shard.Database+".mdb_shard")
	requireNext(p)
	exec(t, p.server.DB(), "DROP DATABASE "+p.shard.Database)
	requireNext(p)
	p.shard.Database += "_nothing" // the user has no right on what is not there
	requireNext(p)
}

// The guard relies on what a session starts with.
func TestIdentity_of_the_session(t *testing.T) {
	t.Parallel()
	p := shared(t)
	tests := []struct {
		fact, got string
		params    map[string]string
	}{
		{"autocommit", "OFF", map[string]string{"autocommit": "0"}},
		{"completion_type", "CHAIN", map[string]string{"completion_type": "1"}},
		{"completion_type", "RELEASE", map[string]string{"completion_type": "'RELEASE'"}},
		{"character_set_client", "gbk", map[string]string{"charset": "gbk"}},
		{"character_set_client", "sjis", map[string]string{"charset": "sjis"}},
	}
	for _, tt := range tests {
		var e *area.IdentityError
		require.ErrorAs(t, p.db(t, tt.params).PingContext(t.Context()), &e)
		require.Equal(t, tt.fact, e.Fact)
		require.Equal(t, tt.got, e.Got)
	}
	for _, params := range []map[string]string{{"autocommit": "1"}, {"charset": "latin1"}, {"sql_mode": "'ANSI'"}, {"tx_read_only": "0"}} {
		require.NoError(t, p.db(t, params).PingContext(t.Context()))
	}
}

// The mode that a text is quoted in is the session's own.
func TestIdentity_quoting_follows_the_session(t *testing.T) {
	t.Parallel()
	p := shared(t)
	const text = `SELECT 'a\', 1 -- '`
	var a string
	require.NoError(t, p.db(t, nil).QueryRowContext(t.Context(), `SELECT 'a\' -- '`).Scan(&a))
	require.Equal(t, `a' -- `, a)
	db := p.db(t, map[string]string{"sql_mode": "'NO_BACKSLASH_ESCAPES'"})
	var n int
	require.NoError(t, db.QueryRowContext(t.Context(), text).Scan(&a, &n))
	require.Equal(t, `a\`, a)
	_, err := db.ExecContext(t.Context(), `SELECT 'a\'; COMMIT -- '`)
	require.ErrorIs(t, err, area.ErrStatementRefused)
	_, err = p.db(t, map[string]string{"sql_mode": "'ANSI_QUOTES'"}).ExecContext(t.Context(), `SELECT "a\"`)
	require.ErrorIs(t, err, area.ErrStatementRefused)
}

// An opened connection costs the handshake and three round trips.
func TestIdentity_round_trips(t *testing.T) {
	t.Parallel()
	p, wire := proxied(t, shared(t))
	db := p.db(t, nil)
	require.NoError(t, db.PingContext(t.Context()))
	require.Equal(t, 3+1, wire.Requests(), "%v", wire.Commands())
}
