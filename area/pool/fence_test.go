package pool_test

import (
	"context"
	"database/sql"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/area"
)

// The rows of the fence stay locked to the end of the transaction.
func TestTx_fence_is_held_to_the_end(t *testing.T) {
	t.Parallel()
	p := shared(t)
	tx := begin(t, p.db(t, nil), nil)
	control, err := p.server.DB().Conn(t.Context())
	require.NoError(t, err)
	defer control.Close()
	_, err = control.ExecContext(t.Context(), "SET innodb_lock_wait_timeout = 0")
	require.NoError(t, err)
	seal := "UPDATE " + p.shard.Database + ".mdb_fence SET state = 1 WHERE stripe = 1"
	for _, text := range []string{"UPDATE t SET v = 1", "SAVEPOINT s1", "DELETE FROM t", "ROLLBACK TO s1", "RELEASE SAVEPOINT s1", "SELECT * FROM t"} {
		require.NoError(t, run(t.Context(), tx, text))
		_, err = control.ExecContext(t.Context(), seal)
		require.Error(t, err, "after %s", text)
	}
	require.NoError(t, tx.Commit())
	_, err = control.ExecContext(t.Context(), seal)
	require.NoError(t, err)
}

// A fence that says no leaves no transaction behind, and a connection that can
// be used.
func TestTx_fence_refuses(t *testing.T) {
	t.Parallel()
	p := shared(t)
	exec(t, p.server.DB(), "UPDATE "+p.shard.Database+".mdb_fence SET state = 1")
	db := p.db(t, nil)
	for range 3 {
		_, err := db.BeginTx(fenced(t.Context()), nil)
		require.ErrorIs(t, err, errSealed)
		requireFacts(t, err, p, "begin")
	}
	_, err := db.BeginTx(fenced(t.Context()), &sql.TxOptions{ReadOnly: true})
	require.ErrorIs(t, err, errSealed, "a fence is asked by readers too")
	exec(t, p.server.DB(), "UPDATE "+p.shard.Database+".mdb_fence SET state = 0")
	require.NoError(t, begin(t, db, nil).Rollback())
	require.Equal(t, "1", p.value(t, p.connections()))
	require.ErrorIs(t, run(t.Context(), db, "UPDATE t SET v = 1"), area.ErrStatementRefused, "the session is outside again")

	missing := area.WithFence(t.Context(), fence(func(ctx context.Context, query area.Query) error {
		_, err := query(ctx, "SELECT nothing FROM mdb_fence")
		return err
	}))
	_, err = db.BeginTx(missing, nil)
	var se area.ServerError
	require.ErrorAs(t, err, &se)
	require.EqualValues(t, 1054, se.Number())
}

// A fence may see values of every type as the driver gives them.
func TestTx_fence_values_are_the_callers_own(t *testing.T) {
	t.Parallel()
	p := shared(t)
	var first, second [][]any
	tx, err := p.db(t, nil).BeginTx(area.WithFence(t.Context(), fence(func(ctx context.Context, query area.Query) (err error) {
		if first, err = query(ctx, "SELECT 1, -1, 18446744073709551615, 1.5e0, x'00ff', NULL, 'a' UNION ALL SELECT 2, 2, 18446744073709551614, 2, x'02', 2, 'b'"); err != nil {
			return err
		}
		second, err = query(ctx, "SELECT 'overwrites the buffer of the driver, if anybody kept it'")
		return err
	})), nil)
	require.NoError(t, err)
	require.NoError(t, tx.Rollback())
	require.Len(t, first, 2)
	require.Equal(t, []byte{0, 0xff}, first[0][4])
	require.Nil(t, first[0][5])
	require.Equal(t, "1 -1 18446744073709551615", fmt.Sprint(first[0][0], " ", first[0][1], " ", first[0][2]))
	require.Len(t, second, 1)
}
