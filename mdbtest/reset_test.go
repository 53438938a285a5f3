package mdbtest_test

import (
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/mdbtest"
)

func TestCluster_Reset(t *testing.T) {
	t.Parallel()
	opts := cleared
	opts.Schema = os.DirFS("testdata/more")
	c := mdbtest.Start(t, shop, opts)
	db := c.Server("u1").DB()
	all := ids(t, c.Router)
	stamps := count(t, c, "mdb_shard", "mdb_server", "mdb_fence")
	require.Positive(t, stamps)

	for range 2 {
		for _, id := range all {
			sell(t, c, id, "ann")
		}
		run(t, db, "INSERT INTO shop_user_p0_0.note_all (id, text) VALUES (9, 'x')")
		run(t, db, "INSERT INTO shop_user_p0_0.note_user VALUES (1, 9)")
		require.Positive(t, count(t, c, "tbl_user", "tbl_order", "note_all", "note_user"))

		begin := time.Now()
		c.Reset(t)
		t.Logf("reset in %v", time.Since(begin))

		require.Zero(t, count(t, c, "tbl_user", "tbl_order", "note_all", "note_user"))
		require.Equal(t, stamps, count(t, c, "mdb_shard", "mdb_server", "mdb_fence"), "mdb's own tables stay")
	}
	require.NoError(t, c.Router.Ready(t.Context()))
	_, err := db.ExecContext(t.Context(), "INSERT INTO shop_user_p0_0.note_user VALUES (1, 9)")
	require.ErrorContains(t, err, "1452", "foreign keys are checked after a reset")
}

func TestCluster_Reset_whileARowIsLocked(t *testing.T) {
	t.Parallel()
	c := mdbtest.Start(t, shop, cleared)
	id := ids(t, c.Router)[0]
	bc, err := c.Router.Briefcase("user", id)
	require.NoError(t, err)
	tx, err := bc.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	defer func() { require.NoError(t, tx.Rollback()) }()
	_, err = tx.ExecContext(t.Context(), "INSERT INTO tbl_user (g_user, name) VALUES (?, 'ann')", id)
	require.NoError(t, err)
	sell(t, c, ids(t, c.Router)[1], "bob")
	route, err := c.Router.Route("user", id)
	require.NoError(t, err)
	// A committed row in the locked table, so that there is something to empty.
	run(t, c.Server(route.Server).DB(), "INSERT INTO "+route.Database+".tbl_user (g_user, name) VALUES ('abcdefghijkl', 'eve')")

	r := recorded(t, c.Reset)
	require.Contains(t, r.failed, "table tbl_user")
	require.Contains(t, r.failed, route.Database)
}

func TestOptions_Schema(t *testing.T) {
	t.Parallel()
	opts := cleared
	opts.Schema = os.DirFS("testdata/more")
	c := mdbtest.Start(t, shop, opts)
	require.Equal(t, 4, count(t, c, "note_all"), "the files at the top go to every shard, whatever their names say")
	require.Zero(t, count(t, c, "note_user"))
}

// count sums the rows of tables over all shards.
func count(t *testing.T, c *mdbtest.Cluster, tables ...string) int {
	t.Helper()
	sum := 0
	for _, s := range c.Router.Registry().Shards() {
		for _, table := range tables {
			var n int
			require.NoError(t, c.Server(s.Server).DB().QueryRowContext(t.Context(), "SELECT COUNT(*) FROM "+s.Database+"."+table).Scan(&n))
			sum += n
		}
	}
	return sum
}
