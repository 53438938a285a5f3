package live_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/cmd/mdbcheck/internal/live"
)

// schemaRules are the rules about tables.
var schemaRules = []string{"MDB809", "MDB810", "MDB811", "MDB812", "MDB813", "MDB824", "MDB825"}

// homes are the servers of the shards of every site, in the area's order.
var homes = []struct{ shard, server string }{{"p0_0", "u1"}, {"p0_1", "u2"}, {"p1_0", "u1"}, {"p1_1", "u2"}, {"p1_2", "u3"}}

// on runs a statement in shards, "p0_0", or in all if none is named. "@." stands for
// the database.
func (s *site) on(statement string, shards ...string) {
	s.t.Helper()
	for _, home := range homes {
		if len(shards) == 0 || slices.Contains(shards, home.shard) {
			s.exec(home.server, strings.ReplaceAll(statement, "@.", "{user_"+home.shard+"}."))
		}
	}
}

// declare adds tables to the briefcase, beside tbl_order.
func (s *site) declare(tables ...string) {
	s.t.Helper()
	text := "table \"tbl_order\" {}"
	for _, name := range tables {
		text += "\n    table \"" + name + "\" {}"
	}
	s.edit("table \"tbl_order\" {}", text)
}

func TestCheck_tablesOfABriefcase(t *testing.T) {
	t.Parallel()
	const sound = "CREATE TABLE @.%s (g_user BINARY(12) NOT NULL, id BINARY(12) NOT NULL, n INT, email VARCHAR(80), PRIMARY KEY (g_user, id))"
	tests := []struct {
		table string   // its name says what is the matter with it
		made  []string // in all shards; default: sound
		then  []string // "p0_0 p1_1: statement", or in all shards without names
		want  []string // rule and summary
	}{
		{table: "sound"},
		{
			table: "bigint_key",
			made:  []string{"CREATE TABLE @.bigint_key (g_user BIGINT NOT NULL PRIMARY KEY)"},
			want:  []string{"MDB811 bigint_key.g_user is BIGINT NOT NULL in all 5 shards of area user, expected BINARY(12) NOT NULL"},
		},
		{
			table: "null_key",
			made:  []string{"CREATE TABLE @.null_key (g_user BINARY(12) NULL, id INT NOT NULL, PRIMARY KEY (id))"},
			want: []string{
				"MDB811 null_key.g_user is BINARY(12) NULL in all 5 shards of area user, expected BINARY(12) NOT NULL",
				"MDB812 the primary key of null_key is (id) in all 5 shards of area user, which does not begin with g_user",
			},
		},
		{
			table: "varbinary_key",
			then:  []string{"p0_1 p1_0: ALTER TABLE @.varbinary_key MODIFY g_user VARBINARY(12) NOT NULL"},
			want:  []string{"MDB811 varbinary_key.g_user is VARBINARY(12) NOT NULL in p0/1, p1/0 of area user, expected BINARY(12) NOT NULL"},
		},
		{
			table: "char_key",
			then:  []string{"p1_2: ALTER TABLE @.char_key MODIFY g_user CHAR(12) NOT NULL"},
			want:  []string{"MDB811 char_key.g_user is CHAR(12) NOT NULL in p1/2 of area user, expected BINARY(12) NOT NULL"},
		},
		{
			table: "no_key_column",
			made:  []string{"CREATE TABLE @.no_key_column (id BINARY(12) NOT NULL PRIMARY KEY)"},
			want:  []string{"MDB811 no_key_column has no column g_user in all 5 shards of area user"},
		},
		{
			table: "other_case",
			made:  []string{"CREATE TABLE @.other_case (G_USER BINARY(12) NOT NULL PRIMARY KEY)"},
		},
		{
			table: "no_primary",
			made:  []string{"CREATE TABLE @.no_primary (g_user BINARY(12) NOT NULL, KEY (g_user))"},
			want:  []string{"MDB812 no_primary has no primary key in all 5 shards of area user"},
		},
		{
			table: "key_second",
			then:  []string{"p0_0 p0_1 p1_0: ALTER TABLE @.key_second DROP PRIMARY KEY, ADD PRIMARY KEY (id, g_user)"},
			want:  []string{"MDB812 the primary key of key_second is (id, g_user) in p0/0-1, p1/0 of area user, which does not begin with g_user"},
		},
		{
			table: "prefix_first",
			made:  []string{"CREATE TABLE @.prefix_first (g_user BINARY(12) NOT NULL, id INT NOT NULL, PRIMARY KEY (g_user(4), id))"},
			want:  []string{"MDB812 the primary key of prefix_first is (g_user(4), id) in all 5 shards of area user, which does not begin with g_user"},
		},
		{
			table: "counted",
			then:  []string{"ALTER TABLE @.counted MODIFY n INT NOT NULL AUTO_INCREMENT, ADD KEY (n)"},
			want:  []string{"MDB813 counted.n is AUTO_INCREMENT in all 5 shards of area user"},
		},
		{
			table: "counted_once",
			then:  []string{"ALTER TABLE @.counted_once MODIFY n INT NOT NULL, ADD KEY (n)", "p1_1: ALTER TABLE @.counted_once MODIFY n INT NOT NULL AUTO_INCREMENT"},
			want:  []string{"MDB813 counted_once.n is AUTO_INCREMENT in p1/1 of area user"},
		},
		{
			table: "unique_email",
			then:  []string{"ALTER TABLE @.unique_email ADD UNIQUE KEY mail (email)"},
			want:  []string{"MDB824 unique key mail (email) of unique_email is without g_user in all 5 shards of area user"},
		},
		{
			table: "unique_within",
			then:  []string{"ALTER TABLE @.unique_within ADD UNIQUE KEY mail (g_user, email), ADD UNIQUE KEY behind (n, g_user)"},
		},
		{
			table: "inside",
			then: []string{"ALTER TABLE @.inside ADD CONSTRAINT inside FOREIGN KEY (g_user) REFERENCES @.tbl_user (g_user) ON DELETE CASCADE, " +
				"ADD CONSTRAINT longer FOREIGN KEY (g_user, id) REFERENCES @.tbl_order (g_user, g_order)"},
		},
		{
			table: "unpaired",
			then:  []string{"ALTER TABLE @.unpaired ADD CONSTRAINT unpaired FOREIGN KEY (id) REFERENCES @.tbl_user (g_user)"},
			want:  []string{"MDB825 foreign key unpaired of unpaired, (id) to tbl_user (g_user), does not pair g_user with g_user in all 5 shards of area user"},
		},
		{
			table: "to_others",
			then:  []string{"CREATE TABLE @.country (id INT PRIMARY KEY)", "ALTER TABLE @.to_others ADD CONSTRAINT land FOREIGN KEY (n) REFERENCES @.country (id)"},
			want:  []string{"MDB825 foreign key land of to_others, (n) to country (id), leads to a table that is not of briefcase customer in all 5 shards of area user"},
		},
		{
			table: "to_a_database",
			then:  []string{"p1_0: ALTER TABLE @.to_a_database ADD CONSTRAINT far FOREIGN KEY (g_user) REFERENCES {user_p0_0}.tbl_user (g_user)"},
			want: []string{
				"MDB810 to_a_database differs in p1/0 of area user: foreign key (g_user) to user_p0_0.tbl_user (g_user): ON DELETE RESTRICT ON UPDATE RESTRICT named far here, missing in the other 4 shards",
				"MDB825 foreign key far of to_a_database, (g_user) to user_p0_0.tbl_user (g_user), leads into another database in p1/0 of area user",
			},
		},
		{
			table: "looked_at",
			made:  []string{"CREATE VIEW @.looked_at AS SELECT g_user FROM @.tbl_user"},
			want:  []string{"MDB809 looked_at is a view and no table in all 5 shards of area user"},
		},
		{
			table: "lost",
			then:  []string{"p0_1 p1_1: DROP TABLE @.lost"},
			want:  []string{"MDB809 table lost of briefcase customer is missing in p0/1, p1/1 of area user"},
		},
		{
			table: "other_engine", // which is for MDB820
			then:  []string{"p0_1: ALTER TABLE @.other_engine ENGINE=MyISAM"},
		},
		{
			table: "ünïcode$",
			made:  []string{"CREATE TABLE @.`ünïcode$` (g_user BINARY(12) NOT NULL, `Wert``e €` INT AUTO_INCREMENT, PRIMARY KEY (g_user), UNIQUE KEY `ö` (`Wert``e €`))"},
			want: []string{
				"MDB813 ünïcode$.Wert`e € is AUTO_INCREMENT in all 5 shards of area user",
				"MDB824 unique key ö (Wert`e €) of ünïcode$ is without g_user in all 5 shards of area user",
			},
		},
	}
	s := newSite(t)
	require.Empty(t, s.found(live.Options{}, schemaRules...))
	wanted := 0
	for _, tt := range tests {
		s.declare(tt.table)
		if tt.made == nil {
			tt.made = []string{fmt.Sprintf(sound, tt.table)}
		}
		for _, statement := range slices.Concat(tt.made, tt.then) {
			shards, rest, some := strings.Cut(statement, ": ")
			if !some {
				shards, rest = "", statement
			}
			s.on(rest, strings.Fields(shards)...)
		}
		wanted += len(tt.want)
	}
	found := s.found(live.Options{}, schemaRules...)
	s.on("ALTER TABLE @.to_a_database DROP FOREIGN KEY far", "p1_0") // it keeps databases from being dropped
	require.Len(t, found, wanted, "nothing is said of anything else: %q", found)
	for _, tt := range tests {
		t.Run(tt.table, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, line := range found {
				rule, rest, _ := strings.Cut(line, " ")
				if summary, ok := strings.CutPrefix(rest, "briefcase.customer.table."+tt.table+": "); ok {
					got = append(got, rule+" "+summary)
				}
			}
			require.Equal(t, tt.want, got)
		})
	}
}
