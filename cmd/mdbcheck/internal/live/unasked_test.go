package live_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/cmd/mdbcheck/internal/live"
	"github.com/mdbrouter/mdb/mdbtest/mysqld"
	"github.com/mdbrouter/mdb/mdbtest/proxy"
)

// onlyU3 demands that u3 alone was not asked, for a reason, and that nothing is
// said about what it holds.
func onlyU3(t *testing.T, s *site, report *live.Report, rule, reason string) {
	t.Helper()
	require.Equal(t, []live.Unasked{{Server: "u3", Reason: reason}}, report.Unasked)
	require.Len(t, report.Diagnostics, 1, "%v", s.lines(report))
	require.Equal(t, rule, report.Diagnostics[0].Rule)
	require.Contains(t, report.Diagnostics[0].Address, "server.u3")
	require.Equal(t, 2, report.Servers)
	require.Equal(t, 7, report.Shards)
}

func TestCheck_aServerThatIsDown(t *testing.T) {
	t.Parallel()
	s := newSiteOn(t, mysqld.ForTest(t, 3, mysqld.Options{}))
	require.NoError(t, s.process("u3").Kill())
	onlyU3(t, s, s.check(live.Options{}), "MDB801", "connection refused")
}

func TestCheck_aServerThatIsPaused(t *testing.T) {
	t.Parallel()
	s := newSiteOn(t, mysqld.ForTest(t, 3, mysqld.Options{}))
	u3 := s.process("u3")
	require.NoError(t, u3.Pause(t.Context()))
	t.Cleanup(func() { _ = u3.Resume() })
	began := time.Now()
	report := s.check(live.Options{Timeout: 3 * time.Second})
	require.Less(t, time.Since(began), 20*time.Second)
	onlyU3(t, s, report, "MDB801", "no answer within 3s")
}

// Whatever statement the answer of which never comes, the server's time limit
// ends it.
func TestCheck_anAnswerThatNeverComes(t *testing.T) {
	t.Parallel()
	for _, statement := range []string{"SET SESSION", "SHOW VARIABLES", "SELECT schema_name", "SELECT namespace", "SHOW GRANTS", "SELECT s.namespace"} {
		t.Run(statement, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			p, err := proxy.Start(t.Context(), s.process("u3").Addr())
			require.NoError(t, err)
			t.Cleanup(func() { _ = p.Close() })
			s.addr["u3"] = p.Addr()
			s.write()
			p.SwallowReply(proxy.Query(statement))
			began := time.Now()
			report := s.check(live.Options{Timeout: 2 * time.Second})
			require.Less(t, time.Since(began), 20*time.Second)
			onlyU3(t, s, report, "MDB801", "no answer within 2s")
		})
	}
}

// A statement that takes too long goes on at the server no longer than it is
// waited for.
func TestCheck_aStatementThatWaits(t *testing.T) {
	t.Parallel()
	s := newSiteOn(t, mysqld.ForTest(t, 3, mysqld.Options{}))
	blocker, err := s.process("u3").DB().Conn(t.Context())
	require.NoError(t, err)
	defer blocker.Close()
	_, err = blocker.ExecContext(t.Context(), "LOCK TABLES `"+s.prefix+"user_p1_2`.mdb_shard WRITE")
	require.NoError(t, err)
	report := s.check(live.Options{Timeout: 2 * time.Second})
	require.Len(t, report.Unasked, 1)
	require.Equal(t, "u3", report.Unasked[0].Server)
	require.Equal(t, []string{"MDB801 server.u3: u3 does not answer everything"}, s.lines(report))
	require.Eventually(t, func() bool {
		var left int
		require.NoError(t, s.process("u3").DB().QueryRowContext(t.Context(),
			"SELECT COUNT(*) FROM information_schema.processlist WHERE command = 'Query' AND user LIKE CONCAT(?, '%')", s.prefix).Scan(&left))
		return left == 0
	}, 30*time.Second, 10*time.Millisecond)
}

// A table that is locked keeps its rows from being sampled, and nothing else of its
// server from being told.
func TestCheck_aTableThatIsLocked(t *testing.T) {
	t.Parallel()
	s := newSiteOn(t, mysqld.ForTest(t, 3, mysqld.Options{}))
	s.exec("u3", "ALTER TABLE {user_p1_2}.tbl_order ADD n INT")
	blocker, err := s.process("u3").DB().Conn(t.Context())
	require.NoError(t, err)
	defer blocker.Close()
	_, err = blocker.ExecContext(t.Context(), "LOCK TABLES `"+s.prefix+"user_p1_2`.tbl_user WRITE")
	require.NoError(t, err)
	report := s.check(live.Options{Timeout: 3 * time.Second, Sample: 10})
	require.Len(t, report.Unasked, 1)
	require.Equal(t, "u3", report.Unasked[0].Server)
	require.Contains(t, report.Unasked[0].Reason, "not all tables were sampled")
	require.Equal(t, []string{"MDB810 briefcase.customer.table.tbl_order: tbl_order differs in p1/2 of area user: column n: INT NULL here, missing in the other 4 shards"}, s.lines(report))
	require.Equal(t, []int{2, 1}, []int{report.Servers, report.ServersLeft})
}

// A database that mdb cannot read is named, wherever it comes from.
func TestCheck_aDatabaseThatIsStrange(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.exec("u3", "CREATE DATABASE {wiki}")
	s.exec("u3", "CREATE TABLE {wiki}.mdb_shard (id INT)")
	report := s.check(live.Options{})
	require.Equal(t, "database "+s.prefix+"wiki: server error 1054: a table lacks a column", report.Unasked[0].Reason)
	require.Equal(t, []string{"MDB801 server.u3: u3 does not answer everything"}, s.lines(report))
	require.Contains(t, report.Diagnostics[0].Help, "rename what is not mdb's")
}

// What a login lacks at a server is its next step, and not whether the server runs.
func TestCheck_aServerThatIsFull(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.exec("u3", "ALTER USER '"+s.prefix+"rw'@'127.0.0.1' WITH MAX_CONNECTIONS_PER_HOUR 1")
	report := s.check(live.Options{})
	require.Equal(t, []string{"MDB801 server.u3: u3 does not answer everything"}, s.lines(report))
	require.Contains(t, report.Diagnostics[0].Help, "raise the limit")
}

func TestCheck_aLoginThatIsRefused(t *testing.T) {
	t.Parallel()
	const reason = "server error 1045: user or password is wrong, or the user does not exist for this host"
	for _, user := range []string{"admin", "rw"} {
		t.Run(user, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			s.exec("u3", "SET PASSWORD FOR '"+s.prefix+user+"'@'127.0.0.1' = PASSWORD('another')")
			onlyU3(t, s, s.check(live.Options{}), "MDB802", reason)
		})
	}
}

func TestCheck_aVariableThatIsNotSet(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.edit(`server "u3" { address = "<u3>" }`, `server "u3" { dsn = env("MDB_TEST_UNSET_DSN") }`)
	report := s.check(live.Options{})
	require.Equal(t, []live.Unasked{{Server: "u3", Reason: `env("MDB_TEST_UNSET_DSN") is not set: set it and run again`}}, report.Unasked)
	require.Empty(t, s.lines(report))
}

// The end of the context ends a check at once, however long a server may take.
func TestCheck_endsWithItsContext(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	p, err := proxy.Start(t.Context(), s.process("u3").Addr())
	require.NoError(t, err)
	t.Cleanup(func() { _ = p.Close() })
	s.addr["u3"] = p.Addr()
	s.write()
	p.BlackHole(true)
	ctx, cancel := context.WithCancel(t.Context())
	began := time.Now()
	_, err = live.Check(ctx, s.config(), live.Options{Timeout: 5 * time.Minute, Progress: func(p live.Progress) {
		if p.Done == 2 {
			cancel()
		}
	}})
	require.ErrorIs(t, err, context.Canceled)
	require.Less(t, time.Since(began), time.Minute)
}

// Progress names who is waited for, and comes to its end.
func TestCheck_progress(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	var told []live.Progress
	_ = s.check(live.Options{Parallel: 1, Progress: func(p live.Progress) { told = append(told, p) }})
	require.Equal(t, live.Progress{Total: 3}, told[0])
	require.Equal(t, live.Progress{Total: 3, Waiting: []string{"u1"}}, told[1])
	last := told[len(told)-1]
	require.Equal(t, 3, last.Done)
	require.Empty(t, last.Waiting)
}
