package hcl

import (
	"strings"
	"unicode"
	"unicode/utf8"

	hclv2 "github.com/hashicorp/hcl/v2"
)

// maxDatabaseName is what a server takes.
const maxDatabaseName = 64

// nameShards gives the shards of a partition the names of their databases.
// template is that of the area or CENTRAL, whose block is owner; it may be nil.
func (c *compiler) nameShards(p *partitionModel, t *template, owner *node) {
	badName := false // of the template: reported once
	for i := range p.places {
		s := &p.places[i]
		if s.state != known {
			continue
		}
		if s.explicit {
			if fault := badDatabaseName(s.database); fault != "" {
				c.badName(p.n, s, s.at, fault)
			}
			continue
		}
		if t == nil {
			if !owner.written("database") && !c.checked[rangeOf(owner.at)] {
				c.checked[rangeOf(owner.at)] = true
				d := c.found.add(ruleNoDatabaseName, s.at, "server.%s gives no database and %s has no \"database\"", s.server, owner.title())
				d.Address = p.n.address()
				d.Help = `give it database = "` + owner.short() + `_${shard.index}", or write database(server.` + s.server + `, "name")`
				d.relate(owner.at, "%s is here", owner.title())
			}
			s.state = broken
			continue
		}
		name, ok := t.name(p.n.label, i)
		if !ok {
			continue // the template has been reported, or will be
		}
		s.database, s.secret = name, s.secret || t.value.secret
		if fault := badDatabaseName(name); fault != "" {
			if !badName {
				c.badName(p.n, s, t.at, fault)
			}
			badName = true
		}
	}
}

func (c *compiler) badName(n *node, s *place, at hclv2.Range, fault string) {
	name := quote(s.database)
	if s.secret {
		name = "(sensitive)"
	}
	d := c.found.add(ruleBadDatabaseName, at, "database name %s %s", name, fault)
	d.Address = n.address()
	if strings.Contains(s.database, "$") {
		d.Help = "what is to be filled in stands in braces: ${partition.name}, ${shard.index}"
	}
	s.state = broken
}

// badDatabaseName says what is wrong with the name of a database, or gives "".
func badDatabaseName(name string) string {
	switch {
	case name == "":
		return "is empty"
	case len(name) > maxDatabaseName:
		return "is longer than 64 bytes"
	case !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl):
		return "has a control character"
	case strings.ContainsAny(name, "`/\\."):
		return "has one of ` / \\ ."
	case strings.TrimSpace(name) != name:
		return "begins or ends with a space"
	case strings.ContainsFunc(name, func(r rune) bool { return r > 0xFFFF }):
		return "has a character outside of the basic plane"
	}
	switch strings.ToLower(name) {
	case "mysql", "information_schema", "performance_schema", "sys":
		return "is the server's own"
	}
	return ""
}

// databaseKey is one database, as sharedDatabases tells them apart.
type databaseKey struct{ server, name string }

// owner is the shard that a database belongs to.
type owner struct {
	p     *partitionModel
	index int
}

// partitions gives the partitions of all areas, and CENTRAL.
func (c *compiler) partitions() []*partitionModel {
	var all []*partitionModel
	if c.central != nil {
		all = append(all, c.central)
	}
	for _, a := range c.areas {
		all = append(all, a.all()...)
	}
	return all
}

// sharedDatabases reports databases that are more than one shard. Of each
// partition it reports the first.
func (c *compiler) sharedDatabases() {
	all := c.partitions()
	count := 0
	for _, p := range all {
		count += len(p.places)
	}
	owners := make(map[databaseKey]owner, count)
	for _, p := range all {
		own, shared := 0, 0
		for i := range p.places {
			s := &p.places[i]
			if s.state != known || s.database == "" {
				continue
			}
			key := databaseKey{s.server, s.database}
			first, taken := owners[key]
			if !taken {
				owners[key] = owner{p, i}
				continue
			}
			if first.p == p {
				if own++; own == 1 {
					c.duplicateShard(p, first.index, i)
				}
			} else if shared++; shared == 1 {
				c.sharedDatabase(first, owner{p, i})
			}
		}
	}
}

// shownDatabase names a database in a message.
func (s *place) shownDatabase() string {
	if s.secret {
		return s.server + "/(sensitive)"
	}
	return s.server + "/" + s.database
}

func (c *compiler) duplicateShard(p *partitionModel, i, j int) {
	s := &p.places[j]
	d := c.found.add(ruleDuplicateShard, s.at, "shards %d and %d of %s are the same database %s", i, j, p.n.short(), s.shownDatabase())
	d.Address = p.n.address()
	if p.places[i].at != s.at {
		d.relate(p.places[i].at, "shard %d is here", i)
	}
	if !s.explicit {
		d.Help = "let the database name hang on ${shard.index}"
	}
}

func (c *compiler) sharedDatabase(first, second owner) {
	s := &second.p.places[second.index]
	d := c.found.add(ruleSharedDatabase, s.at, "%s is used by %s shard %d and %s shard %d",
		s.shownDatabase(), first.p.title(), first.index, second.p.title(), second.index)
	d.Address = second.p.n.address()
	d.Detail = "one database holds one shard"
	if !s.explicit {
		d.Help = namesApart(first, second)
	}
	d.relate(first.p.places[first.index].at, "it is shard %d of %s here", first.index, first.p.title())
}

// namesApart says how two shards get databases of their own.
func namesApart(first, second owner) string {
	if first.p.owner() == second.p.owner() {
		return "let the database name hang on ${partition.name} and ${shard.index}"
	}
	return `give the newer one names of its own: database = "WORD_${partition.name}_${shard.index}"`
}

// short is the label alone, or the type of a block without one.
func (n *node) short() string {
	if n.spec.label == "" {
		return n.spec.name
	}
	return n.label
}
