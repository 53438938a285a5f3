package authority_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/gdid"
	"github.com/mdbrouter/mdb/gdid/authority"
	"github.com/mdbrouter/mdb/mdbtest/mysqld"
)

// A replica that lags by seconds is promoted: it does not know the latest leases.
func TestFailover_aPromotedReplicaRefusesUntilFenced(t *testing.T) {
	t.Parallel()
	cluster := mysqld.ForTest(t, 3, mysqld.Options{})
	primary, replica, second := cluster.Servers[0], cluster.Servers[1], cluster.Servers[2]
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	require.NoError(t, replica.Follow(ctx, primary))

	chi := newMySQL(t, primary.Addr(), "ids", 0)
	nyc := newMySQL(t, second.Addr(), "ids", 1)
	both := authority.NewSet([]authority.Store{chi, nyc})
	require.NoError(t, both.Create(ctx, "user", gdid.RangeKey{}))
	g := newGenerator(t, authority.Options{Block: 100}, chi)
	ids := newLedger()
	for range 250 {
		ids.add(next(t, g))
	}
	require.NoError(t, replica.CatchUp(ctx, primary))
	for _, statement := range []string{"STOP SLAVE", "CHANGE MASTER TO MASTER_DELAY = 3600", "START SLAVE"} {
		_, err := replica.DB().ExecContext(ctx, statement)
		require.NoError(t, err)
	}
	for range 1000 { // the replica will never see these leases
		ids.add(next(t, g))
	}
	known := read(t, chi, "user").Head
	require.NoError(t, primary.Kill())
	require.NoError(t, replica.Promote(ctx))

	promoted := newMySQL(t, replica.Addr(), "ids", 0)
	stale := read(t, promoted, "user")
	require.Less(t, stale.Head, known, "the replica did lag")
	require.True(t, stale.Unfenced())
	fresh := newGenerator(t, authority.Options{Block: 100}, promoted)
	for range 3 {
		_, err := fresh.Next(ctx)
		require.ErrorIs(t, err, authority.ErrAuthorityUnfenced)
		require.ErrorIs(t, err, authority.ErrNoAuthority)
	}
	require.Equal(t, stale, read(t, promoted, "user"), "a refusal changes nothing")

	after := authority.NewSet([]authority.Store{promoted, nyc})
	_, err := after.Head(ctx, "user")
	require.ErrorIs(t, err, authority.ErrAuthorityUnfenced, "its head may be too low")
	require.ErrorIs(t, after.SetCeiling(ctx, "user", key("1:0")), authority.ErrAuthorityUnfenced)
	require.ErrorIs(t, after.Floor(ctx, "user", key("1:0")), authority.ErrAuthorityUnfenced)
	require.NoError(t, after.RestoreCeilings(ctx, "user"))

	require.NoError(t, second.Kill())
	_, err = after.Fence(ctx, "user", "chi", authority.FenceOptions{Skip: 5000})
	require.ErrorContains(t, err, "nyc", "another authority cannot be asked")
	require.NoError(t, second.Restart(ctx))

	head, err := after.Fence(ctx, "user", "chi", authority.FenceOptions{Skip: 5000})
	require.NoError(t, err)
	require.Equal(t, gdid.RangeKey{Counter: stale.Head + 5000}, head)
	require.False(t, read(t, promoted, "user").Unfenced())
	for range 1000 {
		id, err := fresh.Next(ctx)
		for err != nil { // the breaker is open for a moment
			require.ErrorIs(t, err, authority.ErrNoAuthority)
			id, err = fresh.Next(ctx)
		}
		ids.add(id)
	}
	ids.requireSound(t, 2250)
}

func TestFailover_aCloneRefuses(t *testing.T) {
	t.Parallel()
	cluster, prefix := servers.Get(t)
	original := newMySQL(t, cluster.Servers[0].Addr(), prefix+"ids", 0)
	clone := newMySQL(t, cluster.Servers[1].Addr(), prefix+"ids", 0)
	create(t, original, "user", "0:1")
	lease(t, original, 10)
	create(t, clone, "user", "0:1")
	state := read(t, original, "user")
	require.NoError(t, clone.Change(t.Context(), "user", func(authority.State) (authority.Record, error) { return state.Record, nil }))

	_, err := clone.Lease(t.Context(), authority.Request{Sequence: "user", Count: 1})
	require.ErrorIs(t, err, authority.ErrAuthorityUnfenced)
	require.ErrorContains(t, err, state.Server)
	lease(t, original, 10)
}

// The address of an authority is moved to another server while connections to the
// old one are open: each connection leases only from the server it goes to.
func TestFailover_openConnectionsKnowTheirServer(t *testing.T) {
	t.Parallel()
	cluster, prefix := servers.Get(t)
	store := newMySQL(t, cluster.Servers[0].Addr(), prefix+"ids", 0)
	create(t, store, "user", "0:1")
	lease(t, store, 10) // the session knows the server and the era by now
	require.NoError(t, store.Change(t.Context(), "user", func(s authority.State) (authority.Record, error) {
		s.Server = "uid:another/7"
		return s.Record, nil
	}))
	_, err := store.Lease(t.Context(), authority.Request{Sequence: "user", Count: 10})
	require.ErrorIs(t, err, authority.ErrAuthorityUnfenced, "the very next lease is refused")
	require.EqualValues(t, 11, read(t, store, "user").Head)
}

func TestFailover_aRestoredBackupIsNoticed(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, store authority.Store) {
		t.Helper()
		create(t, store, "user", "0:1")
		g := newGenerator(t, authority.Options{Block: 10, MinBackOff: time.Microsecond, MaxBackOff: time.Microsecond}, store)
		ids := newLedger()
		for range 100 {
			ids.add(next(t, g))
		}
		backup := read(t, store, "user").Record
		for range 100 {
			ids.add(next(t, g))
		}
		put(t, store, "user", backup)
		var err error
		for range 1000 {
			var id gdid.GDID
			if id, err = g.Next(t.Context()); err != nil {
				break
			}
			ids.add(id)
		}
		require.ErrorIs(t, err, authority.ErrWentBack)

		head, err := authority.NewSet([]authority.Store{store}).Fence(t.Context(), "user", store.Name(), authority.FenceOptions{Skip: 1000})
		require.NoError(t, err)
		require.Equal(t, backup.Head+1000, head.Counter)
		for range 100 {
			id, err := g.Next(t.Context())
			for err != nil {
				id, err = g.Next(t.Context())
			}
			ids.add(id)
		}
		ids.requireSound(t, 300)
	})
}
