package live_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/cmd/mdbcheck/internal/live"
	"github.com/mdbrouter/mdb/mdbtest/mysqld"
)

// Every part of a table is compared: one that is changed in one shard is one finding
// that says what it is there and in the others.
func TestCheck_schemaDrift(t *testing.T) {
	t.Parallel()
	const base = `CREATE TABLE @.%s (id INT NOT NULL, state VARCHAR(32) NOT NULL DEFAULT 'new' COLLATE utf8mb4_bin,
  n INT NULL, twice INT AS (n * 2) STORED, at DATETIME(6) NULL, PRIMARY KEY (id), KEY by_n (n), CONSTRAINT few CHECK (n < 100))`
	tests := []struct {
		table string // its name says what differs
		made  string // in all shards; default: base
		alter string // in p0_1, behind ALTER TABLE name, or a whole statement
		want  string // what is said of the difference; empty: there is none
	}{
		{table: "nothing"},
		{table: "counter", made: "CREATE TABLE @.counter (id INT AUTO_INCREMENT PRIMARY KEY)", alter: "AUTO_INCREMENT = 1000"},
		{table: "comments", alter: "COMMENT 'here', MODIFY n INT NULL COMMENT 'here'"},
		{table: "estimates", alter: "INSERT INTO @.estimates (id) VALUES (1), (2), (3)"},
		{table: "key_order", made: "CREATE TABLE @.key_order (id INT PRIMARY KEY, n INT, KEY a (n), KEY b (n, id))", alter: "DROP KEY a, ADD KEY a (n)"},
		{
			table: "type", alter: "MODIFY state VARCHAR(16) NOT NULL DEFAULT 'new' COLLATE utf8mb4_bin",
			want: "column state: VARCHAR(16) here, VARCHAR(32) in the other 4 shards",
		},
		{
			table: "nullable", alter: "MODIFY state VARCHAR(32) NULL DEFAULT 'new' COLLATE utf8mb4_bin",
			want: "column state: NULL here, NOT NULL in the other 4 shards",
		},
		{
			table: "standard", alter: "MODIFY state VARCHAR(32) NOT NULL COLLATE utf8mb4_bin",
			want: "column state: no default here, DEFAULT 'new' in the other 4 shards",
		},
		{
			table: "collation", alter: "MODIFY state VARCHAR(32) NOT NULL DEFAULT 'new' COLLATE utf8mb4_general_ci",
			want: "column state: COLLATE utf8mb4_general_ci here, COLLATE utf8mb4_bin in the other 4 shards",
		},
		{
			table: "spelling", alter: "CHANGE state State VARCHAR(32) NOT NULL DEFAULT 'new' COLLATE utf8mb4_bin",
			want: "column state: spelt State here, spelt state in the other 4 shards",
		},
		{table: "expression", alter: "MODIFY twice INT AS (n * 3) STORED", want: "column twice: AS (`n`*3) STORED here, AS (`n`*2) STORED in the other 4 shards"},
		{
			table: "virtual", alter: "DROP COLUMN twice, ADD COLUMN twice INT AS (n * 2) AFTER n",
			want: "column twice: AS (`n`*2) here, AS (`n`*2) STORED in the other 4 shards",
		},
		{
			table: "on_update", alter: "MODIFY at DATETIME(6) NULL ON UPDATE CURRENT_TIMESTAMP(6)",
			want: "column at: ON UPDATE current_timestamp(6) here, no ON UPDATE in the other 4 shards",
		},
		{table: "invisible", alter: "MODIFY n INT INVISIBLE NULL", want: "column n: INVISIBLE here, visible in the other 4 shards"},
		{table: "counts", alter: "MODIFY id INT NOT NULL AUTO_INCREMENT", want: "column id: AUTO_INCREMENT here, no AUTO_INCREMENT in the other 4 shards"},
		{table: "less", alter: "DROP COLUMN at", want: "column at: missing here, DATETIME(6) NULL in the other 4 shards"},
		{
			table: "more", alter: "ADD COLUMN note TEXT NULL COLLATE utf8mb4_bin AFTER n",
			want: "column note: TEXT NULL COLLATE utf8mb4_bin here, missing in the other 4 shards",
		},
		{table: "order", alter: "MODIFY n INT NULL FIRST", want: "column order: n, id, state here, id, state, n in the other 4 shards"},
		{table: "no_index", alter: "DROP KEY by_n", want: "key by_n: missing here, KEY (n) in the other 4 shards"},
		{table: "more_index", alter: "ADD UNIQUE KEY s (state(8) DESC, id)", want: "key s: UNIQUE KEY (state(8) DESC, id) here, missing in the other 4 shards"},
		{table: "index_parts", alter: "DROP KEY by_n, ADD KEY by_n (n, id)", want: "key by_n: (n, id) here, (n) in the other 4 shards"},
		{table: "index_unique", alter: "DROP KEY by_n, ADD UNIQUE KEY by_n (n)", want: "key by_n: UNIQUE KEY here, KEY in the other 4 shards"},
		{table: "index_ignored", alter: "ALTER KEY by_n IGNORED", want: "key by_n: not used by the optimizer here, visible in the other 4 shards"},
		{table: "index_text", alter: "ADD FULLTEXT KEY ft (state)", want: "key ft: FULLTEXT KEY (state) here, missing in the other 4 shards"},
		{table: "primary_key", alter: "DROP PRIMARY KEY, ADD PRIMARY KEY (id, state)", want: "primary key: (id, state) here, (id) in the other 4 shards"},
		{table: "no_primary_key", alter: "DROP PRIMARY KEY", want: "primary key: none here, (id) in the other 4 shards"},
		{table: "engine", alter: "ENGINE=Aria", want: "Aria row format PAGE here, InnoDB row format DYNAMIC in the other 4 shards"},
		{table: "charset", alter: "COLLATE utf8mb4_general_ci", want: "utf8mb4_general_ci here, utf8mb4_bin in the other 4 shards"},
		{table: "row_format", alter: "ROW_FORMAT=COMPACT", want: "row format COMPACT here, row format DYNAMIC in the other 4 shards"},
		{table: "check_less", alter: "DROP CONSTRAINT few", want: "check `n`<100: missing here, named few in the other 4 shards"},
		{
			table: "check_named", alter: "DROP CONSTRAINT few, ADD CONSTRAINT many CHECK (n < 100)",
			want: "check `n`<100: named many here, named few in the other 4 shards",
		},
		{
			table: "check_other", alter: "DROP CONSTRAINT few, ADD CONSTRAINT few CHECK (n < 99)",
			want: "check `n`<100: missing here, named few in the other 4 shards; check `n`<99: named few here, missing in the other 4 shards",
		},
		{
			table: "json", made: "CREATE TABLE @.json (id INT PRIMARY KEY, j JSON)", alter: "MODIFY j LONGTEXT COLLATE utf8mb4_bin",
			want: "column j: LONGTEXT COLLATE utf8mb4_bin here, JSON no collation in the other 4 shards",
		},
		{
			table: "foreign_key", made: "CREATE TABLE @.foreign_key (id INT PRIMARY KEY, parent INT, FOREIGN KEY (parent) REFERENCES @.foreign_key (id))",
			alter: "DROP FOREIGN KEY foreign_key_ibfk_1",
			want:  "foreign key (parent) to foreign_key (id): missing here, ON DELETE RESTRICT ON UPDATE RESTRICT named foreign_key_ibfk_1 in the other 4 shards",
		},
		{
			table: "foreign_rule",
			made:  "CREATE TABLE @.foreign_rule (id INT PRIMARY KEY, parent INT, KEY (parent), CONSTRAINT f FOREIGN KEY (parent) REFERENCES @.foreign_rule (id))",
			alter: "DROP FOREIGN KEY f, ADD CONSTRAINT g FOREIGN KEY (parent) REFERENCES @.foreign_rule (id) ON DELETE CASCADE",
			want: "foreign key (parent) to foreign_rule (id): ON DELETE CASCADE ON UPDATE RESTRICT named g here, " +
				"ON DELETE RESTRICT ON UPDATE RESTRICT named f in the other 4 shards",
		},
		{
			table: "parts", made: "CREATE TABLE @.parts (id INT PRIMARY KEY) PARTITION BY RANGE (id) (PARTITION a VALUES LESS THAN (10), PARTITION b VALUES LESS THAN (20))",
			alter: "ADD PARTITION (PARTITION c VALUES LESS THAN (30))", want: "partition c: 30 here, missing in the other 4 shards",
		},
		{
			table: "parted", alter: "PARTITION BY HASH (id) PARTITIONS 1",
			want: "partitioned by hash(`id`) here, not partitioned in the other 4 shards; partition p0: no values here, missing in the other 4 shards",
		},
		{
			table: "triggers", alter: "CREATE TRIGGER {user_p0_1}.triggers BEFORE INSERT ON @.triggers FOR EACH ROW SET NEW.n = 1",
			want: "trigger triggers: BEFORE INSERT SET NEW.n = 1 here, missing in the other 4 shards",
		},
		{
			table: "views", made: "CREATE VIEW @.views AS SELECT id FROM @.nothing", alter: "ALTER VIEW @.views AS SELECT id FROM @.nothing WHERE n > 0",
			want: "query: select `nothing`.`id` as `id` from `nothing` where `nothing`.`n`>0 here, select `nothing`.`id` as `id` from `nothing` in the other 4 shards",
		},
		{table: "versioned", alter: "ADD SYSTEM VERSIONING", want: "system versioned here, base table in the other 4 shards"},
		{table: "ünïcode `tick`", alter: "MODIFY n SMALLINT NULL", want: "column n: SMALLINT here, INT in the other 4 shards"},
		{table: "UPPER", alter: "MODIFY n BIGINT NULL", want: "column n: BIGINT here, INT in the other 4 shards"},
	}
	s := newSite(t)
	for _, tt := range tests {
		name := "`" + strings.ReplaceAll(tt.table, "`", "``") + "`"
		if tt.made == "" {
			tt.made = fmt.Sprintf(base, name)
		}
		s.on(tt.made)
		switch {
		case strings.HasPrefix(tt.alter, "CREATE "), strings.HasPrefix(tt.alter, "INSERT "), strings.HasPrefix(tt.alter, "ALTER VIEW "):
			s.on(tt.alter, "p0_1")
		case tt.alter != "":
			s.on("ALTER TABLE @."+name+" "+tt.alter, "p0_1")
		}
	}
	report := s.check(live.Options{})
	for _, tt := range tests {
		t.Run(tt.table, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, d := range report.Diagnostics {
				if rest, ok := strings.CutPrefix(d.Summary, tt.table+" differs in p0/1 of area user: "); ok {
					require.Equal(t, "MDB810", d.Rule)
					require.Equal(t, "area.user", d.Address, "it is declared nowhere")
					require.Contains(t, d.Help, "mdbctl each area.user --only p0/1 -- ")
					if d.Detail != "" {
						rest = d.Detail
					}
					got = append(got, s.plain(rest))
				}
			}
			if tt.want == "" {
				require.Empty(t, got)
				return
			}
			require.Equal(t, []string{tt.want}, got)
		})
	}
}

// One ALTER that was forgotten in many shards is one finding, and two that different
// shards lack are two.
func TestCheck_forgottenMigrations(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.on("ALTER TABLE @.tbl_order ADD note VARCHAR(80) NULL, ADD KEY by_note (g_user, note)", "p0_0", "p1_0", "p1_1")
	s.on("ALTER TABLE @.tbl_user MODIFY name VARCHAR(160) NOT NULL DEFAULT ''", "p0_0", "p0_1", "p1_0", "p1_1")
	s.on("ALTER TABLE @.tbl_order DROP KEY total", "p1_0")
	report := s.check(live.Options{})
	require.Equal(t, []string{
		"MDB810 briefcase.customer.table.tbl_order: tbl_order differs in p0/1, p1/2 of area user: column note, key by_note",
		"MDB810 briefcase.customer.table.tbl_order: tbl_order differs in p1/0 of area user: key total: missing here, KEY (g_user, total) in the other 4 shards",
		"MDB810 briefcase.customer.table.tbl_user: tbl_user differs in p1/2 of area user: column name: VARCHAR(80) here, VARCHAR(160) in the other 4 shards",
	}, s.lines(report))
	i := indexOf(report, "tbl_order differs in p0/1")
	require.Equal(t, "column note: missing here, VARCHAR(80) NULL COLLATE utf8mb4_bin in the other 3 shards; key by_note: missing here, KEY (g_user, note) in the other 3 shards", report.Diagnostics[i].Detail)
	require.Equal(t, "if the others are right: mdbctl each area.user --only p0/1 --only p1/2 -- MIGRATION; "+
		"change the area's schema directory too, which mdbctl provision applies to new shards only. "+
		"If the change is meant for all, apply it to the others", report.Diagnostics[i].Help)
	require.NotZero(t, report.Diagnostics[i].Range.Start.Line, "it stands at the table's declaration")

	s.on("ALTER TABLE @.tbl_order ADD note VARCHAR(80) NULL, ADD KEY by_note (g_user, note)", "p0_1", "p1_2")
	s.on("ALTER TABLE @.tbl_user MODIFY name VARCHAR(160) NOT NULL DEFAULT ''", "p1_2")
	s.on("ALTER TABLE @.tbl_order ADD KEY total (g_user, total)", "p1_0")
	require.Empty(t, s.found(live.Options{}))
}

// indexOf finds a finding by the begin of its summary.
func indexOf(report *live.Report, prefix string) int {
	for i, d := range report.Diagnostics {
		if strings.HasPrefix(d.Summary, prefix) {
			return i
		}
	}
	return -1
}

func TestCheck_tablesNobodyDeclares(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.on("CREATE TABLE @.country (id INT PRIMARY KEY)")
	s.on("CREATE TABLE @.currency (id INT PRIMARY KEY)")
	s.on("CREATE TABLE @.mdb_note (id INT PRIMARY KEY)", "p0_0") // mdb's own tables are not looked at
	require.Empty(t, s.found(live.Options{}, schemaRules...))
	s.on("DROP TABLE @.country", "p1_1", "p1_2")
	s.on("DROP TABLE @.currency", "p1_1", "p1_2")
	s.on("CREATE TABLE @._tbl_order_old (id INT)", "p0_1")
	s.on("CREATE TABLE @._tbl_order_new (id INT)", "p0_1")
	s.on("CREATE VIEW @.recent AS SELECT 1 AS one", "p1_0")
	s.on("CREATE TABLE @.seen (id INT, n INT)", "p0_0", "p0_1", "p1_0", "p1_1")
	s.on("CREATE VIEW @.seen AS SELECT 1 AS one", "p1_2")
	s.on("ALTER TABLE @.seen ADD m INT, ROW_FORMAT=COMPACT", "p0_0")
	require.Equal(t, []string{
		"MDB810 area.user: seen differs in p0/0 of area user: table, column m",
		"MDB810 area.user: seen differs in p1/2 of area user: view here, base table in the other 4 shards",
		"MDB810 area.user: table recent is in p1/0 of area user alone",
		"MDB810 area.user: tables _tbl_order_new, _tbl_order_old are in p0/1 of area user alone",
		"MDB810 area.user: tables country, currency are missing in p1/1-2 of area user; the other 3 shards have them",
	}, s.found(live.Options{}, schemaRules...))
}

func TestCheck_tablesMissing(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.declare("tbl_new", "tbl_other")
	report := s.check(live.Options{})
	require.Equal(t, []string{
		"MDB809 briefcase.customer: tables tbl_new, tbl_other of briefcase customer are missing in all 5 shards of area user",
	}, s.lines(report, schemaRules...))
	require.Contains(t, report.Diagnostics[indexOf(report, "tables")].Help, "create it there: mdbctl each area.user -- MIGRATION;")
	for _, name := range []string{"tbl_new", "tbl_other"} {
		s.on("CREATE TABLE @." + name + " (g_user BINARY(12) NOT NULL PRIMARY KEY)")
	}
	s.on("DROP TABLE @.tbl_order", "p1_2")
	s.on("DROP TABLE @.tbl_new", "p0_0", "p1_0", "p1_1", "p1_2")
	report = s.check(live.Options{})
	require.Equal(t, []string{
		"MDB809 briefcase.customer.table.tbl_new: table tbl_new of briefcase customer is missing in p0/0, p1/0-2 of area user",
		"MDB809 briefcase.customer.table.tbl_order: table tbl_order of briefcase customer is missing in p1/2 of area user",
	}, s.lines(report, schemaRules...))
	require.Contains(t, report.Diagnostics[indexOf(report, "table tbl_new")].Help, "mdbctl each area.user --only p0/0 --only p1 -- MIGRATION;")
}

// Where as many shards have one schema as another, that of the newest partition's
// shard 0 is taken to be meant.
func TestCheck_schemaTies(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.edit("shards = [server.u1, server.u2, server.u3]", "shards = [server.u1, server.u2]")
	s.drop("p0_0", "p0_1", "p1_0", "p1_1", "p1_2")
	s.provision()
	require.Empty(t, s.found(live.Options{}, schemaRules...))
	s.on("ALTER TABLE @.tbl_user MODIFY name VARCHAR(160) NOT NULL DEFAULT ''", "p1_0", "p0_1")
	require.Equal(t, []string{
		"MDB810 briefcase.customer.table.tbl_user: tbl_user differs in p0/0, p1/1 of area user: column name: VARCHAR(80) here, VARCHAR(160) in the other 2 shards",
	}, s.found(live.Options{}, schemaRules...))
}

// drop drops the databases of shards.
func (s *site) drop(shards ...string) {
	s.t.Helper()
	for _, home := range homes {
		for _, shard := range shards {
			if home.shard == shard {
				s.exec(home.server, "DROP DATABASE {user_"+shard+"}")
			}
		}
	}
}

// Shards that cannot be read, or are none, take no part.
func TestCheck_schemasOfSomeShards(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.on("ALTER TABLE @.tbl_user ADD n INT AUTO_INCREMENT UNIQUE")
	s.on("DROP TABLE @.tbl_order", "p1_2")
	s.drop("p0_1")
	s.exec("u2", "CREATE DATABASE {user_p0_1}")
	s.addr["u3"] = "127.0.0.1:1"
	s.write()
	require.Equal(t, []string{
		"MDB813 briefcase.customer.table.tbl_user: tbl_user.n is AUTO_INCREMENT in all 3 shards of area user that were read",
		"MDB824 briefcase.customer.table.tbl_user: unique key n (n) of tbl_user is without g_user in all 3 shards of area user that were read",
	}, s.found(live.Options{}, schemaRules...))
}

func TestCheck_tablesOfIndexes(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.exec("u1", "DROP TABLE {central_3}.mdb_index_email")
	s.exec("u2", "ALTER TABLE {central_1}.mdb_index_phone MODIFY gdid VARBINARY(12) NOT NULL")
	s.edit("max_bytes = 320", "max_bytes = 400")
	s.edit("max_bytes = 32\n  }", "max_bytes = 32\n  }\n  index \"nick\" {\n    briefcase = briefcase.customer\n    normalize = [\"trim\", \"fold\"]\n    max_bytes = 16\n  }")
	report := s.check(live.Options{})
	require.Equal(t, []string{
		"MDB809 central.index.email: table mdb_index_email of index email is missing in CENTRAL shard 3",
		"MDB809 central.index.nick: index nick has no table in all 4 shards of CENTRAL",
		"MDB811 central.index.email: column key of mdb_index_email is VARBINARY(320) NOT NULL in CENTRAL shards 0-2, expected VARBINARY(400) NOT NULL",
		"MDB811 central.index.phone: column gdid of mdb_index_phone is VARBINARY(12) NOT NULL in CENTRAL shard 1, expected BINARY(12) NOT NULL",
	}, s.lines(report, schemaRules...))
	require.Contains(t, report.Diagnostics[indexOf(report, "index nick")].Help, "mdbctl provision")
}

// Servers that keep names in lower case have the same tables.
func TestCheck_foldedNames(t *testing.T) {
	t.Parallel()
	cluster := mysqld.ForTest(t, 3, mysqld.Options{Flags: []string{"--lower-case-table-names=1"}})
	s := newSiteOn(t, cluster)
	s.declare("Tbl_Case")
	s.on("CREATE TABLE @.Tbl_Case (g_user BINARY(12) NOT NULL PRIMARY KEY)")
	require.Empty(t, s.found(live.Options{}, schemaRules...))
	s.on("ALTER TABLE @.Tbl_Case ADD n INT", "p1_1")
	require.Equal(t, []string{
		"MDB810 briefcase.customer.table.Tbl_Case: tbl_case differs in p1/1 of area user: column n: INT NULL here, missing in the other 4 shards",
	}, s.found(live.Options{}, schemaRules...))
}

// What is the same of many tables of no briefcase is one finding: a database that was
// made anew with other defaults gives them to each.
func TestCheck_schemaDriftOfManyTables(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for i := range 10 {
		for _, place := range []string{"u1 user_p0_0", "u2 user_p0_1", "u1 user_p1_0", "u2 user_p1_1", "u3 user_p1_2"} {
			server, database, _ := strings.Cut(place, " ")
			charset := "utf8mb4"
			if server == "u3" {
				charset = "latin1"
			}
			s.exec(server, fmt.Sprintf("CREATE TABLE {%s}.t%d (id INT PRIMARY KEY) CHARSET %s", database, i, charset))
		}
	}
	s.exec("u1", "ALTER TABLE {user_p0_0}.t3 ADD n INT")
	require.Equal(t, []string{
		"MDB810 area.user: t0, t1, t2, t3, t4, t5, t6, t7 and 2 more differ in p1/2 of area user: latin1_swedish_ci here, utf8mb4_general_ci in the other 4 shards",
		"MDB810 area.user: t3 differs in p0/0 of area user: column n: INT NULL here, missing in the other 4 shards",
	}, s.found(live.Options{}, "MDB810"))
}
