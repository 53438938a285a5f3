package hcl

import (
	"bytes"
	"regexp"
	"slices"
	"strings"

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
	root   *node
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
	m.root = root
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
			for _, n := range m.root.all("variable") {
				if v := n.arg("default"); n.label == name && v.expr != nil {
					m.hide(v.expr)
				}
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

var (
	// userinfo is the part of a DSN or URL before its address.
	userinfo = regexp.MustCompile(`[^\s"'=,(]+@[a-z0-9]*\(|://[^\s"'/@]+@|[^\s"'=,(:/{}]+:[^\s"'/@{}]+@`)
	// secretName is a name whose value had better not be shown, whatever the
	// grammar thinks of it.
	secretName = regexp.MustCompile(`(?i)pass|pwd|secret|token|dsn|credential|^pw$`)
	assigned   = regexp.MustCompile(`"?([A-Za-z_][A-Za-z0-9_-]*)"?[ \t]*[=:]`)
	quoted     = regexp.MustCompile(`"(?:[^"\\\n]|\\.)*"?`)
	// ended is the begin of the argument after one of several lines, or the end
	// of the block.
	ended = regexp.MustCompile(`\n[ \t]*(?:"?[A-Za-z_][A-Za-z0-9_-]*"?[ \t]*[=:{]|\})`)
)

// suspicious finds what looks like a secret in a text, parsed or not: the
// user and password of a DSN, and what is assigned to names like password
// and their misspellings. all hides every value.
func suspicious(text []byte, all bool) []span {
	var spans []span
	for _, at := range userinfo.FindAllIndex(text, -1) {
		spans = append(spans, span{at[0], at[1] - 1})
	}
	for _, at := range assigned.FindAllSubmatchIndex(text, -1) {
		name := string(text[at[2]:at[3]])
		if all || secretName.MatchString(name) || nearSecret(name) {
			spans = append(spans, assignedSpans(text, at[1])...)
		}
	}
	return spans
}

// assignedSpans gives the strings of the value that begins at a byte, up to the
// end of its line or of the lines that go on with it.
func assignedSpans(text []byte, start int) []span {
	line := text[start:]
	if i := bytes.IndexByte(line, '\n'); i >= 0 {
		line = line[:i]
	}
	value := text[start:]
	if at := ended.FindIndex(value); at != nil {
		value = value[:at[0]]
	}
	if bytes.Contains(line, []byte("<<")) {
		return []span{{start + len(line), start + len(value)}}
	}
	if !bytes.HasSuffix(bytes.TrimSpace(line), []byte("[")) && !bytes.HasSuffix(bytes.TrimSpace(line), []byte("(")) {
		value = line
	}
	var spans []span
	for _, q := range quoted.FindAllIndex(value, -1) {
		if before := value[:q[0]]; bytes.HasSuffix(before, []byte("env(")) || bytes.HasSuffix(before, []byte("file(")) {
			continue
		}
		spans = append(spans, span{start + q[0], start + q[1]})
	}
	return spans
}

// nearSecret reports whether a name is a misspelling of password or dsn.
func nearSecret(name string) bool {
	name = strings.ToLower(name)
	return slices.Contains([]string{"dns", "dsm", "sdn", "ds"}, name) || len(name) > 4 && len(name) < 16 && distance(name, "password") <= 3
}
