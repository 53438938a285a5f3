package hcl

import (
	"bytes"

	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// maxJudged is the size of the largest file whose form is judged: what is larger
// was written by a program, and formatting costs half as much as all the rest.
const maxJudged = 256 << 10

// notFormatted reports files that are not in their canonical form, at the first
// line that would change.
func (l *linter) notFormatted() {
	for _, f := range l.files {
		if f.json || len(f.text) > maxJudged {
			continue
		}
		out := spaced(bytes.TrimPrefix(f.text, []byte("\ufeff"))) // the order of partitions is another rule's
		if bytes.Equal(out, f.text) {
			continue
		}
		at := 0
		for at < len(out) && at < len(f.text) && out[at] == f.text[at] {
			at++
		}
		at = bytes.LastIndexByte(f.text[:at], '\n') + 1
		d := l.found.add(ruleNotFormatted, pointAt(f.source, at), "%s is not formatted", f.name)
		d.Help = "run mdbcheck fmt"
	}
}

// deprecated reports arguments under names that they had once.
func (l *linter) deprecated() {
	var visit func(n *node)
	visit = func(n *node) {
		for _, attr := range n.former {
			for i := range n.spec.args {
				if spec := &n.spec.args[i]; spec.formerly == attr.Name {
					d := l.found.add(ruleDeprecated, attr.NameRange, "%q was renamed to %q", attr.Name, spec.name)
					d.Address = n.address()
					d.Help = "write " + spec.name + " = ..."
					d.mending(rangeOf(attr.NameRange), attr.Name, spec.name)
				}
			}
		}
		for _, inner := range n.nodes {
			visit(inner)
		}
	}
	visit(l.root)
}

// unusedServers reports servers that nothing is placed on.
func (l *linter) unusedServers() {
	used, whole := l.usedServers()
	if !whole {
		return
	}
	for _, n := range l.root.all("server") {
		if used[n.label] {
			continue
		}
		d := l.found.add(ruleUnusedServer, n.named(), "server %q carries no shard, authority or profile", n.label)
		d.Address = n.address()
		d.Help = "place something on it, or remove it"
	}
}

// usedServers gives the servers that something is placed on, and whether all
// places are known.
func (l *linter) usedServers() (used map[string]bool, whole bool) {
	used, whole = map[string]bool{}, true
	for _, p := range l.partitions() {
		whole = whole && p.shards.state == known
		for i := range p.places {
			whole = whole && p.places[i].server != ""
			used[p.places[i].server] = true
		}
	}
	for _, n := range l.root.all("authority") {
		whole = whole && n.arg("store").state != unknown
		if r := valueOf[*reference](n, "store"); r != nil {
			used[r.name] = true
		}
	}
	for _, n := range l.root.all("profile") {
		to, ok := target(n)
		whole = whole && ok
		used[to] = true
	}
	return used, whole
}

// unusedNames reports variables and locals that no expression names.
func (l *linter) unusedNames() {
	used := map[string]bool{}
	note := func(x hclsyntax.Expression, owner string) {
		for _, t := range x.Variables() {
			if name, ok := step(t); ok && t.RootName()+"."+name != owner {
				used[t.RootName()+"."+name] = true
			}
		}
	}
	var visit func(n *node, owner string)
	visit = func(n *node, owner string) {
		if n.spec.name == "variable" {
			owner = "var." + n.label // its own validation is no use of it
		}
		for i := range n.values {
			if x := n.values[i].expr; x != nil {
				note(x, owner)
			}
		}
		for _, attr := range n.free {
			note(syntax(attr.Expr, false, l.found), owner)
		}
		for _, inner := range n.nodes {
			visit(inner, owner)
		}
	}
	visit(l.root, "")
	for _, n := range l.root.nodes {
		if n.spec.name == "variable" && !used["var."+n.label] {
			l.found.add(ruleUnusedName, n.named(), "variable %q is not used", n.label).Address = n.address()
		}
		for _, attr := range n.free {
			if !used["local."+attr.Name] {
				l.found.add(ruleUnusedName, attr.NameRange, "local %q is not used", attr.Name).Address = "local." + attr.Name
			}
		}
	}
}
