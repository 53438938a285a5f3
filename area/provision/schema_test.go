package provision_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/area/provision"
	"github.com/mdbrouter/mdb/mdbtest/mysqld"
)

// files gives a schema.
func files(list ...string) func(string) ([]provision.File, error) {
	return func(string) ([]provision.File, error) {
		var all []provision.File
		for i, sql := range list {
			all = append(all, provision.File{Name: string(rune('a'+i)) + ".sql", SQL: sql})
		}
		return all, nil
	}
}

func TestApply_goes_on_after_a_statement_that_failed(t *testing.T) {
	t.Parallel()
	p := newProcess(t)
	cfg := p.config(p0on("u1", "u2"))
	cfg.Schema = files("CREATE TABLE a (n INT NOT NULL PRIMARY KEY);\nINSERT INTO a VALUES (1);", "\nINSERT INTO a VALUES (2);\n\nCREATE TABLE b (\n  n INTT);\nCREATE TABLE c (n INT);")
	err := p.provision(t.Context(), cfg)
	failed, ok := errors.AsType[*provision.SchemaError](err)
	require.True(t, ok, "%v", err)
	require.Equal(t, "b.sql", failed.File)
	require.Equal(t, 4, failed.Line)
	require.ErrorContains(t, err, p.database("p0", 0))
	require.ErrorContains(t, err, p.database("p0", 1), "a failure on one server does not stop the other")
	require.Empty(t, p.rows("u1", "SELECT * FROM "+p.database("p0", 0)+".mdb_shard"), "it is no shard yet")

	cfg.Schema = files("CREATE TABLE a (n INT NOT NULL PRIMARY KEY);\nINSERT INTO a VALUES (1);", "\nINSERT INTO a VALUES (2);\n\nCREATE TABLE b (n INT);\nCREATE TABLE c (n INT);")
	plan, err := provision.NewPlan(t.Context(), cfg)
	require.NoError(t, err)
	require.Contains(t, plan.Steps()[0].String(), "finish user p0/0")
	require.NoError(t, plan.Apply(t.Context()))
	require.Equal(t, []string{"1", "2"}, p.rows("u1", "SELECT * FROM "+p.database("p0", 0)+".a"))
	require.Equal(t, []string{"a", "b", "c"}, p.rows("u2", "SELECT table_name FROM information_schema.tables WHERE table_schema = '"+p.database("p0", 1)+"' AND table_name NOT LIKE 'mdb%' ORDER BY 1"))
}

func TestApply_refuses_a_schema_that_changed_behind_an_unfinished_database(t *testing.T) {
	t.Parallel()
	p := newProcess(t)
	cfg := p.config(p0on("u1"))
	cfg.Schema = files("CREATE TABLE a (n INT);\nCREATE TABLE b (n INTT);")
	require.Error(t, p.provision(t.Context(), cfg))

	cfg.Schema = files("CREATE TABLE a (m INT);\nCREATE TABLE b (n INT);")
	err := p.provision(t.Context(), cfg)
	require.ErrorContains(t, err, "a.sql:1: the schema was changed up to here")
	cfg.Schema = files("")
	require.ErrorContains(t, p.provision(t.Context(), cfg), "fewer statements than ran")

	p.exec("u1", "DROP DATABASE "+p.database("p0", 0)) // the way out that the error names
	cfg.Schema = files("CREATE TABLE a (m INT);\nCREATE TABLE b (n INT);")
	require.NoError(t, p.provision(t.Context(), cfg))
}

// DROP TABLE of several tables drops those that exist and fails for the others on
// MariaDB: what it left must not be taken for success. On MySQL it leaves nothing.
func TestApply_takes_no_statement_that_failed_half_way_for_done(t *testing.T) {
	t.Parallel()
	p := newProcess(t)
	cfg := p.config(p0on("u1"))
	cfg.Schema = files("CREATE TABLE a (n INT);\nDROP TABLE a, none;")
	require.ErrorContains(t, p.provision(t.Context(), cfg), "a.sql:2")
	again := "failed half-way through it; drop the database"
	if p.servers["u1"].Binary().Flavor == mysqld.MySQL {
		again = "Unknown table"
	}
	require.ErrorContains(t, p.provision(t.Context(), cfg), again)
	require.Empty(t, p.rows("u1", "SELECT * FROM "+p.database("p0", 0)+".mdb_shard"))
}

// A statement that changed the schema and whose answer was lost is not run again,
// and one that was cut short before it landed is.
func TestApply_tells_by_the_schema_whether_a_statement_landed(t *testing.T) {
	t.Parallel()
	changes := []string{
		"CREATE TABLE a (n INT, m INT)", "CREATE INDEX i ON a (n)", "ALTER TABLE a DROP COLUMN m", "CREATE VIEW v AS SELECT n FROM a",
		"CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW SET NEW.n = 1", "CREATE FUNCTION f() RETURNS INT DETERMINISTIC RETURN 1",
		"CREATE EVENT e ON SCHEDULE EVERY 1 YEAR DO DELETE FROM a", "DROP EVENT e", "DROP FUNCTION f", "DROP TRIGGER t", "RENAME TABLE a TO b", "DROP VIEW v",
	}
	sql := ""
	for _, c := range changes {
		sql += c + ";\n"
	}
	const firstOfSchema = 16 // the test of creating breaks at those before
	crashes(t, firstOfSchema, func(*process) {}, func(p *process) error {
		cfg := p.config(layout{servers: []string{"u1"}, partitions: p0on("u1").partitions})
		cfg.Schema = files(sql)
		return p.provision(context.Background(), cfg)
	})
}

func TestApply_leaves_no_setting_behind(t *testing.T) {
	t.Parallel()
	p := newProcess(t)
	cfg := p.config(p0on("u1", "u1"))
	cfg.Schema = files("SET FOREIGN_KEY_CHECKS = 0;\nCREATE TABLE a (n INT NOT NULL PRIMARY KEY, o INT, FOREIGN KEY (o) REFERENCES a (n));\nINSERT INTO a VALUES (1, 7);\n"+
		"CREATE TABLE seen (v INT);\n", "INSERT INTO seen SELECT @@foreign_key_checks;")
	require.NoError(t, p.provision(t.Context(), cfg))
	require.Equal(t, []string{"0"}, p.rows("u1", "SELECT * FROM "+p.database("p0", 1)+".seen"), "a setting lasts for the schema of one shard")

	q := newProcess(t)
	cfg = q.config(p0on("u1", "u1"))
	cfg.Schema = files("CREATE TABLE seen (v INT);\nINSERT INTO seen SELECT @@foreign_key_checks;\nSET FOREIGN_KEY_CHECKS = 0;")
	require.NoError(t, q.provision(t.Context(), cfg))
	require.Equal(t, []string{"1"}, q.rows("u1", "SELECT * FROM "+q.database("p0", 1)+".seen"), "and no longer")
}
