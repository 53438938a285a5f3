package hcl

import (
	"fmt"
	"strings"

	hclv2 "github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// A literalFile is a small file of blocks whose arguments are plain strings,
// numbers and references: acceptances and pinned routes. It has no variables and
// no functions.
type literalFile struct {
	*source
	found  *findings
	blocks []*literalBlock
}

// literalBlock is one block of a literalFile.
type literalBlock struct {
	found *findings
	kind  string
	label string
	at    Range // the label
	args  map[string]*hclv2.Attribute
}

// parseLiteral reads a file whose top level has blocks of one kind, each with a
// label and some of the given arguments.
func parseLiteral(s *source, kind string, arguments []string) *literalFile {
	f := &literalFile{source: s, found: &findings{}}
	if !shallow(s.text) {
		tokens, _ := hclsyntax.LexConfig(s.text, s.name, hclv2.InitialPos)
		if at, fault := tooDeep(tokens); fault != "" {
			f.found.add(ruleTooDeep, at, "%s", fault)
			return f
		}
	}
	if at, ok := conflict(s.text); ok {
		conflictError(f.found, pointAt(s, at))
		return f
	}
	parsed, diags := hclsyntax.ParseConfig(s.text, s.name, hclv2.InitialPos)
	for i, d := range diags {
		if i == maxSyntax {
			break
		}
		syntaxError(f.found, s.text, d)
	}
	if f.found.errors() {
		return f
	}
	content, diags := parsed.Body.Content(&hclv2.BodySchema{Blocks: []hclv2.BlockHeaderSchema{{Type: kind, LabelNames: []string{"label"}}}})
	f.unexpected(diags, fmt.Sprintf("only blocks %s \"...\" { } are expected here", kind))
	schema := &hclv2.BodySchema{}
	for _, name := range arguments {
		schema.Attributes = append(schema.Attributes, hclv2.AttributeSchema{Name: name})
	}
	for _, b := range content.Blocks {
		inner, diags := b.Body.Content(schema)
		f.unexpected(diags, "known are "+listOf(arguments))
		f.blocks = append(f.blocks, &literalBlock{found: f.found, kind: kind, label: b.Labels[0], at: rangeOf(b.LabelRanges[0]), args: inner.Attributes})
	}
	return f
}

// unexpected reports what a body has that it should not.
func (f *literalFile) unexpected(diags hclv2.Diagnostics, known string) {
	for _, d := range diags {
		text := lowerFirst(d.Summary)
		switch name := nameAt(f.text, subject(d)); d.Summary {
		case "Unsupported argument":
			text = "argument " + quote(name) + " is not expected here"
		case "Unsupported block type":
			text = "blocks of type " + quote(name) + " are not expected here"
		}
		f.found.add(ruleUnknownName, subject(d), "%s", text).Detail = known
	}
}

// findingsError gives the error of what was found in a file, or nil.
func (f *literalFile) findingsError(path string) error {
	if list := f.found.all(); len(list) > 0 {
		return &DiagnosticsError{Path: path, Diagnostics: list}
	}
	return nil
}

func (b *literalBlock) fault(r rule, at Range, format string, args ...any) *Diagnostic {
	d := b.found.add(r, hclv2.Range{Filename: at.Filename, Start: hclv2.Pos(at.Start), End: hclv2.Pos(at.End)}, format, args...)
	d.Address = b.kind + "." + b.label
	return d
}

// place gives the place of an argument, or of the block.
func (b *literalBlock) place(name string) Range {
	if attr, ok := b.args[name]; ok {
		return rangeOf(attr.Expr.Range())
	}
	return b.at
}

// text gives a string, or "". It reports one that is no string, or empty.
func (b *literalBlock) text(name string) string {
	v, ok := b.value(name)
	if !ok {
		return ""
	}
	if v.Type() != cty.String || v.IsNull() || strings.TrimSpace(v.AsString()) == "" {
		b.fault(ruleWrongType, b.place(name), "%q must be a string that is not empty", name)
		return ""
	}
	return v.AsString()
}

// need is text for an argument that must be there.
func (b *literalBlock) need(name string) string {
	if _, ok := b.args[name]; !ok {
		b.fault(ruleMissingArgument, b.at, "%s %s needs %q", b.kind, quote(cut(b.label)), name)
		return ""
	}
	return b.text(name)
}

// whole gives a number from 0 on.
func (b *literalBlock) whole(name string) (int, bool) {
	v, ok := b.value(name)
	if !ok {
		return 0, false
	}
	if v.Type() == cty.Number && !v.IsNull() {
		if n, accuracy := v.AsBigFloat().Int64(); accuracy == 0 && n >= 0 && n <= 1<<31 {
			return int(n), true
		}
	}
	b.fault(ruleWrongType, b.place(name), "%q must be a whole number from 0 on", name)
	return 0, false
}

// value evaluates an argument that is written.
func (b *literalBlock) value(name string) (cty.Value, bool) {
	attr, ok := b.args[name]
	if !ok {
		return cty.NilVal, false
	}
	v, diags := attr.Expr.Value(nil)
	if diags.HasErrors() || !v.IsWhollyKnown() {
		b.fault(ruleWrongType, b.place(name), "%q must be written out: there are no variables or functions here", name)
		return cty.NilVal, false
	}
	return v, true
}

// reference gives the label behind a reference such as server.u1, or "".
func (b *literalBlock) reference(name, kind string) string {
	attr, ok := b.args[name]
	if !ok {
		return ""
	}
	t, diags := hclv2.AbsTraversalForExpr(attr.Expr)
	if !diags.HasErrors() && t.RootName() == kind && len(t) == 2 {
		if label, ok := step(t); ok {
			return label
		}
	}
	b.fault(ruleWrongType, b.place(name), "%q must be a reference such as %s.NAME", name, kind)
	return ""
}
