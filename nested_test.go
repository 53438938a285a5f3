package mdb_test

import (
	"context"
	"database/sql"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb"
	"github.com/mdbrouter/mdb/gdid"
)

// A transaction within another one of the same briefcase, while an append waits for
// the outer one: the inner waits for the append. No server sees that ring, so the
// append gives way, and comes back.
func TestInTx_within_another_while_a_partition_is_appended(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	first := s.write(t, "before", beforeAppend)
	require.NoError(t, mdb.Provision(t.Context(), first, s.options()))
	router := s.router(t, first)
	provisioner, err := mdb.NewProvisioner(s.write(t, "after", afterAppend), mdb.ProvisionOptions{
		Options: s.options(), Heads: map[string]gdid.RangeKey{"user": gdid.MustParseRangeKey("0:1000")},
	})
	require.NoError(t, err)
	defer provisioner.Close()
	plan, err := provisioner.Plan(t.Context())
	require.NoError(t, err)

	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	b := briefcaseOf(t, router, "0:1:5")
	direct := s.direct(t, b.Route())
	applied := make(chan error, 1)
	require.NoError(t, b.InTx(ctx, nil, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "INSERT INTO tbl_user (g_user, name) VALUES (?, 'outer')", b.ID()); err != nil {
			return err
		}
		go func() { applied <- plan.Apply(ctx) }()
		require.Eventually(t, func() bool {
			var waiting int
			err := direct.QueryRowContext(ctx, "SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE CONCAT('UPDATE `', DATABASE(), '`.`mdb\\_fence` SET seq%')").Scan(&waiting)
			return err == nil && waiting == 1
		}, 20*time.Second, time.Millisecond)
		_, err := b.ExecContext(ctx, "INSERT INTO tbl_order VALUES (?, 1, 1)", b.ID())
		return err
	}))
	require.NoError(t, <-applied)
	require.Equal(t, "outer", nameOf(t, b))
	require.ErrorIs(t, write(t.Context(), router, gdid.MustParse("0:1:1000")), mdb.ErrOutOfRange)
}
