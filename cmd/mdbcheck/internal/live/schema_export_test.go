package live

import (
	"context"
	"slices"
	"strings"

	"github.com/mdbrouter/mdb/area"
)

// CanonicalColumn gives a row of information_schema.columns as messages have it.
func CanonicalColumn(mariadb bool, kind, collation, extra, generated string, nullable bool, standard *string) string {
	c := rawColumn{name: "c", kind: kind, collation: collation, extra: extra, generated: generated, nullable: nullable, standard: standard}.canonical(mariadb)
	i := item{columnSubject(c.name), c.traits()}
	return i.String()
}

// CanonicalExpression is canonicalExpression.
func CanonicalExpression(text string) string { return canonicalExpression(text) }

// Bare is bare.
func Bare(text string) string { return bare(text) }

// A Sheet has the traits of items by subject: names of traits and their values.
type Sheet map[string]map[string]string

// A Difference is a difference.
type Difference struct {
	Subject, Here, There string
	Shards               []int
	Like                 int
}

// Unseen is unseen.
const Unseen = unseen

// Differences compares sheets. Ranks are those of the sheets, or nil: the first
// is right.
func Differences(sheets []Sheet, rank []int) []Difference {
	c := comparison{sheets: make(map[int]sheet), rank: rank}
	for i, s := range sheets {
		var list sheet
		for subject, traits := range s {
			it := item{subject: subject}
			for name, value := range traits {
				it.traits = append(it.traits, trait{name, value})
			}
			slices.SortFunc(it.traits, func(a, b trait) int { return strings.Compare(a.name, b.name) })
			list = append(list, it)
		}
		c.sheets[i] = sortedItems(list)
		if rank == nil {
			c.rank = append(c.rank, i)
		}
	}
	var out []Difference
	for _, d := range c.differences() {
		out = append(out, Difference{d.subject, d.here, d.there, d.shards, d.like})
	}
	return out
}

// Words words a difference among so many shards.
func (d Difference) Words(of int) string {
	inner := difference{d.Subject, d.Here, d.There, d.Shards, d.Like}
	return inner.words(of)
}

// Where is where.
func Where(all, shards []area.Shard, read int) string { return where(all, shards, read) }

// An Asker is an asker.
type Asker = asker

// ReadTables gives the tables of databases by name, as text that has all that
// there is to compare.
func ReadTables(ctx context.Context, conn Asker, databases []string) (map[string]map[string]string, error) {
	read, err := readTables(ctx, conn, databases)
	out := make(map[string]map[string]string, len(read))
	for database, tables := range read {
		out[database] = make(map[string]string, len(tables))
		for i := range tables {
			t := &tables[i]
			var lines []string
			for _, it := range sheetOf(t, commonColumns([]*table{t})) {
				lines = append(lines, it.subject+": "+it.String())
			}
			out[database][t.name] = strings.Join(lines, "\n")
		}
	}
	return out, err
}

// AcrossEngines compares the tables of a database as servers of different makers
// print them, and gives what differs.
func AcrossEngines(ctx context.Context, database string, conns ...Asker) ([]string, error) {
	byName := make(map[string]map[int]*table)
	var order []int
	for i, conn := range conns {
		read, err := readTables(ctx, conn, []string{database})
		if err != nil {
			return nil, err
		}
		for _, t := range read[database] {
			if byName[t.name] == nil {
				byName[t.name] = make(map[int]*table)
			}
			loose := t.loosened()
			byName[t.name][i] = &loose
		}
		order = append(order, i)
	}
	var words []string
	for name, tables := range byName {
		c := comparison{sheets: make(map[int]sheet), rank: order}
		var all []*table
		for _, t := range tables {
			all = append(all, t)
		}
		for i, t := range tables {
			c.sheets[i] = sheetOf(t, commonColumns(all))
		}
		for _, d := range c.differences() {
			words = append(words, name+" "+d.words(len(tables)))
		}
	}
	return words, nil
}
