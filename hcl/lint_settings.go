package hcl

import (
	"errors"
	"io/fs"

	hclv2 "github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
)

// settingsFile stands beside the configuration. It is no part of it.
const settingsFile = ".mdbcheck.hcl"

// settings is a settings file as read.
type settings struct {
	*source
	found      *findings
	severities map[rule]Severity
	places     map[rule]hclv2.Range
}

// readSettings reads the settings file, if there is one.
func readSettings(read *sources, found *findings) *settings {
	name := read.join(read.dir, settingsFile)
	text, err := read.read(name, maxValue)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	s := &settings{source: &source{name: name, text: text}, found: found, severities: map[rule]Severity{}, places: map[rule]hclv2.Range{}}
	if err != nil {
		found.add(ruleBadSettings, hclv2.Range{Filename: name}, "cannot read %s: %s", name, plainCause(err)).cause = err
		return s
	}
	f := parse(s.source, found)
	if f.body == nil || f.broken {
		return s
	}
	content, diags := f.body.Content(&hclv2.BodySchema{Blocks: []hclv2.BlockHeaderSchema{{Type: "rule", LabelNames: []string{"id"}}}})
	s.complain(diags)
	for _, b := range content.Blocks {
		s.rule(b)
	}
	return s
}

func (s *settings) complain(diags hclv2.Diagnostics) {
	for _, d := range diags {
		out := s.found.add(ruleBadSettings, subject(d), "%s", lowerFirst(oneLine(d.Summary)))
		out.Detail = oneLine(d.Detail)
		out.Help = `write rule "ID" { severity = "off" }`
	}
}

// rule reads one block: the severity of one rule, and why it has it.
func (s *settings) rule(b *hclv2.Block) {
	content, diags := b.Body.Content(&hclv2.BodySchema{Attributes: []hclv2.AttributeSchema{{Name: "severity", Required: true}, {Name: "reason"}}})
	s.complain(diags)
	at := b.LabelRanges[0]
	named, err := adjustable(b.Labels[0])
	if err != nil {
		s.found.add(ruleBadSettings, at, "%v", err)
		return
	}
	for _, r := range named {
		if first, twice := s.places[r]; twice {
			s.found.add(ruleBadSettings, at, "rule %s has a severity already", b.Labels[0]).relate(first, "the first is here")
			return
		}
	}
	for _, r := range named {
		s.places[r] = at
	}
	for _, name := range []string{"severity", "reason"} {
		attr := content.Attributes[name]
		if attr == nil {
			continue
		}
		v, diags := attr.Expr.Value(nil)
		if diags.HasErrors() || v.IsNull() || !v.IsKnown() || v.Type() != cty.String {
			s.found.add(ruleBadSettings, attr.Expr.Range(), "%s must be a plain string", name)
			continue
		}
		if name != "severity" {
			continue
		}
		severity, ok := severityNamed(v.AsString())
		if !ok {
			s.found.add(ruleBadSettings, attr.Expr.Range(), "there is no severity %s", quote(v.AsString())).Help = "write error, warning, notice or off"
			continue
		}
		for _, r := range named {
			s.severities[r] = severity
		}
	}
}
