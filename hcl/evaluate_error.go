package hcl

import (
	"maps"
	"slices"
	"strings"

	hclv2 "github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// complain turns what went wrong in an evaluation into findings, one a place.
func (e *evaluator) complain(diags hclv2.Diagnostics, secret bool, owner *node) {
	seen := map[hclv2.Range]bool{}
	for _, d := range diags {
		at := subject(d)
		if d.Severity != hclv2.DiagError || seen[at] {
			continue
		}
		seen[at] = true
		if e.noFunction(d, at, owner) || e.noElement(d, owner) || e.noFile(d, at, owner) {
			continue
		}
		out := e.wrong(at, owner, "%s", lowerFirst(d.Summary))
		switch {
		case d.Summary == "Error in function call", d.Summary == "Invalid function argument":
			out.Detail, out.Help = functionError(d), functionHelp(d)
		case !secret:
			out.Detail = oneLine(d.Detail)
		}
		if secret {
			out.Detail = "the reason is withheld, since a sensitive value takes part"
		}
	}
}

// functionHelp says how a function of ours is called.
func functionHelp(d *hclv2.Diagnostic) string {
	extra, ok := hclv2.DiagnosticExtra[hclsyntax.FunctionCallDiagExtra](d)
	if !ok {
		return ""
	}
	switch extra.CalledFunctionName() {
	case "database":
		return `write database(server.NAME, "DATABASE")`
	case "env":
		return `write env("NAME"), or env("NAME", "VALUE WHERE IT IS UNSET")`
	case "gdid":
		return "write gdid(ERA, COUNTER)"
	default:
		return ""
	}
}

// functionError gives what a function said of its arguments.
func functionError(d *hclv2.Diagnostic) string {
	text := oneLine(d.Detail)
	if strings.Contains(text, "panic in function") {
		return "there is no result for these arguments"
	}
	if _, reason, ok := strings.Cut(text, ": "); ok {
		text = reason
	}
	return strings.TrimSuffix(text, ".")
}

// noFunction reports a call of a function that does not exist.
func (e *evaluator) noFunction(d *hclv2.Diagnostic, at hclv2.Range, owner *node) bool {
	extra, ok := hclv2.DiagnosticExtra[hclsyntax.FunctionCallUnknownDiagExtra](d)
	if !ok {
		return false
	}
	name := extra.CalledFunctionNamespace() + extra.CalledFunctionName()
	out := e.found.add(ruleUndeclared, at, "there is no function %s", quote(name))
	if owner != nil {
		out.Address = owner.address()
	}
	if e.looked++; e.looked <= maxNear {
		out.Detail = didYouMean(suggest(name, slices.Collect(maps.Keys(e.ctx.Functions))))
	}
	return true
}

// noFile reports a file that file() cannot read: why, and which if its path is
// written out. What is in a file is never shown, so that it can be said of what
// is secret too.
func (e *evaluator) noFile(d *hclv2.Diagnostic, at hclv2.Range, owner *node) bool {
	extra, ok := hclv2.DiagnosticExtra[hclsyntax.FunctionCallDiagExtra](d)
	if !ok || extra.CalledFunctionName() != "file" || extra.FunctionCallError() == nil {
		return false
	}
	name := "the file"
	if x, ok := d.Expression.(hclsyntax.Expression); ok {
		if path, ok := literal(x); ok {
			name = "file " + quote(path)
		}
	}
	out := e.wrong(at, owner, "cannot read %s", name)
	out.Detail = functionError(d)
	out.Help = "a relative path begins at the directory of the configuration"
	return true
}

// noElement reports a computed name, as in server["c${i}"], that nothing has.
func (e *evaluator) noElement(d *hclv2.Diagnostic, owner *node) bool {
	index, ok := d.Expression.(*hclsyntax.IndexExpr)
	if !ok {
		return false
	}
	root, ok := index.Collection.(*hclsyntax.ScopeTraversalExpr)
	if !ok || len(root.Traversal) != 1 || !slices.Contains(referable(), root.Traversal.RootName()) {
		return false
	}
	key, diags := index.Key.Value(d.EvalContext)
	if diags.HasErrors() {
		return false
	}
	key, c := unmark(key)
	if c.secret || !key.IsKnown() || key.IsNull() || key.Type() != cty.String {
		return false
	}
	e.undeclared(root.Traversal.RootName(), key.AsString(), index.Range(), owner)
	return true
}

// isEnvironmentName reports whether a name looks like one of the environment's.
func isEnvironmentName(name string) bool {
	return strings.ToUpper(name) == name && strings.ToLower(name) != name
}

// undeclared reports a name that no block has. It gives the finding, or nil if
// the block may stand where a file could not be read.
func (e *evaluator) undeclared(kind, name string, at hclv2.Range, owner *node) *Diagnostic {
	shown, declared := kind, kind
	if kind == "var" {
		shown, declared = "variable", "variable"
	}
	if !e.symbols.complete(declared) {
		return nil
	}
	d := e.found.add(ruleUndeclared, at, "no %s %s is declared", shown, quote(name))
	if owner != nil {
		d.Address = owner.address()
	}
	near := e.near(name, declared)
	for _, n := range near {
		d.relate(e.symbols.kinds[declared][n], "%s %q is declared here", shown, n)
	}
	for i := range near {
		near[i] = kind + "." + near[i]
	}
	d.Detail = didYouMean(near)
	return d
}

// maxNear is for how many names something near is looked for: each is compared
// with all that are declared.
const maxNear = 100

// near gives the declared names of a kind that are near a name.
func (e *evaluator) near(name, kind string) []string {
	if e.looked++; e.looked > maxNear {
		return nil
	}
	var known []string
	for k := range e.symbols.kinds[kind] {
		known = append(known, k)
	}
	return suggest(name, known)
}
