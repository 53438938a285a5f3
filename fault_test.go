package mdb_test

import (
	"context"
	"database/sql"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb"
	"github.com/mdbrouter/mdb/gdid"
	"github.com/mdbrouter/mdb/mdbtest/mysqld"
	"github.com/mdbrouter/mdb/mdbtest/proxy"
)

func TestRouter_names_the_server_that_is_down(t *testing.T) {
	t.Parallel()
	cluster := mysqld.ForTest(t, 3, mysqld.Options{})
	s := siteOn(t, cluster, "down_")
	router := s.open(t)
	require.NoError(t, router.Ready(t.Context()))
	require.NoError(t, cluster.Servers[2].Kill())

	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	dead, alive := briefcaseOf(t, router, "0:1:250122"), briefcaseOf(t, router, "0:1:250123")
	require.Equal(t, "u3", dead.Route().Server)
	_, err := dead.ExecContext(ctx, "INSERT INTO tbl_user (g_user, name) VALUES (?, 'x')", dead.ID())
	require.ErrorIs(t, err, mdb.ErrUnavailable)
	require.NoError(t, ctx.Err(), "within the deadline")
	facts, ok := errors.AsType[*mdb.Error](err)
	require.True(t, ok)
	require.Equal(t, "user", facts.Area)
	require.Equal(t, "p1/2", facts.Shard)
	require.Equal(t, "u3", facts.Server)
	require.Equal(t, dead.ID(), facts.ID)
	require.Equal(t, mdb.Class{Advice: mdb.RefreshServer, Outcome: mdb.NotApplied}, mdb.Classify(err))

	addUser(t, alive, "bob") // the other servers do not suffer

	err = router.Ready(t.Context())
	require.ErrorIs(t, err, mdb.ErrUnavailable)
	require.ErrorContains(t, err, "u3")
	for _, report := range router.Check(t.Context()).Servers {
		require.Equal(t, report.Server == "u3", report.Err != nil, "%s: %v", report.Server, report.Err)
	}

	require.NoError(t, cluster.Servers[2].Restart(t.Context()))
	addUser(t, dead, "ann")
	require.Equal(t, "ann", nameOf(t, dead))
}

func TestRouter_gives_up_on_a_silent_server_by_the_deadline(t *testing.T) {
	cluster := mysqld.ForTest(t, 3, mysqld.Options{})
	noLeaks(t) // so not parallel
	s := siteOn(t, cluster, "silent_")
	router := s.open(t)
	b := briefcaseOf(t, router, "0:1:250122")
	addUser(t, b, "ann")
	require.NoError(t, cluster.Servers[2].Pause(t.Context()))
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	start := time.Now()
	_, err := b.ExecContext(ctx, "UPDATE tbl_user SET name = 'x' WHERE g_user = ?", b.ID())
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Less(t, time.Since(start), 8*time.Second)
	facts, ok := errors.AsType[*mdb.Error](err)
	require.True(t, ok)
	require.Equal(t, "u3", facts.Server)
	require.NoError(t, cluster.Servers[2].Resume())
	require.Equal(t, "ann", nameOf(t, b))
}

// The databases of both servers have one name, so that only what is stamped into
// them tells them apart.
func TestRouter_refuses_swapped_servers(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	alike := `
  partition "p0" {
    start  = "0:0"
    shards = [database(server.u1, "` + s.prefix + `same"), database(server.u2, "` + s.prefix + `same")]
  }
`
	path := s.write(t, "right", alike)
	require.NoError(t, mdb.Provision(t.Context(), path, s.options()))
	right := briefcaseOf(t, s.router(t, path), "0:1:5")
	addUser(t, right, "ann")

	s.vars["u1"], s.vars["u2"] = s.vars["u2"], s.vars["u1"]
	swapped := s.router(t, path)
	wrong := briefcaseOf(t, swapped, "0:1:5")
	_, err := wrong.ExecContext(t.Context(), "DELETE FROM tbl_user")
	require.ErrorIs(t, err, mdb.ErrWrongShard)
	fact, ok := errors.AsType[*mdb.IdentityError](err)
	require.True(t, ok, "%v", err)
	require.Equal(t, "shard", fact.Fact)
	require.ErrorIs(t, wrong.QueryRowContext(t.Context(), "SELECT 1").Scan(new(int)), mdb.ErrWrongShard)
	require.ErrorIs(t, swapped.Ready(t.Context()), mdb.ErrWrongShard)
	require.Equal(t, "ann", nameOf(t, right))
}

func TestRouter_refuses_another_namespace(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.open(t)
	own := s.prefix
	s.prefix = own + "other_"
	path := s.write(t, "other", `
  partition "p0" {
    start  = "0:0"
    shards = [database(server.u1, "`+own+`user_p0_0")]
  }
`)
	b := briefcaseOf(t, s.router(t, path), "0:1:5")
	require.Equal(t, own+"user_p0_0", b.Route().Database)
	err := b.QueryRowContext(t.Context(), "SELECT 1").Scan(new(int))
	require.ErrorIs(t, err, mdb.ErrWrongShard)
	wrong, ok := errors.AsType[*mdb.IdentityError](err)
	require.True(t, ok)
	require.Equal(t, "namespace", wrong.Fact)
}

func TestRouter_refuses_one_server_under_two_labels(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	router := s.open(t)
	require.NoError(t, router.Ready(t.Context()))
	s.vars["u2"] = s.vars["u1"]
	err := s.router(t, s.write(t, "twins", firstFile)).Ready(t.Context())
	require.ErrorIs(t, err, mdb.ErrWrongShard)
	require.ErrorContains(t, err, `identity of server "u1"`)

	err = mdb.Provision(t.Context(), s.write(t, "twins", firstFile), s.options())
	require.Error(t, err, "provisioning refuses it too")
}

const (
	beforeAppend = `
  partition "p0" {
    start  = "0:0"
    shards = [server.u1, server.u2]
  }
`
	afterAppend = beforeAppend + `
  partition "p1" {
    start  = "0:1000"
    shards = [server.u3, server.u1]
  }
`
)

// Two routers, one on the file before the append and one on the file after it,
// while writers run and the append is made. Every acknowledged write must be
// found by the new router, and the old one must never write past its end.
func TestAppend_under_load(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	first := s.write(t, "before", beforeAppend)
	require.NoError(t, mdb.Provision(t.Context(), first, s.options()))
	oldRouter := s.router(t, first)
	second := s.write(t, "after", afterAppend)

	// Writers of the old process: ids below the start, which were leased before.
	var next atomic.Uint64
	var acknowledged sync.Map
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var writers sync.WaitGroup
	for range 6 {
		writers.Go(func() {
			for ctx.Err() == nil {
				id, err := gdid.New(0, 3, next.Add(1))
				if err != nil || id.Counter() >= 1000 {
					return
				}
				if err := write(ctx, oldRouter, id); err == nil {
					acknowledged.Store(id, true)
				}
			}
		})
	}
	provisioner, err := mdb.NewProvisioner(second, mdb.ProvisionOptions{
		Options: s.options(), Heads: map[string]gdid.RangeKey{"user": gdid.MustParseRangeKey("0:1000")},
	})
	require.NoError(t, err)
	defer provisioner.Close()
	plan, err := provisioner.Plan(t.Context())
	require.NoError(t, err)
	require.NoError(t, plan.Apply(t.Context()))
	newRouter := s.router(t, second)
	require.NoError(t, newRouter.Ready(t.Context()))

	// From here on ids past the start exist: the stale process may write none.
	for counter := range uint64(50) {
		past, err := gdid.New(0, 3, 1000+counter)
		require.NoError(t, err)
		require.NoError(t, write(t.Context(), newRouter, past))
		err = write(t.Context(), oldRouter, past)
		require.ErrorIs(t, err, mdb.ErrOutOfRange)
		require.Equal(t, mdb.Class{Advice: mdb.RefreshShard, Outcome: mdb.NotApplied}, mdb.Classify(err))
		err = briefcaseOf(t, oldRouter, past.String()).InTx(t.Context(), &sql.TxOptions{ReadOnly: true}, func(*sql.Tx) error { return nil })
		require.ErrorIs(t, err, mdb.ErrOutOfRange, "a fenced reader is told too")
	}
	cancel()
	writers.Wait()
	count := 0
	acknowledged.Range(func(key, _ any) bool {
		count++
		b, err := newRouter.Briefcase("user", key.(gdid.GDID))
		require.NoError(t, err)
		require.Equal(t, "x", nameOf(t, b))
		return true
	})
	require.Positive(t, count)
}

func write(ctx context.Context, router *mdb.Router, id gdid.GDID) error {
	b, err := router.Briefcase("user", id)
	if err != nil {
		return err
	}
	_, err = b.ExecContext(ctx, "INSERT INTO tbl_user (g_user, name) VALUES (?, 'x') ON DUPLICATE KEY UPDATE name = VALUES(name)", id)
	return err
}

// The reply of a COMMIT is lost: the write landed, nobody knows, and it is not
// made twice.
func TestInTx_lost_reply_of_a_commit(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.open(t)
	b := briefcaseOf(t, s.open(t), "0:1:250123")
	addUser(t, b, "ann")

	wire, err := proxy.Start(t.Context(), s.vars["u1"])
	require.NoError(t, err)
	t.Cleanup(func() { _ = wire.Close() })
	s.vars["u1"] = wire.Addr()
	far := briefcaseOf(t, s.router(t, s.write(t, "wire", firstFile)), "0:1:250123")
	wire.CutReply(proxy.Query("COMMIT"))
	_, err = far.ExecContext(t.Context(), "UPDATE tbl_user SET balance = balance + 1 WHERE g_user = ?", far.ID())
	require.ErrorIs(t, err, mdb.ErrOutcomeUnknown)
	require.Equal(t, mdb.Unknown, mdb.Classify(err).Outcome)
	require.ErrorContains(t, err, "the write may have landed")
	var balance int
	require.NoError(t, b.QueryRowContext(t.Context(), "SELECT balance FROM tbl_user WHERE g_user = ?", b.ID()).Scan(&balance))
	require.Equal(t, 1, balance)
}

// Four round trips for a single statement, one more than plain database/sql for a
// transaction, none more for a read.
func TestRoundTrips(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.open(t)
	wire, err := proxy.Start(t.Context(), s.vars["u1"])
	require.NoError(t, err)
	t.Cleanup(func() { _ = wire.Close() })
	s.vars["u1"] = wire.Addr()
	b := briefcaseOf(t, s.router(t, s.write(t, "wire", firstFile)), "0:1:250123")
	addUser(t, b, "ann") // opens the connection

	wire.Reset()
	require.Equal(t, "ann", nameOf(t, b))
	require.Equal(t, 1, wire.Requests(), "%v", wire.Commands())

	wire.Reset()
	addOrder(t, b)
	require.Equal(t, 4, wire.Requests(), "%v", wire.Commands())

	wire.Reset()
	tx, err := b.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	_, err = tx.ExecContext(t.Context(), "UPDATE tbl_user SET balance = 7 WHERE g_user = ?", b.ID())
	require.NoError(t, err)
	_, err = tx.ExecContext(t.Context(), "UPDATE tbl_user SET balance = 8 WHERE g_user = ?", b.ID())
	require.NoError(t, err)
	require.NoError(t, tx.Commit())
	require.Equal(t, 5, wire.Requests(), "begin, fence, two statements, commit: %v", wire.Commands())
	commands := wire.Commands()
	require.Contains(t, commands[1].Payload, "FROM mdb_fence WHERE stripe = ", "the fence is the first statement")
	require.Contains(t, commands[1].Payload, "LOCK IN SHARE MODE")
}

func TestRouter_Close_after_a_server_died(t *testing.T) {
	t.Parallel()
	cluster := mysqld.ForTest(t, 3, mysqld.Options{})
	s := siteOn(t, cluster, "died_")
	path := s.write(t, "first", firstFile)
	require.NoError(t, mdb.Provision(t.Context(), path, s.options()))
	router, err := mdb.Open(t.Context(), path, s.options())
	require.NoError(t, err)
	addUser(t, briefcaseOf(t, router, "0:1:250122"), "ann")
	require.NoError(t, cluster.Servers[2].Kill())
	require.NoError(t, router.Close())
}
