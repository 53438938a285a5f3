package pool_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/area/pool"
)

// admitted are statements that run, with their kind. guard_test.go runs them on
// a server too.
var admitted = []struct{ kind, text string }{
	{"read", "SELECT 1"},
	{"read", "select 1"},
	{"read", "SELECT 1;"},
	{"read", " \t\r\n SELECT 1 ;\n-- done"},
	{"read", "-- name: GetUser :one\nSELECT 1"},
	{"read", "--\nSELECT 1"},
	{"read", "# a comment\nSELECT 1"},
	{"read", "/* a comment */ SELECT 1"},
	{"read", "/**/SELECT/**/1"},
	{"read", "/* one */ -- two\n # three\n /* four */ SELECT 1"},
	{"read", "(SELECT 1)"},
	{"read", "((SELECT 1)) UNION (SELECT 2)"},
	{"read", "( /* x */ SELECT 1)"},
	{"read", "SELECT 'a;b', \"c;d\", `v` FROM t"},
	{"read", "SELECT ';', '/*! */', '-- x', '#', 'INTO OUTFILE', 'GET_LOCK'"},
	{"read", "SELECT 'it\\'s; COMMIT'"},
	{"read", "SELECT 'it''s; COMMIT'"},
	{"read", "SELECT '\\\\'"},
	{"read", "SELECT 1 -- ; COMMIT"},
	{"read", "SELECT 1 # ; COMMIT"},
	{"read", "SELECT 1 /* ; COMMIT */"},
	{"read", "SELECT 2/1, 2*1, 2--1, 2- -1, 5 % 3, ~1, !0, 1 <=> 1, @@version, 'ü', ü FROM (SELECT 1 AS ü) x"},
	{"read", "SELECT 1e5, .5, 0x41, b'1', N'x', _utf8mb4'x'"},
	{"read", "SELECT id FROM t WHERE id = 1 FOR UPDATE"},
	{"read", "SELECT id FROM t LOCK IN SHARE MODE"},
	{"read", "SELECT /*+ MAX_EXECUTION_TIME(1000) */ 1"},
	{"read", "SELECT into_x, xinto, `into`, i FROM (SELECT 1 AS into_x, 2 AS xinto, 3 AS `into`, 4 AS i) q"},
	{"read", "SELECT SLEEP(0), RELEASE_LOCK('x'), IS_FREE_LOCK('x'), LAST_INSERT_ID(), FOUND_ROWS()"},
	{"read", "SELECT @a := 1"},
	{"read", "SHOW TABLES"},
	{"read", "SHOW VARIABLES LIKE 'version'"},
	{"read", "SHOW CREATE TABLE t"},
	{"read", "SHOW STATUS LIKE 'Uptime'"},
	{"read", "SHOW ENGINE INNODB STATUS"},
	{"read", "SHOW WARNINGS"},
	{"read", "SHOW PROCESSLIST"},
	{"read", "SHOW BINLOG EVENTS LIMIT 1"},
	{"read", "SHOW BINARY LOGS"},
	{"read", "SHOW GRANTS"},
	{"read", "EXPLAIN SELECT 1"},
	{"read", "EXPLAIN UPDATE t SET v = 1"},
	{"read", "EXPLAIN DELETE FROM t"},
	{"read", "EXPLAIN FORMAT=JSON SELECT * FROM t"},
	{"read", "DESCRIBE t"},
	{"read", "DESC t"},
	{"read", "WITH a AS (SELECT 1 AS n) SELECT n FROM a"},
	{"read", "WITH RECURSIVE a AS (SELECT 1 AS n UNION SELECT n + 1 FROM a WHERE n < 3), b (n) AS (SELECT n FROM a) SELECT * FROM b"},
	{"read", "VALUES (1, 2)"},
	{"write", "INSERT INTO t (id, v) VALUES (100, 1)"},
	{"write", "insert t (id, v) values (101, 1)"},
	{"write", "INSERT LOW_PRIORITY IGNORE INTO t (id, v) VALUES (102, 1)"},
	{"write", "INSERT /* x */ INTO t (id, v) SELECT id + 200, v FROM t LIMIT 1"},
	{"write", "INSERT INTO t (id, v) VALUES (100, 1) ON DUPLICATE KEY UPDATE v = VALUES(v)"},
	{"write", "INSERT INTO t (id, v) VALUES (103, 1) RETURNING id"},
	{"write", "INSERT INTO t SET id = 104, name = 'it''s; INTO OUTFILE'"},
	{"write", "-- name: CreateUser :exec\nINSERT INTO t (id, v) VALUES (105, 1)"},
	{"write", "REPLACE INTO t (id, v) VALUES (100, 2)"},
	{"write", "REPLACE t (id, v) VALUES (100, 3)"},
	{"write", "UPDATE t SET v = 2 WHERE id = 1"},
	{"write", "UPDATE t a JOIN t b ON a.id = b.id SET a.v = 3"},
	{"write", "DELETE FROM t WHERE id = 100"},
	{"write", "DELETE a FROM t a WHERE id = 101"},
	{"write", "DELETE FROM t WHERE id = 102 RETURNING id"},
	{"savepoint", "SAVEPOINT s1"},
	{"savepoint", "ROLLBACK TO s1"},
	{"savepoint", "ROLLBACK TO SAVEPOINT s1"},
	{"savepoint", "ROLLBACK WORK TO SAVEPOINT s1"},
	{"savepoint", "/* x */ rollback to s1;"},
	{"savepoint", "RELEASE SAVEPOINT s1"},
}

// admittedElsewhere are statements that MariaDB does not know and MySQL does.
var admittedElsewhere = []struct{ kind, text string }{
	{"read", "(WITH a AS (SELECT 1 AS n) SELECT n FROM a)"},
	{"read", "TABLE t"},
	{"read", "VALUES ROW(1, 2)"},
	{"read", "EXPLAIN ANALYZE SELECT 1"},
	{"read", "SELECT id FROM t FOR SHARE"},
	{"write", "WITH a AS (SELECT 1 AS id) UPDATE t JOIN a USING (id) SET v = 1"},
	{"write", "WITH a AS (SELECT 1 AS id) DELETE t FROM t JOIN a USING (id)"},
}

// refused are statements that never run, by the keyword that their error names.
var refused = []struct{ word, text string }{
	{"", ""},
	{"", "  "},
	{"", "-- only a comment"},
	{"", ";"},
	{"", "()"},
	{"", "?"},
	{"", "hunter2"},
	{"", "'SELECT'"},
	{"BEGIN", "BEGIN"},
	{"BEGIN", "BEGIN NOT ATOMIC SELECT 1; END"},
	{"START", "START TRANSACTION"},
	{"START", "/* x */ START TRANSACTION READ WRITE"},
	{"START", "START SLAVE"},
	{"STOP", "STOP SLAVE"},
	{"COMMIT", "COMMIT"},
	{"COMMIT", "commit and chain"},
	{"COMMIT", "-- name: x\nCOMMIT"},
	{"END", "END"},
	{"ROLLBACK", "ROLLBACK"},
	{"ROLLBACK", "ROLLBACK WORK"},
	{"ROLLBACK", "ROLLBACK AND CHAIN"},
	{"ROLLBACK", "ROLLBACK RELEASE"},
	{"ROLLBACK", "ROLLBACK /* TO s1 */"},
	{"ROLLBACK", "ROLLBACK -- TO s1"},
	{"RELEASE", "RELEASE"},
	{"RELEASE", "RELEASE s1"},
	{"CREATE", "CREATE TABLE x (id INT)"},
	{"CREATE", "CREATE TEMPORARY TABLE x (id INT)"},
	{"CREATE", "CREATE OR REPLACE VIEW x AS SELECT 1"},
	{"ALTER", "ALTER TABLE t ADD x INT"},
	{"DROP", "DROP TABLE t"},
	{"DROP", "DROP TEMPORARY TABLE t"},
	{"TRUNCATE", "TRUNCATE t"},
	{"RENAME", "RENAME TABLE t TO u"},
	{"SET", "SET autocommit = 0"},
	{"SET", "SET @a = 1"},
	{"SET", "SET STATEMENT max_statement_time = 1 FOR SELECT 1"},
	{"SET", "SET SESSION TRANSACTION READ WRITE"},
	{"SET", "SET PASSWORD = 'hunter2'"},
	{"USE", "USE mysql"},
	{"CALL", "CALL p()"},
	{"EXECUTE", "EXECUTE s"},
	{"EXECUTE", "EXECUTE IMMEDIATE 'COMMIT'"},
	{"PREPARE", "PREPARE s FROM 'COMMIT'"},
	{"DEALLOCATE", "DEALLOCATE PREPARE s"},
	{"XA", "XA START 'x'"},
	{"LOCK", "LOCK TABLES t READ"},
	{"LOCK", "LOCK INSTANCE FOR BACKUP"},
	{"UNLOCK", "UNLOCK TABLES"},
	{"FLUSH", "FLUSH TABLES"},
	{"FLUSH", "FLUSH TABLES WITH READ LOCK"},
	{"ANALYZE", "ANALYZE TABLE t"},
	{"ANALYZE", "ANALYZE UPDATE t SET v = 1"},
	{"OPTIMIZE", "OPTIMIZE TABLE t"},
	{"CHECK", "CHECK TABLE t"},
	{"REPAIR", "REPAIR TABLE t"},
	{"CHECKSUM", "CHECKSUM TABLE t"},
	{"CACHE", "CACHE INDEX t IN k"},
	{"LOAD", "LOAD DATA INFILE '/x' INTO TABLE t"},
	{"LOAD", "LOAD INDEX INTO CACHE t"},
	{"LOAD", "LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE t"},
	{"GRANT", "GRANT ALL ON *.* TO x"},
	{"REVOKE", "REVOKE ALL ON *.* FROM x"},
	{"HANDLER", "HANDLER t OPEN"},
	{"DO", "DO SLEEP(0)"},
	{"DO", "DO GET_LOCK('x', 1)"},
	{"HELP", "HELP 'x'"},
	{"KILL", "KILL 1"},
	{"SHUTDOWN", "SHUTDOWN"},
	{"RESET", "RESET MASTER"},
	{"PURGE", "PURGE BINARY LOGS TO 'x'"},
	{"CHANGE", "CHANGE MASTER TO MASTER_HOST = 'x'"},
	{"INSTALL", "INSTALL PLUGIN x SONAME 'y'"},
	{"UNINSTALL", "UNINSTALL PLUGIN x"},
	{"BINLOG", "BINLOG 'x'"},
	{"SIGNAL", "SIGNAL SQLSTATE '45000'"},
	{"RESIGNAL", "RESIGNAL"},
	{"GET", "GET DIAGNOSTICS @x = NUMBER"},
	{"IMPORT", "IMPORT TABLE FROM '/x'"},
	{"CLONE", "CLONE INSTANCE FROM x@y:1 IDENTIFIED BY 'z'"},
	{"BACKUP", "BACKUP STAGE START"},
	{"RESTART", "RESTART"},
	{"DECLARE", "DECLARE x INT"},
	{"IF", "IF 1 THEN COMMIT; END IF"},
	{"DELETE HISTORY", "DELETE HISTORY FROM t"},
	{"MERGE", "MERGE INTO t USING u ON 1 WHEN MATCHED THEN DELETE"},

	// Several statements.
	{"SELECT", "SELECT 1; COMMIT"},
	{"SELECT", "SELECT 1;COMMIT"},
	{"SELECT", "SELECT 1; -- x\nCOMMIT"},
	{"SELECT", "SELECT 1;;SELECT 2"},
	{"SELECT", "SELECT 1;;"},
	{"SELECT", "SELECT 1; /*! COMMIT */"},
	{"INSERT", "INSERT INTO t VALUES (1, 'a'); COMMIT"},
	{"SELECT", "SELECT 'it''s'; COMMIT"},
	{"SELECT", "SELECT '\\\\'; COMMIT -- '"},
	{"SELECT", "SELECT `a``b`; COMMIT"},
	{"SAVEPOINT", "SAVEPOINT s1; COMMIT"},

	// Executable comments.
	{"", "/*! COMMIT */"},
	{"", "/*!50000 COMMIT */"},
	{"", "/*M! COMMIT */"},
	{"", "/*M!100000 COMMIT */"},
	{"SELECT", "SELECT 1 /*! INTO OUTFILE '/x' */"},
	{"SELECT", "SELECT /*m! 1 */ 2"},
	{"", "/* x */ /*!99999 x */ SELECT 1"},
	{"SELECT", "SELECT 1 /*!*/"},
	{"UPDATE", "UPDATE /*!IGNORE*/ t SET v = 1"},

	// INTO.
	{"SELECT", "SELECT 1 INTO OUTFILE '/tmp/x'"},
	{"SELECT", "SELECT 1 INTO DUMPFILE '/tmp/x'"},
	{"SELECT", "SELECT 1 INTO @x"},
	{"SELECT", "SELECT 1 into/**/@x"},
	{"SELECT", "SELECT INTO"},
	{"SELECT", "SELECT 1e5INTO @x"},
	{"SELECT", "SELECT 1.INTO @x"},
	{"SELECT", "SELECT .5INTO @x"},
	{"SELECT", "SELECT 1e+5INTO @x"},
	{"SELECT", "(SELECT 1) INTO @x"},
	{"WITH", "WITH a AS (SELECT 1) SELECT * FROM a INTO @x"},
	{"TABLE", "TABLE t INTO OUTFILE '/tmp/x'"},
	{"INSERT", "INSERT t SELECT * INTO OUTFILE '/tmp/x' FROM t"},
	{"INSERT", "INSERT INTO t SELECT 1 INTO @x"},
	{"EXPLAIN", "EXPLAIN INSERT INTO t VALUES (1, 1)"},
	{"SELECT", "SELECT 'a'INTO @x"},
	{"SELECT", "SELECT \xa0INTO\xa0@x"},

	// Locks that outlive the transaction.
	{"SELECT", "SELECT GET_LOCK('x', 1)"},
	{"SELECT", "SELECT get_lock ('x', 1)"},
	{"SELECT", "SELECT `GET_LOCK`('x', 1)"},
	{"UPDATE", "UPDATE t SET v = GET_LOCK('x', 1)"},

	// What servers, drivers or settings read in more than one way.
	{"", "\x00SELECT 1"},
	{"", "SELECT 1\x00; COMMIT"},
	{"", "SELECT '\x00'"},
	{"SELECT", "SELECT \\N"},
	{"SELECT", "SELECT \\NINTO @x"},
	{"SELECT", "SELECT 'never ends"},
	{"SELECT", "SELECT \"never ends"},
	{"SELECT", "SELECT `never ends"},
	{"SELECT", "SELECT 'a\\'"},
	{"SELECT", "SELECT 1 /* never ends"},
	{"", "/* never ends"},
	{"SELECT", "SELECT 1 /*/ ? */"},
	{"SELECT", "SELECT 1 --\x0b'\nINTO OUTFILE '/x' -- '"},
	{"SELECT", "SELECT 1 --\xa0'\nINTO OUTFILE '/x' -- '"},
	{"SELECT", "SELECT\x0c1"},
	{"", "\x0bSELECT 1"},
	{"SELECT", "SELECT /*+ SET_VAR(sql_mode = '*/') */ 1"},
	{"", "\xef\xbb\xbfSELECT 1"},
	{"WITH", "WITH a AS (SELECT 1) INSERT INTO t SELECT * FROM a"},
	{"INSERT", "WITH a AS (SELECT 1) INSERT t SELECT * FROM a"},
}

func TestClassify_admits(t *testing.T) {
	t.Parallel()
	for _, tt := range append(admitted, admittedElsewhere...) {
		kind, word, err := pool.Classify(tt.text, false, false)
		require.NoError(t, err, tt.text)
		require.Equal(t, tt.kind, kind, tt.text)
		require.NotEmpty(t, word, tt.text)
	}
}

func TestClassify_refuses(t *testing.T) {
	t.Parallel()
	for _, tt := range refused {
		kind, word, err := pool.Classify(tt.text, false, false)
		require.Equal(t, "refused", kind, "%q", tt.text)
		require.Equal(t, tt.word, word, "%q", tt.text)
		require.ErrorIs(t, err, area.ErrStatementRefused)
		require.NotContains(t, err.Error(), "hunter2")
		require.NotContains(t, err.Error(), "/x")
		require.Contains(t, err.Error(), tt.word)
	}
}

// A quoted text ends where the session's mode says that it ends.
func TestClassify_modes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name              string
		ansi, noBackslash bool
		text              string
		admitted          bool
	}{
		{name: "a backslash escapes the quote", text: `SELECT 'a\'; COMMIT -- '`, admitted: true},
		{name: "a backslash is a backslash", noBackslash: true, text: `SELECT 'a\'; COMMIT -- '`},
		{name: "a backslash is a backslash, and the text ends", noBackslash: true, text: `SELECT 'a\'`, admitted: true},
		{name: "a backslash in double quotes", text: `SELECT "a\"; COMMIT -- "`, admitted: true},
		{name: "a backslash in a quoted name is read in two ways", ansi: true, text: `SELECT "a\" FROM t`},
		{name: "without escapes it is read in one", ansi: true, noBackslash: true, text: `SELECT "a\" FROM t`, admitted: true},
		{name: "a backslash in backticks is never an escape", text: "SELECT `a\\`; COMMIT -- `"},
		{name: "a quoted name may be a function", ansi: true, text: `SELECT "GET_LOCK"('x', 1)`},
		{name: "a text is no function", text: `SELECT "GET_LOCK"`, admitted: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, _, err := pool.Classify(tt.text, tt.ansi, tt.noBackslash)
			require.Equal(t, tt.admitted, err == nil, "%v", err)
		})
	}
}

func TestClassify_long_texts_are_fast(t *testing.T) {
	t.Parallel()
	for _, piece := range []string{"(", "/**/", "--\n", "'a',", "`", "\\", "a", ";", "#", "/*", "-", "/", "INTO(", "\xff"} {
		text := "SELECT " + strings.Repeat(piece, 1<<20/len(piece))
		_, _, _ = pool.Classify(text, false, false) // the package's timeout is the limit: all of it is linear
	}
}

func TestClassify_does_not_allocate(t *testing.T) {
	for _, text := range []string{
		"SELECT id, name FROM tbl_user WHERE g_user = ?", "-- name: X :one\nselect * from t where a = 'x' and b = ?",
		"INSERT INTO t (a, b) VALUES (?, ?)", "WITH a AS (SELECT 1) UPDATE t SET v = 1", "ROLLBACK TO s1",
	} {
		require.Zero(t, testing.AllocsPerRun(100, func() { _, _, _ = pool.Classify(text, false, false) }), text)
	}
}

func FuzzClassify(f *testing.F) {
	for _, tt := range admitted {
		f.Add(tt.text, false, false)
	}
	for _, tt := range refused {
		f.Add(tt.text, true, true)
	}
	f.Fuzz(func(t *testing.T, text string, ansi, noBackslash bool) {
		kind, word, err := pool.Classify(text, ansi, noBackslash)
		require.Equal(t, kind == "refused", err != nil)
		if err != nil {
			return
		}
		require.Contains(t, strings.ToUpper(text), word)
		// What is admitted stays so with a comment around it, and never with
		// another statement behind it.
		again, _, err := pool.Classify("/* x */ -- y\n"+text, ansi, noBackslash)
		require.NoError(t, err)
		require.Equal(t, kind, again)
		_, _, err = pool.Classify(text+"\n; COMMIT", ansi, noBackslash)
		require.Error(t, err)
		_, _, err = pool.Classify(text+"\n/*! COMMIT */", ansi, noBackslash)
		require.Error(t, err)
	})
}

func TestSafeText(t *testing.T) {
	t.Parallel()
	tests := []struct {
		number        uint16
		message, want string
	}{
		{1062, "Duplicate entry 'hunter2' for key 'PRIMARY'", "duplicate entry for key 'PRIMARY'"},
		{1062, "Duplicate entry 'hunter2' for key 'x' for key 'PRIMARY'", "duplicate entry for key 'PRIMARY'"},
		{1062, "Doppelter Eintrag hunter2", "duplicate entry"},
		{1064, "You have an error near 'hunter2'", "syntax error"},
		{1366, "Incorrect integer value: 'hunter2' for column `a`.`b`.`c` at row 1", "a value does not fit its column or type"},
		{1644, "hunter2", "raised by the database"},
		{4711, "hunter2", ""},
		{1146, "Table 'a.b' doesn't exist", "Table 'a.b' doesn't exist"},
	}
	for _, tt := range tests {
		require.Equal(t, tt.want, pool.SafeText(tt.number, tt.message))
	}
}

var queries = []string{
	"SELECT id, name FROM tbl_user WHERE g_user = ?",
	"-- name: ListOrders :many\nSELECT o.id, o.placed, l.product, l.quantity FROM tbl_order o JOIN tbl_order_line l ON l.g_user = o.g_user AND l.order_id = o.id WHERE o.g_user = ? ORDER BY o.placed DESC LIMIT 20",
	"INSERT INTO tbl_order (g_user, id, placed, total) VALUES (?, ?, ?, ?)",
}

func BenchmarkClassify(b *testing.B) {
	for i, text := range queries {
		b.Run([]string{"short", "long", "insert"}[i], func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				_, _, _ = pool.Classify(text, false, false)
			}
		})
	}
	b.Run("cached", func(b *testing.B) {
		var cached pool.Cached
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			cached.Reads(queries[i%len(queries)])
		}
	})
}
