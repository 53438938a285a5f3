package hcl

import (
	"slices"

	hclv2 "github.com/hashicorp/hcl/v2"
)

// symbols are the names that the files declare, by kind of block.
type symbols struct {
	kinds map[string]map[string]hclv2.Range // kind, label: where
	lost  map[string]bool                   // kinds of which a block could not be read; "" for any kind
	whole bool                              // every file could be read
}

// complete reports whether all blocks of a kind are known: what is not here is
// not declared.
func (s *symbols) complete(kind string) bool { return !s.lost[""] && !s.lost[kind] }

// lose takes note of a block that could not be read.
func (s *symbols) lose(l lost, found *findings) {
	if s.kinds[l.kind] != nil && l.label != "" {
		s.declare(found, l.kind, l.label, l.kind+" "+quote(l.label), l.kind+"."+l.label, l.at)
		s.lost[l.kind+"."+l.label] = true
		return
	}
	kind := l.kind
	if kind == "locals" {
		kind = "local"
	}
	s.lost[kind] = true
}

// kindsOf gives the kinds of block that have a label, as expressions name them.
func (s *symbols) kindsOf(label string) []string {
	var kinds []string
	for _, kind := range roots() {
		declared := kind
		if kind == "var" {
			declared = "variable"
		}
		if _, ok := s.kinds[declared][label]; ok {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

// referable are the kinds of block that an expression may name.
func referable() []string {
	return []string{"server", "authority", "sequence", "area", "briefcase"}
}

// roots are the first words that an expression may begin with.
func roots() []string { return append([]string{"var", "local"}, referable()...) }

// collect takes the names of all blocks. It reports names that are declared
// twice and takes the second block out of the tree, so that nothing else is said
// about it.
func collect(root *node, files []*file, misspelt []lost, found *findings) *symbols {
	s := &symbols{kinds: map[string]map[string]hclv2.Range{}, lost: map[string]bool{}}
	for _, kind := range append(referable(), "variable", "profile", "local") {
		s.kinds[kind] = map[string]hclv2.Range{}
	}
	for _, f := range files {
		for _, l := range f.lost {
			s.lose(l, found)
		}
	}
	for _, l := range misspelt {
		s.lose(l, found)
	}
	root.nodes = slices.DeleteFunc(root.nodes, func(n *node) bool {
		if n.spec.free {
			n.free = slices.DeleteFunc(n.free, func(a *hclv2.Attribute) bool {
				return !s.declare(found, "local", a.Name, "local "+quote(a.Name), "local."+a.Name, a.NameRange)
			})
			return false
		}
		checkLabel(n, found)
		if n.spec.label == "" {
			return false
		}
		return !s.declare(found, n.spec.name, n.label, n.title(), n.address(), n.named())
	})
	for _, n := range root.nodes {
		inner(n, found)
	}
	return s
}

// declare adds a name. It reports false, and the mistake, for one that is there.
func (s *symbols) declare(found *findings, kind, name, title, address string, at hclv2.Range) bool {
	if first, ok := s.kinds[kind][name]; ok {
		duplicate(found, ruleDuplicate, title, address, at, first)
		return false
	}
	s.kinds[kind][name] = at
	return true
}

func duplicate(found *findings, r rule, title, address string, at, first hclv2.Range) {
	d := found.add(r, at, "%s is already declared at %v", title, rangeOf(first))
	d.Address = address
	d.relate(first, "the first is here")
}

// inner does for the blocks of a block what collect does at the top.
func inner(n *node, found *findings) {
	seen := map[string]hclv2.Range{}
	innerNames(n, n, seen, found)
	for _, c := range n.nodes {
		inner(c, found)
	}
}

// innerNames checks the labels of the blocks in n. Partitions are unique in
// their whole area; tables are checked with their briefcase.
func innerNames(top, n *node, seen map[string]hclv2.Range, found *findings) {
	n.nodes = slices.DeleteFunc(n.nodes, func(c *node) bool {
		if c.spec.label == "" || c.spec.name == "table" {
			return false
		}
		if n == top || c.spec.name != "partition" {
			checkLabel(c, found)
		}
		key := c.spec.name + " " + c.label
		first, ok := seen[key]
		if !ok {
			seen[key] = c.named()
			return false
		}
		r := ruleDuplicate
		if c.spec.name == "index" {
			r = ruleDuplicateIndex
		}
		duplicate(found, r, c.title(), c.address(), c.named(), first)
		n.robbed = true
		return true
	})
	if top.spec.name == "area" && n == top {
		for _, b := range n.all("breakpoint") {
			innerNames(top, b, seen, found)
		}
	}
}

// checkLabel reports a label of the wrong form.
func checkLabel(n *node, found *findings) {
	if n.spec.label == "" || n.spec.name == "table" || isLabel(n.label) {
		return
	}
	d := found.add(ruleInvalidName, n.named(), "label %s: use %s", quote(n.label), labelForm)
	d.Address = n.address()
	d.Detail = "labels become metric labels and parts of database names"
	if near := asLabel(n.label); near != "" {
		d.Help = "for example " + quote(near)
	}
}
