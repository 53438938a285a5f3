package mdbtest_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/mdbtest"
	"github.com/mdbrouter/mdb/mdbtest/mysqld"
)

func TestCluster_Require(t *testing.T) {
	t.Parallel()
	_, opts := given(t)
	want := mdbtest.Capabilities{RowLocks: true, KillServer: true, Durable: true}

	c := mdbtest.Start(t, shop, opts)
	c.Require(t, mdbtest.Capabilities{RowLocks: true})
	r := recorded(t, required(c, want))
	require.Contains(t, r.failed, "Durable, KillServer")
	require.Empty(t, r.skipped)
	require.NoError(t, c.Close())

	opts.Skip = true
	c = mdbtest.Start(t, shop, opts)
	r = recorded(t, required(c, want))
	require.Contains(t, r.skipped, "Durable, KillServer")
	require.Empty(t, r.failed)
}

func required(c *mdbtest.Cluster, want mdbtest.Capabilities) func(testing.TB) {
	return func(tb testing.TB) {
		tb.Helper()
		c.Require(tb, want)
	}
}

func TestStart_withoutAServerProgram(t *testing.T) {
	t.Parallel()
	other := errors.New("out of luck")
	tests := []struct {
		name            string
		skip            bool
		err             error
		failed, skipped string
	}{
		{name: "no server fails the test", err: mysqld.ErrNotFound, failed: "no mariadbd or mysqld found"},
		{name: "no server skips a test that may be skipped", skip: true, err: mysqld.ErrNotFound, skipped: "no mariadbd or mysqld found"},
		{name: "another error fails the test", skip: true, err: other, failed: "out of luck"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := recorded(t, func(tb testing.TB) {
				tb.Helper()
				mdbtest.StartWith(tb, mdbtest.Options{Skip: tt.skip}, func() (*mdbtest.Cluster, error) { return nil, tt.err })
			})
			require.Equal(t, tt.failed != "", r.failed != "")
			require.Contains(t, r.failed, tt.failed)
			require.Equal(t, tt.skipped != "", r.skipped != "")
			require.Contains(t, r.skipped, tt.skipped)
		})
	}
}

func TestRowLocks(t *testing.T) {
	t.Parallel()
	db := mysqld.ForTest(t, 1, mysqld.Options{}).Servers[0].DB()
	tests := []struct {
		name, engine string
		want         bool
	}{
		{name: "an engine that locks rows", engine: "InnoDB", want: true},
		{name: "an engine that ignores FOR UPDATE", engine: "MyISAM"},
		{name: "a server that refuses the statement"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			database := "locks_" + tt.engine
			run(t, db, "CREATE DATABASE "+database)
			if tt.engine != "" {
				run(t, db, "CREATE TABLE "+database+".mdb_fence (stripe SMALLINT UNSIGNED PRIMARY KEY) ENGINE="+tt.engine)
				run(t, db, "INSERT INTO "+database+".mdb_fence VALUES (0), (1)")
			}
			got, err := mdbtest.RowLocks(t.Context(), db, database)
			require.NoError(t, err)
			require.Equal(t, tt.want, got)
		})
	}
}
