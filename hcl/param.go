package hcl

import (
	hclv2 "github.com/hashicorp/hcl/v2"

	"github.com/mdbrouter/mdb/area/dsn"
)

// serverParams gives the parameters that the file sets for a server: its own, and
// those of server_defaults that it lacks. The access says what is missing.
func (c *compiler) serverParams(n *node) (map[string]param, access) {
	var set access
	all := map[string]param{}
	for _, from := range []*node{c.defaults, n} {
		if from == nil {
			continue
		}
		if v := from.arg("params"); v.state != absent {
			set.need(v)
		}
		for _, p := range valueOf[[]param](from, "params") {
			all[p.name] = p
		}
	}
	return all, set
}

// cleartextParam is the one parameter whose safety hangs on another.
const cleartextParam = "allowCleartextPasswords"

func plain(params map[string]param) map[string]string {
	out := make(map[string]string, len(params))
	for name := range params {
		out[name] = params[name].value
	}
	return out
}

// checkParams reports what is wrong with the parameters of a server, each where
// it is written. whole is the DSN as written, if there is one, at at; set is what
// is known of the parameters.
func (c *compiler) checkParams(n *node, whole *dsn.DSN, params map[string]param, set access, at hclv2.Range) {
	merged := plain(params)
	inDSN := map[string]bool{}
	faults := dsn.CheckParams(merged)
	if whole != nil {
		for _, name := range whole.Params() {
			inDSN[name] = true
		}
		if filled, err := whole.FillParams(merged); err == nil {
			faults = filled.Check()
		} else {
			faults = append(faults, whole.Check()...)
		}
	}
	for _, f := range faults {
		if f.Param == cleartextParam && len(set.missing) > 0 {
			continue // tls, which makes it safe, may be what is missing
		}
		if p, ok := params[f.Param]; ok && !inDSN[f.Param] {
			c.paramFault(p.owner, f, p.at, true)
			continue
		}
		c.paramFault(n, f, at, false)
	}
}

func (c *compiler) paramFault(n *node, f dsn.ParamFault, at hclv2.Range, written bool) {
	r, text := ruleWrongType, "parameter "+f.Param+" is not valid"
	switch f.Kind {
	case dsn.Unsafe:
		r, text = ruleUnsafeParam, "parameter "+f.Param+" is not safe"
	case dsn.Misspelt:
		r, text = ruleMisspeltParam, "unknown parameter "+quote(f.Param)
	case dsn.Misplaced:
		r, text = ruleMisspeltParam, quote(f.Param)+" is not a parameter"
	case dsn.BadValue:
		if f.Param == "" {
			text = "a parameter's name is not valid"
		}
	default: // warnings and notices
		return
	}
	key := rangeOf(at)
	if written { // of server_defaults it would come once for each server
		if c.checked[key] {
			return
		}
		c.checked[key] = true
	}
	d := c.found.add(r, at, "%s", text)
	d.Address = n.address()
	d.Detail = f.Reason
	switch {
	case f.Kind == dsn.Misplaced:
		d.Help = partHelp(f.Suggest)
	case f.Suggest != "":
		d.Detail = didYouMean([]string{f.Suggest})
		d.Help = "write " + f.Suggest + "; whatever the driver does not know it sends to the server as a variable"
	}
}

// partHelp says where a part of a DSN is written.
func partHelp(part string) string {
	switch part {
	case "password":
		return `write password = env("NAME") beside params, or put it into the dsn`
	case "database":
		return "shards name their databases; leave it out"
	default:
		return "write " + part + " = \"...\" beside params, or put it into the dsn"
	}
}
