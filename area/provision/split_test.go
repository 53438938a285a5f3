package provision_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/area/provision"
)

func TestSplit(t *testing.T) {
	t.Parallel()
	type found struct {
		Line int
		Text string
	}
	tests := []struct {
		name string
		sql  string
		want []found
	}{
		{name: "nothing"},
		{name: "only comments and semicolons", sql: "-- a;\n# b;\n/* c; */;;\n;"},
		{name: "a byte order mark", sql: "\ufeffCREATE TABLE a (b INT);", want: []found{{1, "CREATE TABLE a (b INT)"}}},
		{name: "no last semicolon", sql: "DROP TABLE a;\nDROP TABLE b", want: []found{{1, "DROP TABLE a"}, {2, "DROP TABLE b"}}},
		{name: "a semicolon in a string", sql: "INSERT INTO a VALUES ('x;y', \"z;\");UPDATE a SET b = 1", want: []found{{1, "INSERT INTO a VALUES ('x;y', \"z;\")"}, {1, "UPDATE a SET b = 1"}}},
		{name: "a semicolon in a name", sql: "DROP TABLE `a;b`;", want: []found{{1, "DROP TABLE `a;b`"}}},
		{name: "a doubled quote", sql: "INSERT INTO a VALUES ('it''s;'';');", want: []found{{1, "INSERT INTO a VALUES ('it''s;'';')"}}},
		{name: "an escaped quote", sql: `INSERT INTO a VALUES ('\';', "\";", '\\');DELETE FROM a;`, want: []found{{1, `INSERT INTO a VALUES ('\';', "\";", '\\')`}, {1, "DELETE FROM a"}}},
		{name: "a backslash in a name", sql: "DROP TABLE `\\`;DROP TABLE b", want: []found{{1, "DROP TABLE `\\`"}, {1, "DROP TABLE b"}}},
		{name: "quotes in comments", sql: "-- it's\n# \"\n/* ` */ DROP TABLE a; -- don't", want: []found{{3, "DROP TABLE a"}}},
		{name: "comments within", sql: "CREATE TABLE a ( -- ; one\n  b INT /* ; two */ # ; three\n);\nDROP TABLE a;", want: []found{{1, "CREATE TABLE a ( -- ; one\n  b INT /* ; two */ # ; three\n)"}, {4, "DROP TABLE a"}}},
		{name: "two dashes that begin no comment", sql: "UPDATE a SET b = 5--3;DELETE FROM a", want: []found{{1, "UPDATE a SET b = 5--3"}, {1, "DELETE FROM a"}}},
		{name: "an executable comment within", sql: "CREATE TABLE a (b INT) /*!50100 PARTITION BY HASH (b) */;", want: []found{{1, "CREATE TABLE a (b INT) /*!50100 PARTITION BY HASH (b) */"}}},
		{name: "a division", sql: "UPDATE a SET b = b / 2;", want: []found{{1, "UPDATE a SET b = b / 2"}}},
		{name: "lower case", sql: "create or replace view v as select 1;", want: []found{{1, "create or replace view v as select 1"}}},
		{name: "a definer", sql: "CREATE DEFINER = `a`@`%` SQL SECURITY INVOKER VIEW v AS SELECT 1;", want: []found{{1, "CREATE DEFINER = `a`@`%` SQL SECURITY INVOKER VIEW v AS SELECT 1"}}},
		{name: "a definer by function", sql: "CREATE ALGORITHM=MERGE DEFINER=CURRENT_USER() VIEW v AS SELECT 1;", want: []found{{1, "CREATE ALGORITHM=MERGE DEFINER=CURRENT_USER() VIEW v AS SELECT 1"}}},
		{name: "a trigger of one statement", sql: "CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW SET NEW.b = 1;", want: []found{{1, "CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW SET NEW.b = 1"}}},
		{name: "a table named begin", sql: "CREATE TABLE `begin` (b INT);", want: []found{{1, "CREATE TABLE `begin` (b INT)"}}},
		{name: "settings of the session", sql: "set foreign_key_checks=0;\nSET SESSION unique_checks = 1;", want: []found{{1, "set foreign_key_checks=0"}, {2, "SET SESSION unique_checks = 1"}}},
		{name: "carriage returns", sql: "DROP TABLE a;\r\n\r\nDROP TABLE b;\r\n", want: []found{{1, "DROP TABLE a"}, {3, "DROP TABLE b"}}},
		{name: "letters of the world", sql: "CREATE TABLE größe (ärger INT);", want: []found{{1, "CREATE TABLE größe (ärger INT)"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			statements, err := provision.Split(provision.File{Name: "f.sql", SQL: tt.sql})
			require.NoError(t, err)
			var got []found
			for _, s := range statements {
				require.Equal(t, "f.sql", s.File)
				got = append(got, found{s.Line, s.Text})
			}
			require.Equal(t, tt.want, got)
		})
	}
}

func TestSplit_refuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		sql  string
		line int
		want string
	}{
		{name: "an open string", sql: "DROP TABLE a;\nINSERT INTO a VALUES ('x;\n\n", line: 2, want: "the quote ' has no end"},
		{name: "an open string that ends in a backslash", sql: `INSERT INTO a VALUES ("\`, line: 1, want: `the quote " has no end`},
		{name: "an open name", sql: "DROP TABLE `a", line: 1, want: "the quote ` has no end"},
		{name: "an open comment", sql: "\n/* DROP TABLE a;", line: 2, want: "the comment has no end"},
		{name: "a comment that is not closed by its own star", sql: "/*/ DROP TABLE a;", line: 1, want: "the comment has no end"},
		{name: "a delimiter", sql: "-- x\ndelimiter //\nCREATE TRIGGER t //", line: 2, want: "DELIMITER is an instruction to a client"},
		{name: "a body", sql: "CREATE PROCEDURE p()\nBEGIN\n SELECT 1;\nEND;", line: 1, want: "must be a single statement"},
		{name: "another database", sql: "USE other;", line: 1, want: "USE has no place in a schema"},
		{name: "a transaction", sql: "DROP TABLE a;\n\nSTART TRANSACTION;", line: 3, want: "START has no place"},
		{name: "a query", sql: "SELECT 1", line: 1, want: "SELECT has no place"},
		{name: "a query in parentheses", sql: "(SELECT 1)", line: 1, want: "( has no place"},
		{name: "a whole database", sql: "DROP DATABASE acme", line: 1, want: "DROP DATABASE reaches beyond"},
		{name: "a new database", sql: "CREATE /* x */ SCHEMA acme", line: 1, want: "CREATE SCHEMA reaches beyond"},
		{name: "a user", sql: "CREATE USER ann", line: 1, want: "CREATE USER reaches beyond"},
		{name: "a temporary table", sql: "CREATE TEMPORARY TABLE a (b INT)", line: 1, want: "temporary"},
		{name: "nothing to create", sql: "CREATE;", line: 1, want: "CREATE of what?"},
		{name: "an executable comment", sql: "/*!40101 SET NAMES utf8 */;", line: 1, want: "executable comment"},
		{name: "an executable comment of MariaDB", sql: "/*M!100100 SET x = 1 */;", line: 1, want: "executable comment"},
		{name: "a global setting", sql: "SET GLOBAL foreign_key_checks = 0", line: 1, want: "may only SET"},
		{name: "another setting", sql: "SET autocommit = 0", line: 1, want: "may only SET"},
		{name: "two settings at once", sql: "SET foreign_key_checks = 0, autocommit = 0", line: 1, want: "may only SET"},
		{name: "a NUL byte", sql: "DROP TABLE a;\nDROP\x00 TABLE b", line: 2, want: "not valid UTF-8"},
		{name: "a wrong byte", sql: "\n\nINSERT INTO a VALUES ('\xff')", line: 3, want: "not valid UTF-8"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := provision.Split(provision.File{Name: "f.sql", SQL: tt.sql})
			refused, ok := errors.AsType[*provision.SchemaError](err)
			require.True(t, ok, "%v", err)
			require.Equal(t, "f.sql", refused.File)
			require.Equal(t, tt.line, refused.Line)
			require.ErrorContains(t, err, tt.want)
		})
	}
}

func FuzzSplit(f *testing.F) {
	f.Add("CREATE TABLE a (b INT); -- x\nINSERT INTO a VALUES ('\\';''');")
	f.Add("/*!1 x*/ ;`a``;` # c\n")
	f.Fuzz(func(t *testing.T, sql string) {
		statements, err := provision.Split(provision.File{Name: "f.sql", SQL: sql})
		if err != nil {
			_, ok := errors.AsType[*provision.SchemaError](err)
			require.True(t, ok)
			return
		}
		rest, line := sql, 0
		for _, s := range statements {
			require.NotEmpty(t, s.Text)
			require.Equal(t, strings.TrimSpace(s.Text), s.Text)
			require.LessOrEqual(t, line, s.Line)
			_, after, ok := strings.Cut(rest, s.Text)
			require.True(t, ok, "statements stand in the file in their order")
			rest, line = after, s.Line
		}
	})
}
