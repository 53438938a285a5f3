package mdb_test

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb"
)

// Connections and statements are killed at random while transactions deadlock with
// each other. What InTx says must be true: nil, and the rows are there once; not
// applied, and there is none.
func TestInTx_tells_the_truth_under_kills(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := briefcaseOf(t, s.open(t), "0:1:250123")
	addUser(t, b, "ann")
	direct := s.direct(t, b.Route())
	_, err := direct.ExecContext(t.Context(), "INSERT INTO tbl_order VALUES (?, -1, 0), (?, -2, 0)", b.ID(), b.ID())
	require.NoError(t, err)

	const writers, each = 4, 60
	var again atomic.Int64
	var outcomes [writers * each]error
	transfer := func(token int) error {
		runs := 0
		return b.InTx(t.Context(), nil, func(tx *sql.Tx) error {
			if runs++; runs > 1 {
				again.Add(1)
			}
			first := -1 - rand.IntN(2)
			for _, row := range []int{first, -3 - first} { // in either order, so that some deadlock
				if _, err := tx.ExecContext(t.Context(), "UPDATE tbl_order SET total = total + 1 WHERE g_user = ? AND id = ?", b.ID(), row); err != nil {
					return err
				}
			}
			_, err := tx.ExecContext(t.Context(), "INSERT INTO tbl_order VALUES (?, ?, 1)", b.ID(), token)
			return err
		})
	}
	var running sync.WaitGroup
	for w := range writers {
		running.Go(func() {
			for i := range each {
				token := w*each + i
				outcomes[token] = transfer(token)
			}
		})
	}
	ctx, stop := context.WithCancel(t.Context())
	kills := killer(ctx, t, direct, b.Route().Database)
	running.Wait()
	stop()
	t.Logf("%d killed, %d runs were repeated", <-kills, again.Load())

	landed := map[int]bool{}
	rows, err := direct.QueryContext(t.Context(), "SELECT id FROM tbl_order WHERE id >= 0")
	require.NoError(t, err)
	defer rows.Close()
	for rows.Next() {
		var token int
		require.NoError(t, rows.Scan(&token))
		landed[token] = true
	}
	require.NoError(t, rows.Err())
	for token, err := range outcomes {
		switch {
		case err == nil:
			require.True(t, landed[token], "an acknowledged transaction is gone")
		case mdb.Classify(err).Outcome == mdb.NotApplied:
			require.False(t, landed[token], "%v", err)
		}
	}
	var low, high int
	require.NoError(t, direct.QueryRowContext(t.Context(), "SELECT MIN(total), MAX(total) FROM tbl_order WHERE id < 0").Scan(&low, &high))
	require.Equal(t, []int{len(landed), len(landed)}, []int{low, high}, "none landed twice or in part")
	require.NotEmpty(t, landed)
}

// killer kills other connections to a database, or what they run, until ctx ends, and
// tells then how many.
func killer(ctx context.Context, t *testing.T, db *sql.DB, database string) <-chan int {
	t.Helper()
	own, err := db.Conn(ctx)
	require.NoError(t, err)
	done := make(chan int, 1)
	go func() {
		defer own.Close()
		kills := 0
		defer func() { done <- kills }()
		for ctx.Err() == nil {
			var id int
			err := own.QueryRowContext(ctx, "SELECT id FROM information_schema.processlist WHERE db = ? AND id <> CONNECTION_ID() ORDER BY RAND() LIMIT 1", database).Scan(&id)
			if err == nil {
				what := []string{"CONNECTION", "QUERY"}[kills%2]
				if _, err = own.ExecContext(ctx, fmt.Sprintf("KILL %s %d", what, id)); err == nil {
					kills++
				}
			}
			select {
			case <-ctx.Done():
			case <-time.After(5 * time.Millisecond):
			}
		}
	}()
	return done
}
