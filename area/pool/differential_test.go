package pool_test

import (
	"context"
	"database/sql"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/go-sql-driver/mysql"
	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/area/pool"
)

// pick gives one of the choices.
func pick(r *rand.Rand, choices ...string) string { return choices[r.IntN(len(choices))] }

// inside gives what may stand in a quoted text or a comment, and looks like its
// end or like the beginning of another.
func inside(r *rand.Rand) string {
	var b strings.Builder
	for range r.IntN(4) {
		b.WriteString(pick(r, "a", `\`, `\\`, `\'`, `\"`, "'", "''", `"`, `""`, "/*", "*/", "/", "-- ", "--", "#", ";", "\n", "\r", "\x0b", " INTO @x", "; COMMIT", "!", "\u00fc"))
	}
	return b.String()
}

// item gives an item of a list, or something between two.
func item(r *rand.Rand) string {
	switch r.IntN(8) {
	case 0, 1:
		return ", '" + inside(r) + "'"
	case 2:
		return `, 1 AS "` + inside(r) + `"`
	case 3:
		return ", 1 AS `" + strings.ReplaceAll(inside(r), "`", "") + "`"
	case 4:
		return pick(r, " ", "") + "/*" + inside(r) + "*/"
	case 5:
		return pick(r, "-- ", "--", "--\x0b", "--\r", "#", " #") + inside(r) + "\n"
	case 6:
		return pick(r, ", \\N", ", 1e5", ", .5", ", 1.", ", 0x41", ", 1e+5", ", N'x'", ", 2*/**/3", ", 2/1", ", 2--1", ", (1)")
	}
	return pick(r, "\t", "\r\n", " ", "/*! , 1 */", "/*M!100100 , 1 */", "/*+ x */")
}

// randomText gives a statement that is valid in some reading, with a second one
// or an INTO in some reading.
func randomText(r *rand.Rand) string {
	var b strings.Builder
	b.WriteString("SELECT 1")
	for range r.IntN(5) {
		b.WriteString(item(r))
	}
	b.WriteString(pick(r, "", " INTO @x", "INTO @x", "; COMMIT", ";COMMIT", "/*! INTO @x */", "\nINTO @x", "*/ INTO @x", "'; COMMIT", `\'; COMMIT`))
	b.WriteString(pick(r, "", "", " -- '", ` -- "`, " # `", " /* ' */", " -- */", "\n-- '\n", "'", "*/"))
	return b.String()
}

// Whatever text the guard lets through, the server finds no second statement, no
// INTO and no executable comment in it: not even on a connection that takes
// several statements, in any mode.
func TestClassify_reads_texts_as_the_server_does(t *testing.T) {
	t.Parallel()
	cluster, _ := servers.Get(t)
	for name, mode := range map[string]struct{ ansi, noBackslash bool }{
		"default": {}, "ANSI_QUOTES": {ansi: true}, "NO_BACKSLASH_ESCAPES": {noBackslash: true}, "ANSI_QUOTES,NO_BACKSLASH_ESCAPES": {ansi: true, noBackslash: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := cluster.Servers[0].Config()
			cfg.MultiStatements = true
			cfg.Logger = &mysql.NopLogger{}
			if name != "default" {
				cfg.Params = map[string]string{"sql_mode": "'" + name + "'"}
			}
			connector, err := mysql.NewConnector(cfg)
			require.NoError(t, err)
			db := sql.OpenDB(connector)
			defer db.Close()
			db.SetMaxOpenConns(1)
			conn, err := db.Conn(t.Context())
			require.NoError(t, err)
			defer conn.Close()
			_, err = conn.ExecContext(t.Context(), "START TRANSACTION")
			require.NoError(t, err)
			r := rand.New(rand.NewPCG(7, 7))
			accepted, ended := 0, 0
			for range 4000 {
				text := randomText(r)
				_, _, refusal := pool.Classify(text, mode.ansi, mode.noBackslash)
				if refusal != nil && ended > 0 {
					continue
				}
				ok := everyResult(t.Context(), conn, text) == nil
				var open int
				var x sql.NullString
				require.NoError(t, conn.QueryRowContext(t.Context(), "SELECT @@in_transaction, @x").Scan(&open, &x), "%q", text)
				switch {
				case refusal == nil:
					require.Equal(t, 1, open, "%q ends the transaction", text)
					require.False(t, x.Valid, "%q sets a variable", text)
					if ok {
						accepted++
					}
				case open == 0 || x.Valid:
					ended++ // the test would notice
				}
				_, err = conn.ExecContext(t.Context(), "SET @x = NULL; START TRANSACTION")
				require.NoError(t, err)
			}
			require.Positive(t, ended)
			require.Greater(t, accepted, 50, "the guard lets enough through to tell")
		})
	}
}

// everyResult runs a text with all its statements to the end.
func everyResult(ctx context.Context, conn *sql.Conn, text string) error {
	rows, err := conn.QueryContext(ctx, text)
	if err != nil {
		return err
	}
	defer rows.Close()
	for {
		for rows.Next() {
		}
		if !rows.NextResultSet() {
			return rows.Err()
		}
	}
}
