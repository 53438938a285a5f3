package hcl

import (
	"slices"

	hclv2 "github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// place is one element of a list of shards.
type place struct {
	server   string
	database string // "" for a server: the area's template names it
	explicit bool   // database is given
	secret   bool   // the database's name must not be shown
	at       hclv2.Range
	state    state
	missing  string
}

// element is one element of a list of strings.
type element struct {
	text string
	at   hclv2.Range
}

// param is one driver parameter.
type param struct {
	name  string
	value string
	at    hclv2.Range // the name
	owner *node
}

// shards decodes a list of servers and databases. A literal list is read element
// by element, so that each has its own place.
func (d *decoder) shards(n *node, v *value) {
	if list, ok := v.expr.(*hclsyntax.TupleConsExpr); ok {
		places := make([]place, len(list.Exprs))
		for i, x := range list.Exprs {
			d.place(n, x, &places[i])
		}
		v.set(places)
		return
	}
	raw := d.value(v.expr, d.ctx, n)
	list, outer := raw.Unmark()
	if t := list.Type(); !t.IsTupleType() && !t.IsListType() || list.IsNull() || !list.IsKnown() {
		if plain, ok := v.take(raw); ok {
			d.mistyped(n, &argument{name: "shards", kind: kindShards}, v, plain)
		}
		return
	}
	c := carriedBy(outer)
	places := make([]place, 0, list.LengthInt())
	for it := list.ElementIterator(); it.Next(); {
		_, element := it.Element()
		p := place{at: v.at, secret: c.secret}
		d.placeValue(n, element, len(places), &p)
		places = append(places, p)
		if p.state == broken { // all elements stand at the same place
			v.state = broken
			return
		}
	}
	v.set(places)
}

// place decodes one element of a literal list.
func (d *decoder) place(n *node, x hclsyntax.Expression, p *place) {
	p.at = x.Range()
	if t, ok := x.(*hclsyntax.ScopeTraversalExpr); ok && len(t.Traversal) == 2 && t.Traversal.RootName() == "server" {
		if !d.checkName(t.Traversal, d.ctx, n) {
			p.state = broken
			return
		}
		p.server, _ = step(t.Traversal)
		p.state = known
		return
	}
	d.placeValue(n, d.value(x, d.ctx, n), -1, p)
}

// placeValue decodes an evaluated element. index tells which of the list it is,
// where it has no place of its own.
func (d *decoder) placeValue(n *node, raw cty.Value, index int, p *place) {
	v := value{at: p.at}
	plain, ok := v.take(raw)
	p.secret = p.secret || v.secret
	if !ok && v.state != absent {
		p.state, p.missing = v.state, v.missing
		return
	}
	what := `an element of "shards"`
	if index >= 0 {
		what = `element ` + itoa(index) + ` of "shards"`
	}
	p.state = broken
	r, ok := referenceOf(plain)
	if !ok {
		out := d.wrong(p.at, n, "%s must be a server reference, got %s", what, typeName(plain))
		if !v.secret && plain.Type() == cty.String && !plain.IsNull() {
			out.Help = d.unquoted(plain.AsString())
		}
		return
	}
	switch r.kind {
	case "server":
		p.state, p.server = known, r.name
	case "database":
		p.state, p.server, p.database, p.explicit = known, r.name, r.database, true
	default:
		out := d.found.add(ruleWrongKind, p.at, "%s must be a server or a database; %s is %s", what, r, article(r.kind))
		out.Address = n.address()
	}
}

// unquoted gives the help for a reference that is written as a string.
func (d *decoder) unquoted(text string) string {
	if len(text) > 64 {
		return ""
	}
	t, diags := hclsyntax.ParseTraversalAbs([]byte(text), "", hclv2.InitialPos)
	switch {
	case diags.HasErrors():
		return ""
	case len(t) == 2 && slices.Contains(roots(), t.RootName()):
		return "write " + text + " without quotes"
	case len(t) == 1:
		if _, ok := d.symbols.kinds["server"][text]; ok {
			return "write server." + text
		}
	}
	return ""
}

// reference decodes an argument that names one block or database.
func (d *decoder) reference(n *node, spec *argument, v *value) {
	plain, ok := v.take(d.value(v.expr, d.ctx, n))
	if !ok {
		return
	}
	r, ok := referenceOf(plain)
	if !ok {
		d.mistyped(n, spec, v, plain)
		return
	}
	if r.kind != kindOf(spec.kind) {
		v.state = broken
		out := d.found.add(ruleWrongKind, v.at, "%q must be %s; %s is %s", spec.name, wanted(spec.kind), r, article(r.kind))
		out.Address = n.address()
		if spec.kind == kindDatabase && r.kind == "server" {
			out.Help = "write database(" + r.String() + `, "mdb_ids")`
		}
		return
	}
	v.set(r)
}

func kindOf(k kind) string {
	switch k {
	case kindServer:
		return "server"
	case kindArea:
		return "area"
	case kindBriefcase:
		return "briefcase"
	default:
		return "database"
	}
}

// texts decodes a list of strings.
func (d *decoder) texts(n *node, spec *argument, v *value) {
	var elements []element
	if list, ok := v.expr.(*hclsyntax.TupleConsExpr); ok {
		for _, x := range list.Exprs {
			one := value{at: x.Range()}
			plain, ok := one.take(d.value(x, d.ctx, n))
			if !ok && one.state != absent {
				v.state, v.missing = max(v.state, one.state), one.missing
				continue
			}
			s, isText := convertTo(plain, cty.String)
			if !isText {
				v.state = broken
				d.wrong(one.at, n, "an element of %q must be a string, got %s", spec.name, typeName(plain))
				continue
			}
			v.secret = v.secret || one.secret
			elements = append(elements, element{text: s.AsString(), at: one.at})
		}
		if v.state == absent {
			v.set(elements)
		}
		return
	}
	plain, ok := v.take(d.value(v.expr, d.ctx, n))
	if !ok {
		return
	}
	if !d.budget.pays(plain) {
		v.state = broken
		d.exhausted(v.expr)
		return
	}
	list, ok := convertTo(plain, cty.List(cty.String))
	if !ok {
		d.mistyped(n, spec, v, plain)
		return
	}
	for it := list.ElementIterator(); it.Next(); {
		_, text := it.Element()
		if text.IsNull() {
			d.mistyped(n, spec, v, plain)
			return
		}
		elements = append(elements, element{text: text.AsString(), at: v.at})
	}
	v.set(elements)
}

// maxParams is how many driver parameters one object may have: those of
// server_defaults are checked for every server.
const maxParams = 100

// params decodes an object of driver parameters. An object that is known in part
// has the value of that part.
func (d *decoder) params(n *node, v *value) {
	keys := map[string]hclv2.Range{}
	if object, ok := v.expr.(*hclsyntax.ObjectConsExpr); ok {
		for _, item := range object.Items {
			if name, ok := keyOf(item.KeyExpr); ok {
				if first, twice := keys[name]; twice {
					duplicate(d.found, ruleDuplicate, "parameter "+quote(name), n.address(), item.KeyExpr.Range(), first)
				}
				keys[name] = item.KeyExpr.Range()
			}
		}
	}
	plain, ok := v.take(d.value(v.expr, d.ctx, n))
	if !ok && (v.state != unknown || !plain.IsKnown()) {
		return
	}
	if !plain.Type().IsObjectType() && !plain.Type().IsMapType() {
		if !ok {
			return // what it will be is unknown
		}
		d.mistyped(n, &argument{name: "params", kind: kindParams}, v, plain)
		return
	}
	if plain.LengthInt() > maxParams {
		v.state = broken
		d.found.add(ruleTooDeep, v.at, "too many parameters: at most %d", maxParams).Address = n.address()
		return
	}
	var params []param
	for it := plain.ElementIterator(); it.Next(); {
		key, raw := it.Element()
		if !raw.IsKnown() {
			continue
		}
		p := param{name: key.AsString(), at: v.at, owner: n}
		if at, ok := keys[p.name]; ok {
			p.at = at
		}
		text, ok := convertTo(raw, cty.String)
		if !ok {
			v.state = broken
			d.wrong(p.at, n, "parameter %s must be a string, a number or a boolean, got %s", quote(p.name), typeName(raw))
			continue
		}
		p.value = text.AsString()
		params = append(params, p)
	}
	switch v.state {
	case absent:
		v.set(params)
	case unknown:
		v.v = params // those that are known are checked
	default:
	}
}

// keyOf gives the name of an object's item that is written out.
func keyOf(x hclsyntax.Expression) (string, bool) {
	if k := hclv2.ExprAsKeyword(x); k != "" {
		return k, true
	}
	if wrapped, ok := x.(*hclsyntax.ObjectConsKeyExpr); ok {
		return literal(wrapped.Wrapped)
	}
	return "", false
}
