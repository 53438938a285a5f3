package live_test

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/cmd/mdbcheck/internal/live"
)

// A between runs something before one of the queries of a reader, and counts them.
type between struct {
	live.Asker
	when    string // part of the query
	do      func()
	always  bool // otherwise once
	queries int
}

func (b *between) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	b.queries++
	if b.do != nil && strings.Contains(query, b.when) {
		do := b.do
		if !b.always {
			b.do = nil
		}
		do()
	}
	return b.Asker.QueryContext(ctx, query, args...)
}

// databases runs statements on the first of the shared servers, where {name} is a
// database of the test, and gives its connections and the prefix.
func databases(t *testing.T, statements ...string) (db *sql.DB, prefix string) {
	t.Helper()
	cluster, prefix := servers.Get(t)
	db = cluster.Servers[0].DB()
	run(t, db, prefix, statements...)
	return db, prefix
}

func run(t *testing.T, db *sql.DB, prefix string, statements ...string) {
	t.Helper()
	for _, statement := range statements {
		_, err := db.ExecContext(t.Context(), named.ReplaceAllString(statement, "${1}`"+prefix+"${2}`"))
		require.NoError(t, err, statement)
	}
}

func TestReadTables(t *testing.T) {
	t.Parallel()
	db, prefix := databases(
		t, "CREATE DATABASE {a}", "CREATE DATABASE {empty}",
		"CREATE TABLE {a}.t (g BINARY(12) NOT NULL PRIMARY KEY, n INT DEFAULT 5)", "CREATE TABLE {a}.mdb_shard (one INT)", "CREATE TABLE {a}.mdb_index_x (one INT)",
	)
	got, err := live.ReadTables(t.Context(), db, []string{prefix + "a", prefix + "empty", prefix + "nowhere"})
	require.NoError(t, err)
	require.Equal(t, map[string]map[string]string{
		prefix + "a": {
			"t": "table: base table InnoDB utf8mb4_bin row format DYNAMIC not partitioned\n" +
				"column g: BINARY(12) NOT NULL\ncolumn n: INT NULL DEFAULT 5\ncolumn order: g, n\nprimary key: (g)",
			"mdb_index_x": "table: base table InnoDB utf8mb4_bin row format DYNAMIC not partitioned\n" +
				"column one: INT NULL\ncolumn order: one\nprimary key: none",
		},
		prefix + "empty": {},
	}, got)
}

func TestReadTables_noDatabases(t *testing.T) {
	t.Parallel()
	db, _ := databases(t)
	got, err := live.ReadTables(t.Context(), db, nil)
	require.NoError(t, err)
	require.Empty(t, got)
}

// What comes, goes or changes between two queries is read as it was at one time.
func TestReadTables_changesMeanwhile(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, when string
		statements []string
		want       map[string][]string // parts of what is read, by table of database a
	}{
		{"a database is dropped", ".columns", []string{"DROP DATABASE {a}"}, nil},
		{"a database is dropped in the end", ".views", []string{"DROP DATABASE {a}"}, nil},
		{"a table is dropped", ".statistics", []string{"DROP TABLE {a}.t"}, map[string][]string{"u": {"primary key: (g)"}}},
		{
			"a table is created", ".statistics",
			[]string{"CREATE TABLE {a}.v (g INT PRIMARY KEY)"},
			map[string][]string{"t": {"primary key: (g)"}, "u": {"primary key: (g)"}, "v": {"column g: INT", "primary key: (g)"}},
		},
		{
			"a table is made anew", ".statistics",
			[]string{"DROP TABLE {a}.t", "CREATE TABLE {a}.t (h INT PRIMARY KEY)"},
			map[string][]string{"t": {"column h: INT", "primary key: (h)"}, "u": {"primary key: (g)"}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			db, prefix := databases(t, "CREATE DATABASE {a}", "CREATE DATABASE {b}")
			run(t, db, prefix, "CREATE TABLE {a}.t (g INT PRIMARY KEY)", "CREATE TABLE {a}.u (g INT PRIMARY KEY)", "CREATE TABLE {b}.t (g INT PRIMARY KEY)")
			// Servers tell to the second when a table was made.
			require.Eventually(t, func() bool {
				var later bool
				query := "SELECT MAX(create_time) < NOW() FROM information_schema.tables WHERE table_schema = ?"
				return db.QueryRowContext(t.Context(), query, prefix+"a").Scan(&later) == nil && later
			}, 10*time.Second, 20*time.Millisecond)
			asker := &between{Asker: db, when: tt.when, do: func() { run(t, db, prefix, tt.statements...) }}
			got, err := live.ReadTables(t.Context(), asker, []string{prefix + "a", prefix + "b"})
			require.NoError(t, err)
			require.Nil(t, asker.do, "it came to that")
			require.Contains(t, got[prefix+"b"]["t"], "primary key: (g)")
			require.Len(t, got[prefix+"a"], len(tt.want))
			for table, parts := range tt.want {
				for _, part := range parts {
					require.Contains(t, got[prefix+"a"][table], part)
				}
			}
		})
	}
}

// A database in which tables come and go all the time is read all the same, and
// nothing is said of tables that are gone.
func TestReadTables_changesAllTheTime(t *testing.T) {
	t.Parallel()
	db, prefix := databases(t, "CREATE DATABASE {a}", "CREATE TABLE {a}.t (g INT PRIMARY KEY)", "CREATE TABLE {a}.brief_0 (g INT PRIMARY KEY)")
	asker := &between{Asker: db, when: ".statistics", always: true}
	n := 0
	asker.do = func() {
		run(t, db, prefix, fmt.Sprintf("DROP TABLE {a}.brief_%d", n), fmt.Sprintf("CREATE TABLE {a}.brief_%d (g INT PRIMARY KEY)", n+1))
		n++
	}
	got, err := live.ReadTables(t.Context(), asker, []string{prefix + "a"})
	require.NoError(t, err)
	require.Len(t, got[prefix+"a"], 1)
	require.Contains(t, got[prefix+"a"]["t"], "primary key: (g)")
}

// Names that a server takes for equal, when it looks for them, are kept apart.
func TestReadTables_names(t *testing.T) {
	t.Parallel()
	db, prefix := databases(t, "CREATE DATABASE {case}")
	odd := []string{prefix + "Case", prefix + "tick`s", prefix + "übel €", prefix + "with space", prefix + "perc%t_", prefix + "quo'te\"s"}
	for i, name := range odd {
		quoted := "`" + strings.ReplaceAll(name, "`", "``") + "`"
		run(t, db, prefix, "CREATE DATABASE "+quoted, fmt.Sprintf("CREATE TABLE %s.`T``ä %d` (g INT PRIMARY KEY)", quoted, i), fmt.Sprintf("CREATE VIEW %s.v AS SELECT g FROM %[1]s.`T``ä %d`", quoted, i))
	}
	run(t, db, prefix, "CREATE TABLE {case}.lower (g INT)")
	got, err := live.ReadTables(t.Context(), db, odd)
	require.NoError(t, err)
	require.Len(t, got, len(odd))
	for i, name := range odd {
		require.Len(t, got[name], 2, name)
		require.Contains(t, got[name][fmt.Sprintf("T`ä %d", i)], "primary key: (g)")
		require.Contains(t, got[name]["v"], fmt.Sprintf("select `T``ä %d`.`g` as `g` from `T``ä %[1]d`", i), "the text of a view does not name its database")
	}
}

// A view whose table is gone does not keep others from being read.
func TestReadTables_brokenView(t *testing.T) {
	t.Parallel()
	db, prefix := databases(
		t, "CREATE DATABASE {a}", "CREATE TABLE {a}.t (g INT PRIMARY KEY)", "CREATE TABLE {a}.u (g INT PRIMARY KEY)",
		"CREATE VIEW {a}.v AS SELECT g FROM {a}.u", "DROP TABLE {a}.u",
	)
	got, err := live.ReadTables(t.Context(), db, []string{prefix + "a"})
	require.NoError(t, err)
	require.Len(t, got[prefix+"a"], 2)
	require.Contains(t, got[prefix+"a"]["t"], "primary key: (g)")
	require.Contains(t, got[prefix+"a"]["v"], "table: view")
}

// A login with SELECT alone sees less, and what it does not see is no difference.
func TestReadTables_selectOnly(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.on("CREATE TABLE @.parent (id INT PRIMARY KEY)")
	s.on("CREATE TABLE @.child (id INT PRIMARY KEY, parent INT, CONSTRAINT f FOREIGN KEY (parent) REFERENCES @.parent (id))")
	s.on("CREATE VIEW @.seen AS SELECT id FROM @.parent")
	for _, server := range []string{"u1", "u2", "u3"} {
		s.user(server, "reader", adminPassword, "SELECT")
	}
	s.edit("user     = \"{admin}\"", "user     = \"{reader}\"")
	require.Empty(t, s.found(live.Options{}, schemaRules...))
	s.on("ALTER TABLE @.child DROP FOREIGN KEY f", "p1_1")
	s.on("ALTER TABLE @.parent ADD n INT", "p1_1")
	require.Equal(t, []string{
		"MDB810 area.user: child differs in p1/1 of area user: foreign key (parent) to parent (id): missing here, named f in the other 4 shards",
		"MDB810 area.user: parent differs in p1/1 of area user: column n: INT NULL here, missing in the other 4 shards",
	}, s.found(live.Options{}, schemaRules...))
}

// A server is asked a dozen questions, however many databases it has.
func TestReadTables_manyDatabases(t *testing.T) {
	t.Parallel()
	db, prefix := databases(t)
	var names []string
	for i := range 200 {
		name := fmt.Sprintf("%suser_%d", prefix, i)
		names = append(names, name)
		run(t, db, prefix, "CREATE DATABASE "+name, "CREATE TABLE "+name+".t (g BINARY(12) NOT NULL PRIMARY KEY, n INT, KEY (n))", "CREATE TABLE "+name+".u (g BINARY(12) NOT NULL PRIMARY KEY)")
	}
	asker := &between{Asker: db}
	got, err := live.ReadTables(t.Context(), asker, names)
	require.NoError(t, err)
	require.Len(t, got, 200)
	for _, name := range names {
		require.Len(t, got[name], 2)
		require.Equal(t, got[names[0]], got[name])
	}
	require.LessOrEqual(t, asker.queries, 14)
}
