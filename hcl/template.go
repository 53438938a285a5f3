package hcl

import (
	"slices"
	"strconv"
	"strings"

	hclv2 "github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// part is a stretch of a template: text, ${shard.index}, ${partition.name}, or
// something that must be evaluated for each shard.
type part struct {
	text      string
	shard     bool
	partition bool
	expr      hclsyntax.Expression
}

// template gives the names of databases. What does not hang on the shard is
// evaluated once.
type template struct {
	*evaluator
	owner *node
	at    hclv2.Range
	parts []part
	value value // its state, and whether names must not be shown
}

// newTemplate compiles the database argument of a block. central templates have
// no partition.
func newTemplate(e *evaluator, owner *node, v *value, central bool) *template {
	t := &template{evaluator: e, owner: owner, at: v.at}
	t.value.state = known
	scope := map[string]cty.Value{"shard": shardValue(0)}
	if !central {
		scope["partition"] = partitionValue("p")
	}
	ctx := e.ctx.NewChild()
	ctx.Variables = scope
	x := v.expr
	if wrap, ok := x.(*hclsyntax.TemplateWrapExpr); ok {
		x = wrap.Wrapped
	}
	if !t.checkNames(x, ctx) {
		t.value.state = broken
		return t
	}
	exprs := []hclsyntax.Expression{x}
	if whole, ok := x.(*hclsyntax.TemplateExpr); ok {
		exprs = whole.Parts
	}
	for _, x := range exprs {
		t.add(x, ctx)
	}
	return t
}

func (t *template) checkNames(x hclsyntax.Expression, ctx *hclv2.EvalContext) bool {
	ok := true
	for _, name := range x.Variables() {
		want := ""
		switch name.RootName() {
		case "shard":
			want = "index"
		case "partition":
			want = "name"
		}
		if got, _ := step(name); want != "" && visible(name.RootName(), ctx) && (got != want || len(name) != 2) {
			d := t.found.add(ruleUndeclared, name.SourceRange(), "%s has %s and nothing else", name.RootName(), want)
			d.Address = t.owner.address()
			d.Help = "write ${" + name.RootName() + "." + want + "}"
			ok = false
			continue
		}
		ok = t.checkName(name, ctx, t.owner) && ok
	}
	return ok
}

func (t *template) add(x hclsyntax.Expression, ctx *hclv2.EvalContext) {
	names := x.Variables()
	perShard := slices.ContainsFunc(names, func(n hclv2.Traversal) bool {
		return n.RootName() == "shard" || n.RootName() == "partition"
	})
	if s, ok := x.(*hclsyntax.ScopeTraversalExpr); ok && perShard {
		t.parts = append(t.parts, part{shard: s.Traversal.RootName() == "shard", partition: s.Traversal.RootName() == "partition"})
		return
	}
	if perShard {
		if !t.meter(x) {
			t.value.state = broken
		}
		t.parts = append(t.parts, part{expr: x})
		return
	}
	text, ok := t.text(t.evaluator.value(x, ctx, t.owner), x.Range())
	if ok {
		t.parts = append(t.parts, part{text: text})
	}
}

// text takes the text of an evaluated part.
func (t *template) text(raw cty.Value, at hclv2.Range) (string, bool) {
	one := value{}
	plain, ok := one.take(raw)
	t.value.secret = t.value.secret || one.secret
	if !ok && one.state != absent {
		t.value.state = max(t.value.state, one.state)
		if one.missing != "" {
			t.value.missing = one.missing
		}
		return "", false
	}
	s, isText := convertTo(plain, cty.String)
	if !isText {
		t.value.state = broken
		t.wrong(at, t.owner, "a database name must be a string, got %s", typeName(plain))
		return "", false
	}
	return s.AsString(), true
}

// name gives the database of one shard. It reports false when that is unknown or
// a mistake has been reported.
func (t *template) name(partition string, index int) (string, bool) {
	if t.value.state != known {
		return "", false
	}
	if len(t.parts) == 1 && t.parts[0].expr == nil && !t.parts[0].shard && !t.parts[0].partition {
		return t.parts[0].text, true
	}
	var b strings.Builder
	for i := range t.parts {
		switch p := &t.parts[i]; {
		case p.shard:
			var digits [20]byte
			b.Write(strconv.AppendInt(digits[:0], int64(index), 10))
		case p.partition:
			b.WriteString(partition)
		case p.expr != nil:
			ctx := t.ctx.NewChild()
			ctx.Variables = map[string]cty.Value{"shard": shardValue(index), "partition": partitionValue(partition)}
			raw, ok := t.run(p.expr, nil, ctx, t.owner)
			if !ok {
				t.value.state = broken
				return "", false
			}
			text, ok := t.text(raw, p.expr.Range())
			if !ok {
				return "", false
			}
			b.WriteString(text)
		default:
			b.WriteString(p.text)
		}
	}
	return b.String(), true
}

func shardValue(index int) cty.Value {
	return cty.ObjectVal(map[string]cty.Value{"index": cty.NumberIntVal(int64(index))})
}

func partitionValue(name string) cty.Value {
	return cty.ObjectVal(map[string]cty.Value{"name": cty.StringVal(name)})
}
