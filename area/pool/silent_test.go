package pool_test

import (
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/area/dsn"
	"github.com/mdbrouter/mdb/area/pool"
)

// A server that takes connections and says nothing is given up after the timeout of
// its DSN, and the error tells how long that was.
func TestPools_say_how_long_they_waited(t *testing.T) {
	t.Parallel()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	d, err := dsn.Parse("u:p@tcp(" + listener.Addr().String() + ")/?timeout=1s")
	require.NoError(t, err)
	pools := pool.New([]pool.Endpoint{{Server: "u1", DSN: d}}, nil, pool.Options{})
	defer func() { require.NoError(t, pools.Close()) }()

	began := time.Now()
	_, err = pools.Ping(t.Context(), "u1")
	waited := time.Since(began)
	require.ErrorIs(t, err, area.ErrUnavailable)
	_, text, found := strings.Cut(err.Error(), "no connection within ")
	require.True(t, found, err)
	told, err := time.ParseDuration(text)
	require.NoError(t, err)
	require.InDelta(t, waited.Seconds(), told.Seconds(), 0.5)
}
