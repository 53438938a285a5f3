package hcl

import (
	"errors"
	"slices"
	"strings"

	hclv2 "github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

// given is a variable's value from outside the configuration.
type given struct {
	text  string // unless value is set
	value cty.Value
	at    hclv2.Range // in a file of variables
	from  string      // for messages: "MDB_VAR_x", "a file of variables", "an option"
}

// variables gives every variable its value.
type variables struct {
	*decoder
	opts   Options
	files  *sources
	given  map[string]given
	values map[string]cty.Value
	places map[string]hclv2.Range // where each value comes from
	read   []*source              // the files of variables
}

// evaluateVariables puts var into the context of the decoder. It gives the files
// of variables that it read.
func evaluateVariables(root *node, d *decoder, opts Options, files *sources) []*source {
	v := &variables{
		decoder: d, opts: opts, files: files, given: map[string]given{},
		values: map[string]cty.Value{}, places: map[string]hclv2.Range{},
	}
	nodes := root.all("variable")
	v.gather(nodes)
	for _, n := range nodes {
		v.block(n)
		v.values[n.label] = v.one(n)
	}
	// Names that stand in files with syntax errors, or twice, have a value too.
	for name := range d.symbols.kinds["variable"] {
		if _, ok := v.values[name]; !ok {
			v.values[name] = brokenValue()
		}
	}
	d.ctx.Variables["var"] = cty.ObjectVal(v.values)
	for _, n := range nodes {
		for _, rule := range n.all("validation") {
			v.block(rule)
			v.validate(n, rule)
		}
	}
	return v.read
}

// gather collects what is given from outside, the weakest source first.
func (v *variables) gather(nodes []*node) {
	for _, n := range nodes {
		name := "MDB_VAR_" + n.label
		if text, ok := v.opts.Getenv(name); ok {
			v.given[n.label] = given{text: text, from: name}
		}
	}
	for _, name := range v.opts.VarFiles {
		v.file(name)
	}
	var names []string
	for name := range v.opts.Vars {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if v.declared(name, hclv2.Range{}) {
			v.given[name] = given{text: v.opts.Vars[name], from: "an option"}
		}
	}
}

// declared reports a value for a variable that no file declares.
func (v *variables) declared(name string, at hclv2.Range) bool {
	known := v.symbols.kinds["variable"]
	if _, ok := known[name]; ok || !v.symbols.complete("variable") {
		return ok
	}
	d := v.found.add(ruleUndeclaredVar, at, "a value is given for variable %s, which no file declares", quote(name))
	d.Detail = didYouMean(v.near(name, "variable"))
	return false
}

// file reads a file of variables.
func (v *variables) file(name string) {
	name = v.files.clean(name)
	text, err := v.files.read(name, maxFile)
	if err != nil {
		reason := plainCause(err)
		if errors.Is(err, errTooLarge) {
			reason = "it is too large"
		}
		v.found.add(ruleNoConfig, hclv2.Range{Filename: name}, "cannot read the variables in %s: %s", name, reason).cause = err
		return
	}
	s := &source{name: name, text: text, json: strings.HasSuffix(name, ".json")}
	v.read = append(v.read, s)
	f := parse(s, v.found)
	if f.body == nil {
		return
	}
	attrs, diags := f.body.JustAttributes()
	for _, d := range diags {
		if d.Severity == hclv2.DiagError && !f.broken {
			v.found.add(ruleSyntax, subject(d), "a file of variables has lines name = value alone")
		}
	}
	for _, attr := range attrs {
		if !v.declared(attr.Name, attr.NameRange) {
			continue
		}
		x := syntax(attr.Expr, false, v.found)
		if names := x.Variables(); len(names) > 0 {
			v.found.add(ruleUndeclared, names[0].SourceRange(), "nothing can be referred to in a file of variables")
			continue
		}
		value, ok := v.runMetered(x, nil, nil, nil)
		if !ok {
			value = brokenValue()
		}
		v.given[attr.Name] = given{value: value, at: attr.Expr.Range(), from: "a file of variables"}
	}
}

// one gives the value of a variable.
func (v *variables) one(n *node) cty.Value {
	want, ok := v.typeOf(n)
	sensitive := n.arg("sensitive")
	value := v.source(n, want)
	if !ok || sensitive.state == broken {
		value = brokenValue()
	}
	if valueOf[bool](n, "sensitive") || sensitive.state > known {
		value = value.Mark(markSecret)
	}
	return value
}

// typeOf gives the type that a variable must have.
func (v *variables) typeOf(n *node) (cty.Type, bool) {
	i, _ := n.spec.argument("type")
	if n.args == nil || n.args[i] == nil {
		return cty.DynamicPseudoType, true
	}
	t, diags := typeexpr.TypeConstraint(n.args[i].Expr)
	if diags.HasErrors() {
		v.wrong(subject(diags[0]), n, "there is no such type").Detail = oneLine(diags[0].Detail)
		return cty.DynamicPseudoType, false
	}
	return t, true
}

// source gives the value that a variable has by its default or from outside.
func (v *variables) source(n *node, want cty.Type) cty.Value {
	g, isGiven := v.given[n.label]
	byDefault := n.arg("default")
	var value cty.Value
	at, from := n.named(), g.from
	switch {
	case isGiven && g.value != cty.NilVal:
		value, at = g.value.Mark(markOutside), g.at
	case isGiven:
		text, ok := v.parse(n, g, want)
		if !ok {
			return brokenValue()
		}
		value = text.Mark(markOutside)
	case byDefault.state == known:
		value, at, from = v.value(byDefault.expr, v.functionsOnly(), n), byDefault.at, "the default"
	default:
		return cty.UnknownVal(want).Mark(unset("var." + n.label))
	}
	v.places[n.label] = at
	plain, marks := value.UnmarkDeep()
	if c := carriedBy(marks); c.broken {
		return brokenValue()
	}
	if !v.budget.pays(plain) {
		v.found.add(ruleTooDeep, at, "the value of variable %s is too large", quote(n.label)).Address = n.address()
		return brokenValue()
	}
	converted, err := convert.Convert(plain, want)
	if err != nil { // the error may quote the value
		d := v.wrong(at, n, "the value of variable %s must be of type %s", quote(n.label), want.FriendlyNameForConstraint())
		d.Detail = from + " gives " + typeName(plain)
		return brokenValue()
	}
	return converted.WithMarks(marks)
}

// functionsOnly is the context of defaults: nothing can be referred to.
func (v *variables) functionsOnly() *hclv2.EvalContext {
	return &hclv2.EvalContext{Functions: v.ctx.Functions}
}

// parse reads a value given as text.
func (v *variables) parse(n *node, g given, want cty.Type) (cty.Value, bool) {
	if want.IsPrimitiveType() || want == cty.DynamicPseudoType {
		return cty.StringVal(g.text), true
	}
	if fault := tooDeepText(g.text); fault != "" {
		v.found.add(ruleTooDeep, n.named(), "%s gives a value with %s", g.from, fault).Address = n.address()
		return cty.NilVal, false
	}
	x, diags := hclsyntax.ParseExpression([]byte(g.text), "", hclv2.InitialPos)
	if !diags.HasErrors() && len(x.Variables()) == 0 {
		if value, diags := x.Value(nil); v.meter(x) && !diags.HasErrors() {
			return value, true
		}
	}
	v.wrong(n.named(), n, "the value of variable %s must be of type %s", quote(n.label), want.FriendlyNameForConstraint()).
		Detail = g.from + " gives no value in HCL's syntax"
	return cty.NilVal, false
}

// maxSaid is how many bytes of a validation's error_message are shown.
const maxSaid = 500

// validate holds a variable against one of its validation blocks.
func (v *variables) validate(n, rule *node) {
	condition, message := rule.arg("condition"), rule.arg("error_message")
	if condition.state != known {
		return
	}
	raw := v.value(condition.expr, v.ctx, rule)
	result, c := unmark(raw)
	if c.broken || !result.IsKnown() {
		return
	}
	ok, isBool := convertTo(result, cty.Bool)
	if !isBool {
		v.wrong(condition.at, rule, "a condition must be true or false, got %s", typeName(result))
		return
	}
	if ok.True() {
		return
	}
	text := "the value of variable " + quote(n.label) + " is not valid"
	if message.state == known {
		said, c := unmark(v.value(message.expr, v.ctx, rule))
		if s, ok := convertTo(said, cty.String); ok && said.IsKnown() && !c.secret {
			text = oneLine(cutTo(maxSaid, s.AsString()))
		}
	}
	at, ok2 := v.places[n.label]
	if !ok2 {
		at = n.named()
	}
	d := v.found.add(ruleValidation, at, "%s", text)
	d.Address = n.address()
	d.relate(condition.at, "this condition of variable %q is not met", n.label)
}
