package dsn_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/area/dsn"
)

func TestDSN_WithUser(t *testing.T) {
	t.Parallel()
	d, err := dsn.Parse("app:secret@tcp(u1.db:3307)/shop?timeout=2s")
	require.NoError(t, err)
	admin := d.WithUser("root", "other")
	require.Equal(t, "root", admin.Config().User)
	require.Equal(t, "other", admin.Config().Passwd)
	require.Equal(t, "u1.db:3307", admin.Config().Addr)
	require.Equal(t, []string{"timeout"}, admin.Params())
	require.Equal(t, "app", d.Config().User, "the first DSN never changes")
	require.True(t, dsn.DSN{}.WithUser("root", "").IsZero())
}

func TestDSN_WithAddress(t *testing.T) {
	t.Parallel()
	d, err := dsn.Parse("app:secret@tcp(u1.db:3307)/shop?timeout=2s")
	require.NoError(t, err)

	tcp, err := d.WithAddress("u2.db")
	require.NoError(t, err)
	require.Equal(t, "u2.db:3306", tcp.Address())
	require.Equal(t, "u2.db:3306", tcp.Config().Addr)
	require.Equal(t, "secret", tcp.Config().Passwd)

	unix, err := d.WithAddress("/run/mysqld.sock")
	require.NoError(t, err)
	require.Equal(t, "unix", unix.Network())
	require.Equal(t, "unix", unix.Config().Net)

	_, err = d.WithAddress("no port:x:y")
	require.Error(t, err)
	require.Equal(t, "u1.db:3307", d.Address(), "the first DSN never changes")
}
