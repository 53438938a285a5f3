package embedded_test

import (
	"context"
	"database/sql"
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/mdbtest/embedded"
)

func TestStart_listensWhereItIsTold(t *testing.T) {
	t.Parallel()
	server, err := embedded.Start(embedded.Options{Addr: "localhost:0"})
	require.NoError(t, err)
	host, port, err := net.SplitHostPort(server.Addr())
	require.NoError(t, err)
	require.True(t, net.ParseIP(host).IsLoopback(), host)
	require.NotEqual(t, "0", port)
	require.Equal(t, "root@tcp("+server.Addr()+")/", server.DSN())

	_, err = embedded.Start(embedded.Options{Addr: server.Addr()})
	require.ErrorContains(t, err, "address already in use")
	require.NoError(t, server.Close())
	again, err := embedded.Start(embedded.Options{Addr: server.Addr()})
	require.NoError(t, err, "the address is free after Close")
	require.NoError(t, again.Close())
}

func TestStart_refusesBadOptions(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		opts embedded.Options
	}{
		{name: "an address that others can reach", opts: embedded.Options{Addr: "192.0.2.1:0"}},
		{name: "all addresses", opts: embedded.Options{Addr: ":0"}},
		{name: "no port", opts: embedded.Options{Addr: "127.0.0.1"}},
		{name: "a negative wait", opts: embedded.Options{LockWait: -time.Second}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := embedded.Start(tt.opts)
			require.ErrorContains(t, err, "embedded: ")
		})
	}
}

func TestServer_keepsDataApart(t *testing.T) {
	t.Parallel()
	_, a := start(t, embedded.Options{})
	_, b := start(t, embedded.Options{})
	exec(t, a, "CREATE TABLE t (id INT PRIMARY KEY)")
	_, err := b.ExecContext(t.Context(), "INSERT INTO t VALUES (1)")
	requireNumber(t, err, 1146, "42S02")
}

func TestServer_letsOnlyRootIn(t *testing.T) {
	t.Parallel()
	server, db := start(t, embedded.Options{})
	exec(t, db, "CREATE USER 'rw'@'%' IDENTIFIED BY 'secret'")
	exec(t, db, "GRANT ALL ON *.* TO 'rw'@'%'")
	for user, want := range map[string]bool{"root": true, "nobody": false, "root:wrong": false, "rw": false, "rw:wrong": false, "rw:secret": true} {
		other, err := sql.Open("mysql", user+"@tcp("+server.Addr()+")/d")
		require.NoError(t, err)
		err = other.PingContext(t.Context())
		require.Equal(t, want, err == nil, "%s: %v", user, err)
		require.NoError(t, other.Close())
	}
}

// Close must also end what waits, and goleak in TestMain sees what it leaves.
func TestServer_closeEndsEverything(t *testing.T) {
	t.Parallel()
	server, db := start(t, patient)
	exec(t, db, "CREATE TABLE t (id INT PRIMARY KEY)")
	idle, err := db.Conn(t.Context())
	require.NoError(t, err)
	holder := begin(t, db)
	exec(t, holder, "INSERT INTO t VALUES (1)")
	require.EqualValues(t, 1, number(t, holder, "SELECT GET_LOCK('l', 0)"))

	waiting := make(chan error, 3)
	for _, query := range []string{"INSERT INTO t VALUES (2)", "SELECT GET_LOCK('l', 300)", "SELECT SLEEP(300)"} {
		go func() {
			_, err := db.ExecContext(context.WithoutCancel(t.Context()), query)
			waiting <- err
		}()
	}
	require.Eventually(t, func() bool {
		// The insert waits before the engine sees it, and shows as a connection alone.
		return number(t, idle, "SELECT COUNT(*) FROM information_schema.processlist") >= 5 &&
			number(t, idle, "SELECT COUNT(*) FROM information_schema.processlist WHERE command = 'Query'") >= 3
	}, 10*time.Second, 10*time.Millisecond)

	closed := make(chan error, 1)
	go func() { closed <- server.Close() }()
	select {
	case err := <-closed:
		require.NoError(t, err)
	case <-time.After(20 * time.Second):
		require.Fail(t, "Close hangs")
	}
	for range cap(waiting) {
		require.Error(t, <-waiting)
	}
	_, err = idle.ExecContext(t.Context(), "SELECT 1")
	require.Error(t, err, "an idle connection is closed too")
	require.Error(t, holder.Commit())
	require.Error(t, db.PingContext(t.Context()))
	require.NoError(t, server.Close(), "a second time")
}

// A client that does not take its rows must not keep a transaction from committing.
func TestServer_commitsBesideASlowReader(t *testing.T) {
	t.Parallel()
	server, db := start(t, embedded.Options{})
	exec(t, db, "CREATE TABLE big (id INT PRIMARY KEY, data LONGTEXT NOT NULL)")
	for id := range 4 {
		exec(t, db, "INSERT INTO big VALUES (?, REPEAT('x', 4000000))", id)
	}
	slow := open(t, server, "d", true)
	rows, err := slow.QueryContext(t.Context(), "SELECT data FROM big")
	require.NoError(t, err)
	defer func() { require.NoError(t, rows.Close()) }()
	require.True(t, rows.Next())

	exec(t, db, "DELETE FROM big")
	for range 3 {
		require.True(t, rows.Next())
		var data string
		require.NoError(t, rows.Scan(&data))
		require.Len(t, data, 4000000)
	}
	require.False(t, rows.Next())
	require.NoError(t, rows.Err())
}

func TestServer_keepsTheRowsOfReadersApart(t *testing.T) {
	t.Parallel()
	_, db := start(t, embedded.Options{})
	exec(t, db, "CREATE TABLE t (id INT PRIMARY KEY)")
	for id := range 300 {
		exec(t, db, "INSERT INTO t VALUES (?)", id)
	}
	together(t, func(writer, _ int) error {
		rows, err := db.QueryContext(t.Context(), "SELECT id, CONCAT(id, '-', ?) FROM t ORDER BY id", writer)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for want := 0; rows.Next(); want++ {
			var id int
			var text string
			if err := rows.Scan(&id, &text); err != nil {
				return err
			}
			if id != want || text != fmt.Sprintf("%d-%d", want, writer) {
				return fmt.Errorf("reader %d row %d: %d, %q", writer, want, id, text)
			}
		}
		return rows.Err()
	})
}
