package mdb_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb"
	"github.com/mdbrouter/mdb/gdid"
	"github.com/mdbrouter/mdb/hcl"
)

// The whole main job: HCL in, ids routed, briefcases written and read back, each
// where the route says.
func TestRouter_writes_and_reads_briefcases(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	router := s.open(t)
	require.NoError(t, router.Ready(t.Context()))

	ids := []string{"0:1:1", "0:1:2", "0:15:249999", "0:0:250000", "0:1:250122", "0:1:250123", "0:3:8000000000", "0:3:8000000001", "7:0:1"}
	for _, id := range ids {
		addUser(t, briefcaseOf(t, router, id), "name of "+id)
	}
	seen := map[string]bool{}
	for _, id := range ids {
		b := briefcaseOf(t, router, id)
		require.Equal(t, "name of "+id, nameOf(t, b))
		var name string
		err := s.direct(t, b.Route()).QueryRowContext(t.Context(), "SELECT name FROM tbl_user WHERE g_user = ?", b.ID()).Scan(&name)
		require.NoError(t, err, "the row stands where the route says")
		require.Equal(t, "name of "+id, name)
		seen[b.Route().Database] = true
	}
	require.Greater(t, len(seen), 4, "the ids live in many databases")
}

func TestRouter_joins_within_a_briefcase_in_one_transaction(t *testing.T) {
	t.Parallel()
	b := briefcaseOf(t, newSite(t).open(t), "0:1:250122")
	err := b.InTx(t.Context(), nil, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(t.Context(), "INSERT INTO tbl_user (g_user, name) VALUES (?, 'ann')", b.ID()); err != nil {
			return err
		}
		for i := range 3 {
			if _, err := tx.ExecContext(t.Context(), "INSERT INTO tbl_order VALUES (?, ?, ?)", b.ID(), i, 100*i); err != nil {
				return err
			}
		}
		return nil
	})
	require.NoError(t, err)
	var name string
	var total int
	err = b.QueryRowContext(t.Context(),
		"SELECT u.name, SUM(o.total) FROM tbl_user u JOIN tbl_order o USING (g_user) WHERE u.g_user = ? GROUP BY u.name", b.ID()).Scan(&name, &total)
	require.NoError(t, err)
	require.Equal(t, "ann", name)
	require.Equal(t, 300, total)
}

func TestRouter_leaves_nothing_of_a_failed_transaction(t *testing.T) {
	t.Parallel()
	b := briefcaseOf(t, newSite(t).open(t), "0:1:5")
	addUser(t, b, "ann")
	broken := errors.New("broken")
	err := b.InTx(t.Context(), nil, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(t.Context(), "UPDATE tbl_user SET name = 'bob' WHERE g_user = ?", b.ID()); err != nil {
			return err
		}
		return broken
	})
	require.Equal(t, broken, err)
	require.Equal(t, "ann", nameOf(t, b))
}

func TestOpen_does_no_network_io(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	path := s.write(t, "first", firstFile)
	for name := range s.vars {
		s.vars[name] = "192.0.2.1:3306" // a documentation address: nothing answers there
	}
	start := time.Now()
	router := s.router(t, path)
	_, err := users(t, router).Briefcase(gdid.MustParse("0:1:5"))
	require.NoError(t, err)
	require.Less(t, time.Since(start), 4*time.Second)
}

func TestOpen_reports_every_mistake(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "broken.mdb.hcl")
	require.NoError(t, os.WriteFile(path, []byte("mdb { namespace = \"x\" }\nservr \"u1\" {}\narea \"user\" {\n  partition \"p0\" {\n    start = \"0:5\"\n    shards = [server.u9]\n  }\n}\n"), 0o644))
	_, err := mdb.Open(t.Context(), path, mdb.Options{})
	mistakes, ok := errors.AsType[*hcl.DiagnosticsError](err)
	require.True(t, ok, "%v", err)
	var rules []string
	for _, d := range mistakes.Diagnostics {
		rules = append(rules, d.Rule)
	}
	require.Contains(t, rules, "MDB102")
	require.Contains(t, rules, "MDB201")
}

func TestOpen_of_a_missing_path(t *testing.T) {
	t.Parallel()
	_, err := mdb.Open(t.Context(), filepath.Join(t.TempDir(), "nothing"), mdb.Options{})
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestRouter_Area_refuses_unknown(t *testing.T) {
	t.Parallel()
	router := newSite(t).router(t, newSite(t).write(t, "first", firstFile))
	_, err := router.Area("nobody")
	require.ErrorIs(t, err, mdb.ErrNoArea)
	_, err = router.Briefcase("nobody", gdid.MustParse("0:1:5"))
	require.ErrorIs(t, err, mdb.ErrNoArea)
	_, err = router.Briefcase("user", mdb.GDID{})
	require.ErrorIs(t, err, mdb.ErrZeroGDID)
	_, err = router.Route("user", mdb.GDID{})
	require.ErrorIs(t, err, mdb.ErrZeroGDID)
}

func TestRouter_Close(t *testing.T) {
	s := newSite(t)
	noLeaks(t) // so not parallel
	path := s.write(t, "first", firstFile)
	require.NoError(t, mdb.Provision(t.Context(), path, s.options()))
	router, err := mdb.Open(t.Context(), path, s.options())
	require.NoError(t, err)
	used, fresh := briefcaseOf(t, router, "0:1:5"), briefcaseOf(t, router, "0:1:250122")
	addUser(t, used, "ann")
	require.NoError(t, router.Close())
	require.NoError(t, router.Close(), "closing twice is harmless")

	for _, b := range []*mdb.Briefcase{used, fresh} {
		_, err = b.ExecContext(t.Context(), "DELETE FROM tbl_user WHERE g_user = ?", b.ID())
		require.ErrorIs(t, err, mdb.ErrClosed)
		require.ErrorIs(t, b.QueryRowContext(t.Context(), "SELECT 1").Scan(new(int)), mdb.ErrClosed)
	}
	require.ErrorIs(t, router.Ready(t.Context()), mdb.ErrClosed)
}

func TestRouter_Fingerprint(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	a, b := s.router(t, s.write(t, "a", firstFile)), s.router(t, s.write(t, "b", firstFile))
	require.Equal(t, a.Fingerprint(), b.Fingerprint())
}

// A cancelled caller leaves no connection busy, no goroutine and no open
// transaction behind.
func TestRouter_cancelled_contexts_leave_nothing(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := briefcaseOf(t, s.open(t), "0:1:5")
	addUser(t, b, "ann")
	direct := s.direct(t, b.Route())

	blocker, err := direct.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	_, err = blocker.ExecContext(t.Context(), "UPDATE tbl_user SET name = 'blocked' WHERE g_user = ?", b.ID())
	require.NoError(t, err)

	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	_, err = b.ExecContext(ctx, "UPDATE tbl_user SET name = 'late' WHERE g_user = ?", b.ID())
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.NoError(t, blocker.Rollback())

	// The server ends the abandoned transaction once it notices that its client
	// is gone; then the row is free and unchanged.
	require.Eventually(t, func() bool {
		var open int
		err := direct.QueryRowContext(t.Context(),
			"SELECT COUNT(*) FROM information_schema.innodb_trx JOIN information_schema.processlist ON id = trx_mysql_thread_id WHERE db = DATABASE()").Scan(&open)
		return err == nil && open == 0
	}, 20*time.Second, 150*time.Millisecond) // read more often, the table stands still
	require.Equal(t, "ann", nameOf(t, b))
	addOrder(t, b)
}

func addOrder(t *testing.T, b *mdb.Briefcase) {
	t.Helper()
	_, err := b.ExecContext(t.Context(), "INSERT INTO tbl_order VALUES (?, 1, 1)", b.ID())
	require.NoError(t, err, "the pool still works")
}
