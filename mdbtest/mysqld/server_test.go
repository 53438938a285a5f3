package mysqld_test

import (
	"context"
	"database/sql"
	"io"
	"net"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/mdbtest/mysqld"
)

func TestServer_Kill_keepsCommittedRows(t *testing.T) {
	t.Parallel()
	s := mysqld.ForTest(t, 1, mysqld.Options{}).Servers[0]
	run(t, s.DB(), "CREATE DATABASE d")
	run(t, s.DB(), "CREATE TABLE d.rows (id INT PRIMARY KEY)")
	for i := range 100 {
		run(t, s.DB(), "INSERT INTO d.rows VALUES (?)", i)
	}
	addr, before := s.Addr(), identity(t, s)

	require.NoError(t, s.Kill())
	require.False(t, s.Running())
	require.Zero(t, s.PID())
	_, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", addr)
	require.ErrorContains(t, err, "refused", "a dead server answers nobody")

	require.NoError(t, s.Restart(t.Context()))
	require.Equal(t, addr, s.Addr())
	require.Equal(t, before, identity(t, s))
	var n int
	require.NoError(t, s.DB().QueryRowContext(t.Context(), "SELECT COUNT(*) FROM d.rows").Scan(&n))
	require.Equal(t, 100, n)
}

func TestServer_Stop(t *testing.T) {
	t.Parallel()
	s := mysqld.ForTest(t, 1, mysqld.Options{}).Servers[0]
	require.NoError(t, s.Stop(t.Context()))
	require.False(t, s.Running())
	require.NoError(t, s.Stop(t.Context()), "a stopped server is left alone")
	require.NoError(t, s.Kill(), "a stopped server is left alone")
	require.Contains(t, s.Log(), "Shutdown complete")

	require.NoError(t, s.Restart(t.Context(), "--read-only=1"))
	var readOnly bool
	require.NoError(t, s.DB().QueryRowContext(t.Context(), "SELECT @@read_only").Scan(&readOnly))
	require.True(t, readOnly, "the flags of a restart count")
	pid := s.PID()
	require.NoError(t, s.Restart(t.Context()))
	require.NotEqual(t, pid, s.PID(), "a running server is started anew")
	require.NoError(t, s.DB().QueryRowContext(t.Context(), "SELECT @@read_only").Scan(&readOnly))
	require.False(t, readOnly, "the flags of a restart count once")
}

func TestServer_Stop_killsWhenTheContextEnds(t *testing.T) {
	t.Parallel()
	s := mysqld.ForTest(t, 1, mysqld.Options{}).Servers[0]
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, s.Stop(ctx), context.Canceled)
	require.False(t, s.Running())
}

func TestServer_Pause(t *testing.T) {
	t.Parallel()
	s := mysqld.ForTest(t, 1, mysqld.Options{}).Servers[0]
	conn, err := s.DB().Conn(t.Context())
	require.NoError(t, err)
	defer conn.Close()
	require.NoError(t, s.Pause(t.Context()))
	require.True(t, s.Running())

	answer := make(chan error, 1)
	go func() {
		var one int
		answer <- conn.QueryRowContext(context.WithoutCancel(t.Context()), "SELECT 1").Scan(&one)
	}()
	select {
	case err := <-answer:
		require.Failf(t, "a paused server answered", "%v", err)
	case <-time.After(100 * time.Millisecond):
	}
	require.NoError(t, s.Resume())
	require.NoError(t, <-answer, "the statement goes on where it was")

	require.NoError(t, s.Pause(t.Context()))
	require.NoError(t, s.Kill(), "a paused server can be killed")
	require.ErrorContains(t, s.Pause(t.Context()), "does not run")
	require.ErrorContains(t, s.Resume(), "does not run")
}

func TestServer_Restart_noticesAForeignServer(t *testing.T) {
	t.Parallel()
	c := mysqld.ForTest(t, 2, mysqld.Options{})
	ours, foreign := c.Servers[0], c.Servers[1]
	require.NoError(t, ours.Kill())
	forward(t, ours.Addr(), foreign.Addr())

	err := ours.Restart(t.Context())

	var wrong *mysqld.ForeignError
	require.ErrorAs(t, err, &wrong)
	require.Equal(t, ours.Addr(), wrong.Addr)
	require.Equal(t, foreign.DataDir(), filepath.Clean(wrong.DataDir))
	require.False(t, ours.Running(), "nothing is left running behind a foreign server")
}

func TestServer_Close(t *testing.T) {
	t.Parallel()
	c := mysqld.ForTest(t, 1, mysqld.Options{})
	s := c.Servers[0]
	pid, data := s.PID(), s.DataDir()
	require.NoError(t, c.Close())
	require.NoError(t, c.Close(), "closing twice does nothing")
	require.True(t, gone(pid))
	require.NoDirExists(t, data)
	require.ErrorIs(t, s.Restart(t.Context()), mysqld.ErrClosed)
	require.Error(t, s.DB().PingContext(t.Context()))
}

func TestServer_Config(t *testing.T) {
	t.Parallel()
	c, prefix := servers.Get(t)
	s := c.Servers[0]
	run(t, s.DB(), "CREATE DATABASE "+prefix+"d")
	db, err := sql.Open("mysql", s.DSN(prefix+"d"))
	require.NoError(t, err)
	defer db.Close()
	var name string
	require.NoError(t, db.QueryRowContext(t.Context(), "SELECT DATABASE()").Scan(&name))
	require.Equal(t, prefix+"d", name)
	require.Equal(t, s.Addr(), s.Config().Addr)
	require.Empty(t, s.Config().DBName)
}

// identity is what must differ between servers and stay over a restart.
func identity(t *testing.T, s *mysqld.Server) [2]string {
	t.Helper()
	uid := "@@server_uuid"
	if s.Binary().Flavor == mysqld.MariaDB {
		uid = "@@server_uid"
	}
	var id [2]string
	require.NoError(t, s.DB().QueryRowContext(t.Context(), "SELECT "+uid+", @@server_id").Scan(&id[0], &id[1]))
	return id
}

func run(t *testing.T, db *sql.DB, query string, args ...any) {
	t.Helper()
	_, err := db.ExecContext(t.Context(), query, args...)
	require.NoError(t, err)
}

// forward listens on one address and passes every connection on to another,
// until the test ends.
func forward(t *testing.T, from, to string) {
	t.Helper()
	var config net.ListenConfig
	l, err := config.Listen(t.Context(), "tcp", from)
	require.NoError(t, err)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			server, err := (&net.Dialer{}).Dial("tcp", to)
			if err != nil {
				client.Close()
				continue
			}
			splice(client, server)
		}
	}()
	t.Cleanup(func() {
		l.Close()
		<-done
	})
}

// splice copies both ways until either side ends.
func splice(a, b net.Conn) {
	go func() {
		_, _ = io.Copy(a, b)
		a.Close()
	}()
	_, _ = io.Copy(b, a)
	b.Close()
}
