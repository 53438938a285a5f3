package hcl

import (
	"errors"
	"math/big"
	"strconv"
	"strings"

	hclv2 "github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"
)

// Expressions can make much of little: nested "for" over long lists, locals that
// double one another. Evaluation is paid for out of a budget, so that a file
// cannot keep a service from starting, or take its memory.
const (
	workBudget = 600_000 // units of work of one load, each less than a microsecond
	maxWidth   = 1000    // of a field in format, of an indent
	longNumber = 20      // units to convert a number of many digits
	tuplePairs = 200     // pairs of a tuple's elements that are compared in one unit
)

// errExhausted ends an evaluation by panic: a "for" goes on after errors.
var errExhausted = errors.New("the expressions take too much work")

// budget is what is left for evaluation.
type budget struct{ left int }

func (b *budget) spend(n int) {
	if n > b.left {
		b.left = 0
		panic(errExhausted)
	}
	b.left -= n
}

// size gives what it costs to walk a value, or some number above limit.
func size(v cty.Value, limit int) int {
	v, _ = v.Unmark()
	if v.IsNull() || !v.IsKnown() {
		return 1
	}
	switch t := v.Type(); {
	case t == cty.String:
		return 1 + len(v.AsString())/16
	case t == cty.Number:
		exponent := v.AsBigFloat().MantExp(nil)
		return 1 + max(exponent, -exponent)/64
	case t.IsCollectionType() || t.IsTupleType() || t.IsObjectType():
		total := 1
		for it := v.ElementIterator(); it.Next() && total <= limit; {
			_, element := it.Element()
			total += size(element, limit-total)
		}
		return total
	default:
		return 1
	}
}

// metered is the body of a "for": each turn costs what the values in it are
// large.
type metered struct {
	hclsyntax.Expression
	budget *budget
	names  []hclv2.Traversal
}

// Value pays and evaluates.
func (m *metered) Value(ctx *hclv2.EvalContext) (cty.Value, hclv2.Diagnostics) {
	m.budget.spend(1)
	m.budget.charge(m.names, ctx)
	return m.Expression.Value(ctx)
}

// charge pays for the values that an expression names.
func (b *budget) charge(names []hclv2.Traversal, ctx *hclv2.EvalContext) {
	for _, t := range names {
		if v, ok := named(t, ctx); ok {
			b.spend(size(v, b.left) - 1)
		}
	}
}

// named gives the value that a name has, or the local or variable.
func named(t hclv2.Traversal, ctx *hclv2.EvalContext) (cty.Value, bool) {
	for ; ctx != nil; ctx = ctx.Parent() {
		v, ok := ctx.Variables[t.RootName()]
		if !ok {
			continue
		}
		switch t.RootName() {
		case "local", "var":
			if name, ok := step(t); ok && v.Type().IsObjectType() && v.Type().HasAttribute(name) {
				return v.GetAttr(name), true
			}
			return cty.NilVal, false
		case "server", "authority", "sequence", "area", "briefcase":
			return cty.NilVal, false
		}
		return v, true
	}
	return cty.NilVal, false
}

// meter puts a meter on every "for" of an expression, and refuses numbers whose
// text would be enormous.
func (b *budget) meter(x hclsyntax.Expression) {
	var loops []*hclsyntax.ForExpr
	_ = hclsyntax.VisitAll(x, func(n hclsyntax.Node) hclv2.Diagnostics {
		switch n := n.(type) {
		case *hclsyntax.ForExpr:
			loops = append(loops, n)
		case *hclsyntax.LiteralValueExpr:
			b.spend(size(n.Val, b.left))
		case *hclsyntax.TemplateExpr:
			b.numbers(n)
		}
		return nil
	})
	for _, loop := range loops { // after the visit, which does not see what a meter wraps
		loop.ValExpr = b.metered(loop.ValExpr)
	}
}

// numbers makes texts of the whole numbers that a template has: to convert one of
// the precision that literals have takes long.
func (b *budget) numbers(t *hclsyntax.TemplateExpr) {
	for i, part := range t.Parts {
		number, ok := part.(*hclsyntax.LiteralValueExpr)
		if !ok || number.Val.Type() != cty.Number || number.Val.IsNull() {
			continue
		}
		whole, accuracy := number.Val.AsBigFloat().Int64()
		if accuracy != big.Exact {
			b.spend(longNumber)
			continue
		}
		t.Parts[i] = &hclsyntax.LiteralValueExpr{Val: cty.StringVal(strconv.FormatInt(whole, 10)), SrcRange: number.SrcRange}
	}
}

func (b *budget) metered(x hclsyntax.Expression) hclsyntax.Expression {
	if m, ok := x.(*metered); ok {
		return m
	}
	return &metered{Expression: x, budget: b, names: x.Variables()}
}

// function makes a function pay for its result, and refuse arguments of which it
// would make far more than they are. It converts what becomes a list itself, once
// that is paid for.
func (b *budget) function(name string, f function.Function) function.Function {
	params, more := f.Params(), f.VarParam()
	typed := func(args []cty.Value) ([]cty.Value, error) {
		out := make([]cty.Value, len(args))
		for i, v := range args {
			p := more
			if i < len(params) {
				p = &params[i]
			}
			var err error
			if out[i], err = convert.Convert(v, p.Type); err != nil {
				return nil, function.NewArgErrorf(i, "%s", err)
			}
		}
		return out, nil
	}
	spec := &function.Spec{
		Type: func(args []cty.Value) (cty.Type, error) {
			if err := b.refuse(name, args); err != nil {
				return cty.DynamicPseudoType, err
			}
			args, err := typed(args)
			if err != nil {
				return cty.DynamicPseudoType, err
			}
			return f.ReturnTypeForValues(args)
		},
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			args, err := typed(args)
			if err != nil {
				return cty.NilVal, err
			}
			v, err := f.Call(args)
			if err == nil {
				b.left -= min(b.left, size(v, b.left)) // a panic here would not get out
			}
			return v, err
		},
	}
	for _, p := range params {
		spec.Params = append(spec.Params, open(p))
	}
	if more != nil {
		p := open(*more)
		spec.VarParam = &p
	}
	return function.New(spec)
}

// open lets a parameter that is a list, set or map take any value.
func open(p function.Parameter) function.Parameter {
	if p.Type.IsCollectionType() {
		p.Type = cty.DynamicPseudoType
	}
	return p
}

// pairing is what it costs to make lists of the tuples in a value: the types of
// all elements are compared with each other.
func pairing(v cty.Value) int {
	v, _ = v.Unmark()
	if v.IsNull() || !v.IsKnown() || !v.Type().IsTupleType() && !v.Type().IsObjectType() {
		return 0
	}
	n := v.LengthInt()
	total := n * n / tuplePairs
	for it := v.ElementIterator(); it.Next(); {
		_, element := it.Element()
		total += pairing(element)
	}
	return total
}

// pays reports whether there is enough left to convert a value, and spends it.
func (b *budget) pays(v cty.Value) bool {
	n := pairing(v)
	if n > b.left {
		return false
	}
	b.left -= n
	return true
}

// takesLists are the functions that make lists, sets or maps of their arguments.
var takesLists = map[string]bool{
	"chunklist": true, "coalescelist": true, "compact": true, "distinct": true, "formatlist": true, "join": true, "setintersection": true,
	"setproduct": true, "setsubtract": true, "setunion": true, "sort": true, "tolist": true, "tomap": true, "toset": true, "zipmap": true,
}

// refuse gives an error for arguments of which a function would make too much.
func (b *budget) refuse(name string, args []cty.Value) error {
	for i, a := range args {
		if takesLists[name] && !b.pays(a) {
			return function.NewArgErrorf(i, "the list is too long")
		}
	}
	sizes := make([]int, len(args))
	for i, a := range args {
		sizes[i] = size(a, b.left)
	}
	product := func(a, b int) int {
		if len(sizes) <= max(a, b) {
			return 0
		}
		return sizes[a] * sizes[b]
	}
	work := 0
	switch name {
	case "format", "formatlist":
		if text, ok := textOf(args, 0); ok && hasLongNumber(text) {
			return function.NewArgErrorf(0, "no field may be wider than %d", maxWidth)
		}
	case "indent":
		if n, ok := wholeOf(args, 0); ok && n > maxWidth {
			return function.NewArgErrorf(0, "at most %d spaces", maxWidth)
		}
	case "join":
		work = product(0, 1)
	case "replace":
		work = product(0, 2) * 16
	case "distinct":
		work = product(0, 0)
	case "setproduct":
		work = 1
		for _, s := range sizes {
			if work *= s; work > b.left {
				break
			}
		}
	}
	if work > b.left {
		return function.NewArgErrorf(0, "the result of %s would be too large", name)
	}
	return nil
}

func textOf(args []cty.Value, i int) (string, bool) {
	if i >= len(args) {
		return "", false
	}
	v, _ := args[i].Unmark()
	if v.Type() != cty.String || !v.IsKnown() || v.IsNull() {
		return "", false
	}
	return v.AsString(), true
}

func wholeOf(args []cty.Value, i int) (int64, bool) {
	if i >= len(args) {
		return 0, false
	}
	v, _ := args[i].Unmark()
	if v.Type() != cty.Number || !v.IsKnown() || v.IsNull() {
		return 0, false
	}
	n, _ := v.AsBigFloat().Int64()
	return n, true
}

// hasLongNumber reports whether a verb of a format has a width or precision
// above maxWidth.
func hasLongNumber(text string) bool {
	for _, verb := range strings.Split(text, "%")[1:] {
		end := strings.IndexFunc(verb, func(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' })
		if end < 0 {
			end = len(verb)
		}
		for _, digits := range strings.FieldsFunc(verb[:end], func(r rune) bool { return r < '0' || r > '9' }) {
			if n, err := strconv.Atoi(digits); err != nil || n > maxWidth {
				return true
			}
		}
	}
	return false
}
