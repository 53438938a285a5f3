package live

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A sheet describes a table as a list of what it consists of, each with its traits
// in words, so that two tables can be compared without knowing what tables are.
type sheet []item

// An item is one thing in a table: the table itself, a column, a key.
type item struct {
	subject string // "column state": no two of a sheet have the same
	traits  []trait
}

// A trait is one property of an item. All items of one subject have the same
// traits in the same order.
type trait struct {
	name  string
	value string // "VARCHAR(32)", "NOT NULL", "no default"
}

// unseen is the value of a trait that is no part of a comparison: the login may
// not see it, or another rule says that it is wrong.
const unseen = "\x00"

// quietly are values that go without saying where something is named as a whole.
var quietly = []string{"no default", "no collation", "not generated", "no AUTO_INCREMENT", "no ON UPDATE", "visible", unseen}

// String names the item by the traits that say something.
func (i *item) String() string {
	var said []string
	for _, t := range i.traits {
		if t.name != "spelling" && t.name != "position" && !slices.Contains(quietly, t.value) {
			said = append(said, t.value)
		}
	}
	return or(strings.Join(said, " "), "there")
}

// A subject is how messages name an item. Names of columns and keys do not differ
// by case alone.
func columnSubject(name string) string { return "column " + strings.ToLower(name) }

func keySubject(name string) string {
	if name == primaryName {
		return "primary key"
	}
	return "key " + strings.ToLower(name)
}

// sheetOf describes a table. Columns are put in the order of those that all shards
// have; the others say behind which of them they stand.
func sheetOf(t *table, common map[string]bool) sheet {
	s := kindOf(t)
	if t.kind == "VIEW" {
		s = append(s, item{"query", []trait{{"text", or(t.definition, unseen)}}})
	}
	if !t.isTable() {
		return s // the rest follows from tables
	}
	s[0].traits = append(
		s[0].traits,
		trait{"engine", or(t.engine, "no engine")},
		trait{"collation", or(t.collation, "no collation")},
		trait{"row format", "row format " + or(t.rowFormat, "unknown")},
		trait{"partitioning", partitioningOf(t)},
	)
	s = append(s, t.columnItems(common)...)
	s = append(s, t.keyItems()...)
	s = append(s, t.constraintItems()...)
	for _, p := range t.partitions {
		s = append(s, item{"partition " + p.name, []trait{{"values", or(p.description, "no values")}}})
	}
	for _, tr := range t.triggers {
		s = append(s, item{"trigger " + strings.ToLower(tr.name), []trait{{"moment", tr.moment}, {"body", tr.body}}})
	}
	return unambiguous(s)
}

// kindOf says no more of a table than what kind it is of.
func kindOf(t *table) sheet {
	return sheet{{tableSubject, []trait{{"kind", strings.ToLower(t.kind)}}}}
}

func or(value, instead string) string {
	if value == "" {
		return instead
	}
	return value
}

func partitioningOf(t *table) string {
	if t.partitioning == "" {
		return "not partitioned"
	}
	return "partitioned by " + t.partitioning
}

func (t *table) columnItems(common map[string]bool) sheet {
	var s sheet
	var order []string
	behind := "first"
	for i := range t.columns {
		c := &t.columns[i]
		it := item{columnSubject(c.name), c.traits()}
		if name := strings.ToLower(c.name); common[name] {
			order = append(order, name)
			behind = "behind " + c.name
		} else {
			it.traits = append(it.traits, trait{"position", behind})
		}
		s = append(s, it)
	}
	return append(s, item{orderSubject, []trait{{"order", strings.Join(order, ", ")}}})
}

// orderSubject is the order of the columns that all shards have.
const orderSubject = "column order"

func (c *column) traits() []trait {
	null, increment, visible := "NOT NULL", "no AUTO_INCREMENT", "visible"
	if c.nullable {
		null = "NULL"
	}
	if c.autoIncrement {
		increment = "AUTO_INCREMENT"
	}
	if c.invisible {
		visible = "INVISIBLE"
	}
	generated := "not generated"
	if c.generated != "" {
		generated = "AS (" + c.generated + ")"
		if c.stored {
			generated += " STORED"
		}
	}
	return []trait{
		{"spelling", "spelt " + c.name},
		{"type", upper(c.kind)},
		{"null", null},
		{"default", prefixed("DEFAULT ", c.standard, "no default")},
		{"collation", prefixed("COLLATE ", c.collation, "no collation")},
		{"generated", generated},
		{"auto", increment},
		{"update", prefixed("ON UPDATE ", c.onUpdate, "no ON UPDATE")},
		{"visible", visible},
	}
}

// prefixed gives a value behind a word, or instead where there is none.
func prefixed(word, value, instead string) string {
	if value == "" {
		return instead
	}
	return word + value
}

// keyItems describes the keys; a table without a primary key says so.
func (t *table) keyItems() sheet {
	var s sheet
	if _, ok := t.primary(); !ok {
		s = append(s, item{keySubject(primaryName), []trait{{"parts", "none"}}})
	}
	for i := range t.keys {
		k := &t.keys[i]
		if k.name == primaryName {
			s = append(s, item{keySubject(k.name), []trait{{"parts", k.list()}}})
			continue
		}
		kind, visible := "KEY", "visible"
		switch {
		case k.method != "":
			kind = k.method + " KEY"
		case k.unique:
			kind = "UNIQUE KEY"
		}
		if k.invisible {
			visible = "not used by the optimizer"
		}
		s = append(s, item{keySubject(k.name), []trait{{"kind", kind}, {"parts", k.list()}, {"visible", visible}}})
	}
	return s
}

// constraintItems describes foreign keys and checks by what they say: many have
// names that a server made up.
func (t *table) constraintItems() sheet {
	var s sheet
	for i := range t.foreign {
		f := &t.foreign[i]
		rules := unseen
		if f.onDelete != "" {
			rules = "ON DELETE " + f.onDelete + " ON UPDATE " + f.onUpdate
		}
		s = append(s, item{f.subject(), []trait{{"rules", rules}, {"name", prefixed("named ", f.name, unseen)}}})
	}
	for _, k := range t.checks {
		s = append(s, item{"check " + k.clause, []trait{{"name", prefixed("named ", k.name, unseen)}}})
	}
	return s
}

// subject names the foreign key in messages.
func (f *foreignKey) subject() string {
	return fmt.Sprintf("foreign key (%s) to %s", strings.Join(f.columns, ", "), f.target())
}

// unambiguous numbers items that have one subject: a table may have a constraint
// twice.
func unambiguous(s sheet) sheet {
	seen := make(map[string]int, len(s))
	for i := range s {
		seen[s[i].subject]++
		if n := seen[s[i].subject]; n > 1 {
			s[i].subject += fmt.Sprintf(" #%d", n)
		}
	}
	return s
}

// excuse gives the sheet with traits of an item taken out of comparison. An item
// that is not there is no difference then.
func (s sheet) excuse(subject string, names []string) sheet {
	if subject == "" {
		return s
	}
	i := slices.IndexFunc(s, func(i item) bool { return i.subject == subject })
	if i < 0 {
		return append(s, item{subject: subject})
	}
	for j := range s[i].traits {
		if slices.Contains(names, s[i].traits[j].name) {
			s[i].traits[j].value = unseen
		}
	}
	return s
}

// text gives the sheet as one string: two sheets are equal if their texts are.
func (s sheet) text() string {
	var b strings.Builder
	for _, i := range sortedItems(s) {
		b.WriteString(i.subject + "\x01")
		for _, t := range i.traits {
			b.WriteString(t.name + "\x02" + t.value + "\x03")
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func sortedItems(s sheet) []item {
	return slices.SortedFunc(slices.Values(s), func(a, b item) int { return strings.Compare(a.subject, b.subject) })
}

// commonColumns gives the names, in lower case, of columns that all tables have.
func commonColumns(tables []*table) map[string]bool {
	common := make(map[string]bool)
	for n, t := range tables {
		has := make(map[string]bool, len(t.columns))
		for i := range t.columns {
			has[strings.ToLower(t.columns[i].name)] = true
		}
		if n == 0 {
			common = has
			continue
		}
		maps.DeleteFunc(common, func(name string, _ bool) bool { return !has[name] })
	}
	return common
}
