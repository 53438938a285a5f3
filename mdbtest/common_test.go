package mdbtest_test

import (
	"database/sql"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb"
	"github.com/mdbrouter/mdb/gdid"
)

func newID(t *testing.T, counter uint64) mdb.GDID {
	t.Helper()
	id, err := gdid.New(0, 1, counter)
	require.NoError(t, err)
	return id
}

func run(t *testing.T, db *sql.DB, query string) {
	t.Helper()
	_, err := db.ExecContext(t.Context(), query)
	require.NoError(t, err)
}

// grants gives the rights of the service's user.
func grants(t *testing.T, bc *mdb.Briefcase) string {
	t.Helper()
	rows, err := bc.QueryContext(t.Context(), "SHOW GRANTS")
	require.NoError(t, err)
	defer rows.Close()
	var all []string
	for rows.Next() {
		var grant string
		require.NoError(t, rows.Scan(&grant))
		all = append(all, grant)
	}
	require.NoError(t, rows.Err())
	return strings.Join(all, "\n")
}

func files(texts map[string]string) fs.FS {
	all := fstest.MapFS{}
	for name, text := range texts {
		all[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return all
}
