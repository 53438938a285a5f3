package mdbtest_test

import (
	"context"
	"database/sql"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb"
	"github.com/mdbrouter/mdb/mdbtest"
)

const shop = "testdata/shop"

var cleared = mdbtest.Options{DSNs: []string{}} // private servers, whatever the environment says

// ids of two partitions; each lives in another shard.
func ids(t *testing.T, router *mdb.Router) []mdb.GDID {
	t.Helper()
	var all []mdb.GDID
	seen := map[string]bool{}
	for counter := uint64(1); len(all) < 4; counter += 37 {
		require.Less(t, counter, uint64(5000), "four shards must be found")
		id := newID(t, counter)
		route, err := router.Route("user", id)
		require.NoError(t, err)
		if !seen[route.Database] {
			seen[route.Database] = true
			all = append(all, id)
		}
	}
	return all
}

// sell writes a user and one order.
func sell(t *testing.T, c *mdbtest.Cluster, id mdb.GDID, name string) {
	t.Helper()
	require.NoError(t, trySell(t.Context(), c, id, name))
}

func trySell(ctx context.Context, c *mdbtest.Cluster, id mdb.GDID, name string) error {
	bc, err := c.Router.Briefcase("user", id)
	if err != nil {
		return err
	}
	return bc.InTx(ctx, nil, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "INSERT INTO tbl_user (g_user, name) VALUES (?, ?)", id, name); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, "INSERT INTO tbl_order (g_user, line) VALUES (?, 1)", id)
		return err
	})
}

// sold counts the orders of an id, asking the router.
func sold(t *testing.T, c *mdbtest.Cluster, id mdb.GDID) int {
	t.Helper()
	bc, err := c.Router.Briefcase("user", id)
	require.NoError(t, err)
	var n int
	row := bc.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM tbl_user JOIN tbl_order USING (g_user) WHERE g_user = ?", id)
	require.NoError(t, row.Scan(&n))
	return n
}

func TestStart(t *testing.T) {
	t.Parallel()
	opts := cleared
	opts.Config.Vars = map[string]string{"db_password": "anything"}
	begin := time.Now()
	c := mdbtest.Start(t, shop, opts)
	t.Logf("3 servers, 4 shards in %v", time.Since(begin))
	require.NoError(t, c.Router.Ready(t.Context()))
	all := ids(t, c.Router)
	for _, id := range all {
		sell(t, c, id, "ann")
		require.Equal(t, 1, sold(t, c, id))
	}
	bc, err := c.Router.Briefcase("user", all[0])
	require.NoError(t, err)

	t.Run("rows are where routes say", func(t *testing.T) {
		t.Parallel()
		for _, id := range all {
			route, err := c.Router.Route("user", id)
			require.NoError(t, err)
			db, err := sql.Open("mysql", c.DSN(route.Server, route.Database))
			require.NoError(t, err)
			defer db.Close()
			var name string
			require.NoError(t, db.QueryRowContext(t.Context(), "SELECT name FROM tbl_user").Scan(&name))
			require.Equal(t, "ann", name)
		}
	})
	t.Run("the file's parameters are kept", func(t *testing.T) {
		t.Parallel()
		var joined time.Time
		require.NoError(t, bc.QueryRowContext(t.Context(), "SELECT joined FROM tbl_user").Scan(&joined), "parseTime is set in the file")
		require.Equal(t, 2027, joined.Year())
	})
	t.Run("a service has the rights of a service", func(t *testing.T) {
		t.Parallel()
		var user string
		require.NoError(t, bc.QueryRowContext(t.Context(), "SELECT CURRENT_USER()").Scan(&user))
		require.NotContains(t, user, "root@")
		require.NotContains(t, grants(t, bc), "CREATE")
	})
	t.Run("a replica has the rows of its server", func(t *testing.T) {
		t.Parallel()
		replica := c.Server("u1/b")
		require.Equal(t, "u1/b", replica.Label())
		require.NotEqual(t, c.Server("u1").Addr(), replica.Addr())
		require.NoError(t, replica.Process().CatchUp(t.Context(), c.Server("u1").Process()))
		var n int
		require.NoError(t, replica.DB().QueryRowContext(t.Context(),
			"SELECT (SELECT COUNT(*) FROM shop_user_p0_0.tbl_user) + (SELECT COUNT(*) FROM shop_user_p1_0.tbl_user)").Scan(&n))
		require.Equal(t, 2, n)
	})
	t.Run("a label that is not in the file is a mistake of the test", func(t *testing.T) {
		t.Parallel()
		require.PanicsWithValue(t, `mdbtest: the configuration has no server "u9"`, func() { c.Server("u9") })
	})
	t.Run("private servers can do everything", func(t *testing.T) {
		t.Parallel()
		c.Require(t, mdbtest.Capabilities{RowLocks: true, Replication: true, Durable: true, KillServer: true, OwnSysvars: true})
	})
}

func TestStart_profile(t *testing.T) {
	t.Parallel()
	opts := cleared
	opts.Config.Profile = "solo"
	c := mdbtest.Start(t, shop, opts)
	require.Len(t, c.Servers(), 1)
	for _, id := range ids(t, c.Router) {
		sell(t, c, id, "ann")
		require.Equal(t, 1, sold(t, c, id))
	}
}

func TestServer_Kill(t *testing.T) {
	t.Parallel()
	c := mdbtest.Start(t, shop, cleared)
	all := ids(t, c.Router)
	for _, id := range all {
		sell(t, c, id, "ann")
	}
	c.Server("u1").Kill(t)
	dead := 0
	for _, id := range all {
		route, err := c.Router.Route("user", id)
		require.NoError(t, err)
		if route.Server == "u1" {
			dead++
			require.ErrorIs(t, trySell(t.Context(), c, id, "bob"), mdb.ErrUnavailable)
			continue
		}
		require.Equal(t, 1, sold(t, c, id), "the other server's shards work")
	}
	require.Equal(t, 2, dead)

	c.Server("u1").Restart(t)
	for _, id := range all {
		require.Equal(t, 1, sold(t, c, id), "what was committed is there")
	}
	c.Server("u1").Kill(t)
	require.NoError(t, c.Close(), "a dead server can be closed")
}

func TestServer_Pause(t *testing.T) {
	t.Parallel()
	c := mdbtest.Start(t, shop, cleared)
	id := ids(t, c.Router)[0]
	sell(t, c, id, "ann")
	route, err := c.Router.Route("user", id)
	require.NoError(t, err)
	server := c.Server(route.Server)
	server.Pause(t)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	require.Error(t, trySell(ctx, c, newID(t, 2), "bob"))
	server.Resume(t)
	require.Equal(t, 1, sold(t, c, id))
	server.Stop(t)
	server.Restart(t)
	require.Equal(t, 1, sold(t, c, id))
}

func TestOpen_mistakes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, path string
		schema     map[string]string
		want       string
	}{
		{name: "no such file", path: "testdata/none", want: "testdata/none"},
		{name: "a schema that is no SQL", path: shop, schema: map[string]string{"1.sql": "CREATE TABLE a (id INT PRIMARY KEY); nonsense;"}, want: "apply 1.sql to database shop_user_p0_0"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			opts := cleared
			dir := t.TempDir()
			opts.Servers.Dir = dir
			if tt.schema != nil {
				opts.Schema = files(tt.schema)
			}
			_, err := mdbtest.Open(t.Context(), tt.path, opts)
			require.ErrorContains(t, err, tt.want)
			left, err := os.ReadDir(dir)
			require.NoError(t, err)
			require.Empty(t, left, "a failed start leaves nothing")
		})
	}
}
