package live

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// databasesAtOnce bounds how many databases one query asks about.
const databasesAtOnce = 1000

// schemaAttempts is how often databases are read until no table changed meanwhile.
const schemaAttempts = 3

// ownPrefix is what the names of mdb's own tables begin with, which are not read:
// provision looks after them. The tables of CENTRAL's indexes are.
const (
	ownPrefix   = "mdb_"
	indexPrefix = "mdb_index_"
)

// asker is one connection, or what stands for one.
type asker interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// schemaReader reads the tables of databases on one server out of
// information_schema, with a dozen queries for a thousand databases.
type schemaReader struct {
	conn    asker
	mariadb bool
	known   map[string]bool // columns of information_schema that not all engines have
	// tables are by database and name.
	tables map[string]map[string]*table
}

// readTables reads the tables of the databases that the configuration places
// here.
func (s *server) readTables(ctx context.Context) error {
	var databases []string
	for i := range s.shards {
		databases = append(databases, s.stored(s.shards[i].Database))
	}
	for i := range s.central {
		databases = append(databases, s.stored(s.central[i].Database))
	}
	tables, err := readTables(ctx, s.conn, databases)
	if err == nil {
		s.tables = tables
	}
	return err
}

// stored gives the name under which the server keeps a database or table.
func (s *server) stored(name string) string {
	if d, ok := s.state.Database(name); ok {
		return d.Name
	}
	return name
}

// readTables gives the tables of databases in the order of their names, without
// those of mdb itself. It gives nothing of a database that does not exist, or that
// is dropped meanwhile. What the login may not see is not there: the rules of
// foreign keys, triggers and the text of views need more than SELECT.
func readTables(ctx context.Context, conn asker, databases []string) (map[string][]table, error) {
	r := &schemaReader{conn: conn}
	if err := r.recognise(ctx); err != nil {
		return nil, fmt.Errorf("recognise the engine: %w", err)
	}
	all := make(map[string][]table, len(databases))
	for batch := range slices.Chunk(databases, databasesAtOnce) {
		if err := r.readBatch(ctx, batch); err != nil {
			return nil, fmt.Errorf("read the tables: %w", err)
		}
		for database, tables := range r.tables {
			list := make([]table, 0, len(tables))
			for _, name := range slices.Sorted(maps.Keys(tables)) {
				t := tables[name]
				t.foldJSON()
				list = append(list, *t)
			}
			all[database] = list
		}
	}
	return all, nil
}

// recognise tells the engine, and which columns its information_schema has.
func (r *schemaReader) recognise(ctx context.Context) error {
	err := r.each(ctx, "SELECT VERSION()", nil, 1, func(v []sql.NullString) {
		r.mariadb = strings.Contains(strings.ToLower(v[0].String), "mariadb")
	})
	if err != nil {
		return err
	}
	r.known = make(map[string]bool)
	return r.each(ctx, `SELECT LOWER(table_name), LOWER(column_name) FROM information_schema.columns
WHERE table_schema = 'information_schema' AND table_name IN ('STATISTICS', 'CHECK_CONSTRAINTS')`, nil, 2, func(v []sql.NullString) {
		r.known[v[0].String+"."+v[1].String] = true
	})
}

// readBatch fills in tables. An ALTER between two of its queries would make a
// table look as it never was, so it reads again if tables came, went or changed.
func (r *schemaReader) readBatch(ctx context.Context, databases []string) error {
	for attempt := 1; ; attempt++ {
		before, err := r.list(ctx, databases)
		if err != nil {
			return err
		}
		for _, facet := range []func(context.Context, []string) error{
			r.readColumns, r.readKeys, r.readForeign, r.readRules, r.readChecks, r.readPartitions, r.readTriggers, r.readViews,
		} {
			if err := facet(ctx, databases); err != nil {
				return err
			}
		}
		tables := r.tables
		after, err := r.list(ctx, databases)
		if err != nil {
			return err
		}
		if maps.Equal(before, after) || attempt == schemaAttempts {
			r.tables = stillThere(tables, r.tables)
			return nil
		}
	}
}

// stillThere gives the tables that were read and are in a later list.
func stillThere(read, later map[string]map[string]*table) map[string]map[string]*table {
	for database, tables := range read {
		maps.DeleteFunc(tables, func(name string, _ *table) bool { return later[database][name] == nil })
		if later[database] == nil {
			delete(read, database)
		}
	}
	return read
}

// list begins anew with the tables that there are, and gives when each was made.
func (r *schemaReader) list(ctx context.Context, databases []string) (map[string]string, error) {
	r.tables = make(map[string]map[string]*table, len(databases))
	made := make(map[string]string)
	wanted := make(map[string]bool, len(databases))
	for _, d := range databases {
		wanted[d] = true // servers compare less strictly than names differ
	}
	err := r.facet(ctx, "SELECT schema_name FROM information_schema.schemata WHERE schema_name", "", databases, 1, func(v []sql.NullString) {
		if wanted[v[0].String] {
			r.tables[v[0].String] = make(map[string]*table)
		}
	})
	if err != nil {
		return nil, err
	}
	query := `SELECT table_schema, table_name, table_type, engine, row_format, table_collation, create_time FROM information_schema.tables WHERE table_schema`
	err = r.facet(ctx, query, "table_name", databases, 7, func(v []sql.NullString) {
		database, name := v[0].String, v[1].String
		if r.tables[database] == nil {
			return
		}
		made[database+"\x00"+name] = v[6].String
		r.tables[database][name] = &table{
			name: name, kind: v[2].String, engine: v[3].String, rowFormat: strings.ToUpper(v[4].String), collation: canonicalCollation(v[5].String),
		}
	})
	return made, err
}

func (r *schemaReader) readColumns(ctx context.Context, databases []string) error {
	query := `SELECT table_schema, table_name, column_name, is_nullable, column_type, collation_name, extra, generation_expression, column_default, ordinal_position
FROM information_schema.columns WHERE table_schema`
	order := make(map[*table][]int)
	err := r.facet(ctx, query, "table_name", databases, 10, func(v []sql.NullString) {
		t := r.tables[v[0].String][v[1].String]
		if t == nil || !t.isTable() {
			return // the columns of a view follow from its tables
		}
		raw := rawColumn{name: v[2].String, nullable: v[3].String == "YES", kind: v[4].String, collation: v[5].String, extra: v[6].String, generated: v[7].String}
		if v[8].Valid {
			raw.standard = &v[8].String
		}
		t.columns = append(t.columns, raw.canonical(r.mariadb))
		order[t] = append(order[t], ordinal(v[9].String))
	})
	for t, positions := range order {
		t.columns = inOrder(t.columns, positions)
	}
	return err
}

func (r *schemaReader) readKeys(ctx context.Context, databases []string) error {
	query := "SELECT table_schema, table_name, index_name, seq_in_index, non_unique, column_name, sub_part, collation, index_type, " +
		r.optional("statistics", "expression") + ", " + r.optional("statistics", "is_visible") + ", " + r.optional("statistics", "ignored") +
		" FROM information_schema.statistics WHERE table_schema"
	type place struct {
		t    *table
		name string
	}
	keys := make(map[place]*key)
	order := make(map[*key][]int)
	err := r.facet(ctx, query, "table_name", databases, 12, func(v []sql.NullString) {
		t := r.tables[v[0].String][v[1].String]
		if t == nil {
			return
		}
		at := place{t, v[2].String}
		k := keys[at]
		if k == nil {
			k = &key{name: at.name, unique: v[4].String == "0", invisible: v[10].String == "NO" || v[11].String == "YES"}
			if m := v[8].String; m == "FULLTEXT" || m == "SPATIAL" {
				k.method = m
			}
			keys[at] = k
		}
		k.parts = append(k.parts, keyPart{column: v[5].String, prefix: v[6].String, descending: v[7].String == "D", expression: canonicalExpression(v[9].String)})
		order[k] = append(order[k], ordinal(v[3].String))
	})
	for at, k := range keys {
		k.parts = inOrder(k.parts, order[k])
		at.t.keys = append(at.t.keys, *k)
	}
	r.eachTable(func(t *table) {
		slices.SortFunc(t.keys, func(a, b key) int { return strings.Compare(sortName(a.name), sortName(b.name)) })
	})
	return err
}

// sortName puts the primary key first.
func sortName(name string) string {
	if name == primaryName {
		return ""
	}
	return name
}

func (r *schemaReader) readPartitions(ctx context.Context, databases []string) error {
	query := `SELECT table_schema, table_name, partition_name, subpartition_name, partition_method, partition_expression, subpartition_method, subpartition_expression, partition_description
FROM information_schema.partitions WHERE partition_name IS NOT NULL AND table_schema`
	return r.facet(ctx, query, "table_name", databases, 9, func(v []sql.NullString) {
		t := r.tables[v[0].String][v[1].String]
		if t == nil {
			return
		}
		t.partitioning = canonicalExpression(v[4].String + "(" + v[5].String + ")")
		if v[6].Valid {
			t.partitioning += " subpartition by " + canonicalExpression(v[6].String+"("+v[7].String+")")
		}
		name := v[2].String
		if v[3].Valid {
			name += "/" + v[3].String
		}
		t.partitions = append(t.partitions, partitionOf{name, canonicalExpression(v[8].String)})
	})
}

func (r *schemaReader) readTriggers(ctx context.Context, databases []string) error {
	query := `SELECT trigger_schema, event_object_table, trigger_name, action_timing, event_manipulation, action_statement
FROM information_schema.triggers WHERE trigger_schema`
	return r.facet(ctx, query, "event_object_table", databases, 6, func(v []sql.NullString) {
		if t := r.tables[v[0].String][v[1].String]; t != nil {
			body := strings.Join(strings.Fields(unqualified(v[5].String, v[0].String)), " ")
			t.triggers = append(t.triggers, trigger{v[2].String, v[3].String + " " + v[4].String, body})
		}
	})
}

func (r *schemaReader) readViews(ctx context.Context, databases []string) error {
	query := "SELECT table_schema, table_name, view_definition FROM information_schema.views WHERE table_schema"
	return r.facet(ctx, query, "table_name", databases, 3, func(v []sql.NullString) {
		if t := r.tables[v[0].String][v[1].String]; t != nil {
			t.definition = canonicalExpression(unqualified(v[2].String, v[0].String))
		}
	})
}

// eachTable calls do for every table that there is.
func (r *schemaReader) eachTable(do func(*table)) {
	for _, tables := range r.tables {
		for _, t := range tables {
			do(t)
		}
	}
}

// unqualified gives SQL without the name of its own database, which is another one
// in each shard.
func unqualified(text, database string) string {
	return strings.ReplaceAll(text, "`"+strings.ReplaceAll(database, "`", "``")+"`.", "")
}

// optional gives a column of information_schema, or NULL on an engine without it.
func (r *schemaReader) optional(table, column string) string {
	if r.known[table+"."+column] {
		return column
	}
	return "NULL"
}

// facet asks one thing about databases. The query ends with the column that has
// the database's name; tables is the column that has the table's, if mdb's own
// tables are to be left out.
func (r *schemaReader) facet(ctx context.Context, query, tables string, databases []string, columns int, row func([]sql.NullString)) error {
	query += " IN (" + strings.TrimSuffix(strings.Repeat("?, ", len(databases)), ", ") + ")"
	if tables != "" {
		query += fmt.Sprintf(" AND (LEFT(%[1]s, %[2]d) <> '%[3]s' OR LEFT(%[1]s, %[4]d) = '%[5]s')", tables, len(ownPrefix), ownPrefix, len(indexPrefix), indexPrefix)
	}
	args := make([]any, len(databases))
	for i, d := range databases {
		args[i] = d
	}
	return r.each(ctx, query, args, columns, row)
}

// each calls row with the values of each row of an answer. They are valid until it
// returns.
func (r *schemaReader) each(ctx context.Context, query string, args []any, columns int, row func([]sql.NullString)) error {
	rows, err := r.conn.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	values := make([]sql.NullString, columns)
	targets := make([]any, columns)
	for i := range values {
		targets[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(targets...); err != nil {
			return err
		}
		row(values)
	}
	return rows.Err()
}

// ordinal gives a small number that a server sent.
func ordinal(text string) int {
	n := 0
	for _, c := range text {
		n = n*10 + int(c-'0')
	}
	return n
}

// inOrder gives a list in the order of the positions that belong to its elements.
func inOrder[T any](list []T, positions []int) []T {
	index := make([]int, len(list))
	for i := range index {
		index[i] = i
	}
	slices.SortStableFunc(index, func(a, b int) int { return positions[a] - positions[b] })
	sorted := make([]T, len(list))
	for i, from := range index {
		sorted[i] = list[from]
	}
	return sorted
}
