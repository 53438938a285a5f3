package mdb_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb"
	"github.com/mdbrouter/mdb/central/key"
	"github.com/mdbrouter/mdb/mdbtest/mysqld"
	"github.com/mdbrouter/mdb/mdbtest/proxy"
)

func TestRegister(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	router := s.openCentral(t)
	require.NoError(t, register(t.Context(), router, userID(1), 1))
	require.Equal(t, map[string]string{"user1@example.com": "0:1:1 live"}, s.indexed(t, "email"))

	runs := 0
	count := func(*sql.Tx) error { runs++; return nil }
	require.NoError(t, router.Register(t.Context(), userID(1), emailAndName(1), count), "again, by one who did not hear the answer")
	require.Zero(t, runs, "the transaction had committed")

	keys := []mdb.Key{{Index: "email", Value: "free@example.com"}, {Index: "name", Value: "user1"}}
	require.ErrorIs(t, router.Register(t.Context(), userID(2), keys, count), mdb.ErrTaken)
	require.Zero(t, runs)
	require.Len(t, s.indexed(t, "email"), 1, "all or none")

	broken := errors.New("broken")
	err := router.Register(t.Context(), userID(2), emailAndName(2), func(*sql.Tx) error { return broken })
	require.Equal(t, broken, err, "an error of the function comes back as it is")
	require.Panics(t, func() {
		_ = router.Register(t.Context(), userID(2), emailAndName(3), func(*sql.Tx) error { panic("boom") })
	})
	require.Len(t, s.indexed(t, "email"), 2, "what panicked lapses")
	require.NoError(t, register(t.Context(), router, userID(3), 2), "what failed left nothing")
	s.expire(t)
	sweep(t, router)
	s.ledger(t, map[int]mdb.GDID{1: userID(1), 2: userID(3)})
}

func TestRegister_more_keys_for_a_briefcase_that_exists(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	router := s.openCentral(t)
	require.NoError(t, register(t.Context(), router, userID(1), 1))
	phones := []mdb.Key{{Index: "phone", Value: "123"}, {Index: "phone", Value: "123"}, {Index: "name", Value: "user1"}}
	runs := 0
	for range 2 {
		require.NoError(t, router.Register(t.Context(), userID(1), phones, func(*sql.Tx) error { runs++; return nil }))
	}
	require.Equal(t, 1, runs)
	require.NoError(t, router.Register(t.Context(), userID(2), phones[:1], insertUser(t.Context(), router, userID(2), "a@b")), "not unique")
	ids, err := router.Central().Index("phone").LookupAll(t.Context(), "123")
	require.NoError(t, err)
	require.Equal(t, []mdb.GDID{userID(1), userID(2)}, ids)
}

func TestRegister_refuses_before_any_io(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for name := range s.vars {
		s.vars[name] = "192.0.2.1:3306" // nothing answers there
	}
	router := s.router(t, s.writeCentral(t))
	never := func(*sql.Tx) error { panic("run") }
	tests := []struct {
		name string
		id   mdb.GDID
		keys []mdb.Key
		want error
	}{
		{"no keys", userID(1), nil, nil},
		{"an unknown index", userID(1), []mdb.Key{{Index: "nothing", Value: "a"}}, mdb.ErrNoIndex},
		{"no key", userID(1), []mdb.Key{{Index: "email", Value: "a@b"}, {Index: "name", Value: ""}}, key.ErrEmpty},
		{"the zero id", mdb.GDID{}, []mdb.Key{{Index: "email", Value: "a@b"}}, mdb.ErrZeroGDID},
		{"keys of two briefcases", userID(1), []mdb.Key{{Index: "email", Value: "a@b"}, {Index: "ticket", Value: "a"}}, nil},
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	for _, tt := range tests {
		err := router.Register(ctx, tt.id, tt.keys, never)
		require.Error(t, err, tt.name)
		if tt.want != nil {
			require.ErrorIs(t, err, tt.want, tt.name)
		}
		facts, ok := errors.AsType[*mdb.Error](err)
		require.True(t, ok, tt.name)
		require.NotEmpty(t, facts.Op)
	}
	require.NoError(t, ctx.Err())
}

// The cost that the documentation promises: reserve, claim and confirm beside the
// transaction.
func TestRegister_costs_three_round_trips_more(t *testing.T) {
	t.Parallel()
	s, wires := wiredSite(t)
	router := s.openCentral(t)
	requests := func() int { return wires[0].Requests() + wires[1].Requests() }
	require.NoError(t, router.Ready(t.Context()))
	reset := func() { wires[0].Reset(); wires[1].Reset() }

	b, err := router.Briefcase("user", userID(1))
	require.NoError(t, err)
	reset()
	require.NoError(t, b.InTx(t.Context(), nil, insertUser(t.Context(), router, userID(1), "a@b")))
	plain := requests()
	reset()
	keys := emailAndName(2)[:1]
	require.NoError(t, router.Register(t.Context(), userID(2), keys, insertUser(t.Context(), router, userID(2), keys[0].Value)))
	require.Equal(t, plain+3, requests())
}

// wiredSite gives a site whose servers are reached through proxies.
func wiredSite(t *testing.T) (*site, []*proxy.Proxy) {
	t.Helper()
	s := newSite(t)
	return s, s.wire(t)
}

func (s *site) wire(t *testing.T) []*proxy.Proxy {
	t.Helper()
	wires := make([]*proxy.Proxy, len(s.cluster.Servers))
	for i, server := range s.cluster.Servers {
		var err error
		wires[i], err = proxy.Start(t.Context(), server.Addr())
		require.NoError(t, err)
		t.Cleanup(func() { _ = wires[i].Close() })
		s.vars[fmt.Sprintf("u%d", i+1)] = wires[i].Addr()
	}
	return wires
}

// Every answer of a registration is lost once, and every request; each time the
// caller learns what happened, or the second call finishes it.
func TestRegister_loses_answers(t *testing.T) {
	t.Parallel()
	s, wires := wiredSite(t)
	router := s.openCentral(t)
	require.NoError(t, router.Ready(t.Context()))
	acked := make(map[int]mdb.GDID)
	n := 0
	for _, statement := range []struct {
		wire *proxy.Proxy
		text string
	}{
		{wires[0], "INSERT INTO `mdb_index_email`"},
		{wires[0], "INSERT INTO `mdb_index_name`"},
		{wires[1], "START TRANSACTION"},
		{wires[1], "SELECT layout"},
		{wires[1], "INSERT INTO mdb_claim"},
		{wires[1], "INSERT INTO tbl_user"},
		{wires[1], "COMMIT"},
		{wires[0], "UPDATE `mdb_index_email`"},
		{wires[0], "UPDATE `mdb_index_name`"},
	} {
		for how, cut := range map[string]func(proxy.Match){"answer": statement.wire.CutReply, "request": statement.wire.CutRequest} {
			n++
			cut(proxy.Query(statement.text))
			err := register(t.Context(), router, userID(n), n)
			if err != nil {
				require.Equal(t, "COMMIT request", statement.text+" "+how, "%v", err)
				require.ErrorIs(t, err, mdb.ErrConnLost)
				require.Equal(t, mdb.NotApplied, mdb.Classify(err).Outcome, "it was found out")
				require.NotContains(t, s.briefcases(t), userID(n).String())
				require.NotContains(t, s.indexed(t, "email"), fmt.Sprintf("user%d@example.com", n))
				require.NotContains(t, s.indexed(t, "name"), fmt.Sprintf("user%d", n))
				require.NoError(t, register(t.Context(), router, userID(n), n))
			}
			acked[n] = userID(n)
		}
	}
	s.expire(t)
	sweep(t, router)
	s.ledger(t, acked)
}

// The context ends while the COMMIT is under way.
func TestRegister_runs_out_of_time_in_the_commit(t *testing.T) {
	t.Parallel()
	s, wires := wiredSite(t)
	router := s.openCentral(t)
	require.NoError(t, router.Ready(t.Context()))
	untilCreated := func(n int) context.Context {
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			defer cancel()
			count := "SELECT COUNT(*) FROM " + s.prefix + "user_p0_0.tbl_user WHERE g_user = x'" + userID(n).Hex() + "'"
			for created := 0; created == 0; time.Sleep(10 * time.Millisecond) {
				if err := s.cluster.Servers[1].DB().QueryRowContext(ctx, count).Scan(&created); err != nil {
					return
				}
			}
		}()
		return ctx
	}
	wires[1].SwallowReply(proxy.Query("COMMIT"))
	require.NoError(t, register(untilCreated(1), router, userID(1), 1), "the grace is enough to find out")
	s.ledger(t, map[int]mdb.GDID{1: userID(1)})

	wires[1].SwallowReply(proxy.Query("COMMIT"))
	ctx := untilCreated(2)
	err := router.Register(ctx, userID(2), emailAndName(2), func(tx *sql.Tx) error {
		wires[0].BlackHole(true)
		return insertUser(ctx, router, userID(2), "user2@example.com")(tx)
	})
	require.Equal(t, mdb.Unknown, mdb.Classify(err).Outcome, "%v", err)
	wires[0].BlackHole(false)
	require.NoError(t, router.Register(t.Context(), userID(2), emailAndName(2), func(*sql.Tx) error { panic("it had committed") }))
	s.ledger(t, map[int]mdb.GDID{1: userID(1), 2: userID(2)})
}

func TestRegister_many_at_once(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	router := s.openCentral(t)
	var mu sync.Mutex
	acked := make(map[int]mdb.GDID)
	var running sync.WaitGroup
	for i := range 8 {
		running.Go(func() {
			for n := range 10 {
				id := userID(100*(i+1) + n)
				err := register(t.Context(), router, id, n)
				if err != nil {
					if !errors.Is(err, mdb.ErrTaken) {
						t.Errorf("%v", err)
					}
					continue
				}
				mu.Lock()
				if !acked[n].IsZero() {
					t.Errorf("%d has two owners", n)
				}
				acked[n] = id
				mu.Unlock()
			}
		})
	}
	running.Wait()
	require.Len(t, acked, 10, "of those who want the same keys one gets them")
	s.ledger(t, acked)
}

// Two that register the same id, one of them again after it heard nothing.
func TestRegister_the_same_id_at_once(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	router := s.openCentral(t)
	for n := range 10 {
		failures := make(chan error, 3)
		for range cap(failures) {
			go func() { failures <- register(t.Context(), router, userID(n+1), n+1) }()
		}
		for range cap(failures) {
			require.NoError(t, <-failures)
		}
	}
	require.Len(t, s.briefcases(t), 10)
}

func TestRegister_central_server_dies_before_the_confirmation(t *testing.T) {
	t.Parallel()
	cluster := mysqld.ForTest(t, 2, mysqld.Options{})
	s := siteOn(t, cluster, "c_")
	router := s.openCentral(t)
	kill := func(n int) func(tx *sql.Tx) error {
		return func(tx *sql.Tx) error {
			if err := cluster.Servers[0].Kill(); err != nil {
				return err
			}
			return insertUser(t.Context(), router, userID(n), fmt.Sprintf("user%d@example.com", n))(tx)
		}
	}
	require.NoError(t, register(t.Context(), router, userID(1), 1))
	_, err := router.Find(t.Context(), "email", "user1@example.com")
	require.NoError(t, err)

	err = router.Register(t.Context(), userID(2), emailAndName(2), kill(2))
	require.ErrorIs(t, err, mdb.ErrUnconfirmed)
	require.ErrorIs(t, err, mdb.ErrUnavailable)
	require.Equal(t, mdb.Unknown, mdb.Classify(err).Outcome)
	_, err = router.Find(t.Context(), "email", "user1@example.com")
	require.NoError(t, err, "what is cached goes on")
	_, err = router.Find(t.Context(), "email", "user9@example.com")
	require.ErrorIs(t, err, mdb.ErrUnavailable)
	require.ErrorIs(t, register(t.Context(), router, userID(9), 9), mdb.ErrUnavailable)

	require.NoError(t, cluster.Servers[0].Restart(t.Context()))
	require.NoError(t, router.Register(t.Context(), userID(2), emailAndName(2), func(*sql.Tx) error { panic("it had committed") }))
	require.ErrorIs(t, router.Register(t.Context(), userID(3), emailAndName(3), kill(3)), mdb.ErrUnconfirmed)
	require.NoError(t, cluster.Servers[0].Restart(t.Context()))
	s.expire(t)
	require.ErrorIs(t, register(t.Context(), router, userID(4), 3), mdb.ErrTaken, "nobody takes it over")
	sweep(t, router)
	s.ledger(t, map[int]mdb.GDID{1: userID(1), 2: userID(2), 3: userID(3)})
}

func TestRegister_briefcases_server_dies(t *testing.T) {
	t.Parallel()
	cluster := mysqld.ForTest(t, 2, mysqld.Options{})
	s := siteOn(t, cluster, "b_")
	router := s.openCentral(t)
	err := router.Register(t.Context(), userID(1), emailAndName(1), func(tx *sql.Tx) error {
		if err := cluster.Servers[1].Kill(); err != nil {
			return err
		}
		return insertUser(t.Context(), router, userID(1), "user1@example.com")(tx)
	})
	require.Error(t, err)
	require.Equal(t, mdb.NotApplied, mdb.Classify(err).Outcome)
	require.Empty(t, s.indexed(t, "email"), "the transaction was never committed: the keys are free")
	require.ErrorIs(t, register(t.Context(), router, userID(2), 1), mdb.ErrUnavailable)
	require.NoError(t, cluster.Servers[1].Restart(t.Context()))
	require.NoError(t, register(t.Context(), router, userID(3), 1))
	s.ledger(t, map[int]mdb.GDID{1: userID(3)})
}
