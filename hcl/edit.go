package hcl

import (
	"bytes"
	"slices"
	"sync"

	hclv2 "github.com/hashicorp/hcl/v2"
)

// maxEdits is how many edits a finding may have: the form of a file that needs
// more is a matter of [Format].
const maxEdits = 1000

// An Edit puts Text in the place of a stretch of a file.
type Edit struct {
	Range Range  `json:"range"`
	Text  string `json:"text"`
}

// Edits gives the edits that mend a finding of this configuration, in order and
// apart from each other, all in the file of the finding. It gives nil if [Fix]
// would not mend it, if it would take more than 1000 edits, or if text would be
// moved that must not be shown: no edit has a secret in it.
//
// The edits of two findings may overlap: apply those of one, and check again. It
// is safe for concurrent use.
func (c *Config) Edits(d *Diagnostic) []Edit {
	if c.editor == nil {
		return nil
	}
	return c.editor.edits(d)
}

// editor makes edits out of the files of a configuration.
type editor struct {
	masks  *masks
	mu     sync.Mutex          // guards what follows
	sorted map[string][][]edit // by file: of each range table that is out of order
	masked map[string][]byte
	rulers map[string]*ruler
}

func newEditor(m *masks) *editor {
	return &editor{masks: m, sorted: map[string][][]edit{}, masked: map[string][]byte{}, rulers: map[string]*ruler{}}
}

func (e *editor) edits(d *Diagnostic) []Edit {
	s := e.masks.files[d.Range.Filename]
	if s == nil {
		return nil
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	var list []edit
	switch d.Rule {
	case ruleNotFormatted.id():
		list = respaced(s.text)
	case ruleUnsorted.id():
		list = e.sorting(s, d.Range.Start.Byte)
	default:
		list = exact(s.text, d.mends)
	}
	if len(list) > maxEdits {
		return nil
	}
	return e.place(s, list)
}

// sorting gives the edits that sort the range table with a partition at a byte.
func (e *editor) sorting(s *source, at int) []edit {
	if s.json {
		return nil
	}
	tables, ok := e.sorted[s.name]
	if !ok {
		if l, err := sortedLayout(s.name, s.text); err == nil {
			tables = l.tables
		}
		e.sorted[s.name] = tables
		e.masked[s.name] = e.masks.masked(s.name)
	}
	shown := e.masked[s.name]
	for _, table := range tables {
		if !slices.ContainsFunc(table, func(m edit) bool { return m.start <= at && at < m.end }) {
			continue
		}
		var list []edit
		for _, m := range table {
			if !bytes.Equal(shown[m.start:m.end], s.text[m.start:m.end]) {
				return nil // it holds a secret
			}
			if !bytes.Equal(m.text, s.text[m.start:m.end]) {
				list = append(list, m)
			}
		}
		return list
	}
	return nil
}

// place gives edits with lines and columns.
func (e *editor) place(s *source, list []edit) []Edit {
	r := e.rulers[s.name]
	if r == nil {
		r = newRuler(s.text)
		e.rulers[s.name] = r
	}
	var out []Edit
	for _, m := range list {
		out = append(out, Edit{Range{s.name, r.pos(m.start), r.pos(m.end)}, string(m.text)})
	}
	return out
}

// respaced gives the edits that give a text canonical space, and nothing else.
func respaced(text []byte) []edit {
	out := bytes.TrimPrefix(text, []byte("\ufeff"))
	i := len(text) - len(out)
	var list []edit
	if i > 0 {
		list = append(list, edit{span{0, i}, nil})
	}
	for range maxFormat {
		before := out
		if out = spaced(out); bytes.Equal(before, out) {
			break
		}
	}
	for j := 0; i < len(text) || j < len(out); {
		was, now := blanks(text[i:]), blanks(out[j:])
		switch {
		case len(was)+len(now) > 0:
			if !bytes.Equal(was, now) {
				list = append(list, shorter(edit{span{i, i + len(was)}, now}, was))
			}
			i, j = i+len(was), j+len(now)
		case i == len(text) || j == len(out) || text[i] != out[j]:
			return nil // more than space would change
		default:
			i, j = i+1, j+1
		}
	}
	return list
}

// blanks gives the space that a text begins with.
func blanks(text []byte) []byte { return text[:len(text)-len(bytes.TrimLeft(text, " \t\r\n"))] }

// shorter gives an edit of a text without what is the same before and after it.
func shorter(e edit, was []byte) edit {
	for len(was) > 0 && len(e.text) > 0 && was[0] == e.text[0] {
		was, e.text, e.start = was[1:], e.text[1:], e.start+1
	}
	for len(was) > 0 && len(e.text) > 0 && was[len(was)-1] == e.text[len(e.text)-1] {
		was, e.text, e.end = was[:len(was)-1], e.text[:len(e.text)-1], e.end-1
	}
	return e
}

// ruler gives the line and column of a byte. Places near each other cost little.
type ruler struct {
	text  []byte
	lines []int // where each begins
	last  Pos
}

func newRuler(text []byte) *ruler {
	r := &ruler{text: text, lines: []int{0}}
	for i, c := range text {
		if c == '\n' {
			r.lines = append(r.lines, i+1)
		}
	}
	return r
}

func (r *ruler) pos(at int) Pos {
	line, _ := slices.BinarySearch(r.lines, at+1)
	from := r.last
	if from.Line != line || from.Byte > at {
		from = Pos{Line: line, Column: 1, Byte: r.lines[line-1]}
	}
	if at > from.Byte {
		// The scanner counts what a reader sees as characters, as the parser does.
		sc := hclv2.NewRangeScannerFragment(r.text[from.Byte:at], "", hclv2.Pos{Line: line, Column: from.Column}, whole)
		sc.Scan()
		from = Pos{Line: line, Column: sc.Range().End.Column, Byte: at}
	}
	r.last = from
	return from
}

// whole takes all of a text as one token.
func whole(text []byte, _ bool) (advance int, token []byte, err error) { return len(text), text, nil }
