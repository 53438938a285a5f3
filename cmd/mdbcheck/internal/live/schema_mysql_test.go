package live_test

import (
	"context"
	"database/sql"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/cmd/mdbcheck/internal/live"
)

// A pretender answers as another engine does: its information_schema is a database
// of the test.
type pretender struct {
	live.Asker
	version, schema string
}

func (p pretender) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	query = strings.NewReplacer("information_schema.", "`"+p.schema+"`.", "VERSION()", "'"+p.version+"'").Replace(query)
	return p.Asker.QueryContext(ctx, query, args...)
}

// asMySQL is what MySQL 8.4 has in information_schema of the tables that the test
// below makes in MariaDB.
var asMySQL = []string{
	"CREATE TABLE {is}.schemata (schema_name VARCHAR(64))",
	"INSERT INTO {is}.schemata VALUES ('DB')",
	"CREATE TABLE {is}.tables (table_schema VARCHAR(64), table_name VARCHAR(64), table_type VARCHAR(64), engine VARCHAR(64), row_format VARCHAR(10), table_collation VARCHAR(64), create_time DATETIME)",
	"INSERT INTO {is}.tables VALUES ('DB', 'p', 'BASE TABLE', 'InnoDB', 'Dynamic', 'utf8mb4_bin', NOW()), ('DB', 't', 'BASE TABLE', 'InnoDB', 'Dynamic', 'utf8mb4_bin', NOW()), " +
		"('DB', 'v', 'VIEW', NULL, NULL, NULL, NOW())",
	"CREATE TABLE {is}.columns (table_schema VARCHAR(64), table_name VARCHAR(64), column_name VARCHAR(64), ordinal_position INT, column_default TEXT, is_nullable VARCHAR(3), column_type TEXT, " +
		"collation_name VARCHAR(64), extra VARCHAR(256), generation_expression TEXT)",
	"INSERT INTO {is}.columns (table_schema, table_name, column_name) VALUES ('information_schema', 'STATISTICS', 'EXPRESSION'), ('information_schema', 'STATISTICS', 'IS_VISIBLE'), " +
		"('information_schema', 'CHECK_CONSTRAINTS', 'CONSTRAINT_NAME'), ('information_schema', 'CHECK_CONSTRAINTS', 'CHECK_CLAUSE')",
	`INSERT INTO {is}.columns VALUES
('DB', 'p', 'g_user', 1, NULL, 'NO', 'binary(12)', NULL, '', ''),
('DB', 't', 'j', 6, NULL, 'YES', 'json', NULL, '', ''),
('DB', 't', 'g_user', 1, NULL, 'NO', 'binary(12)', NULL, '', ''),
('DB', 't', 'id', 2, NULL, 'NO', 'bigint unsigned', NULL, '', ''),
('DB', 't', 'flag', 3, '1', 'NO', 'tinyint(1)', NULL, '', ''),
('DB', 't', 'state', 4, 'it''s new', 'NO', 'varchar(32)', 'utf8mb4_bin', '', ''),
('DB', 't', 'at', 5, 'CURRENT_TIMESTAMP(6)', 'YES', 'datetime(6)', NULL, 'DEFAULT_GENERATED on update CURRENT_TIMESTAMP(6)', ''),
('DB', 't', 'sum', 7, NULL, 'YES', 'bigint', NULL, 'STORED GENERATED', '((` + "`id` + 1) * (`id`" + ` + 2))'),
('DB', 't', 'label', 8, NULL, 'YES', 'varchar(40)', 'utf8mb4_bin', 'VIRTUAL GENERATED', 'concat(` + "`state`" + `,_utf8mb4\\'' (X)\\'')')`,
	"CREATE TABLE {is}.statistics (table_schema VARCHAR(64), table_name VARCHAR(64), index_name VARCHAR(64), seq_in_index INT, non_unique INT, column_name VARCHAR(64), sub_part INT, " +
		"collation VARCHAR(1), index_type VARCHAR(16), expression TEXT, is_visible VARCHAR(3))",
	`INSERT INTO {is}.statistics VALUES
('DB', 'p', 'PRIMARY', 1, 0, 'g_user', NULL, 'A', 'BTREE', NULL, 'YES'),
('DB', 't', 'by_state', 2, 1, 'state', 10, 'D', 'BTREE', NULL, 'NO'),
('DB', 't', 'by_state', 1, 1, 'g_user', NULL, 'A', 'BTREE', NULL, 'NO'),
('DB', 't', 'PRIMARY', 1, 0, 'g_user', NULL, 'A', 'BTREE', NULL, 'YES'),
('DB', 't', 'PRIMARY', 2, 0, 'id', NULL, 'A', 'BTREE', NULL, 'YES')`,
	"CREATE TABLE {is}.key_column_usage (table_schema VARCHAR(64), table_name VARCHAR(64), constraint_name VARCHAR(64), ordinal_position INT, column_name VARCHAR(64), " +
		"referenced_table_schema VARCHAR(64), referenced_table_name VARCHAR(64), referenced_column_name VARCHAR(64))",
	"INSERT INTO {is}.key_column_usage VALUES ('DB', 't', 't_ibfk_1', 1, 'g_user', 'DB', 'p', 'g_user')",
	"CREATE TABLE {is}.referential_constraints (constraint_schema VARCHAR(64), table_name VARCHAR(64), constraint_name VARCHAR(64), update_rule VARCHAR(64), delete_rule VARCHAR(64))",
	"INSERT INTO {is}.referential_constraints VALUES ('DB', 't', 't_ibfk_1', 'NO ACTION', 'CASCADE')",
	"CREATE TABLE {is}.check_constraints (constraint_schema VARCHAR(64), constraint_name VARCHAR(64), check_clause TEXT)",
	"INSERT INTO {is}.check_constraints VALUES ('DB', 't_chk_1', '((`id` > 0) and (`state` <> _utf8mb4\\\\''(\\\\''))')",
	"CREATE TABLE {is}.table_constraints (constraint_schema VARCHAR(64), table_name VARCHAR(64), constraint_name VARCHAR(64), constraint_type VARCHAR(64))",
	"INSERT INTO {is}.table_constraints VALUES ('DB', 't', 't_chk_1', 'CHECK'), ('DB', 't', 'PRIMARY', 'PRIMARY KEY')",
	"CREATE TABLE {is}.partitions (table_schema VARCHAR(64), table_name VARCHAR(64), partition_name VARCHAR(64), subpartition_name VARCHAR(64), partition_method VARCHAR(64), " +
		"partition_expression TEXT, subpartition_method VARCHAR(64), subpartition_expression TEXT, partition_description TEXT)",
	"INSERT INTO {is}.partitions (table_schema, table_name) VALUES ('DB', 'p'), ('DB', 't')",
	"CREATE TABLE {is}.triggers (trigger_schema VARCHAR(64), event_object_table VARCHAR(64), trigger_name VARCHAR(64), action_timing VARCHAR(64), event_manipulation VARCHAR(64), action_statement TEXT)",
	"INSERT INTO {is}.triggers VALUES ('DB', 't', 'few', 'BEFORE', 'INSERT', 'SET NEW.flag = 1')",
	"CREATE TABLE {is}.views (table_schema VARCHAR(64), table_name VARCHAR(64), view_definition TEXT)",
	"INSERT INTO {is}.views VALUES ('DB', 'v', 'select `DB`.`p`.`g_user` AS `g_user` from `DB`.`p`')",
}

// One schema on MariaDB and MySQL is no drift, in whatever way they print it.
func TestAcrossEngines(t *testing.T) {
	t.Parallel()
	db, prefix := databases(
		t,
		"CREATE DATABASE {a}", "CREATE DATABASE {is}",
		"CREATE TABLE {a}.p (g_user BINARY(12) NOT NULL PRIMARY KEY)",
		`CREATE TABLE {a}.t (g_user BINARY(12) NOT NULL, id BIGINT UNSIGNED NOT NULL, flag BOOLEAN NOT NULL DEFAULT TRUE, state VARCHAR(32) NOT NULL DEFAULT 'it''s new',
  at DATETIME(6) DEFAULT NOW(6) ON UPDATE NOW(6), j JSON, sum BIGINT AS ((id + 1) * (id + 2)) STORED, label VARCHAR(40) AS (CONCAT(state, ' (X)')),
  PRIMARY KEY (g_user, id), KEY by_state (g_user, state(10) DESC) IGNORED,
  FOREIGN KEY (g_user) REFERENCES {a}.p (g_user) ON DELETE CASCADE, CHECK (id > 0 AND state <> '('))`,
		"CREATE TRIGGER {a}.few BEFORE INSERT ON {a}.t FOR EACH ROW SET NEW.flag = 1",
		"CREATE VIEW {a}.v AS SELECT g_user FROM {a}.p",
	)
	for _, statement := range asMySQL {
		run(t, db, prefix, strings.ReplaceAll(strings.ReplaceAll(statement, "'DB'", "'"+prefix+"a'"), "`DB`", "`"+prefix+"a`"))
	}
	mysql := pretender{Asker: db, version: "8.4.3", schema: prefix + "is"}
	found, err := live.AcrossEngines(t.Context(), prefix+"a", db, mysql)
	require.NoError(t, err)
	require.Empty(t, found)

	run(
		t, db, prefix,
		"UPDATE {is}.columns SET column_type = 'int unsigned' WHERE column_name = 'id'",
		"UPDATE {is}.statistics SET is_visible = 'YES'",
		"UPDATE {is}.columns SET generation_expression = '((`id` + 1) * (`id` + 3))' WHERE column_name = 'sum'",
	)
	found, err = live.AcrossEngines(t.Context(), prefix+"a", db, mysql)
	require.NoError(t, err)
	require.Equal(t, []string{
		"t column id: INT UNSIGNED here, BIGINT UNSIGNED in the other shard",
		"t column sum: AS (`id`+1*`id`+3) STORED here, AS (`id`+1*`id`+2) STORED in the other shard",
		"t key by_state: visible here, not used by the optimizer in the other shard",
	}, found)
}
