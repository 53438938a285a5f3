package hcl

import (
	"cmp"
	"slices"
	"strings"
)

// SecretNames gives the names that come from the environment or from sensitive
// variables and must not be shown: of the namespace, of databases and of key
// columns. Each is there once, longer ones first.
func (c *Config) SecretNames() []string {
	if c.tree == nil {
		return nil
	}
	var names []string
	at := &places{cfg: c}
	if isSecret(at.find("mdb", ""), "namespace") {
		base, _, _ := strings.Cut(c.Namespace, "/") // a profile stands behind it
		names = append(names, c.Namespace, base)
	}
	for _, a := range c.tree.all("area") {
		for _, p := range partitionsOf(a) {
			names = append(names, secretDatabases(p)...)
		}
	}
	if n := at.find("central", ""); n != nil {
		names = append(names, secretDatabases(n)...)
	}
	for i := range c.Topology.Authorities {
		a := &c.Topology.Authorities[i]
		if a.Store != nil && isSecret(at.find("authority", a.Name), "store") {
			names = append(names, a.Store.Name)
		}
	}
	for i := range c.Topology.Briefcases {
		if b := &c.Topology.Briefcases[i]; isSecret(at.find("briefcase", b.Name), "key") {
			names = append(names, b.Key)
		}
	}
	names = slices.DeleteFunc(names, func(name string) bool { return name == "" })
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	return slices.Compact(names)
}

// partitionsOf gives the partitions of an area, those of its breakpoints too.
func partitionsOf(a *node) []*node {
	all := a.all("partition")
	for _, b := range a.all("breakpoint") {
		all = append(all, b.all("partition")...)
	}
	return all
}

// secretDatabases gives the names of the databases in a list of shards that must
// not be shown.
func secretDatabases(n *node) []string {
	var names []string
	whole := isSecret(n, "shards")
	for _, p := range valueOf[[]place](n, "shards") {
		if whole || p.secret {
			names = append(names, p.database)
		}
	}
	return names
}
