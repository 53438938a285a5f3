package live_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb"
	"github.com/mdbrouter/mdb/cmd/mdbcheck/internal/live"
	"github.com/mdbrouter/mdb/mdbtest/mysqld"
)

// harmless are the statements that a check may send.
var harmless = regexp.MustCompile(`(?i)^(\(?SELECT |SHOW |SET SESSION (TRANSACTION READ ONLY$|max_statement_time = |max_execution_time = |lock_wait_timeout = )|SET NAMES |` +
	`START TRANSACTION READ ONLY|SET STATEMENT max_statement_time|ROLLBACK$|COMMIT$)`)

// writing are words that have a SELECT or SHOW write or wait for others.
var writing = regexp.MustCompile(`(?i)\b(INTO|FOR UPDATE|LOCK IN SHARE MODE|GET_LOCK|NEXTVAL|SLEEP|INSERT|UPDATE|DELETE|REPLACE|CREATE|DROP|ALTER)\b`)

// Nothing is written: not a statement that reaches a server could, whatever is
// wrong with the site.
func TestCheck_writesNothing(t *testing.T) {
	t.Parallel()
	s := newSiteOn(t, mysqld.ForTest(t, 3, mysqld.Options{}))
	s.fill()
	wrecks := []func(){
		func() {},
		func() {
			s.exec("u1", "DROP TABLE {user_p0_0}.mdb_case")
			s.exec("u2", "ALTER TABLE {user_p0_1}.tbl_order ADD state INT NOT NULL DEFAULT 0")
			s.exec("u3", "DROP DATABASE {user_p1_2}")
		},
	}
	for _, wreck := range wrecks {
		wreck()
		s.logging("ON")
		before := s.binlogs()
		_ = s.check(live.Options{Sample: 100, Instances: 5})
		s.logging("OFF")
		require.Equal(t, before, s.binlogs(), "the binary logs have grown")
		seen := 0
		for _, label := range []string{"u1", "u2", "u3"} {
			for _, session := range s.logged(label) {
				seen += len(session)
				for _, statement := range session {
					require.Regexp(t, harmless, statement)
					require.NotRegexp(t, writing, quotedText.ReplaceAllString(statement, "''"))
				}
				if strings.Contains(session[0], "FROM mdb_shard s") { // a connection that was opened as a service does, and closed
					continue
				}
				require.Contains(t, session, "SET SESSION TRANSACTION READ ONLY")
				if all := strings.Join(session, "\n"); !strings.Contains(all, "FROM `mdb_sequence`") { // one row by its key
					require.Regexp(t, `(?m)^SET SESSION max_statement_time = \d`, all)
				}
			}
		}
		require.Greater(t, seen, 50)
	}
}

var quotedText = regexp.MustCompile("'[^']*'|`[^`]*`")

// fill writes some briefcases, so that there are rows to look at.
func (s *site) fill() {
	s.t.Helper()
	router, err := mdb.Open(s.t.Context(), s.dir, mdb.Options{Vars: s.vars()})
	require.NoError(s.t, err)
	defer func() { require.NoError(s.t, router.Close()) }()
	users, err := router.Area("user")
	require.NoError(s.t, err)
	ids, err := users.NewIDs(s.t.Context(), 20)
	require.NoError(s.t, err)
	for _, id := range ids {
		b, err := users.Briefcase(id)
		require.NoError(s.t, err)
		_, err = b.ExecContext(s.t.Context(), "INSERT INTO tbl_user (g_user, name) VALUES (?, ?)", id, "x")
		require.NoError(s.t, err)
	}
}

// logging has the servers note the statements of the site's users, or stop.
func (s *site) logging(state string) {
	s.t.Helper()
	for _, label := range []string{"u1", "u2", "u3"} {
		s.exec(label, "SET GLOBAL log_output = 'TABLE'")
		if state == "ON" {
			s.exec(label, "TRUNCATE mysql.general_log")
		}
		s.exec(label, "SET GLOBAL general_log = '"+state+"'")
	}
}

// logged gives the statements that the site's users sent, by their sessions.
func (s *site) logged(label string) map[int][]string {
	s.t.Helper()
	rows, err := s.process(label).DB().QueryContext(s.t.Context(),
		"SELECT thread_id, CONVERT(argument USING utf8mb4) FROM mysql.general_log WHERE command_type IN ('Query', 'Prepare', 'Execute') AND user_host LIKE CONCAT('%', ?, '%')", s.prefix)
	require.NoError(s.t, err)
	defer rows.Close()
	sessions := map[int][]string{}
	for rows.Next() {
		var thread int
		var text string
		require.NoError(s.t, rows.Scan(&thread, &text))
		sessions[thread] = append(sessions[thread], strings.TrimSpace(text))
	}
	require.NoError(s.t, rows.Err())
	return sessions
}

// binlogs gives how far the binary logs of the servers have come.
func (s *site) binlogs() map[string]string {
	s.t.Helper()
	at := map[string]string{}
	for _, label := range []string{"u1", "u2", "u3"} {
		var gtid string
		require.NoError(s.t, s.process(label).DB().QueryRowContext(s.t.Context(), "SELECT @@GLOBAL.gtid_binlog_pos").Scan(&gtid))
		at[label] = gtid
	}
	return at
}
