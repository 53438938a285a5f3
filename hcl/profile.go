package hcl

import (
	"maps"
	"slices"
	"strings"

	hclv2 "github.com/hashicorp/hcl/v2"

	"github.com/mdbrouter/mdb/area"
)

// chooseProfile finds the profile that Options ask for.
func (c *compiler) chooseProfile() {
	if c.opts.Profile == "" {
		return
	}
	for _, n := range c.root.all("profile") {
		if n.label == c.opts.Profile {
			c.profile = n
			return
		}
	}
	if _, declared := c.symbols.kinds["profile"][c.opts.Profile]; !declared {
		if d := c.undeclared("profile", c.opts.Profile, hclv2.Range{}, nil); d != nil {
			d.Help = c.knownProfiles()
		}
	}
}

// knownProfiles says which profiles there are.
func (c *compiler) knownProfiles() string {
	const most = 8
	names := slices.Sorted(maps.Keys(c.symbols.kinds["profile"]))
	switch n := len(names); {
	case n == 0:
		return "no profile is declared"
	case n > most:
		return "declared: " + strings.Join(names[:most], ", ") + " and " + itoa(n-most) + " more"
	}
	return "declared: " + strings.Join(names, ", ")
}

// target gives the server that a profile collapses to.
func target(profile *node) (string, bool) {
	r, ok := profile.arg("collapse_to").v.(*reference)
	if !ok {
		return "", false
	}
	return r.name, true
}

// collapses reports, for every profile, the first two shards that would become
// one database.
func (c *compiler) collapses() {
	for _, n := range c.root.all("profile") {
		to, ok := target(n)
		if !ok {
			continue
		}
		owners := map[string]owner{}
		var first, second owner
		more := 0
		for _, p := range c.partitions() {
			for i := range p.places {
				s := &p.places[i]
				if s.state != known || s.database == "" {
					continue
				}
				other, taken := owners[s.database]
				switch {
				case !taken:
					owners[s.database] = owner{p, i}
				case other.p.places[other.index].server == s.server: // shared without the profile too
				case second.p == nil:
					first, second = other, owner{p, i}
				default:
					more++
				}
			}
		}
		if second.p != nil {
			c.collapse(n, to, first, second, more)
		}
	}
}

func (c *compiler) collapse(n *node, to string, first, second owner, more int) {
	a, b := &first.p.places[first.index], &second.p.places[second.index]
	d := c.found.add(ruleCollapse, n.arg("collapse_to").at, "under profile %q %s and %s become one database",
		n.label, a.shownDatabase(), b.shownDatabase())
	d.Address = n.address()
	d.Detail = "on server." + to
	if more > 0 {
		d.Detail += ", and " + itoa(more) + " more like them"
	}
	d.Help = namesApart(first, second)
	d.relate(a.at, "%s shard %d", first.p.title(), first.index)
	d.relate(b.at, "%s shard %d", second.p.title(), second.index)
}

// applyProfile puts everything on one server if a profile says so; otherwise it
// leaves out the servers that only profiles use.
func (c *compiler) applyProfile() {
	t := &c.cfg.Topology
	idle := c.idle()
	keep := func(name string) bool { return !idle[name] }
	if c.profile != nil {
		to, ok := target(c.profile)
		if !ok {
			return
		}
		c.cfg.Profile = c.profile.label
		c.cfg.Namespace += "/" + c.profile.label
		t.Namespace = c.cfg.Namespace
		keep = func(name string) bool { return name == to }
		forEachDatabase(t, func(d *area.Database) { d.Server = to })
	}
	c.cfg.Servers = slices.DeleteFunc(c.cfg.Servers, func(s Server) bool { return !keep(s.Name) })
	for i := range c.cfg.Servers {
		s := &c.cfg.Servers[i]
		declared := area.Server{Name: s.Name, Zone: s.Zone}
		for _, r := range s.Replicas {
			declared.Replicas = append(declared.Replicas, area.Replica{Name: r.Name, Zone: r.Zone})
		}
		t.Servers = append(t.Servers, declared)
	}
}

// idle gives the servers that are the target of a profile and nothing else.
func (c *compiler) idle() map[string]bool {
	idle := map[string]bool{}
	for _, n := range c.root.all("profile") {
		if to, ok := target(n); ok {
			idle[to] = true
		}
	}
	forEachDatabase(&c.cfg.Topology, func(d *area.Database) { delete(idle, d.Server) })
	return idle
}

// forEachDatabase visits every shard, CENTRAL shard and id store.
func forEachDatabase(t *area.Topology, visit func(*area.Database)) {
	each := func(list []area.Database) {
		for i := range list {
			visit(&list[i])
		}
	}
	for i := range t.Areas {
		for j := range t.Areas[i].Partitions {
			each(t.Areas[i].Partitions[j].Shards)
		}
		for j := range t.Areas[i].Breakpoints {
			for k := range t.Areas[i].Breakpoints[j].Partitions {
				each(t.Areas[i].Breakpoints[j].Partitions[k].Shards)
			}
		}
	}
	if t.Central != nil {
		each(t.Central.Shards)
	}
	for i := range t.Authorities {
		if t.Authorities[i].Store != nil {
			visit(t.Authorities[i].Store)
		}
	}
}
