package hcl

import "strings"

// Place gives where a declaration stands, by its address as [Diagnostic] has it:
// "server.u1", "server.u1.replica.b", "area.user.partition.p0",
// "central.index.email", "authority.chi", "central". Partitions of a breakpoint
// and tables inside others are also found without what they are in:
// "briefcase.customer.table.tbl_order". With the name of an argument behind it,
// as "area.user.partition.p0.shards", it is the place of the argument, if that is
// written. For what is not declared it gives the place of the innermost
// declaration around it that is, or else the begin of the first file.
func (c *Config) Place(address string) Range {
	var placed map[string]*node
	if c.placed != nil {
		placed = c.placed()
	}
	for outer := address; outer != ""; {
		if n := placed[outer]; n != nil {
			argument, _, _ := strings.Cut(strings.TrimPrefix(address[len(outer):], "."), ".")
			return argumentOf(n, argument)
		}
		end := strings.LastIndexByte(outer, '.')
		outer = outer[:max(end, 0)]
	}
	return (&places{cfg: c}).start()
}

// nodesByAddress gives the declarations of a tree by their addresses, long and
// short.
func nodesByAddress(tree *node) map[string]*node {
	found := map[string]*node{}
	var walk func(n *node, short string)
	walk = func(n *node, short string) {
		for _, inner := range n.nodes {
			name := inner.spec.name
			if inner.spec.label != "" {
				name += "." + cut(inner.label)
			}
			address := name
			if short != "" {
				address = short + "." + name
			}
			found[inner.address()] = inner
			found[address] = inner
			if inner.spec.name != "breakpoint" && inner.spec.name != "table" { // in which labels are unique further out
				walk(inner, address)
				continue
			}
			walk(inner, short)
		}
	}
	walk(tree, "")
	return found
}
