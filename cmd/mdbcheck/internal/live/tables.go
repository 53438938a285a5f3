package live

import (
	"slices"
	"strings"
)

// A table is one table or view of a database, as its server describes it, in the
// form that all servers have in common: see canonical.
type table struct {
	name         string
	kind         string // "BASE TABLE", "VIEW", "SEQUENCE", "SYSTEM VERSIONED"
	engine       string
	collation    string
	rowFormat    string
	definition   string // of a view
	partitioning string // "range columns(made)"; empty without partitions
	columns      []column
	keys         []key // the primary key first
	foreign      []foreignKey
	checks       []check
	partitions   []partitionOf
	triggers     []trigger
}

// A column is one column of a table.
type column struct {
	name          string
	kind          string // COLUMN_TYPE: "varchar(32)", "binary(12)", "json"
	nullable      bool
	standard      string // what it has when nothing is said: "'new'", "0", "uuid()"; empty: nothing, or NULL
	collation     string
	generated     string // the expression; empty unless generated
	stored        bool   // a generated column that is kept
	autoIncrement bool
	onUpdate      string
	invisible     bool
}

// A key is an index of a table.
type key struct {
	name      string
	unique    bool
	method    string // "FULLTEXT", "SPATIAL"; empty for others
	invisible bool   // the optimizer does not use it
	parts     []keyPart
}

// A keyPart is one column, prefix of a column, or expression in a key.
type keyPart struct {
	column     string
	expression string // where it is no column
	prefix     string // how many characters of the column; empty: all
	descending bool
}

// A foreignKey refers to rows of the same or another table.
type foreignKey struct {
	name       string
	columns    []string
	database   string // the referenced table's; empty: the table's own
	table      string
	referenced []string // columns there, as many as columns
	onUpdate   string   // "RESTRICT", "CASCADE"; empty: the login may not see it
	onDelete   string
}

// A check is a condition on the rows of a table.
type check struct{ name, clause string }

// A partitionOf is one part of a table that the server itself divides, which is
// not a partition of an area.
type partitionOf struct{ name, description string }

// A trigger runs with a statement that changes a table.
type trigger struct{ name, moment, body string }

// primaryName is the name of every primary key.
const primaryName = "PRIMARY"

// isTable reports whether it has rows of its own that can be written.
func (t *table) isTable() bool { return t.kind == "BASE TABLE" || t.kind == "SYSTEM VERSIONED" }

// column gives a column by name, in which case does not count.
func (t *table) column(name string) (*column, bool) {
	i := slices.IndexFunc(t.columns, func(c column) bool { return strings.EqualFold(c.name, name) })
	if i < 0 {
		return nil, false
	}
	return &t.columns[i], true
}

// primary gives the primary key. It reports false for a table without one.
func (t *table) primary() (*key, bool) {
	i := slices.IndexFunc(t.keys, func(k key) bool { return k.name == primaryName })
	if i < 0 {
		return nil, false
	}
	return &t.keys[i], true
}

// leadsWith reports whether the key begins with all of a column.
func (k *key) leadsWith(column string) bool { return len(k.parts) > 0 && k.parts[0].isAllOf(column) }

// contains reports whether all of a column is in the key.
func (k *key) contains(column string) bool {
	return slices.ContainsFunc(k.parts, func(p keyPart) bool { return p.isAllOf(column) })
}

func (p keyPart) isAllOf(column string) bool {
	return p.prefix == "" && p.column != "" && strings.EqualFold(p.column, column)
}

// String gives the part as CREATE TABLE has it: "state(10) DESC".
func (p keyPart) String() string {
	text := p.column
	if text == "" {
		text = "(" + p.expression + ")"
	}
	if p.prefix != "" {
		text += "(" + p.prefix + ")"
	}
	if p.descending {
		text += " DESC"
	}
	return text
}

// list gives the parts of the key: "(g_user, id)".
func (k *key) list() string {
	parts := make([]string, len(k.parts))
	for i, p := range k.parts {
		parts[i] = p.String()
	}
	return "(" + strings.Join(parts, ", ") + ")"
}

// pairs reports whether the foreign key sets a column against one of the table
// that it refers to.
func (f *foreignKey) pairs(column, with string) bool {
	for i := range f.columns {
		if strings.EqualFold(f.columns[i], column) && strings.EqualFold(f.referenced[i], with) {
			return true
		}
	}
	return false
}

// target gives what the foreign key refers to: "tbl_user (g_user)".
func (f *foreignKey) target() string {
	name := f.table
	if f.database != "" {
		name = f.database + "." + name
	}
	return name + " (" + strings.Join(f.referenced, ", ") + ")"
}

// String gives the type and what narrows it: "BINARY(12) NOT NULL".
func (c *column) String() string {
	text := upper(c.kind)
	if c.nullable {
		return text + " NULL"
	}
	return text + " NOT NULL"
}

// tableNamed gives the table of that name. Servers that fold names keep them in
// lower case.
func tableNamed(tables []table, name string, folds bool) (*table, bool) {
	if folds {
		name = strings.ToLower(name)
	}
	i := slices.IndexFunc(tables, func(t table) bool {
		return t.name == name || folds && strings.ToLower(t.name) == name // 2: kept as written, compared in lower case
	})
	if i < 0 {
		return nil, false
	}
	return &tables[i], true
}
