package live

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
)

// selectsAtOnce is how many reaches one statement reads, so that a far server costs
// few round trips. Each opens the table once more.
const selectsAtOnce = 100

// A tableReader reads rows of a table on a server, by an index and never beyond
// what is asked for.
type tableReader struct {
	server  *server
	table   string // quoted, with its database
	index   string // quoted; its first column is the ids'
	id      string // quoted: the column of ids
	columns []string
}

// read gives the rows of each reach.
func (t *tableReader) read(ctx context.Context, reaches []reach) ([][]row, error) {
	out := make([][]row, len(reaches))
	for start := 0; start < len(reaches); start += selectsAtOnce {
		end := min(start+selectsAtOnce, len(reaches))
		selects := make([]string, 0, selectsAtOnce)
		for i, r := range reaches[start:end] {
			selects = append(selects, t.selectOf(start+i, r))
		}
		err := t.server.query(ctx, strings.Join(selects, " UNION ALL "), func(rows *sql.Rows) error {
			var reach int
			values := make(row, 1+len(t.columns))
			targets := []any{&reach}
			for i := range values {
				targets = append(targets, &values[i])
			}
			err := rows.Scan(targets...)
			out[reach] = append(out[reach], values)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// selectOf gives the statement for one reach. Its values stand in it: one round
// trip, whatever the DSN says, and nothing to quote.
func (t *tableReader) selectOf(number int, r reach) string {
	var conditions []string
	if r.first != nil {
		conditions = append(conditions, fmt.Sprintf("%s >= x'%x'", t.id, r.first))
	}
	if r.last != nil {
		conditions = append(conditions, fmt.Sprintf("%s <= x'%x'", t.id, r.last))
	}
	where, order := "", t.id
	if len(conditions) > 0 {
		where = " WHERE " + strings.Join(conditions, " AND ")
	}
	if r.down {
		order += " DESC"
	}
	return fmt.Sprintf("(SELECT %d, %s FROM %s FORCE INDEX (%s)%s ORDER BY %s LIMIT %d)",
		number, strings.Join(append([]string{t.id}, t.columns...), ", "), t.table, t.index, where, order, r.most)
}

// readerOf gives a reader of a table by a column of ids, and more columns. It
// reports false where rows cannot be found by the bytes of ids, which is a finding
// of another rule.
func (s *server) readerOf(database string, t *table, id string, columns ...string) (*tableReader, bool) {
	c, ok := t.column(id)
	if !ok || !t.isTable() || !strings.HasPrefix(c.kind, "binary(") && !strings.HasPrefix(c.kind, "varbinary(") {
		return nil, false
	}
	i := slices.IndexFunc(t.keys, func(k key) bool { return k.leadsWith(id) && k.method == "" && !k.invisible })
	if i < 0 {
		return nil, false
	}
	return &tableReader{
		server: s, table: quoted(s.stored(database)) + "." + quoted(t.name), index: quoted(t.keys[i].name), id: quoted(c.name), columns: columns,
	}, true
}

// quoted gives a name between backticks.
func quoted(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }

// literals gives ids for a list in a statement.
func literals[T ~string | ~[]byte](keys []T) string {
	list := make([]string, len(keys))
	for i, k := range keys {
		list[i] = fmt.Sprintf("x'%x'", string(k))
	}
	return strings.Join(list, ", ")
}
