package hcl

import (
	"strings"
	"unicode"
	"unicode/utf8"

	hclv2 "github.com/hashicorp/hcl/v2"

	"github.com/mdbrouter/mdb/area"
)

// tableKey is one table of one area.
type tableKey struct{ area, table string }

// tableOwner is the briefcase that a table belongs to.
type tableOwner struct {
	briefcase string
	at        hclv2.Range
}

// compileBriefcases reads the briefcases and their tables.
func (c *compiler) compileBriefcases() {
	owners := map[tableKey]tableOwner{}
	for _, n := range c.root.all("briefcase") {
		b := area.Briefcase{Name: n.label, Key: n.text("key")}
		if r := valueOf[*reference](n, "area"); r != nil {
			b.Area = r.name
		} else if !n.written("area") {
			d := c.found.add(ruleBriefcaseNoArea, n.at, "briefcase %q names no area", n.label)
			d.Address = n.address()
			d.Help = "write area = area.NAME: where its tables are"
		}
		if v := n.arg("key"); v.state == known {
			c.identifier(n, v, b.Key, "column")
		} else if !n.written("key") {
			d := c.found.add(ruleNoKey, n.at, "briefcase %q names no key column", n.label)
			d.Address = n.address()
			d.Help = "write key = NAME: the BINARY(12) column that is first in the primary key of every table"
		}
		c.rootTable(n)
		c.tables(n, n, "", &b, owners)
		c.cfg.Topology.Briefcases = append(c.cfg.Topology.Briefcases, b)
	}
}

// rootTable demands exactly one table at the top of a briefcase.
func (c *compiler) rootTable(n *node) {
	tables := n.all("table")
	switch {
	case len(tables) == 1, len(tables) == 0 && n.robbed:
		return
	case len(tables) == 0:
		d := c.found.add(ruleRootTable, n.at, "briefcase %q has no root table; one is needed", n.label)
		d.Address = n.address()
		d.Help = "the root table has one row for each briefcase; its children stand in its braces"
	default:
		d := c.found.add(ruleRootTable, tables[1].at, "briefcase %q has %d root tables; one is needed", n.label, len(tables))
		d.Address = n.address()
		d.Help = "put the other tables inside the braces of the root table"
		d.relate(tables[0].at, "the first root table is here")
	}
}

// tables reads the tables in n, parents before children.
func (c *compiler) tables(top, n *node, parent string, b *area.Briefcase, owners map[tableKey]tableOwner) {
	for _, t := range n.all("table") {
		b.Tables = append(b.Tables, area.Table{Name: t.label, Parent: parent})
		if fault := badIdentifier(t.label); fault != "" {
			c.found.add(ruleBadIdentifier, t.named(), "table name %s %s", quote(t.label), fault).Address = t.address()
		}
		key := tableKey{b.Area, t.label}
		first, twice := owners[key]
		switch {
		case twice && first.briefcase == top.label:
			d := c.found.add(ruleTableTwice, t.named(), "table %s is twice in briefcase %q", quote(t.label), top.label)
			d.Address = t.address()
			d.relate(first.at, "the first is here")
		case twice && b.Area != "":
			d := c.found.add(ruleTableTwice, t.named(), "table %s is in briefcases %q and %q of the same area", quote(t.label), first.briefcase, top.label)
			d.Address = t.address()
			d.relate(first.at, "it is in %q here", first.briefcase)
		default:
			owners[key] = tableOwner{top.label, t.named()}
		}
		c.tables(top, t, t.label, b, owners)
	}
}

// identifier checks the name of a column.
func (c *compiler) identifier(n *node, v *value, name, what string) {
	if fault := badIdentifier(name); fault != "" {
		c.found.add(ruleBadIdentifier, v.at, "%s name %s %s", what, v.shown(name), fault).Address = n.address()
	}
}

// badIdentifier says why a name is none for a table or column, or gives "".
func badIdentifier(name string) string {
	switch {
	case name == "":
		return "is empty"
	case !utf8.ValidString(name):
		return "is no valid UTF-8"
	case utf8.RuneCountInString(name) > 64:
		return "is longer than 64 characters"
	case strings.HasPrefix(strings.ToLower(name), "mdb_"):
		return "begins with mdb_, which is for mdb's own tables"
	case strings.Trim(name, "0123456789") == "":
		return "has digits alone"
	case strings.ContainsFunc(name, func(r rune) bool {
		return r != '_' && r != '$' && (r < 0x80 && !unicode.IsLetter(r) && !unicode.IsDigit(r) || r > 0xFFFF || unicode.IsControl(r) || unicode.IsSpace(r))
	}):
		return "is no MySQL identifier: use letters, digits, _ and $"
	case isReserved(name):
		return "is a reserved word"
	}
	return ""
}
