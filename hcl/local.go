package hcl

import (
	"slices"
	"strings"

	hclv2 "github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// maxLocal is the largest value of a local, in units of work: values that share
// their parts are walked as if they did not.
const maxLocal = 100_000

// locals evaluates the locals of all files, each after those it names.
type locals struct {
	*evaluator
	root   *node
	exprs  map[string]hclsyntax.Expression
	places map[string]hclv2.Range
	values map[string]cty.Value // nil value: being evaluated
	path   []string
}

// evaluateLocals puts local into the context of the evaluator.
func evaluateLocals(root *node, e *evaluator) map[string]hclsyntax.Expression {
	l := &locals{evaluator: e, root: root, exprs: map[string]hclsyntax.Expression{}, places: map[string]hclv2.Range{}, values: map[string]cty.Value{}}
	var names []string
	for _, n := range root.nodes {
		for _, attr := range n.free {
			l.exprs[attr.Name] = syntax(attr.Expr, false, e.found)
			l.places[attr.Name] = attr.NameRange
			names = append(names, attr.Name)
		}
	}
	for _, name := range names {
		l.evaluate(name)
	}
	e.ctx.Variables["local"] = cty.ObjectVal(l.values)
	return l.exprs
}

func (l *locals) evaluate(name string) cty.Value {
	x, ok := l.exprs[name]
	if !ok {
		return brokenValue() // the use of it is reported where it stands
	}
	if v, ok := l.values[name]; ok {
		if v == cty.NilVal {
			l.cycle(name)
			return brokenValue()
		}
		return v
	}
	l.values[name] = cty.NilVal
	l.path = append(l.path, name)
	needed := map[string]cty.Value{}
	for _, t := range x.Variables() {
		if other, ok := step(t); ok && t.RootName() == "local" {
			if v := l.evaluate(other); l.exprs[other] != nil {
				needed[other] = v
			}
		}
	}
	l.path = l.path[:len(l.path)-1]
	if v := l.values[name]; v != cty.NilVal {
		return v // it is part of a cycle
	}
	ctx := l.ctx.NewChild()
	ctx.Variables = map[string]cty.Value{"local": cty.ObjectVal(needed)}
	v := l.value(x, ctx, &node{spec: grammar["locals"], parent: l.root, label: name})
	if size(v, maxLocal) > maxLocal {
		l.found.add(ruleTooDeep, l.places[name], "the value of local.%s is too large", name)
		v = brokenValue()
	}
	l.values[name] = v
	return v
}

// cycle reports that a local needs itself, with the path that leads there.
func (l *locals) cycle(name string) {
	path := append(slices.Clone(l.path[slices.Index(l.path, name):]), name)
	shown := path
	if len(shown) > 10 {
		shown = append(slices.Clone(path[:8]), "...", name)
	}
	for i := range shown {
		if shown[i] != "..." {
			shown[i] = "local." + shown[i]
		}
	}
	d := l.found.add(ruleLocalCycle, l.places[name], "%s", strings.Join(shown, " -> "))
	d.Address = "local." + name
	d.Detail = "a local cannot need its own value"
	for _, other := range l.path[slices.Index(l.path, name):] {
		l.values[other] = brokenValue()
		if other != name && len(d.Related) < 8 {
			d.relate(l.places[other], "local.%s takes part", other)
		}
	}
}
