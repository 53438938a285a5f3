package embedded_test

import (
	"database/sql"
	"testing"
	"testing/fstest"

	"github.com/mdbrouter/mdb"
	"github.com/mdbrouter/mdb/gdid"
	"github.com/mdbrouter/mdb/mdbtest"
	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/mdbtest/embedded"
)

// The router, provisioning and the test kit take embedded servers for what they are.
func TestServer_carriesACluster(t *testing.T) {
	t.Parallel()
	var dsns []string
	var servers []*embedded.Server
	for range 2 {
		server, err := embedded.Start(embedded.Options{})
		require.NoError(t, err)
		defer func() { require.NoError(t, server.Close()) }()
		servers = append(servers, server)
		dsns = append(dsns, server.DSN())
	}
	cluster, err := mdbtest.Open(t.Context(), "testdata/shop.mdb.hcl", mdbtest.Options{
		DSNs: dsns,
		Schema: fstest.MapFS{"1.sql": {Data: []byte(
			"CREATE TABLE tbl_user (g_user BINARY(12) NOT NULL PRIMARY KEY, n INT NOT NULL) ENGINE=InnoDB")}},
	})
	require.NoError(t, err)
	defer func() { require.NoError(t, cluster.Close()) }()
	require.Equal(t, servers[0].Capabilities(), cluster.Capabilities(), "what it declares is what is found")
	require.NoError(t, cluster.Router.Ready(t.Context()))

	for _, text := range []string{"0:0:1", "0:0:4", "0:0:1000", "0:0:1001", "0:3:1002"} {
		id := gdid.MustParse(text)
		user, err := cluster.Router.Briefcase("user", id)
		require.NoError(t, err)
		_, err = user.ExecContext(t.Context(), "INSERT INTO tbl_user VALUES (?, 1)", id)
		require.NoError(t, err)
		_, err = user.ExecContext(t.Context(), "INSERT INTO tbl_user VALUES (?, 1)", id)
		require.Error(t, err, "twice")
		require.Equal(t, mdb.Fail, mdb.Classify(err).Advice)
		err = user.InTx(t.Context(), nil, func(tx *sql.Tx) error {
			_, err := tx.ExecContext(t.Context(), "UPDATE tbl_user SET n = n + 1 WHERE g_user = ?", id)
			return err
		})
		require.NoError(t, err)
		require.EqualValues(t, 2, number(t, user, "SELECT n FROM tbl_user WHERE g_user = x'"+id.Hex()+"'"))
		_, err = user.QueryContext(t.Context(), "DELETE FROM tbl_user") //nolint:rowserrcheck,sqlclosecheck // it is refused
		require.ErrorIs(t, err, mdb.ErrStatementRefused)
	}
	cluster.Reset(t)
	user, err := cluster.Router.Briefcase("user", gdid.MustParse("0:0:1"))
	require.NoError(t, err)
	require.Zero(t, number(t, user, "SELECT COUNT(*) FROM tbl_user"))
}
