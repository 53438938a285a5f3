package live

import (
	"context"
	"database/sql"
	"slices"
	"strings"
)

func (r *schemaReader) readForeign(ctx context.Context, databases []string) error {
	query := `SELECT table_schema, table_name, constraint_name, ordinal_position, column_name, referenced_table_schema, referenced_table_name, referenced_column_name
FROM information_schema.key_column_usage WHERE referenced_table_name IS NOT NULL AND table_schema`
	type pair struct {
		position int
		from, to string
	}
	type place struct {
		t    *table
		name string
	}
	found := make(map[place]*foreignKey)
	pairs := make(map[place][]pair)
	err := r.facet(ctx, query, "table_name", databases, 8, func(v []sql.NullString) {
		t := r.tables[v[0].String][v[1].String]
		if t == nil {
			return
		}
		at := place{t, v[2].String}
		if found[at] == nil {
			found[at] = &foreignKey{name: at.name, table: v[6].String}
			if v[5].String != v[0].String {
				found[at].database = v[5].String
			}
		}
		pairs[at] = append(pairs[at], pair{ordinal(v[3].String), v[4].String, v[7].String})
	})
	for at, f := range found {
		slices.SortFunc(pairs[at], func(a, b pair) int { return a.position - b.position })
		for _, p := range pairs[at] {
			f.columns, f.referenced = append(f.columns, p.from), append(f.referenced, p.to)
		}
		at.t.foreign = append(at.t.foreign, *f)
	}
	r.eachTable(func(t *table) {
		slices.SortFunc(t.foreign, func(a, b foreignKey) int { return strings.Compare(a.name, b.name) })
	})
	return err
}

// readRules reads what foreign keys do, which not every login may see.
func (r *schemaReader) readRules(ctx context.Context, databases []string) error {
	query := "SELECT constraint_schema, table_name, constraint_name, update_rule, delete_rule FROM information_schema.referential_constraints WHERE constraint_schema"
	return r.facet(ctx, query, "table_name", databases, 5, func(v []sql.NullString) {
		t := r.tables[v[0].String][v[1].String]
		if t == nil {
			return
		}
		for i := range t.foreign {
			if f := &t.foreign[i]; f.name == v[2].String {
				f.onUpdate, f.onDelete = canonicalRule(v[3].String), canonicalRule(v[4].String)
			}
		}
	})
}

func (r *schemaReader) readChecks(ctx context.Context, databases []string) error {
	var query string
	switch {
	case r.known["check_constraints.table_name"]:
		query = "SELECT constraint_schema, table_name, constraint_name, check_clause FROM information_schema.check_constraints WHERE constraint_schema"
	case r.known["check_constraints.check_clause"]: // MySQL: their names are those of a whole database
		query = `SELECT c.constraint_schema, t.table_name, c.constraint_name, c.check_clause
FROM information_schema.check_constraints c JOIN information_schema.table_constraints t
ON t.constraint_schema = c.constraint_schema AND t.constraint_name = c.constraint_name AND t.constraint_type = 'CHECK' WHERE c.constraint_schema`
	default:
		return nil
	}
	return r.facet(ctx, query, "", databases, 4, func(v []sql.NullString) {
		if t := r.tables[v[0].String][v[1].String]; t != nil {
			t.checks = append(t.checks, check{v[2].String, canonicalExpression(v[3].String)})
		}
	})
}
