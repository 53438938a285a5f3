package hcl

import (
	"bytes"

	hclv2 "github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// masks knows where secrets stand in the files, so that a tool may show the
// lines around a finding. It rather hides too much.
type masks struct {
	files  map[string]*source
	vars   map[string]bool // files of variables: all their values are hidden
	spans  map[string][]span
	locals map[string]hclsyntax.Expression
	seen   map[string]bool // locals and variables whose values have been hidden

	variables map[string]*node // by their labels
}

// span is a stretch of bytes.
type span struct{ start, end int }

func newMasks(files []*source) *masks {
	m := &masks{files: map[string]*source{}, vars: map[string]bool{}, spans: map[string][]span{}, seen: map[string]bool{}}
	for _, s := range files {
		m.files[s.name] = s
	}
	return m
}

// add takes the files of variables.
func (m *masks) add(files []*source) {
	for _, s := range files {
		m.files[s.name] = s
		m.vars[s.name] = true
	}
}

// tree hides what the grammar calls secret, and what flows there.
func (m *masks) tree(root *node) {
	m.variables = root.labelled("variable")
	m.node(root)
}

func (m *masks) node(n *node) {
	sensitive := n.spec.name == "variable" && n.written("sensitive")
	for i := range n.values {
		if v := &n.values[i]; v.expr != nil && (n.spec.args[i].secret || sensitive && n.spec.args[i].name == "default") {
			m.hide(v.expr)
		}
	}
	for _, c := range n.nodes {
		if sensitive && c.spec.name == "validation" {
			for i := range c.values {
				if c.values[i].expr != nil {
					m.hide(c.values[i].expr)
				}
			}
		}
		m.node(c)
	}
}

// hide covers the literal strings of an expression, and of the locals and
// variables it names. The name that env() reads is no secret.
func (m *masks) hide(x hclsyntax.Expression) {
	names := map[hclsyntax.Node]bool{}
	_ = hclsyntax.VisitAll(x, func(n hclsyntax.Node) hclv2.Diagnostics {
		switch n := n.(type) {
		case *hclsyntax.FunctionCallExpr:
			if (n.Name == "env" || n.Name == "file") && len(n.Args) > 0 {
				names[n.Args[0]] = true
			}
		case *hclsyntax.TemplateExpr:
			if names[n] {
				for _, p := range n.Parts {
					names[p] = true
				}
			}
		case *hclsyntax.LiteralValueExpr:
			if !names[n] {
				at := n.SrcRange
				m.spans[at.Filename] = append(m.spans[at.Filename], span{at.Start.Byte, at.End.Byte})
			}
		}
		return nil
	})
	for _, t := range x.Variables() {
		name, _ := step(t)
		key := t.RootName() + "." + name
		if m.seen[key] {
			continue
		}
		m.seen[key] = true
		switch t.RootName() {
		case "local":
			if other := m.locals[name]; other != nil {
				m.hide(other)
			}
		case "var":
			if n := m.variables[name]; n != nil && n.arg("default").expr != nil {
				m.hide(n.arg("default").expr)
			}
		}
	}
}

// masked gives the text of a file with its secrets overwritten.
func (m *masks) masked(name string) []byte {
	s := m.files[name]
	if s == nil {
		return nil
	}
	text := bytes.Clone(s.text)
	for _, p := range m.spans[name] {
		cover(text, p)
	}
	for _, p := range suspicious(s.text, m.vars[name]) {
		cover(text, p)
	}
	return text
}

// cover overwrites a stretch by '*', but for line ends and the quotes around it.
func cover(text []byte, p span) {
	start, end := max(0, p.start), min(len(text), p.end)
	if end-start >= 2 && text[start] == '"' && text[end-1] == '"' {
		start, end = start+1, end-1
	}
	for i := start; i < end; i++ {
		if text[i] != '\n' && text[i] != '\r' {
			text[i] = '*'
		}
	}
}
