package live_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/cmd/mdbcheck/internal/live"
)

// printed is how one engine prints a column.
type printed struct {
	kind, collation, extra, generated string
	nullable                          bool
	standard                          *string
}

func (p printed) canonical(mariadb bool) string {
	return live.CanonicalColumn(mariadb, p.kind, p.collation, p.extra, p.generated, p.nullable, p.standard)
}

func TestCanonicalColumn(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name           string
		mariadb, mysql printed
		want           string
	}{
		{
			name:    "widths of integers are for display",
			mariadb: printed{kind: "bigint(20) unsigned"},
			mysql:   printed{kind: "bigint unsigned"},
			want:    "BIGINT UNSIGNED NOT NULL",
		},
		{
			name:    "a boolean keeps its width",
			mariadb: printed{kind: "tinyint(1)", standard: new("1")},
			mysql:   printed{kind: "tinyint(1)", standard: new("1")},
			want:    "TINYINT(1) NOT NULL DEFAULT 1",
		},
		{
			name:    "zeros can be seen",
			mariadb: printed{kind: "int(5) unsigned zerofill", nullable: true, standard: new("NULL")},
			mysql:   printed{kind: "int(5) unsigned zerofill", nullable: true},
			want:    "INT(5) UNSIGNED ZEROFILL NULL",
		},
		{
			name:    "literals with and without quotes",
			mariadb: printed{kind: "varchar(10)", collation: "utf8mb4_bin", standard: new(`'it''s \\ "q"'`)},
			mysql:   printed{kind: "varchar(10)", collation: "utf8mb4_bin", standard: new(`it's \ "q"`)},
			want:    `VARCHAR(10) NOT NULL DEFAULT 'it''s \ "q"' COLLATE utf8mb4_bin`,
		},
		{
			name:    "a literal that looks like an expression",
			mariadb: printed{kind: "varchar(40)", collation: "utf8mb4_bin", standard: new("'current_timestamp()'")},
			mysql:   printed{kind: "varchar(40)", collation: "utf8mb4_bin", standard: new("current_timestamp()")},
			want:    "VARCHAR(40) NOT NULL DEFAULT 'current_timestamp()' COLLATE utf8mb4_bin",
		},
		{
			name:    "the text NULL is not NULL",
			mariadb: printed{kind: "varchar(4)", nullable: true, standard: new("'NULL'")},
			mysql:   printed{kind: "varchar(4)", nullable: true, standard: new("NULL")},
			want:    "VARCHAR(4) NULL DEFAULT 'NULL'",
		},
		{
			name:    "an empty text",
			mariadb: printed{kind: "varchar(4)", standard: new("''")},
			mysql:   printed{kind: "varchar(4)", standard: new("")},
			want:    "VARCHAR(4) NOT NULL DEFAULT ''",
		},
		{
			name:    "numbers",
			mariadb: printed{kind: "decimal(10,2)", nullable: true, standard: new("-0.50")},
			mysql:   printed{kind: "decimal(10,2)", nullable: true, standard: new("-0.50")},
			want:    "DECIMAL(10,2) NULL DEFAULT -0.50",
		},
		{
			name:    "digits in a text",
			mariadb: printed{kind: "char(2)", standard: new("'10'")},
			mysql:   printed{kind: "char(2)", standard: new("10")},
			want:    "CHAR(2) NOT NULL DEFAULT '10'",
		},
		{
			name:    "bits",
			mariadb: printed{kind: "bit(3)", standard: new("b'101'")},
			mysql:   printed{kind: "bit(3)", standard: new("b'101'")},
			want:    "BIT(3) NOT NULL DEFAULT b'101'",
		},
		{
			name:    "now",
			mariadb: printed{kind: "datetime(6)", extra: "on update current_timestamp(6)", standard: new("current_timestamp(6)")},
			mysql:   printed{kind: "datetime(6)", extra: "DEFAULT_GENERATED on update CURRENT_TIMESTAMP(6)", standard: new("CURRENT_TIMESTAMP(6)")},
			want:    "DATETIME(6) NOT NULL DEFAULT current_timestamp(6) ON UPDATE current_timestamp(6)",
		},
		{
			name:    "now as old versions print it",
			mariadb: printed{kind: "timestamp", standard: new("current_timestamp()")},
			mysql:   printed{kind: "timestamp", standard: new("CURRENT_TIMESTAMP")},
			want:    "TIMESTAMP NOT NULL DEFAULT current_timestamp",
		},
		{
			name:    "expressions",
			mariadb: printed{kind: "varchar(36)", standard: new("uuid()")},
			mysql:   printed{kind: "varchar(36)", extra: "DEFAULT_GENERATED", standard: new("(UUID())")},
			want:    "VARCHAR(36) NOT NULL DEFAULT uuid()",
		},
		{
			name:    "generated columns",
			mariadb: printed{kind: "varchar(40)", nullable: true, extra: "STORED GENERATED", generated: "concat(`s`,' X')", standard: new("NULL")},
			mysql:   printed{kind: "varchar(40)", nullable: true, extra: "STORED GENERATED", generated: "concat(`s`,_utf8mb4\\' X\\')"},
			want:    "VARCHAR(40) NULL AS (concat(`s`,' X')) STORED",
		},
		{
			name:    "counted and hidden columns",
			mariadb: printed{kind: "int(11)", extra: "auto_increment, INVISIBLE"},
			mysql:   printed{kind: "int", extra: "auto_increment INVISIBLE"},
			want:    "INT NOT NULL AUTO_INCREMENT INVISIBLE",
		},
		{
			name:    "the former name of a character set",
			mariadb: printed{kind: "char(2)", collation: "utf8mb3_general_ci"},
			mysql:   printed{kind: "char(2)", collation: "utf8_general_ci"},
			want:    "CHAR(2) NOT NULL COLLATE utf8mb3_general_ci",
		},
		{
			name:    "values keep their case",
			mariadb: printed{kind: "enum('New','old (1)')", standard: new("'New'")},
			mysql:   printed{kind: "enum('New','old (1)')", standard: new("New")},
			want:    "ENUM('New','old (1)') NOT NULL DEFAULT 'New'",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tt.want, tt.mariadb.canonical(true), "MariaDB")
			require.Equal(t, tt.want, tt.mysql.canonical(false), "MySQL")
		})
	}
}

func TestCanonicalExpression(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, want string }{
		{"nothing", "", ""},
		{"spaces", "`a`  +\n `B`", "`a`+`B`"},
		{"words keep their spaces", "`a` IS NOT NULL", "`a` is not null"},
		{"parentheses around the whole", "((`a` > 0))", "`a`>0"},
		{"parentheses around both sides", "(`a` > 0) and (`b` > 0)", "(`a`>0)and(`b`>0)"},
		{"a parenthesis in a text", "(`a` <> ') (')", "`a`<>') ('"},
		{"character sets of literals", "concat(_utf8mb4'X',_latin1'y')", "concat('X','y')"},
		{"a quote in a quote", "`a` = 'it''s (A)'", "`a`='it''s (A)'"},
		{"a quote that does not end", "'abc", "'abc"},
		{"a backslash at the end", `'a\`, `'a\`},
		{"now", "NOW() > CURRENT_TIMESTAMP", "current_timestamp>current_timestamp"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tt.want, live.CanonicalExpression(tt.text))
			require.Equal(t, tt.want, live.CanonicalExpression(tt.want), "it is canonical then")
		})
	}
}

func TestBare_acrossEngines(t *testing.T) {
	t.Parallel()
	mariadb, mysql := "`a` > 0 and `b` <> ' (x)'", "((`a` > 0) and (`b` <> _utf8mb4\\' (x)\\'))"
	require.Equal(t, live.Bare(live.CanonicalExpression(mariadb)), live.Bare(live.CanonicalExpression(mysql)))
}

func FuzzCanonicalExpression(f *testing.F) {
	for _, seed := range []string{"", "(`a`)", `'\`, "((", "))", "_utf8mb4'x'", "now(", "\x00`"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		once := live.CanonicalExpression(text)
		live.Bare(once)
		require.NotPanics(t, func() { live.CanonicalColumn(true, text, text, text, text, false, &text) })
	})
}
