package embedded_test

import (
	"bytes"
	"database/sql"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/mdbtest/embedded"
)

// identity reads what the router reads on each new connection.
func identity(t *testing.T, db queryer, name string) string {
	t.Helper()
	var got, value string
	err := db.QueryRowContext(t.Context(), "SHOW VARIABLES WHERE Variable_name = ?", name).Scan(&got, &value)
	require.NoError(t, err, name)
	require.Equal(t, name, got)
	return value
}

func TestServer_hasAnIdentityOfItsOwn(t *testing.T) {
	t.Parallel()
	_, a := start(t, embedded.Options{})
	serverB, b := start(t, embedded.Options{})

	rows, err := a.QueryContext(t.Context(), `SHOW VARIABLES WHERE Variable_name IN
		('server_uuid','server_uid','server_id','autocommit','completion_type')`)
	require.NoError(t, err)
	defer func() { require.NoError(t, rows.Close()) }()
	variables := make(map[string]string)
	for rows.Next() {
		var name, value string
		require.NoError(t, rows.Scan(&name, &value))
		variables[name] = value
	}
	require.NoError(t, rows.Err())
	require.Regexp(t, `^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`, variables["server_uuid"])
	require.Contains(t, []string{"1", "ON"}, variables["autocommit"])
	require.Contains(t, []string{"0", "NO_CHAIN"}, variables["completion_type"])
	require.NotContains(t, []string{"", "0"}, variables["server_id"])

	for _, name := range []string{"server_uuid", "server_id"} {
		require.NotEqual(t, identity(t, a, name), identity(t, b, name), name)
		require.Equal(t, variables[name], identity(t, a, name), name)
	}
	require.Equal(t, identity(t, b, "server_uuid"), identity(t, open(t, serverB, "", true), "server_uuid"), "on another connection")
	var selected string
	require.NoError(t, b.QueryRowContext(t.Context(), "SELECT @@server_uuid").Scan(&selected))
	require.Equal(t, identity(t, b, "server_uuid"), selected)
}

// fence is the SQL of one shard's fence table, 1024 rows in one statement.
func fence() (create, insert string) {
	create = `CREATE TABLE mdb_fence (stripe SMALLINT UNSIGNED NOT NULL PRIMARY KEY, layout BIGINT UNSIGNED NOT NULL,
		state TINYINT UNSIGNED NOT NULL, cases INT UNSIGNED NOT NULL, end_era INT UNSIGNED NULL, end_counter BIGINT UNSIGNED NULL,
		token_floor BIGINT UNSIGNED NOT NULL, epoch_floor BIGINT UNSIGNED NOT NULL, seq BIGINT UNSIGNED NOT NULL) ENGINE=InnoDB`
	rows := make([]string, 1024)
	for stripe := range rows {
		rows[stripe] = fmt.Sprintf("(%d, 18446744073709551615, 1, 0, NULL, NULL, 0, 0, 0)", stripe)
	}
	return create, "INSERT INTO mdb_fence VALUES " + strings.Join(rows, ", ")
}

func TestServer_understandsTheRouter(t *testing.T) {
	t.Parallel()
	_, db := start(t, embedded.Options{})
	conn, err := db.Conn(t.Context())
	require.NoError(t, err)
	defer func() { require.NoError(t, conn.Close()) }()

	// Provision.
	require.EqualValues(t, 1, number(t, conn, "SELECT GET_LOCK('mdb.provision', 10)"))
	exec(t, conn, "CREATE DATABASE IF NOT EXISTS user_p0_0 CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
	exec(t, conn, "USE user_p0_0")
	create, insert := fence()
	exec(t, conn, create)
	exec(t, conn, strings.Replace(create, "CREATE TABLE", "CREATE TABLE IF NOT EXISTS", 1))
	exec(t, conn, insert)
	exec(t, conn, "CREATE TABLE tbl_user (g_user BINARY(12) NOT NULL, name VARCHAR(64) NOT NULL, created DATETIME(6) NOT NULL, PRIMARY KEY (g_user)) ENGINE=InnoDB")
	exec(t, conn, "SET SESSION innodb_lock_wait_timeout=1")
	exec(t, conn, "START TRANSACTION READ WRITE")
	require.EqualValues(t, 1024, number(t, conn, "SELECT COUNT(*) FROM (SELECT stripe FROM mdb_fence FOR UPDATE) AS f"))
	affected, err := exec(t, conn, "UPDATE mdb_fence SET state = 0, seq = seq + 1, end_era = 0, end_counter = 250000").RowsAffected()
	require.NoError(t, err)
	require.EqualValues(t, 1024, affected)
	exec(t, conn, "COMMIT")
	require.EqualValues(t, 1, number(t, conn, "SELECT RELEASE_LOCK('mdb.provision')"))

	// Live checks.
	require.EqualValues(t, 1, number(t, conn, "SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name = 'user_p0_0'"))
	require.EqualValues(t, 2, number(t, conn, "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = 'user_p0_0' AND table_name IN ('mdb_fence','tbl_user')"))
	var name, columnType, key string
	require.NoError(t, conn.QueryRowContext(t.Context(), `SELECT column_name, column_type, column_key FROM information_schema.columns
		WHERE table_schema = 'user_p0_0' AND table_name = 'tbl_user' AND column_key = 'PRI'`).Scan(&name, &columnType, &key))
	require.Equal(t, []string{"g_user", "binary(12)", "PRI"}, []string{name, columnType, key})

	// A service.
	exec(t, conn, "SET SESSION TRANSACTION READ ONLY")
	exec(t, conn, "START TRANSACTION READ WRITE")
	var layout uint64
	require.NoError(t, conn.QueryRowContext(t.Context(), "SELECT layout FROM mdb_fence WHERE stripe = 7 LOCK IN SHARE MODE").Scan(&layout))
	require.Equal(t, uint64(1<<64-1), layout)
	id := []byte{0, 0, 0, 0, 0x30, 0, 0, 0, 0, 0, 0xff, '\''}
	exec(t, conn, "INSERT INTO tbl_user VALUES (?, ?, NOW(6))", id, "Ann")
	exec(t, conn, "COMMIT")
	exec(t, conn, "START TRANSACTION READ ONLY")
	var stored []byte
	require.NoError(t, conn.QueryRowContext(t.Context(), "SELECT g_user, name FROM tbl_user WHERE g_user = ? FOR UPDATE", id).Scan(&stored, &name))
	require.True(t, bytes.Equal(id, stored), "%x", stored)
	require.Equal(t, "Ann", name)
	exec(t, conn, "ROLLBACK")
}

func TestServer_namesErrorsAsMySQL(t *testing.T) {
	t.Parallel()
	_, db := start(t, embedded.Options{})
	exec(t, db, "CREATE TABLE t (id INT PRIMARY KEY, s VARCHAR(3) NOT NULL, n TINYINT)")
	exec(t, db, "INSERT INTO t VALUES (1, 'a', 1)")
	tests := []struct {
		query  string
		number uint16
		state  string
	}{
		{query: "SELEC 1", number: 1064, state: "42000"},
		{query: "SELECT * FROM none", number: 1146, state: "42S02"},
		{query: "SELECT * FROM nodb.t", number: 1049, state: "42000"},
		{query: "SELECT none FROM t", number: 1054, state: "42S22"},
		{query: "CREATE TABLE t (id INT PRIMARY KEY)", number: 1050, state: "42S01"},
		{query: "CREATE DATABASE d", number: 1007, state: "HY000"},
		{query: "INSERT INTO t VALUES (1, 'b', 1)", number: 1062, state: "23000"},
		{query: "INSERT INTO t VALUES (2, NULL, 1)", number: 1048, state: "23000"},
		{query: "INSERT INTO t VALUES (2, 'toolong', 1)", number: 1406, state: "22001"},
		{query: "INSERT INTO t VALUES (2, 'b', 1000)", number: 1264, state: "22003"},
		{query: "INSERT INTO t VALUES (2)", number: 1136, state: "21S01"},
		{query: "INSERT INTO t (id) VALUES (2)", number: 1364, state: "HY000"},
	}
	for _, tt := range tests {
		t.Run(tt.query, func(t *testing.T) {
			t.Parallel()
			_, err := db.ExecContext(t.Context(), tt.query)
			requireNumber(t, err, tt.number, tt.state)
		})
	}
}

// BenchmarkServer_provision starts four servers with three shards each.
func BenchmarkServer_provision(b *testing.B) {
	create, insert := fence()
	for b.Loop() {
		for range 4 {
			server, err := embedded.Start(embedded.Options{})
			require.NoError(b, err)
			db, err := sql.Open("mysql", server.DSN())
			require.NoError(b, err)
			conn, err := db.Conn(b.Context())
			require.NoError(b, err)
			for shard := range 3 {
				for _, query := range []string{
					fmt.Sprintf("CREATE DATABASE s%d", shard), fmt.Sprintf("USE s%d", shard), create, insert,
					"UPDATE mdb_fence SET state = 0, seq = seq + 1",
				} {
					_, err := conn.ExecContext(b.Context(), query)
					require.NoError(b, err)
				}
			}
			require.NoError(b, conn.Close())
			require.NoError(b, db.Close())
			require.NoError(b, server.Close())
		}
	}
}
