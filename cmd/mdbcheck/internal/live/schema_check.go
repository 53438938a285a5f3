package live

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mdbrouter/mdb/area"
)

// check applies all rules.
func (c *areaSchema) check() {
	byName := c.byName()
	c.lacking(byName)
	c.strays(byName)
	faults := make(map[string]map[int][]fault)
	for _, b := range c.briefcases {
		for _, t := range b.Tables {
			name := c.fold(t.Name)
			faults[name] = c.checkTable(b, t.Name, byName[name])
		}
	}
	for _, name := range c.namesOf(byName) {
		c.compare(name, byName[name], faults[name])
	}
	for i := range c.alike {
		a := &c.alike[i]
		c.run.find("MDB810", c.address(), c.tell(a.tables, a.drift, a.of))
	}
}

// byName gives the tables by name and shard.
func (c *areaSchema) byName() map[string]map[int]*table {
	all := make(map[string]map[int]*table)
	for i, tables := range c.tables {
		for j := range tables {
			name := c.fold(tables[j].name)
			if all[name] == nil {
				all[name] = make(map[int]*table)
			}
			all[name][i] = &tables[j]
		}
	}
	return all
}

// namesOf gives the names of all tables: first those of briefcases as declared.
func (c *areaSchema) namesOf(byName map[string]map[int]*table) []string {
	var declared, others []string
	for _, b := range c.briefcases {
		for _, t := range b.Tables {
			declared = append(declared, c.fold(t.Name))
		}
	}
	for name := range byName {
		if c.owners[name] == nil {
			others = append(others, name)
		}
	}
	slices.Sort(others)
	return append(declared, others...)
}

// lacking reports declared tables that shards do not have: those that the same
// shards lack together.
func (c *areaSchema) lacking(byName map[string]map[int]*table) {
	for _, b := range c.briefcases {
		var groups grouped[string]
		for _, t := range b.Tables {
			groups.add(t.Name, c.others(byName[c.fold(t.Name)]))
		}
		for _, g := range groups.list {
			address, what := "briefcase."+b.Name, "tables "+names(g.what)+" of briefcase "+b.Name+" are missing "
			if len(g.what) == 1 {
				address, what = tableAddress(b, g.what[0]), "table "+g.what[0]+" of briefcase "+b.Name+" is missing "
			}
			c.run.find("MDB809", address, finding{
				summary: what + c.where(g.shards),
				detail:  "statements on it fail for the ids of these shards",
				help:    "create it there: " + c.nextStep(g.shards),
			})
		}
	}
}

// checkTable applies the rules to a table of a briefcase in each shard, reports
// what several have in common once, and gives the faults by shard.
func (c *areaSchema) checkTable(b *area.Briefcase, name string, tables map[int]*table) map[int][]fault {
	faults := make(map[int][]fault)
	var found grouped[fault]
	for _, i := range c.having(tables) {
		faults[i] = faultsOf(tables[i], b)
		for _, f := range faults[i] {
			found.addTo(f.same, f, i)
		}
	}
	for _, g := range found.list {
		c.run.find(g.what[0].rule, tableAddress(b, name), g.what[0].finding(c.where(g.shards)))
	}
	return faults
}

// strays reports tables that are declared nowhere and not in all shards.
func (c *areaSchema) strays(byName map[string]map[int]*table) {
	var extra, lost grouped[string]
	order := comparison{rank: c.rank}
	for _, name := range c.namesOf(byName) {
		without := c.others(byName[name])
		if c.owners[name] != nil || len(without) == 0 {
			continue
		}
		if with := c.having(byName[name]); order.outweighs(with, without) {
			lost.add(name, without)
		} else {
			extra.add(name, with)
		}
	}
	for _, g := range lost.list {
		what, it := "table "+g.what[0]+" is missing ", " it"
		if len(g.what) > 1 {
			what, it = "tables "+names(g.what)+" are missing ", " them"
		}
		c.run.find("MDB810", c.address(), finding{
			summary: what + c.where(g.shards) + "; " + othersHave(len(c.shards)-len(g.shards)) + it,
			help:    "create it there: " + c.nextStep(g.shards),
		})
	}
	for _, g := range extra.list {
		what := "table " + g.what[0] + " is "
		if len(g.what) > 1 {
			what = "tables " + names(g.what) + " are "
		}
		c.run.find("MDB810", c.address(), finding{
			summary: what + c.where(g.shards) + " alone",
			detail:  "of no briefcase",
			help:    "drop it if it is left over from a migration or by hand; if it belongs to the schema, create it in the other shards: " + c.nextStep(c.complement(g.shards)),
		})
	}
}

// compare holds the table of one name in all shards that have it against each
// other, without what is known to be at fault.
func (c *areaSchema) compare(name string, tables map[int]*table, faults map[int][]fault) {
	having := c.having(tables)
	kept := slices.DeleteFunc(slices.Clone(having), func(i int) bool { return !tables[i].isTable() })
	if len(kept) > 0 && len(kept) < len(having) {
		if c.owners[name] == nil { // otherwise MDB809 says so
			c.compareSheets(name, tables, having, func(i int) sheet { return kindOf(tables[i]) })
		}
		having = kept
	}
	var list []*table
	for _, i := range having {
		list = append(list, tables[i])
	}
	common := commonColumns(list)
	c.compareSheets(name, tables, having, func(i int) sheet {
		s := sheetOf(tables[i], common)
		for _, f := range faults[i] {
			s = s.excuse(f.subject, f.traits)
		}
		if c.owners[name] != nil && tables[i].engine != innoDB {
			s = s.excuse(tableSubject, []string{"engine", "row format"}) // MDB820 says so
		}
		return s
	})
}

// compareSheets reports where the sheets of a table in some shards differ.
func (c *areaSchema) compareSheets(name string, tables map[int]*table, shards []int, sheetOf func(shard int) sheet) {
	compared := comparison{sheets: make(map[int]sheet, len(shards)), rank: c.rank}
	for _, i := range shards {
		compared.sheets[i] = sheetOf(i)
	}
	address := c.address()
	if b := c.owners[name]; b != nil {
		address = tableAddress(b, c.declared(b, name))
	}
	for _, d := range drifts(compared.differences()) {
		shown := tables[shards[0]].name
		if c.owners[name] != nil {
			c.run.find("MDB810", address, c.tell([]string{shown}, d, len(shards)))
			continue
		}
		c.together(alikeDrift{tables: []string{shown}, drift: d, of: len(shards)})
	}
}

// An alikeDrift is one drift of several tables of no briefcase, as after a change of
// what a database gives its tables by default.
type alikeDrift struct {
	tables []string
	drift  drift
	of     int // how many shards have the tables
}

// together adds a drift to those that say the same of other tables.
func (c *areaSchema) together(d alikeDrift) {
	i := slices.IndexFunc(c.alike, func(o alikeDrift) bool { return o.of == d.of && o.drift.same(d.drift) })
	if i < 0 {
		c.alike = append(c.alike, d)
		return
	}
	c.alike[i].tables = append(c.alike[i].tables, d.tables...)
}

// tell words a drift of tables that so many shards have.
func (c *areaSchema) tell(tables []string, d drift, of int) finding {
	f := finding{help: "if the others are right: " + c.nextStep(d.shards) + ". If the change is meant for all, apply it to the others"}
	differ := "differs"
	if len(tables) > 1 {
		differ = "differ"
	}
	summary := fmt.Sprintf("%s %s %s", names(tables), differ, c.where(d.shards))
	if len(d.differences) == 1 {
		f.summary = summary + ": " + d.differences[0].words(of)
		return f
	}
	var subjects, words []string
	for i := range d.differences {
		subjects = append(subjects, d.differences[i].subject)
		if i < maxDifferences {
			words = append(words, d.differences[i].words(of))
		}
	}
	f.summary = summary + ": " + names(subjects)
	f.detail = strings.Join(words, "; ")
	if more := len(subjects) - maxDifferences; more > 0 {
		f.detail += fmt.Sprintf("; and %d more", more)
	}
	return f
}

// nextStep says how shards are changed.
func (c *areaSchema) nextStep(shards []int) string {
	const most = 4
	step := "mdbctl each area." + c.area.Name()
	only := c.only(shards)
	switch {
	case len(shards) == len(c.area.Shards()):
		step += " -- MIGRATION"
	case len(only) <= most:
		step += " --only " + strings.Join(only, " --only ") + " -- MIGRATION"
	default:
		step += " -- MIGRATION, with --only for each of these shards unless it can be repeated"
	}
	if _, ok := c.run.cfg.Schemas[c.area.Name()]; ok {
		step += "; change the area's schema directory too, which mdbctl provision applies to new shards only"
	}
	return step
}

// only gives shards as mdbctl each takes them: partitions, and shards of others.
func (c *areaSchema) only(shards []int) []string {
	meant := make(map[int]bool, len(shards))
	for _, i := range shards {
		meant[c.shards[i].Ordinal] = true
	}
	var list []string
	all := c.area.Shards()
	for i := 0; i < len(all); i += all[i].Count {
		of := all[i : i+all[i].Count]
		if !slices.ContainsFunc(of, func(s area.Shard) bool { return !meant[s.Ordinal] }) {
			list = append(list, of[0].Partition)
			continue
		}
		for j := range of {
			if meant[of[j].Ordinal] {
				list = append(list, of[j].Label())
			}
		}
	}
	return list
}

// address names the area's declaration.
func (c *areaSchema) address() string { return "area." + c.area.Name() }

// tableAddress names the declaration of a table.
func tableAddress(b *area.Briefcase, table string) string {
	return "briefcase." + b.Name + ".table." + table
}

// declared gives the name of a table as the briefcase has it.
func (c *areaSchema) declared(b *area.Briefcase, name string) string {
	for _, t := range b.Tables {
		if c.fold(t.Name) == name {
			return t.Name
		}
	}
	return name
}

// having gives the shards that have a table, in order.
func (c *areaSchema) having(tables map[int]*table) []int {
	return c.filter(func(i int) bool { return tables[i] != nil })
}

// others gives those that do not.
func (c *areaSchema) others(tables map[int]*table) []int {
	return c.filter(func(i int) bool { return tables[i] == nil })
}

func (c *areaSchema) complement(shards []int) []int {
	return c.filter(func(i int) bool { return !slices.Contains(shards, i) })
}

func (c *areaSchema) filter(keep func(int) bool) []int {
	var list []int
	for i := range c.shards {
		if keep(i) {
			list = append(list, i)
		}
	}
	return list
}

// where says in which shards something is.
func (c *areaSchema) where(shards []int) string {
	list := make([]area.Shard, len(shards))
	for i, position := range shards {
		list[i] = c.shards[position]
	}
	return where(c.area.Shards(), list, len(c.shards))
}

// othersHave says how many shards have something.
func othersHave(n int) string {
	if n == 1 {
		return "the other shard has"
	}
	return fmt.Sprintf("the other %d shards have", n)
}

// grouped puts things together that are so in the same shards, or shards of which
// the same is so.
type grouped[T any] struct{ list []group[T] }

type group[T any] struct {
	what   []T
	shards []int
}

// add adds what is so in some shards.
func (g *grouped[T]) add(what T, shards []int) {
	if len(shards) == 0 {
		return
	}
	i := slices.IndexFunc(g.list, func(o group[T]) bool { return slices.Equal(o.shards, shards) })
	if i < 0 {
		i = len(g.list)
		g.list = append(g.list, group[T]{shards: shards})
	}
	g.list[i].what = append(g.list[i].what, what)
}

// addTo adds a shard to the group of something that is the same.
func (g *grouped[T]) addTo(same func(T) bool, what T, shard int) {
	i := slices.IndexFunc(g.list, func(o group[T]) bool { return same(o.what[0]) })
	if i < 0 {
		i = len(g.list)
		g.list = append(g.list, group[T]{what: []T{what}})
	}
	g.list[i].shards = append(g.list[i].shards, shard)
}
