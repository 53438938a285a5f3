package hcl

import (
	"bytes"
	"fmt"
	"slices"

	hclv2 "github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/mdbrouter/mdb/gdid"
)

// A layout knows where the blocks and comments of a text stand.
type layout struct {
	text     []byte
	comments []hclv2.Range
	edits    []edit
	tables   [][]edit // those that sort one range table each
}

// edit puts other text in the place of a stretch.
type edit struct {
	span
	text []byte
}

// order sorts the partitions of areas and breakpoints by where they start.
func order(filename string, text []byte) ([]byte, error) {
	l, err := sortedLayout(filename, text)
	if err != nil {
		return nil, err
	}
	return l.apply(), nil
}

// sortedLayout gives a layout with the edits that sort partitions.
func sortedLayout(filename string, text []byte) (*layout, error) {
	parsed, diags := hclsyntax.ParseConfig(text, filename, hclv2.InitialPos)
	if diags.HasErrors() {
		return nil, fmt.Errorf("format %s: the text would not parse", filename)
	}
	l := &layout{text: text}
	body, ok := parsed.Body.(*hclsyntax.Body)
	if !ok {
		return l, nil
	}
	tokens, _ := hclsyntax.LexConfig(text, filename, hclv2.InitialPos)
	for _, token := range tokens {
		if token.Type == hclsyntax.TokenComment {
			l.comments = append(l.comments, token.Range)
		}
	}
	for _, area := range body.Blocks {
		if area.Type != "area" {
			continue
		}
		l.sort(area.Body, "start")
		for _, b := range area.Body.Blocks {
			if b.Type == "breakpoint" {
				l.sort(b.Body, "offset")
			}
		}
	}
	return l, nil
}

func (l *layout) apply() []byte {
	slices.SortFunc(l.edits, func(a, b edit) int { return a.start - b.start })
	var out []byte
	at := 0
	for _, e := range l.edits {
		out = append(append(out, l.text[at:e.start]...), e.text...)
		at = e.end
	}
	return append(out, l.text[at:]...)
}

// slot is a block with the comments above it and the rest of its last line.
type slot struct {
	span
	key gdid.RangeKey
}

// sort puts the partitions of a body into the order of the keys that an argument
// gives, each into the place of another. It does nothing if it is not sure what
// belongs together.
func (l *layout) sort(body *hclsyntax.Body, argument string) {
	var slots []slot
	var items []span // everything in the body
	for _, attr := range body.Attributes {
		items = append(items, l.lines(attr.SrcRange))
	}
	for _, b := range body.Blocks {
		whole, ok := l.segment(b)
		if !ok {
			return
		}
		items = append(items, whole)
		if b.Type != "partition" {
			continue
		}
		key, ok := literalKey(b.Body.Attributes[argument])
		if !ok {
			return
		}
		slots = append(slots, slot{whole, key})
	}
	slices.SortFunc(slots, func(a, b slot) int { return a.start - b.start })
	sorted := slices.SortedStableFunc(slices.Values(slots), func(a, b slot) int { return a.key.Compare(b.key) })
	for i := 1; i < len(sorted); i++ {
		if sorted[i].key == sorted[i-1].key {
			return
		}
	}
	if slices.Equal(slots, sorted) || !apart(items) || l.loose(slots[0].start, slots[len(slots)-1].end, items) {
		return
	}
	var table []edit
	for i, s := range slots {
		table = append(table, edit{s.span, l.text[sorted[i].start:sorted[i].end]})
	}
	l.edits, l.tables = append(l.edits, table...), append(l.tables, table)
}

// apart reports whether no two stretches overlap. It sorts them.
func apart(items []span) bool {
	slices.SortFunc(items, func(a, b span) int { return a.start - b.start })
	for i := 1; i < len(items); i++ {
		if items[i].start < items[i-1].end {
			return false
		}
	}
	return true
}

// loose reports whether a comment between two bytes belongs to none of the items,
// which are in order.
func (l *layout) loose(start, end int, items []span) bool {
	for _, c := range l.comments {
		if c.Start.Byte < start || c.Start.Byte >= end {
			continue
		}
		i, exact := slices.BinarySearchFunc(items, c.Start.Byte, func(s span, at int) int { return s.start - at })
		if !exact && (i == 0 || c.Start.Byte >= items[i-1].end) {
			return true
		}
	}
	return false
}

// segment gives the lines of a block, with the comments directly above it. It
// reports false if a comment begins or ends in the middle of them.
func (l *layout) segment(b *hclsyntax.Block) (span, bool) {
	out := l.lines(hclv2.Range{Start: b.TypeRange.Start, End: b.CloseBraceRange.End})
	line := b.TypeRange.Start.Line
	// The comments before the block, from the nearest.
	i, _ := slices.BinarySearchFunc(l.comments, b.TypeRange.Start.Byte, func(c hclv2.Range, at int) int { return c.Start.Byte - at })
	for i--; i >= 0; i-- {
		c := l.comments[i]
		if last := lastLine(c); last != line && last != line-1 {
			break
		}
		first := l.lineStart(c.Start.Byte)
		if len(bytes.TrimLeft(l.text[first:c.Start.Byte], " \t")) > 0 {
			if lastLine(c) == line || c.Start.Line != lastLine(c) {
				return span{}, false
			}
			break // it belongs to what stands before it
		}
		out.start, line = first, c.Start.Line
	}
	for _, c := range l.after(b.CloseBraceRange.End.Byte) {
		if c.Start.Byte < out.end && lastLine(c) != b.CloseBraceRange.End.Line {
			return span{}, false
		}
	}
	return out, true
}

// after gives the next few comments that begin at a byte or later: all that a
// line can hold of interest.
func (l *layout) after(at int) []hclv2.Range {
	i, _ := slices.BinarySearchFunc(l.comments, at, func(c hclv2.Range, at int) int { return c.Start.Byte - at })
	end := i
	for end < len(l.comments) && l.comments[end].Start.Line == l.comments[i].Start.Line {
		end++
	}
	return l.comments[i:end]
}

// lines gives the stretch from the start of the first line of a range to the end
// of its last, without the line end.
func (l *layout) lines(r hclv2.Range) span {
	end := len(l.text)
	if i := bytes.IndexByte(l.text[r.End.Byte:], '\n'); i >= 0 {
		end = r.End.Byte + i
	}
	if end > r.End.Byte && l.text[end-1] == '\r' {
		end--
	}
	return span{l.lineStart(r.Start.Byte), end}
}

func (l *layout) lineStart(at int) int { return bytes.LastIndexByte(l.text[:at], '\n') + 1 }

// lastLine gives the line that a comment ends in; one of # and // takes its line
// end along.
func lastLine(c hclv2.Range) int {
	if c.End.Column == 1 && c.End.Line > c.Start.Line {
		return c.End.Line - 1
	}
	return c.End.Line
}

// literalKey gives a range key that is written as plain text.
func literalKey(attr *hclsyntax.Attribute) (gdid.RangeKey, bool) {
	if attr == nil {
		return gdid.RangeKey{}, false
	}
	text, ok := attr.Expr.(*hclsyntax.TemplateExpr)
	if !ok || !text.IsStringLiteral() {
		return gdid.RangeKey{}, false
	}
	v, diags := text.Value(nil)
	if diags.HasErrors() {
		return gdid.RangeKey{}, false
	}
	key, err := gdid.ParseRangeKey(v.AsString())
	return key, err == nil
}
