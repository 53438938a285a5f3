package mdb_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb"
	"github.com/mdbrouter/mdb/central/key"
	"github.com/mdbrouter/mdb/mdbtest/proxy"
)

// moveTo changes the proof of a user.
func moveTo(t *testing.T, router *mdb.Router, id mdb.GDID, email string) func(tx *sql.Tx) error {
	t.Helper()
	proof, err := router.Central().Index("email").Proof(email)
	require.NoError(t, err)
	return func(tx *sql.Tx) error {
		_, err := tx.ExecContext(t.Context(), "UPDATE tbl_user SET h_email = ? WHERE g_user = ?", proof, id)
		return err
	}
}

func TestChange(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	router := s.openCentral(t)
	for n := range 2 {
		require.NoError(t, register(t.Context(), router, userID(n+1), n+1))
	}
	ann := userID(1)
	change := func(from, to string) error {
		return router.Change(t.Context(), "email", ann, from, to, moveTo(t, router, ann, to))
	}
	found := func(email string) {
		t.Helper()
		b, err := router.Find(t.Context(), "email", email)
		require.NoError(t, err)
		require.Equal(t, ann, b.ID())
	}
	require.NoError(t, change("user1@example.com", "ann@example.com"))
	found("ann@example.com")
	_, err := router.Find(t.Context(), "email", "user1@example.com")
	require.ErrorIs(t, err, mdb.ErrNotFound)
	require.NoError(t, change("user1@example.com", "ann@example.com"), "again, by one who did not hear the answer")

	require.ErrorIs(t, change("ann@example.com", "user2@example.com"), mdb.ErrTaken)
	require.ErrorIs(t, change("user2@example.com", "new@example.com"), mdb.ErrNotFound, "not her own")
	require.ErrorIs(t, router.Change(t.Context(), "email", ann, "ann@example.com", " ", nil), key.ErrEmpty)
	require.ErrorIs(t, router.Change(t.Context(), "nothing", ann, "a", "b", nil), mdb.ErrNoIndex)
	broken := errors.New("broken")
	require.Equal(t, broken, router.Change(t.Context(), "email", ann, "ann@example.com", "new@example.com", func(*sql.Tx) error { return broken }))
	found("ann@example.com")
	require.Len(t, s.indexed(t, "email"), 2, "what failed has changed nothing")

	runs := 0
	require.NoError(t, router.Change(t.Context(), "email", ann, "ann@example.com", " ANN@example.com", func(*sql.Tx) error { runs++; return nil }))
	require.Equal(t, 1, runs, "the same key: only the briefcase changes")

	// A change that was cut short has left both keys; back, and forth again.
	require.NoError(t, router.Central().Index("email").Add(t.Context(), "user1@example.com", ann))
	require.NoError(t, change("ann@example.com", "user1@example.com"))
	found("user1@example.com")
	require.NoError(t, change("user1@example.com", "ann@example.com"))
	found("ann@example.com")
	require.Len(t, s.indexed(t, "email"), 2)
}

// Every answer is lost once; the change succeeds, or says that it has not happened
// and succeeds when it is called again.
func TestChange_loses_answers(t *testing.T) {
	t.Parallel()
	s, wires := wiredSite(t)
	router := s.openCentral(t)
	require.NoError(t, register(t.Context(), router, userID(1), 1))
	email := "user1@example.com"
	for i, text := range []string{"INSERT INTO `mdb_index_email`", "INSERT INTO mdb_claim", "UPDATE tbl_user", "COMMIT", "UPDATE `mdb_index_email`", "DELETE i FROM `mdb_index_email`"} {
		for j, wire := range wires[:2] {
			for k, cut := range []func(proxy.Match){wire.CutReply, wire.CutRequest} {
				require.NoError(t, router.Ready(t.Context()))
				to := fmt.Sprintf("e%d-%d-%d@example.com", i, j, k)
				var ended atomic.Bool
				match := proxy.Query(text)
				cut(func(code byte, payload []byte) bool { return !ended.Load() && match(code, payload) })
				err := router.Change(t.Context(), "email", userID(1), email, to, moveTo(t, router, userID(1), to))
				ended.Store(true)
				if err != nil {
					require.Equal(t, "COMMIT", text, "%v", err)
					require.Equal(t, mdb.NotApplied, mdb.Classify(err).Outcome)
					require.NoError(t, router.Change(t.Context(), "email", userID(1), email, to, moveTo(t, router, userID(1), to)))
				}
				require.Equal(t, map[string]string{to: "0:1:1 live"}, s.indexed(t, "email"))
				b, err := router.Find(t.Context(), "email", to)
				require.NoError(t, err)
				require.Equal(t, userID(1), b.ID())
				email = to
			}
		}
	}
}

func TestChange_while_central_does_not_answer(t *testing.T) {
	t.Parallel()
	s, wires := wiredSite(t)
	router := s.openCentral(t)
	require.NoError(t, register(t.Context(), router, userID(1), 1))
	move := moveTo(t, router, userID(1), "ann@example.com")
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	err := router.Change(ctx, "email", userID(1), "user1@example.com", "ann@example.com", func(tx *sql.Tx) error {
		wires[0].BlackHole(true)
		return move(tx)
	})
	require.ErrorIs(t, err, mdb.ErrUnconfirmed)
	require.Equal(t, mdb.Unknown, mdb.Classify(err).Outcome, "%v", err)
	wires[0].BlackHole(false)
	require.NoError(t, router.Change(t.Context(), "email", userID(1), "user1@example.com", "ann@example.com", move))
	require.Equal(t, map[string]string{"ann@example.com": "0:1:1 live"}, s.indexed(t, "email"))
}

// Two calls move the id away from one key at the same moment. A function that looks
// at what the briefcase keeps lets one of them in, and nothing is left of the other.
func TestChange_by_two_at_once(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	router := s.openCentral(t)
	require.NoError(t, register(t.Context(), router, userID(1), 1))
	elsewhere := errors.New("the briefcase has another email by now")
	email := router.Central().Index("email")
	from := "user1@example.com"
	for round := range 5 {
		failures := make([]error, 3)
		var running sync.WaitGroup
		for i := range failures {
			to := fmt.Sprintf("round%d-%d@example.com", round, i)
			move := moveTo(t, router, userID(1), to)
			was, err := email.Proof(from)
			require.NoError(t, err)
			is, err := email.Proof(to)
			require.NoError(t, err)
			running.Go(func() {
				failures[i] = router.Change(t.Context(), "email", userID(1), from, to, func(tx *sql.Tx) error {
					var kept []byte
					err := tx.QueryRowContext(t.Context(), "SELECT h_email FROM tbl_user WHERE g_user = ? FOR UPDATE", userID(1)).Scan(&kept)
					if err == nil && !bytes.Equal(kept, was) && !bytes.Equal(kept, is) {
						err = elsewhere
					}
					if err != nil {
						return err
					}
					return move(tx)
				})
			})
		}
		running.Wait()
		won := slices.Index(failures, nil)
		for i, err := range failures {
			if i != won && !errors.Is(err, elsewhere) {
				require.ErrorIs(t, err, mdb.ErrNotFound)
			}
		}
		from = fmt.Sprintf("round%d-%d@example.com", round, won)
		require.Equal(t, map[string]string{from: "0:1:1 live"}, s.indexed(t, "email"))
		b, err := router.Find(t.Context(), "email", from)
		require.NoError(t, err)
		require.Equal(t, userID(1), b.ID())
	}
}
