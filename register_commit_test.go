package mdb_test

import (
	"context"
	"database/sql"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb"
	"github.com/mdbrouter/mdb/mdbtest/proxy"
)

// A commit whose answer was lost is settled by a claim that it wrote itself: one that
// another registration of the same id has used tells nothing of it.
func TestRegister_lost_commit_beside_another_registration_of_the_id(t *testing.T) {
	t.Parallel()
	s, wired, direct, wires := wiredTwice(t)
	keys := emailAndName(1)
	nothing := func(*sql.Tx) error { return nil }
	meddle(wires[1], "INSERT INTO mdb_claim", func() {
		require.NoError(t, direct.Register(t.Context(), userID(1), keys[:1], nothing))
	})
	wires[1].CutRequest(proxy.Query("COMMIT"))
	err := wired.Register(t.Context(), userID(1), keys, insertUser(t.Context(), wired, userID(1), keys[0].Value))
	require.ErrorIs(t, err, mdb.ErrConnLost)
	require.Equal(t, mdb.NotApplied, mdb.Classify(err).Outcome)
	require.Empty(t, s.briefcases(t))
	require.NoError(t, register(t.Context(), wired, userID(1), 1))
	s.ledger(t, map[int]mdb.GDID{1: userID(1)})
}

// What the function has committed itself keeps its keys, whatever it says then.
func TestRegister_function_commits_and_fails(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	router := s.openCentral(t)
	broken := errors.New("broken")
	err := router.Register(t.Context(), userID(1), emailAndName(1), func(tx *sql.Tx) error {
		if err := insertUser(t.Context(), router, userID(1), "user1@example.com")(tx); err != nil {
			return err
		}
		return errors.Join(tx.Commit(), broken)
	})
	require.ErrorIs(t, err, broken)
	s.expire(t)
	require.ErrorIs(t, register(t.Context(), router, userID(2), 1), mdb.ErrTaken)
	s.ledger(t, map[int]mdb.GDID{1: userID(1)})

	err = router.Register(t.Context(), userID(2), emailAndName(2), func(tx *sql.Tx) error {
		return errors.Join(tx.Rollback(), broken)
	})
	require.ErrorIs(t, err, broken)
	require.Len(t, s.indexed(t, "email"), 1, "what it has rolled back leaves nothing")

	ctx, cancel := context.WithCancel(t.Context())
	err = router.Register(ctx, userID(3), emailAndName(3), func(tx *sql.Tx) error {
		defer cancel()
		return errors.Join(insertUser(t.Context(), router, userID(3), "user3@example.com")(tx), tx.Commit())
	})
	require.NoError(t, err, "it has committed, though its context ended then")
	s.ledger(t, map[int]mdb.GDID{1: userID(1), 3: userID(3)})
}

// The context ends while the function runs: the transaction is rolled back beneath
// it, and the keys are free at once.
func TestRegister_runs_out_of_time_in_the_function(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	router := s.openCentral(t)
	ctx, cancel := context.WithCancel(t.Context())
	err := router.Register(ctx, userID(1), emailAndName(1), func(tx *sql.Tx) error {
		cancel()
		return insertUser(ctx, router, userID(1), "user1@example.com")(tx)
	})
	require.ErrorIs(t, err, context.Canceled)
	require.Empty(t, s.indexed(t, "email"))
	require.NoError(t, register(t.Context(), router, userID(2), 1))
}

// A registration that has nothing left to write needs no answer to its commit.
func TestRegister_again_with_a_lost_commit(t *testing.T) {
	t.Parallel()
	_, wired, direct, wires := wiredTwice(t)
	require.NoError(t, register(t.Context(), direct, userID(1), 1))
	wires[1].CutReply(proxy.Query("COMMIT"))
	require.NoError(t, register(t.Context(), wired, userID(1), 1))
}
