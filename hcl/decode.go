package hcl

import (
	"math/big"
	"slices"
	"time"

	hclv2 "github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"github.com/mdbrouter/mdb/gdid"
	"github.com/mdbrouter/mdb/partition"
)

// decoder turns the arguments of all blocks into values.
type decoder struct {
	*evaluator
}

// all decodes a block and those in it. Variables and locals have been.
func (d *decoder) all(n *node) {
	if n.values == nil {
		d.block(n)
	}
	for _, c := range n.nodes {
		if c.spec.name != "variable" && !c.spec.free {
			d.all(c)
		}
	}
}

// block decodes the arguments of one block, and reports those that lack.
func (d *decoder) block(n *node) {
	n.values = make([]value, len(n.spec.args))
	for i := range n.args {
		spec, attr := &n.spec.args[i], n.args[i]
		if attr == nil {
			if spec.required {
				d.lacks(n, spec.name, spec.doc)
			}
			continue
		}
		v := &n.values[i]
		v.name, v.at = attr.NameRange, attr.Expr.Range()
		if spec.kind == kindType {
			continue
		}
		v.expr = syntax(attr.Expr, bareStrings(spec.kind), d.found)
		if spec.kind == kindTemplate || spec.kind == kindAny {
			v.state = known
			continue
		}
		d.argument(n, spec, v)
		if v.state == absent && spec.required {
			d.lacks(n, spec.name, spec.doc)
		}
	}
}

// bareStrings reports whether a plain string can mean nothing in a kind of
// argument, so that JSON may write expressions without ${ }.
func bareStrings(k kind) bool {
	return k == kindServer || k == kindArea || k == kindBriefcase || k == kindDatabase || k == kindShards
}

func (d *decoder) lacks(n *node, name, doc string) {
	if slices.Contains(n.meant, name) {
		return
	}
	out := d.found.add(ruleMissingArgument, n.at, "%s needs %q", n.title(), name)
	out.Address = n.address()
	out.Help = name + ": " + doc
}

// argument decodes one argument by its kind.
func (d *decoder) argument(n *node, spec *argument, v *value) {
	switch spec.kind {
	case kindShards:
		d.shards(n, v)
		return
	case kindServer, kindArea, kindBriefcase, kindDatabase:
		d.reference(n, spec, v)
		return
	case kindTexts:
		d.texts(n, spec, v)
		return
	case kindParams:
		d.params(n, v)
		return
	default:
	}
	plain, ok := v.take(d.value(v.expr, d.ctx, n))
	if !ok {
		return
	}
	switch spec.kind {
	case kindFlag:
		if b, ok := convertTo(plain, cty.Bool); ok {
			v.set(b.True())
			return
		}
	case kindWhole:
		d.number(n, spec, v, plain)
		return
	default:
		if s, ok := convertTo(plain, cty.String); ok {
			d.string(n, spec, v, s.AsString())
			return
		}
	}
	d.mistyped(n, spec, v, plain)
}

// string decodes the kinds that are written as strings.
func (d *decoder) string(n *node, spec *argument, v *value, text string) {
	switch spec.kind {
	case kindDuration:
		duration, err := time.ParseDuration(text)
		if err == nil && duration >= 0 {
			v.set(duration)
			return
		}
		v.state = broken
		d.wrong(v.at, n, "%q must be a duration, got %s", spec.name, v.shown(text)).Help = `write a number with a unit: "500ms", "10s", "5m", "1h30m"`
	case kindKey:
		d.key(n, spec, v, text)
	case kindHash:
		h, err := partition.ParseHash(text)
		if err == nil {
			v.set(h)
			return
		}
		v.state = broken
		out := d.found.add(ruleUnknownHash, v.at, "hash %s is unknown", v.shown(text))
		out.Address = n.address()
		out.Detail = "known are " + listOf(partition.HashNames())
		if !v.secret {
			out.Help = didYouMean(suggest(text, partition.HashNames()))
		}
	default:
		v.set(text)
	}
}

// key decodes a range key.
func (d *decoder) key(n *node, spec *argument, v *value, text string) {
	key, err := gdid.ParseRangeKey(text)
	if err == nil {
		v.set(key)
		return
	}
	v.state = broken
	r, reason := ruleBadRangeKey, "it is not of the form era:counter"
	parse, ok := asParseError(err)
	if ok {
		reason = parse.Rule.String()
		if parse.Rule == gdid.RuleKeyNoAuthority {
			r = ruleAuthorityInKey
		}
	}
	out := d.found.add(r, v.at, "%s is no range key: %s", v.shown(text), reason)
	out.Address = n.address()
	if r == ruleAuthorityInKey && !v.secret {
		if id, err := gdid.Parse(ungrouped(text)); err == nil {
			out.Summary = quote(text) + " carries authority " + itoa(int(id.Authority())) + ", which takes no part in ranges"
			out.Help = "write " + quote(grouped(id.RangeKey()))
			out.mending(rangeOf(v.at), text, grouped(id.RangeKey()))
		}
		return
	}
	out.Help = spec.name + ` is written era:counter, for example "0:250_000"`
	if key, err := gdid.ParseRangeKey("0:" + text); err == nil && !v.secret {
		out.Help = "write " + quote(grouped(key)) + ", the era before the counter"
	}
}

// number decodes a whole number.
func (d *decoder) number(n *node, spec *argument, v *value, plain cty.Value) {
	number, ok := convertTo(plain, cty.Number)
	if !ok {
		d.mistyped(n, spec, v, plain)
		return
	}
	whole, accuracy := number.AsBigFloat().Int64()
	if accuracy != big.Exact || int64(int(whole)) != whole {
		v.state = broken
		d.wrong(v.at, n, "%q must be a whole number", spec.name)
		return
	}
	v.set(int(whole))
	least := 1
	if spec.name == "number" || spec.name == "max_bytes" { // these have rules of their own
		return
	}
	if spec.name == "max_open" || spec.name == "max_idle" || spec.name == "max_entries" {
		least = 0
	}
	if whole < int64(least) {
		v.state = broken
		d.wrong(v.at, n, "%q must be at least %d", spec.name, least)
	}
}

// mistyped reports a value of the wrong type.
func (d *decoder) mistyped(n *node, spec *argument, v *value, got cty.Value) {
	v.state = broken
	out := d.wrong(v.at, n, "%q must be %s, got %s", spec.name, wanted(spec.kind), typeName(got))
	if (spec.kind == kindShards || spec.kind == kindTexts) && !got.Type().IsTupleType() && !got.CanIterateElements() {
		out.Help = "write a list, even of one: " + spec.name + " = [...]"
	}
	if got.Type() == cty.String && bareStrings(spec.kind) && !v.secret {
		if text := got.AsString(); len(text) < 64 {
			if t, diags := hclsyntax.ParseTraversalAbs([]byte(text), "", hclv2.InitialPos); !diags.HasErrors() && len(t) == 2 {
				out.Help = "write " + text + " without quotes"
			}
		}
	}
}

// wanted says what a kind of argument must be.
func wanted(k kind) string {
	switch k {
	case kindFlag:
		return "true or false"
	case kindWhole:
		return "a whole number"
	case kindServer:
		return "a server reference"
	case kindArea:
		return "an area reference"
	case kindBriefcase:
		return "a briefcase reference"
	case kindDatabase:
		return `a database, as in database(server.u1, "name")`
	case kindShards:
		return "a list of server references"
	case kindTexts:
		return "a list of strings"
	case kindParams:
		return "an object of strings, numbers and booleans"
	default:
		return "a string"
	}
}

// convertTo converts a known value without marks. It reports false for null.
func convertTo(v cty.Value, t cty.Type) (cty.Value, bool) {
	out, err := convert.Convert(v, t)
	if err != nil || out.IsNull() || !out.IsKnown() {
		return v, false
	}
	return out, true
}
