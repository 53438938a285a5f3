package embedded

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParse(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text string
		want statement
	}{
		{text: "SELECT 1", want: statement{kind: read}},
		{text: " (SELECT 1) UNION SELECT 2", want: statement{kind: read}},
		{text: "show tables", want: statement{kind: read}},
		{text: "SELECT GET_LOCK ('l', 1)", want: statement{kind: free}},
		{text: "SELECT n, GET_LOCK('l', 1) FROM t", want: statement{kind: read}},
		{text: "SELECT asleep(1)", want: statement{kind: read}},
		{text: "-- name: Add :exec\nINSERT INTO t VALUES (1)", want: statement{kind: write}},
		{text: "/* a */ # b\n\tupdate t set n = 1", want: statement{kind: write}},
		{text: "UPDATE t SET n = last_insert_id( n + 1)", want: statement{kind: write, lastInsertID: true}},
		{text: "INSERT INTO t VALUES (LAST_INSERT_ID())", want: statement{kind: write}},
		{text: "BEGIN", want: statement{kind: begin}},
		{text: "start  transaction", want: statement{kind: begin}},
		{text: "START TRANSACTION READ\nONLY", want: statement{kind: begin, readOnly: true}},
		{text: "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ WRITE", want: statement{kind: begin, readWrite: true, snapshot: true}},
		{text: "START REPLICA", want: statement{kind: other}},
		{text: "COMMIT;", want: statement{kind: end}},
		{text: "ROLLBACK", want: statement{kind: end}},
		{text: "ROLLBACK TO SAVEPOINT s", want: statement{kind: free}},
		{text: "SET autocommit=1", want: statement{kind: set}},
		{text: "SET @n = (SELECT n FROM t)", want: statement{kind: set, tables: true}},
		{text: "CREATE TABLE t (id INT)", want: statement{kind: other}},
		{text: "/* never closed", want: statement{kind: other}},
		{text: "-- nothing", want: statement{kind: other}},
		{text: "", want: statement{kind: other}},
		{text: "\x00\xff", want: statement{kind: other}},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tt.want, parse(tt.text))
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add("/* c */ SELECT 1")
	f.Add("--\n#\n/*/ START TRANSACTION")
	f.Fuzz(func(t *testing.T, text string) {
		require.Equal(t, parse(text), parse(" \n/* c */"+text), "a comment before it changes nothing")
	})
}
