package mysqld_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/mdbtest/mysqld"
)

func TestServer_Follow(t *testing.T) {
	t.Parallel()
	c := mysqld.ForTest(t, 2, mysqld.Options{})
	primary, replica := c.Servers[0], c.Servers[1]
	run(t, primary.DB(), "CREATE DATABASE d")
	run(t, primary.DB(), "CREATE TABLE d.t (id INT PRIMARY KEY)")
	require.NoError(t, replica.Follow(t.Context(), primary))
	for i := range 50 {
		run(t, primary.DB(), "INSERT INTO d.t VALUES (?)", i)
	}
	require.NoError(t, replica.CatchUp(t.Context(), primary))
	require.Equal(t, 50, count(t, replica))
	require.True(t, readOnly(t, replica))

	require.NoError(t, primary.Kill())
	require.NoError(t, replica.Promote(t.Context()))
	require.False(t, readOnly(t, replica))
	run(t, replica.DB(), "INSERT INTO d.t VALUES (?)", 50)
	require.Equal(t, 51, count(t, replica))
}

func TestServer_CatchUp_endsWithItsContext(t *testing.T) {
	t.Parallel()
	c := mysqld.ForTest(t, 2, mysqld.Options{})
	primary, replica := c.Servers[0], c.Servers[1]
	run(t, primary.DB(), "CREATE DATABASE d") // never arrives
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, replica.CatchUp(ctx, primary), context.DeadlineExceeded)
}

func count(t *testing.T, s *mysqld.Server) int {
	t.Helper()
	var n int
	require.NoError(t, s.DB().QueryRowContext(t.Context(), "SELECT COUNT(*) FROM d.t").Scan(&n))
	return n
}

func readOnly(t *testing.T, s *mysqld.Server) bool {
	t.Helper()
	var on bool
	require.NoError(t, s.DB().QueryRowContext(t.Context(), "SELECT @@read_only").Scan(&on))
	return on
}
