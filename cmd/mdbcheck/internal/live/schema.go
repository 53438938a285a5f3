package live

import (
	"slices"
	"strings"

	"github.com/mdbrouter/mdb/area"
)

// compareSchemas applies the rules about tables to the shards of each area
// together, so that what is wrong in all of them is one finding, and holds the
// shards against each other. all are the servers that answered everything.
func (r *run) compareSchemas(all []*server) {
	byName := make(map[string]*server, len(all))
	for _, s := range all {
		byName[s.name] = s
	}
	for _, a := range r.registry.Areas() {
		if c := r.newAreaSchema(a, byName); len(c.shards) > 0 {
			c.check()
		}
	}
	r.checkIndexes(byName)
}

// An areaSchema is the tables of the shards of an area.
type areaSchema struct {
	run    *run
	area   *area.Area
	shards []area.Shard // those that were read, in the area's order
	tables [][]table    // of each of them
	rank   []int        // whose schema is right where as many shards have one as another
	folds  bool         // a server compares names of tables without regard to case
	// briefcases are those of the area, owners the same by the names of their
	// tables.
	briefcases []*area.Briefcase
	owners     map[string]*area.Briefcase
	alike      []alikeDrift // what is found of tables of no briefcase
}

// newAreaSchema takes what was read of the databases that are shards of an area:
// those that are missing, or stamped as something else, are not compared.
func (r *run) newAreaSchema(a *area.Area, servers map[string]*server) *areaSchema {
	c := &areaSchema{run: r, area: a, owners: make(map[string]*area.Briefcase)}
	makers := make(map[bool]bool)
	for _, shard := range a.Shards() {
		s := servers[shard.Server]
		if s == nil || !s.holds(&shard) {
			continue
		}
		tables, ok := s.tables[s.stored(shard.Database)]
		if !ok {
			continue // it vanished meanwhile
		}
		c.shards, c.tables = append(c.shards, shard), append(c.tables, tables)
		c.folds = c.folds || s.foldsNames()
		makers[isMariaDB(s.vars)] = true
	}
	if len(makers) > 1 {
		c.loosen()
	}
	c.rankShards()
	topology := r.registry.Topology()
	for i := range topology.Briefcases {
		if b := &topology.Briefcases[i]; b.Area == a.Name() {
			c.briefcases = append(c.briefcases, b)
			for _, t := range b.Tables {
				c.owners[c.fold(t.Name)] = b
			}
		}
	}
	return c
}

// holds reports whether the database of a shard says that it is that shard.
func (s *server) holds(shard *area.Shard) bool {
	d, ok := s.state.Database(shard.Database)
	return ok && d.Stamp != nil && d.Stamp.Namespace == s.run.registry.Namespace() &&
		d.Stamp.Area == shard.Area && d.Stamp.Start == shard.Start && d.Stamp.Shard == shard.Index
}

// loosen makes copies of all tables that can be compared across engines.
func (c *areaSchema) loosen() {
	for i := range c.tables {
		c.tables[i] = slices.Clone(c.tables[i])
		for j := range c.tables[i] {
			c.tables[i][j] = c.tables[i][j].loosened()
		}
	}
}

// rankShards ranks the newest partition first, and in it shard 0.
func (c *areaSchema) rankShards() {
	c.rank = make([]int, len(c.shards))
	order := make([]int, len(c.shards))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return c.shards[b].Start.Compare(c.shards[a].Start) })
	for rank, i := range order {
		c.rank[i] = rank
	}
}

// fold gives the form in which names of tables are compared.
func (c *areaSchema) fold(name string) string {
	if c.folds {
		return strings.ToLower(name)
	}
	return name
}
