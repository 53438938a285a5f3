package live_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/cmd/mdbcheck/internal/live"
	"github.com/mdbrouter/mdb/mdbtest/mysqld"
)

// replicated gives a site whose u1 has a replica b that has caught up, which is
// the fourth server.
func replicated(t *testing.T) (*site, *mysqld.Server) {
	t.Helper()
	cluster := mysqld.ForTest(t, 4, mysqld.Options{})
	b := cluster.Servers[3]
	require.NoError(t, b.Follow(t.Context(), cluster.Servers[0]))
	s := newSiteOn(t, &mysqld.Cluster{Servers: cluster.Servers[:3]})
	require.NoError(t, b.CatchUp(t.Context(), cluster.Servers[0]))
	s.edit(`server "u1" { address = "<u1>" }`, `server "u1" {
  address = "<u1>"
  replica "b" { address = "`+b.Addr()+`" }
}`)
	return s, b
}

func execOn(t *testing.T, server *mysqld.Server, statement string) {
	t.Helper()
	_, err := server.DB().ExecContext(t.Context(), statement)
	require.NoError(t, err, statement)
}

// That a login is not set says nothing about what it may do.
func TestReplica_anAdminThatIsNotSet(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.edit(`server "u1" { address = "<u1>" }`, "server \"u1\" {\n  address = \"<u1>\"\n  replica \"b\" { address = \"<u2>\" }\n}")
	s.edit("password = var.admin_password", `password = env("MDB_TEST_UNSET_PASSWORD")`)
	report := s.check(live.Options{})
	require.Empty(t, s.lines(report))
	require.Contains(t, report.Unasked, live.Unasked{Server: "u1/b", Reason: `env("MDB_TEST_UNSET_PASSWORD") is not set: set it and run again`})
	require.Equal(t, []int{0, 3, 0, 1}, []int{report.Servers, report.ServersLeft, report.Replicas, report.ReplicasLeft})
}

func TestReplica(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		wreck func(s *site, b *mysqld.Server)
		want  []string
	}{
		{"it replicates", func(*site, *mysqld.Server) {}, nil},
		{"its applier was stopped", func(s *site, b *mysqld.Server) {
			execOn(s.t, b, "STOP SLAVE SQL_THREAD")
		}, []string{"MDB805 server.u1.replica.b: u1/b does not replicate"}},
		{"its receiver was stopped", func(s *site, b *mysqld.Server) {
			execOn(s.t, b, "STOP SLAVE IO_THREAD")
		}, []string{"MDB805 server.u1.replica.b: u1/b does not replicate"}},
		{"it follows nobody", func(s *site, b *mysqld.Server) {
			require.NoError(s.t, b.Promote(s.t.Context()))
		}, []string{"MDB805 server.u1.replica.b: u1/b is no replica: it follows nobody"}},
		{"it is declared under another server", func(s *site, b *mysqld.Server) {
			s.edit(`  replica "b" { address = "`+b.Addr()+"\" }\n", "")
			s.edit(`server "u2" { address = "<u2>" }`, "server \"u2\" {\n  address = \"<u2>\"\n  replica \"b\" { address = \""+b.Addr()+"\" }\n}")
		}, []string{"MDB805 server.u2.replica.b: u2/b replicates from u1"}},
		{"it is its primary", func(s *site, b *mysqld.Server) {
			s.edit(b.Addr(), "localhost:"+s.process("u1").Addr()[len("127.0.0.1:"):])
		}, []string{
			"MDB803 server.u1.replica.b: u1 and u1/b are one server",
			"MDB805 server.u1.replica.b: u1/b is no replica: it follows nobody",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, b := replicated(t)
			tt.wreck(s, b)
			report := s.check(live.Options{})
			require.Empty(t, report.Unasked)
			require.Equal(t, tt.want, s.lines(report))
			require.Equal(t, 1, report.Replicas)
		})
	}
}

// A write that was made an hour ago and waits on the replica makes it late.
func TestReplica_thatIsLate(t *testing.T) {
	t.Parallel()
	s, b := replicated(t)
	blocker, err := b.DB().Conn(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() { _ = blocker.Close() })
	table := "`" + s.prefix + "user_p0_0`.tbl_user"
	_, err = blocker.ExecContext(t.Context(), "LOCK TABLES "+table+" WRITE")
	require.NoError(t, err)
	writer, err := s.process("u1").DB().Conn(t.Context())
	require.NoError(t, err)
	defer writer.Close()
	for _, statement := range []string{"SET TIMESTAMP = UNIX_TIMESTAMP() - 3600", "INSERT INTO " + table + " (g_user, name) VALUES (REPEAT('x', 12), 'late')"} {
		_, err = writer.ExecContext(t.Context(), statement)
		require.NoError(t, err)
	}
	require.Eventually(t, func() bool {
		got := s.found(live.Options{}, "MDB805")
		return len(got) == 1
	}, time.Minute, 10*time.Millisecond)
	require.Empty(t, s.found(live.Options{Lag: 2 * time.Hour}, "MDB805"))
	_, err = blocker.ExecContext(t.Context(), "UNLOCK TABLES")
	require.NoError(t, err)
	require.NoError(t, b.CatchUp(t.Context(), s.process("u1")))
	require.Empty(t, s.found(live.Options{}, "MDB805"))
}

// A replica that does not answer is unasked, and its primary is not.
func TestReplica_thatIsPaused(t *testing.T) {
	t.Parallel()
	s, b := replicated(t)
	require.NoError(t, b.Pause(context.WithoutCancel(t.Context())))
	t.Cleanup(func() { _ = b.Resume() })
	report := s.check(live.Options{Timeout: 3 * time.Second})
	require.Equal(t, []live.Unasked{{Server: "u1/b", Reason: "no answer within 3s"}}, report.Unasked)
	require.Equal(t, []string{"MDB801 server.u1.replica.b: u1/b does not answer"}, s.lines(report))
	require.Equal(t, 3, report.Servers)
	require.Zero(t, report.Replicas)
}

// Where no login may ask for the state of replication, that is said.
func TestReplica_thatMayNotBeAsked(t *testing.T) {
	t.Parallel()
	s, b := replicated(t)
	s.exec("u1", "REVOKE BINLOG MONITOR, REPLICA MONITOR ON *.* FROM '"+s.prefix+"admin'@'127.0.0.1'")
	require.NoError(t, b.CatchUp(t.Context(), s.process("u1")))
	report := s.check(live.Options{})
	require.Equal(t, []live.Unasked{{Server: "u1/b", Reason: "server error 1227: the login lacks a right"}}, report.Unasked)
	require.Equal(t, []string{"MDB822 server.u1.replica.b: no login may ask u1/b for the state of replication"}, s.lines(report))
}
