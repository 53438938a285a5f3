package mdbtest_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/mdbtest"
	"github.com/mdbrouter/mdb/mdbtest/mysqld"
)

// given starts a server as somebody else would, and gives options to use it.
func given(t *testing.T) (*mysqld.Server, mdbtest.Options) {
	t.Helper()
	server := mysqld.ForTest(t, 1, mysqld.Options{}).Servers[0]
	opts := mdbtest.Options{DSNs: []string{server.DSN("mysql")}}
	opts.Config.Profile = "solo"
	return server, opts
}

func TestOpen_onGivenServers(t *testing.T) {
	t.Parallel()
	server, opts := given(t)
	db := server.DB()
	run(t, db, "CREATE DATABASE not_ours")

	c, err := mdbtest.Open(t.Context(), shop, opts)
	require.NoError(t, err)
	for _, id := range ids(t, c.Router) {
		sell(t, c, id, "ann")
	}
	c.Reset(t)
	require.Zero(t, count(t, c, "tbl_user"))
	require.Equal(t, mdbtest.Capabilities{RowLocks: true}, c.Capabilities())
	require.Nil(t, c.Server("local").Process())
	require.Equal(t, server.Addr(), c.Server("local").Addr())
	r := recorded(t, c.Server("local").Kill)
	require.Contains(t, r.failed, "KillServer")

	require.NoError(t, c.Close())
	require.NoError(t, c.Close(), "closing twice does nothing")
	var left int
	require.NoError(t, db.QueryRowContext(t.Context(),
		"SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name LIKE 'shop%'").Scan(&left))
	require.Zero(t, left, "what was created is dropped")
	run(t, db, "USE not_ours")
}

func TestOpen_byEnvironment(t *testing.T) {
	_, opts := given(t)
	t.Setenv(mdbtest.EnvDSN, " "+opts.DSNs[0]+" ")
	opts.DSNs = nil
	c := mdbtest.Start(t, shop, opts)
	require.Nil(t, c.Server("local").Process())
}

func TestOpen_givenServersThatWillNotDo(t *testing.T) {
	t.Parallel()
	server, opts := given(t)
	run(t, server.DB(), "CREATE DATABASE shop_user_p1_1")
	tests := []struct {
		name string
		opts func(mdbtest.Options) mdbtest.Options
		want string
	}{
		{
			name: "a database of the topology exists", want: "database shop_user_p1_1 exists on server local",
			opts: func(o mdbtest.Options) mdbtest.Options { return o },
		},
		{
			name: "there are too few", want: "1 data source names are given, the topology needs 3",
			opts: func(o mdbtest.Options) mdbtest.Options {
				o.Config.Profile = ""
				return o
			},
		},
		{
			name: "a name is malformed", want: "data source name 1, for server local, is malformed",
			opts: func(o mdbtest.Options) mdbtest.Options {
				o.DSNs = []string{"root:hush@tcp(127.0.0.1:1"}
				return o
			},
		},
		{
			name: "a parameter is not known", want: "server local",
			opts: func(o mdbtest.Options) mdbtest.Options {
				o.DSNs = []string{"root:hush@tcp(127.0.0.1:1)/?tls=hush"}
				return o
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := mdbtest.Open(t.Context(), shop, tt.opts(opts))
			require.ErrorContains(t, err, tt.want)
			require.NotContains(t, err.Error(), "hush")
			run(t, server.DB(), "USE shop_user_p1_1") // it was not dropped
		})
	}
}
