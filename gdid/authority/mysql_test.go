package authority_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/gdid"
	"github.com/mdbrouter/mdb/gdid/authority"
	"github.com/mdbrouter/mdb/mdbtest/mysqld"
	"github.com/mdbrouter/mdb/mdbtest/proxy"
)

// newProxied gives an authority on a server behind a proxy, with a sequence.
func newProxied(t *testing.T) (*authority.MySQL, *proxy.Proxy) {
	t.Helper()
	store, _, wire := newProxiedAndDirect(t)
	return store, wire
}

// newProxiedAndDirect also gives the same authority past the proxy.
func newProxiedAndDirect(t *testing.T) (proxied, direct *authority.MySQL, wire *proxy.Proxy) {
	t.Helper()
	cluster, prefix := servers.Get(t)
	wire, err := proxy.Start(t.Context(), cluster.Servers[0].Addr())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, wire.Close()) })
	direct = newMySQL(t, cluster.Servers[0].Addr(), prefix+"ids", 0)
	create(t, direct, "user", "0:1")
	return newMySQL(t, wire.Addr(), prefix+"ids", 0), direct, wire
}

func lease(tb testing.TB, store authority.Authority, count uint64) authority.Block {
	tb.Helper()
	b, err := store.Lease(tb.Context(), authority.Request{Sequence: "user", Count: count})
	require.NoError(tb, err)
	return b
}

func TestMySQL_Lease_isOneRoundTrip(t *testing.T) {
	t.Parallel()
	store, wire := newProxied(t)
	lease(t, store, 10)
	wire.Reset()
	for range 5 {
		lease(t, store, 10)
	}
	require.Equal(t, 5, wire.Requests())
	require.Equal(t, 1, wire.Open())
	for _, command := range wire.Commands() {
		require.Equal(t, proxy.ComQuery, command.Code)
	}
}

func TestMySQL_aLostReplyIsAGap(t *testing.T) {
	t.Parallel()
	store, wire := newProxied(t)
	require.EqualValues(t, 1, lease(t, store, 10).First)
	wire.CutReply(proxy.Query("UPDATE"))
	require.EqualValues(t, 21, lease(t, store, 10).First, "the block whose reply was lost is given to nobody")
	require.EqualValues(t, 31, read(t, store, "user").Head)
}

func TestMySQL_aBrokenConnectionIsReplaced(t *testing.T) {
	t.Parallel()
	store, wire := newProxied(t)
	lease(t, store, 10)
	wire.Cut()
	require.EqualValues(t, 11, lease(t, store, 10).First)
	wire.CutRequest(proxy.Query("UPDATE"))
	require.EqualValues(t, 21, lease(t, store, 10).First, "what the server never saw costs nothing")
}

func TestMySQL_aSilentServerTakesNoLongerThanTheContext(t *testing.T) {
	t.Parallel()
	store, wire := newProxied(t)
	lease(t, store, 10)
	wire.BlackHole(true)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	began := time.Now()
	_, err := store.Lease(ctx, authority.Request{Sequence: "user", Count: 10})
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Less(t, time.Since(began), 2*time.Second)
	wire.BlackHole(false)
	require.GreaterOrEqual(t, lease(t, store, 10).First, uint64(11))
}

func TestMySQL_aRollbackOfTheCallerChangesNothing(t *testing.T) {
	t.Parallel()
	cluster, prefix := servers.Get(t)
	db := connect(t, cluster.Servers[0].Addr(), "")
	store := authority.NewMySQL(db, authority.MySQLConfig{Name: "chi", Namespace: namespace, Database: prefix + "ids"})
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	create(t, store, "user", "0:1")
	_, err := db.ExecContext(t.Context(), "CREATE TABLE `"+prefix+"ids`.t (id INT PRIMARY KEY)")
	require.NoError(t, err)
	g := newGenerator(t, authority.Options{Block: 1}, store)
	ids := newLedger()
	for i := range 20 {
		tx, err := db.BeginTx(t.Context(), nil)
		require.NoError(t, err)
		_, err = tx.ExecContext(t.Context(), "INSERT INTO `"+prefix+"ids`.t VALUES (?)", i)
		require.NoError(t, err)
		ids.add(next(t, g), next(t, g))
		require.NoError(t, tx.Rollback())
		ids.add(next(t, g))
	}
	ids.requireSound(t, 60)
}

func TestMySQL_refusesConnectionsThatDoNotCommit(t *testing.T) {
	t.Parallel()
	cluster, prefix := servers.Get(t)
	sound := newMySQL(t, cluster.Servers[0].Addr(), prefix+"ids", 0)
	create(t, sound, "user", "0:1")
	db := connect(t, cluster.Servers[0].Addr(), "autocommit=0")
	store := authority.NewMySQL(db, authority.MySQLConfig{Name: "chi", Namespace: namespace, Database: prefix + "ids"})
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	_, err := store.Lease(t.Context(), authority.Request{Sequence: "user", Count: 1})
	require.ErrorContains(t, err, "autocommit")
	require.EqualValues(t, 1, read(t, sound, "user").Head)
}

// With prepared statements, and with counts of found rather than changed rows, a
// lease means the same.
func TestMySQL_worksWithAnyDriverSettings(t *testing.T) {
	t.Parallel()
	cluster, prefix := servers.Get(t)
	for _, params := range []string{"interpolateParams=false", "clientFoundRows=true", "timestamp=1", "timestamp=2147483647"} {
		db := connect(t, cluster.Servers[0].Addr(), params)
		store := authority.NewMySQL(db, authority.MySQLConfig{Name: "chi", Namespace: namespace, Database: prefix + "ids"})
		t.Cleanup(func() { require.NoError(t, store.Close()) })
		create(t, store, params, "0:1")
		put(t, store, params, authority.Record{Head: full - 1, Ceiling: key("1:9")})
		for i, want := range []authority.Block{{First: full - 1, Count: 1}, {Era: 1, First: 0, Count: 5}, {Era: 1, First: 5, Count: 4}} {
			got, err := store.Lease(t.Context(), authority.Request{Sequence: params, Count: 5})
			require.NoError(t, err, "%s %d", params, i)
			require.Equal(t, want, got, "%s %d", params, i)
		}
		_, err := store.Lease(t.Context(), authority.Request{Sequence: params, Count: 5})
		require.ErrorIs(t, err, authority.ErrCeiling)
	}
}

func TestMySQL_authoritiesAndNamespacesShareATable(t *testing.T) {
	t.Parallel()
	cluster, prefix := servers.Get(t)
	addr := cluster.Servers[0].Addr()
	other := authority.NewMySQL(connect(t, addr, ""), authority.MySQLConfig{Name: "chi", Namespace: "acme_test/solo", Database: prefix + "ids"})
	t.Cleanup(func() { require.NoError(t, other.Close()) })
	for _, store := range []authority.Store{newMySQL(t, addr, prefix+"ids", 0), newMySQL(t, addr, prefix+"ids", 15), other} {
		create(t, store, "user", "0:1")
		b := lease(t, store, 10)
		require.EqualValues(t, 1, b.First)
		require.Equal(t, store.Number(), b.Authority)
	}
}

func TestMySQL_aRestartedServerGoesOn(t *testing.T) {
	t.Parallel()
	server := mysqld.ForTest(t, 1, mysqld.Options{}).Servers[0]
	store := newMySQL(t, server.Addr(), "ids", 0)
	create(t, store, "user", "0:1")
	lease(t, store, 10)
	require.NoError(t, server.Kill())
	_, err := store.Lease(t.Context(), authority.Request{Sequence: "user", Count: 10})
	require.Error(t, err)
	require.NoError(t, server.Restart(t.Context()))
	require.EqualValues(t, 11, lease(t, store, 10).First)
}

func TestMySQL_manyClientsAtBlockOneMeetNoDeadlock(t *testing.T) {
	t.Parallel()
	cluster, prefix := servers.Get(t)
	addr := cluster.Servers[0].Addr()
	create(t, newMySQL(t, addr, prefix+"ids", 0), "user", "0:1")
	ids := newLedger()
	var failures atomic.Int64
	var clients sync.WaitGroup
	for range 32 {
		store := newMySQL(t, addr, prefix+"ids", 0)
		clients.Go(func() {
			for range 40 {
				b, err := store.Lease(t.Context(), authority.Request{Sequence: "user", Count: 1})
				if err != nil {
					failures.Add(1)
					t.Error(err)
					return
				}
				id, _ := gdid.New(b.Era, b.Authority, b.First)
				ids.add(id)
			}
		})
	}
	clients.Wait()
	require.Zero(t, failures.Load())
	ids.requireSound(t, 32*40)
}

func TestMySQL_aSwallowedLeaseIsNotGivenAgain(t *testing.T) {
	t.Parallel()
	store, wire := newProxied(t)
	g := newGenerator(t, authority.Options{Block: 10, LeaseTimeout: 100 * time.Millisecond, MinBackOff: time.Millisecond, MaxBackOff: time.Millisecond}, store)
	ids := newLedger()
	for i := range 200 {
		if i%50 == 20 {
			wire.SwallowReply(proxy.Query("UPDATE"))
		}
		id, err := g.Next(t.Context())
		for errors.Is(err, authority.ErrNoAuthority) {
			id, err = g.Next(t.Context())
		}
		require.NoError(t, err)
		ids.add(id)
	}
	ids.requireSound(t, 200)
}

func TestMySQL_errorsShowNoSecret(t *testing.T) {
	t.Parallel()
	cluster, prefix := servers.Get(t)
	db := connect(t, cluster.Servers[0].Addr(), "")
	_, err := db.ExecContext(t.Context(), "CREATE USER IF NOT EXISTS '"+prefix+"u'@'%' IDENTIFIED BY 'hunter2'")
	require.NoError(t, err)
	store := newMySQL(t, cluster.Servers[0].Addr(), prefix+"none", 0)
	_, err = store.Lease(t.Context(), authority.Request{Sequence: "user", Count: 1})
	require.ErrorIs(t, err, authority.ErrNotProvisioned)
	_, answered := errors.AsType[area.ServerError](err)
	require.True(t, answered, "the server's own answer stays there: %v", err)
	require.NotContains(t, err.Error(), "hunter2")
}
