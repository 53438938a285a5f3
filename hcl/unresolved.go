package hcl

import (
	"cmp"
	"strings"

	hclv2 "github.com/hashicorp/hcl/v2"
)

// unresolved reports what hangs on something that is not set: to a tool as a
// notice that says what was not checked, to a service as an error unless it
// only concerns how a server is reached.
func (c *compiler) unresolved(check bool) {
	u := &unresolver{compiler: c, check: check}
	u.walk(c.root)
	for _, a := range c.areas {
		if a.database != nil {
			u.report(a.n, &a.database.value, a.n.arg("database").at, `"database"`)
		}
	}
	if c.centralNames != nil {
		u.report(c.central.n, &c.centralNames.value, c.central.n.arg("database").at, `"database"`)
	}
}

type unresolver struct {
	*compiler
	check bool
}

func (u *unresolver) walk(n *node) {
	for i := range n.values {
		v := &n.values[i]
		name := quote(n.spec.args[i].name)
		if v.state == unknown {
			u.at(n, v, name)
		}
		places, _ := v.v.([]place)
		for j := range places {
			if p := &places[j]; p.state == unknown {
				u.at(n, &value{state: unknown, at: p.at, missing: p.missing}, "element "+itoa(j)+" of "+name)
			}
		}
	}
	for _, inner := range n.nodes {
		u.walk(inner)
	}
}

func (u *unresolver) at(n *node, v *value, what string) { u.report(n, v, v.at, what) }

func (u *unresolver) report(n *node, v *value, at hclv2.Range, what string) {
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
	d := u.found.add(ruleUnresolved, at, "%s is unset", missing)
	d.Address = n.address()
	d.Detail = what + " of " + n.title() + " is not checked"
	if name, ok := strings.CutPrefix(missing, "var."); ok {
		d.Help = "set MDB_VAR_" + name + ", or give the variable a value by an option"
	}
	if !u.check {
		d.Severity = Error
		d.Summary = what + " of " + n.title() + " needs " + missing + ", which is unset"
		d.Detail = ""
	}
}
