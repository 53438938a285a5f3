package live

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mdbrouter/mdb/area"
)

// A fault is what a rule says of one table of a briefcase in one shard. Shards of
// which a rule says the same are reported together.
type fault struct {
	rule    string
	text    string // what is wrong: "tbl_order.id is AUTO_INCREMENT"
	tail    string // said behind the shards: ", expected BINARY(12) NOT NULL"
	detail  string
	help    string
	subject string   // the item of the sheet that it is about
	traits  []string // and those of its traits that need no comparison then
}

// same reports whether another fault says the same.
func (f fault) same(other fault) bool {
	return f.rule == other.rule && f.text == other.text && f.tail == other.tail
}

// finding gives what is reported, with the shards of which it is so.
func (f fault) finding(where string) finding {
	return finding{summary: f.text + " " + where + f.tail, detail: f.detail, help: f.help}
}

// faultsOf applies the rules to a table of a briefcase.
func faultsOf(t *table, b *area.Briefcase) []fault {
	if !t.isTable() {
		return []fault{{
			rule: "MDB809", text: fmt.Sprintf("%s is a %s and no table", t.name, strings.ToLower(t.kind)),
			detail: "a briefcase's rows must be its own", help: "rename it, and create the table",
		}}
	}
	var all []fault
	all = append(all, keyColumn(t, b)...)
	if _, ok := t.column(b.Key); ok {
		all = append(all, leadingKey(t, b)...)
	}
	all = append(all, autoIncrement(t)...)
	all = append(all, uniqueKeys(t, b)...)
	return append(all, foreignKeys(t, b)...)
}

// innoDB is the engine of every table of a briefcase.
const innoDB = "InnoDB"

// keyType is what the key column of every table must be.
const keyType = "BINARY(12) NOT NULL"

func keyColumn(t *table, b *area.Briefcase) []fault {
	c, ok := t.column(b.Key)
	f := fault{rule: "MDB811", subject: columnSubject(b.Key), traits: []string{"type", "null", "collation"}}
	switch {
	case !ok:
		f.text = fmt.Sprintf("%s has no column %s", t.name, b.Key)
		f.detail = "nothing says whose its rows are"
		f.help = fmt.Sprintf("add %s %s, fill it and begin the primary key with it; or take the table out of briefcase %s", b.Key, keyType, b.Name)
	case c.kind != "binary(12)":
		f.text, f.tail = fmt.Sprintf("%s.%s is %v", t.name, c.name, c), ", expected "+keyType
		f.detail = "ids are 12 bytes, compared as bytes"
		f.help = fmt.Sprintf("make it %s by a migration, with mdbctl each; values that are no 12 bytes must be written anew", keyType)
	case c.nullable:
		f.text, f.tail = fmt.Sprintf("%s.%s is %v", t.name, c.name, c), ", expected "+keyType
		f.detail = "a row without an id belongs to no briefcase"
		f.help = fmt.Sprintf("delete rows without an id, then ALTER TABLE %s MODIFY %s %s, with mdbctl each", t.name, c.name, keyType)
	default:
		return nil
	}
	return []fault{f}
}

func leadingKey(t *table, b *area.Briefcase) []fault {
	f := fault{rule: "MDB812", subject: keySubject(primaryName), traits: []string{"parts"}, detail: "the rows of a briefcase must lie together, to be read and moved as one"}
	k, ok := t.primary()
	switch {
	case ok && k.leadsWith(b.Key):
		return nil
	case !ok:
		f.text = fmt.Sprintf("%s has no primary key", t.name)
		f.help = fmt.Sprintf("ALTER TABLE %s ADD PRIMARY KEY (%s, ...), with mdbctl each", t.name, b.Key)
	default:
		f.text, f.tail = fmt.Sprintf("the primary key of %s is %s", t.name, k.list()), ", which does not begin with "+b.Key
		f.help = fmt.Sprintf("ALTER TABLE %s DROP PRIMARY KEY, ADD PRIMARY KEY (%s), with mdbctl each", t.name, strings.Join(leading(k, b.Key), ", "))
	}
	return []fault{f}
}

// leading gives the parts of a key with a column put first.
func leading(k *key, column string) []string {
	list := []string{column}
	for _, p := range k.parts {
		if !strings.EqualFold(p.column, column) {
			list = append(list, p.String())
		}
	}
	return list
}

func autoIncrement(t *table) []fault {
	var all []fault
	for i := range t.columns {
		if c := &t.columns[i]; c.autoIncrement {
			all = append(all, fault{
				rule: "MDB813", text: fmt.Sprintf("%s.%s is AUTO_INCREMENT", t.name, c.name),
				detail:  "each shard counts for itself: numbers repeat, and collide when briefcases move",
				help:    fmt.Sprintf("take the numbers from a sequence (router.NewID), then ALTER TABLE %s MODIFY %s without AUTO_INCREMENT, with mdbctl each", t.name, c.name),
				subject: columnSubject(c.name), traits: []string{"auto"},
			})
		}
	}
	return all
}

func uniqueKeys(t *table, b *area.Briefcase) []fault {
	var all []fault
	for i := range t.keys {
		k := &t.keys[i]
		if !k.unique || k.name == primaryName || k.contains(b.Key) {
			continue
		}
		all = append(all, fault{
			rule: "MDB824", text: fmt.Sprintf("unique key %s %s of %s is without %s", k.name, k.list(), t.name, b.Key),
			detail: "it holds within a shard only, and may refuse a briefcase that moves in",
			help: fmt.Sprintf("make it unique within the briefcase, as (%s), or everywhere, by an index of CENTRAL; if no two rows anywhere can be equal, as with ids of a sequence, cover this with an ignore",
				strings.Join(leading(k, b.Key), ", ")),
		})
	}
	return all
}

func foreignKeys(t *table, b *area.Briefcase) []fault {
	var all []fault
	for i := range t.foreign {
		x := &t.foreign[i]
		f := fault{rule: "MDB825", help: fmt.Sprintf("ALTER TABLE %s DROP FOREIGN KEY %s, with mdbctl each, and let the application see to it", t.name, x.name)}
		says := fmt.Sprintf("foreign key %s of %s, (%s) to %s,", x.name, t.name, strings.Join(x.columns, ", "), x.target())
		switch {
		case x.database != "":
			f.text = says + " leads into another database"
			f.detail = "a briefcase must be able to move to another server"
		case !slices.ContainsFunc(b.Tables, func(o area.Table) bool { return strings.EqualFold(o.Name, x.table) }):
			f.text = says + fmt.Sprintf(" leads to a table that is not of briefcase %s", b.Name)
			f.detail = "a briefcase moves without the rows that this refers to"
		case !x.pairs(b.Key, b.Key):
			f.text = says + fmt.Sprintf(" does not pair %[1]s with %[1]s", b.Key)
			f.detail = "it may refer to rows of another briefcase, which moves by itself"
			f.help = fmt.Sprintf("let it begin with %s on both sides: FOREIGN KEY (%[1]s, ...) REFERENCES %s (%[1]s, ...)", b.Key, x.table)
		default:
			continue
		}
		all = append(all, f)
	}
	return all
}
