package hcl

import (
	"cmp"
	"strings"

	hclv2 "github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// unresolved reports what hangs on something that is not set: to a tool as a
// notice that says what was not checked, to a service as an error unless it
// only concerns how a server is reached.
func (c *compiler) unresolved(check bool) {
	u := &unresolver{compiler: c, check: check, calls: map[Range]*shared{}}
	u.walk(c.root)
	for _, a := range c.areas {
		if a.database != nil {
			u.database(a.n, a.database)
		}
	}
	if c.centralNames != nil {
		u.database(c.central.n, c.centralNames)
	}
}

type unresolver struct {
	*compiler
	check bool
	calls map[Range]*shared // calls of env() that stand outside of the arguments
}

// shared is a finding at a call of env() that several arguments may hang on.
type shared struct {
	*Diagnostic
	detail string
	more   int // arguments after the first
}

func (u *unresolver) database(n *node, t *template) {
	v := *n.arg("database")
	v.state, v.missing = t.value.state, t.value.missing
	u.report(n, &v, `"database"`)
}

func (u *unresolver) walk(n *node) {
	for i := range n.values {
		v := &n.values[i]
		name := quote(n.spec.args[i].name)
		if v.state == unknown {
			u.report(n, v, name)
		}
		places, _ := v.v.([]place)
		for j := range places {
			if p := &places[j]; p.state == unknown {
				u.report(n, &value{state: unknown, at: p.at, missing: p.missing, expr: v.expr}, "element "+itoa(j)+" of "+name)
			}
		}
	}
	for _, inner := range n.nodes {
		u.walk(inner)
	}
}

func (u *unresolver) report(n *node, v *value, what string) {
	if v.state != unknown {
		return
	}
	missing := cmp.Or(v.missing, "something")
	switch n.spec.name {
	case "server", "replica", "server_defaults", "pool", "admin": // fails when the server is used
		if !u.check {
			return
		}
	case "mdb", "area", "breakpoint", "partition", "central", "index":
		u.incomplete = true
	case "profile":
		u.incomplete = u.incomplete || n == u.profile
	}
	at, call := v.at, u.call(v.expr, missing, map[string]bool{})
	elsewhere := call != nil && !within(call.Range(), v.at)
	if call != nil {
		at = call.Range()
	}
	if first := u.calls[rangeOf(at)]; elsewhere && first != nil {
		first.again(v.at)
		return
	}
	d := u.found.add(ruleUnresolved, at, "%s is unset", missing)
	d.Address = n.address()
	d.Detail = what + " of " + n.title() + " is not checked"
	if name, ok := strings.CutPrefix(missing, "var."); ok {
		d.Help = "set MDB_VAR_" + name + ", or give the variable a value by an option"
	}
	if elsewhere {
		d.relate(v.at, "it is used here")
	}
	switch {
	case !u.check:
		d.Severity = Error
		d.Summary = what + " of " + n.title() + " needs " + missing + ", which is unset"
		d.Detail = ""
	case elsewhere:
		u.calls[rangeOf(at)] = &shared{Diagnostic: d, detail: d.Detail}
	}
}

// again takes note of another argument that hangs on the call.
func (s *shared) again(at hclv2.Range) {
	const shown = 8
	s.more++
	s.Detail = s.detail + ", nor is 1 more"
	if s.more > 1 {
		s.Detail = s.detail + ", nor are " + itoa(s.more) + " more"
	}
	if len(s.Related) < shown {
		s.relate(at, "it is used here")
	}
}

// call gives the call of env() that gave nothing: in an expression, or in a local
// or the default of a variable that it names. missing is what is unset, as marks
// have it; nil is none of these.
func (u *unresolver) call(x hclsyntax.Expression, missing string, seen map[string]bool) *hclsyntax.FunctionCallExpr {
	if x == nil || !strings.Contains(missing, "env(") {
		return nil
	}
	var found *hclsyntax.FunctionCallExpr
	_ = hclsyntax.VisitAll(x, func(n hclsyntax.Node) hclv2.Diagnostics {
		call, ok := n.(*hclsyntax.FunctionCallExpr)
		if found != nil || !ok || call.Name != "env" || len(call.Args) != 1 {
			return nil
		}
		if name, ok := literal(call.Args[0]); ok && strings.Contains(missing, "env("+quote(name)+")") {
			found = call
		}
		return nil
	})
	for _, t := range x.Variables() {
		name, _ := step(t)
		if key := t.RootName() + "." + name; found == nil && !seen[key] {
			seen[key] = true
			found = u.call(u.origin(t), missing, seen)
		}
	}
	return found
}

// within reports whether a range is part of another.
func within(inner, outer hclv2.Range) bool {
	return inner.Filename == outer.Filename && inner.Start.Byte >= outer.Start.Byte && inner.End.Byte <= outer.End.Byte
}
