package hcl

import (
	"errors"
	"fmt"
	"slices"

	hclv2 "github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// evaluator evaluates expressions. It is not safe for concurrent use.
type evaluator struct {
	found   *findings
	symbols *symbols
	ctx     *hclv2.EvalContext
	budget  *budget
	unset   []string // what env() has found missing since this was last emptied
	spent   bool     // the budget's end has been reported
	looked  int      // how often near was asked
}

func newEvaluator(found *findings, s *symbols, files *sources, getenv func(string) (string, bool)) *evaluator {
	e := &evaluator{found: found, symbols: s, budget: &budget{left: workBudget}}
	env := func(name string) (string, bool) {
		value, ok := getenv(name)
		if !ok {
			e.unset = append(e.unset, "env("+quote(name)+")")
		}
		return value, ok
	}
	e.ctx = &hclv2.EvalContext{Functions: functions(env, files, e.budget), Variables: map[string]cty.Value{}}
	for _, kind := range referable() {
		refs := make(map[string]cty.Value, len(s.kinds[kind]))
		for name := range s.kinds[kind] {
			refs[name] = referenceValue(&reference{kind: kind, name: name})
		}
		e.ctx.Variables[kind] = cty.ObjectVal(refs)
	}
	e.ctx.Variables["var"] = cty.EmptyObjectVal
	e.ctx.Variables["local"] = cty.EmptyObjectVal
	return e
}

// value evaluates an expression. It reports what is wrong and then gives a
// broken value. owner is the block it stands in.
func (e *evaluator) value(x hclsyntax.Expression, ctx *hclv2.EvalContext, owner *node) cty.Value {
	if text, ok := literal(x); ok {
		return cty.StringVal(text)
	}
	names := x.Variables()
	if !e.check(names, ctx, owner) {
		return brokenValue()
	}
	if brokenName(names, ctx) {
		return brokenValue()
	}
	e.unset = e.unset[:0]
	v, ok := e.runMetered(x, names, ctx, owner)
	if !ok {
		return brokenValue()
	}
	return e.remember(v, names, ctx)
}

// brokenName reports whether an expression names something that has been
// reported: whatever else comes of it says nothing.
func brokenName(names []hclv2.Traversal, ctx *hclv2.EvalContext) bool {
	for _, t := range names {
		if v, ok := named(t, ctx); ok && v.HasMark(markBroken) {
			return true
		}
	}
	return false
}

// literal gives the text of a plain string.
func literal(x hclsyntax.Expression) (string, bool) {
	t, ok := x.(*hclsyntax.TemplateExpr)
	if !ok || len(t.Parts) > 1 {
		return "", false
	}
	if len(t.Parts) == 0 {
		return "", true
	}
	part, ok := t.Parts[0].(*hclsyntax.LiteralValueExpr)
	if !ok || part.Val.Type() != cty.String {
		return "", false
	}
	return part.Val.AsString(), true
}

// runMetered is run for an expression that was not metered before.
func (e *evaluator) runMetered(x hclsyntax.Expression, names []hclv2.Traversal, ctx *hclv2.EvalContext, owner *node) (cty.Value, bool) {
	if !e.meter(x) {
		return cty.NilVal, false
	}
	return e.run(x, names, ctx, owner)
}

// meter puts meters into an expression. It reports false, and the mistake, when
// the budget does not cover what is written in it.
func (e *evaluator) meter(x hclsyntax.Expression) (ok bool) {
	defer func() {
		if err, isErr := recover().(error); isErr && errors.Is(err, errExhausted) {
			e.exhausted(x)
			ok = false
		}
	}()
	e.budget.meter(x)
	return true
}

// exhausted reports, once, that there is no budget left.
func (e *evaluator) exhausted(x hclsyntax.Expression) {
	if !e.spent {
		e.found.add(ruleTooDeep, x.Range(), "too much to evaluate").Detail = errExhausted.Error()
	}
	e.spent = true
}

// run evaluates within the budget. A panic of the libraries below becomes a
// finding: no file may end the process that reads it.
func (e *evaluator) run(x hclsyntax.Expression, names []hclv2.Traversal, ctx *hclv2.EvalContext, owner *node) (v cty.Value, ok bool) {
	defer func() {
		fault := recover()
		if fault == nil {
			return
		}
		ok = false
		if err, isErr := fault.(error); isErr && errors.Is(err, errExhausted) {
			e.exhausted(x)
			return
		}
		e.wrong(x.Range(), owner, "the expression cannot be evaluated")
	}()
	e.budget.charge(names, ctx)
	v, diags := x.Value(ctx)
	if !diags.HasErrors() {
		return v, true
	}
	e.complain(diags, e.holdsSecret(x, names, ctx), owner)
	return v, false
}

func (e *evaluator) wrong(at hclv2.Range, owner *node, format string, args ...any) *Diagnostic {
	d := e.found.add(ruleWrongType, at, format, args...)
	if owner != nil {
		d.Address = owner.address()
	}
	return d
}

// remember puts back the marks that indexing by an unknown key loses.
func (e *evaluator) remember(v cty.Value, names []hclv2.Traversal, ctx *hclv2.EvalContext) cty.Value {
	if v.IsWhollyKnown() {
		return v
	}
	_, marks := v.UnmarkDeep()
	if c := carriedBy(marks); c.broken || len(c.unset) > 0 {
		return v
	}
	if !e.symbols.whole {
		return v.Mark(markBroken)
	}
	for _, u := range e.unset {
		v = v.Mark(unset(u))
	}
	for _, t := range names {
		if from, ok := named(t, ctx); ok {
			_, marks := from.UnmarkDeep()
			v = v.WithMarks(marks)
		}
	}
	return v
}

// holdsSecret reports whether a message about an expression could give away
// something secret.
func (e *evaluator) holdsSecret(x hclsyntax.Expression, names []hclv2.Traversal, ctx *hclv2.EvalContext) bool {
	for _, t := range names {
		if v, ok := named(t, ctx); ok {
			if _, marks := v.UnmarkDeep(); carriedBy(marks).secret {
				return true
			}
		}
	}
	secret := false
	_ = hclsyntax.VisitAll(x, func(n hclsyntax.Node) hclv2.Diagnostics {
		if call, ok := n.(*hclsyntax.FunctionCallExpr); ok && (call.Name == "env" || call.Name == "file") {
			secret = true
		}
		return nil
	})
	return secret
}

// check holds the names of an expression against what is declared, before it is
// evaluated.
func (e *evaluator) check(names []hclv2.Traversal, ctx *hclv2.EvalContext, owner *node) bool {
	ok := true
	for _, t := range names {
		ok = e.checkName(t, ctx, owner) && ok
	}
	return ok
}

func (e *evaluator) checkName(t hclv2.Traversal, ctx *hclv2.EvalContext, owner *node) bool {
	kind := t.RootName()
	if !visible(kind, ctx) {
		d := e.found.add(ruleUndeclared, t.SourceRange(), "there is no %s here", quote(kind))
		if owner != nil {
			d.Address = owner.address()
		}
		if e.looked++; e.looked <= maxNear {
			d.Detail = didYouMean(suggest(kind, append(roots(), "shard", "partition")))
		}
		switch owners := e.symbols.kindsOf(kind); {
		case len(owners) > 0:
			d.Help = "write " + owners[0] + "." + kind
		case isEnvironmentName(kind):
			d.Help = "a variable of the environment is read by env(" + quote(kind) + "), quotes and all"
		}
		if kind == "shard" || kind == "partition" {
			d.Help = kind + " stands in the database argument of an area alone"
		}
		return false
	}
	if kind == "shard" || kind == "partition" {
		return true
	}
	name, ok := step(t)
	if !ok {
		if len(t) == 1 && slices.Contains(referable(), kind) {
			return true // all of them, or one by a computed name
		}
		d := e.found.add(ruleUndeclared, t.SourceRange(), "%s needs the name of one", kind)
		d.Help = fmt.Sprintf("as in %s.name", kind)
		return false
	}
	declared := kind
	if kind == "var" {
		declared = "variable"
	}
	if _, ok := e.symbols.kinds[declared][name]; !ok {
		e.undeclared(kind, name, t.SourceRange(), owner)
		return false
	}
	if len(t) > 2 && slices.Contains(referable(), kind) {
		d := e.found.add(ruleUndeclared, t.SourceRange(), "nothing can be read from %s.%s", kind, name)
		d.Detail = "a reference is a name and nothing more"
		if kind == "server" {
			d.Help = fmt.Sprintf("a database is written database(server.%s, \"name\")", name)
		}
		return false
	}
	return true
}

// step gives the name after the first word: u1 of server.u1 and server["u1"].
func step(t hclv2.Traversal) (string, bool) {
	if len(t) < 2 {
		return "", false
	}
	switch s := t[1].(type) {
	case hclv2.TraverseAttr:
		return s.Name, true
	case hclv2.TraverseIndex:
		if s.Key.Type() == cty.String && s.Key.IsKnown() && !s.Key.IsNull() {
			return s.Key.AsString(), true
		}
	}
	return "", false
}

// visible reports whether a context has a name.
func visible(name string, ctx *hclv2.EvalContext) bool {
	for ; ctx != nil; ctx = ctx.Parent() {
		if _, ok := ctx.Variables[name]; ok {
			return true
		}
	}
	return false
}
