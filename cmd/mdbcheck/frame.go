package main

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/mdbrouter/mdb/hcl"
)

const (
	// maxColumns is how much of a source line is shown; a generated JSON file may
	// be one line of megabytes.
	maxColumns = 120

	// columnsBefore is how much of a cut line is shown before the marked text.
	columnsBefore = 30
)

// A frame is the piece of source that a finding is about.
type frame struct {
	number int    // of the marked line, from 1
	header []cell // the line before, if it opens what the marked line is in
	line   []cell
	first  int // cells of line that are marked: from first
	last   int // up to but not including last
}

// newFrame cuts the frame of a finding out of its file. It gives nil when there is
// nothing to show: an unread file, or a finding about the whole of it.
func newFrame(source []byte, d hcl.Diagnostic) *frame {
	at := d.Range
	if at.Start.Line < 1 || at.Start.Byte > len(source) || source == nil {
		return nil
	}
	start := bytes.LastIndexByte(source[:at.Start.Byte], '\n') + 1
	text := lineAt(source, start)
	unknown := -1
	if d.Rule == ruleUnknownName && mayHoldSecrets(d.Address) {
		unknown = min(max(at.End.Byte-start, 0), len(text))
	}
	veiled := veil(text, unknown)
	if unknown >= 0 && assigned(text[unknown:]) {
		concealValue(veiled[unknown:])
	}
	f := &frame{number: at.Start.Line, line: cells(veiled)}
	f.first, f.last = len(f.line), len(f.line)
	for i, c := range f.line {
		if start+c.at >= at.Start.Byte {
			f.first = i
			break
		}
	}
	for i, c := range f.line[f.first:] {
		if start+c.at >= at.End.Byte {
			f.last = f.first + i
			break
		}
	}
	if start > 0 {
		before := lineAt(source, bytes.LastIndexByte(source[:start-1], '\n')+1)
		if opens(before) && indent(before) < indent(text) {
			f.header = cells(veil(before, -1))
		}
	}
	return f
}

// gutter is the width of the line number; 0 for no frame.
func (f *frame) gutter() int {
	if f == nil {
		return 0
	}
	return len(strconv.Itoa(f.number))
}

func (f *frame) write(w io.Writer, p paint, severity hcl.Severity, beside string) {
	bar := strings.Repeat(" ", f.gutter()) + " " + p.gutter("|")
	fmt.Fprintln(w, bar)
	if f.header != nil {
		text, _, _ := window(f.header, 0, 0)
		fmt.Fprintln(w, strings.TrimRight(p.gutter(fmt.Sprintf("%*d |", f.gutter(), f.number-1))+" "+text, " "))
	}
	text, before, marked := window(f.line, f.first, f.last)
	fmt.Fprintln(w, strings.TrimRight(p.gutter(fmt.Sprintf("%*d |", f.gutter(), f.number))+" "+text, " "))
	carets := strings.Repeat("^", max(1, marked))
	if beside != "" {
		carets += " " + beside
	}
	fmt.Fprintln(w, bar+" "+strings.Repeat(" ", before)+p.severity(severity, carets))
}

// window gives what is shown of a line, the columns before the marked cells and
// the columns they take.
func window(line []cell, first, last int) (text string, before, marked int) {
	from, skipped := 0, 0
	if columns(line) > maxColumns {
		for from < first && columns(line[from:first]) > columnsBefore {
			from++
		}
	}
	var b strings.Builder
	if from > 0 {
		b.WriteString("...")
		skipped = 3
	}
	shown := 0
	for i := from; i < len(line); i++ {
		if shown += line[i].width; shown > maxColumns {
			b.WriteString("...")
			last = min(last, i)
			break
		}
		b.WriteString(line[i].text)
	}
	return b.String(), skipped + columns(line[from:first]), columns(line[first:max(first, last)])
}

func columns(line []cell) int {
	n := 0
	for _, c := range line {
		n += c.width
	}
	return n
}

// lineAt gives the line that starts at a byte, without its end.
func lineAt(source []byte, start int) []byte {
	line := source[start:]
	if end := bytes.IndexByte(line, '\n'); end >= 0 {
		line = line[:end]
	}
	return bytes.TrimSuffix(line, []byte("\r"))
}

func opens(line []byte) bool {
	line = bytes.TrimRight(line, " \t")
	return len(line) > 0 && strings.IndexByte("{[(", line[len(line)-1]) >= 0
}

func indent(line []byte) int {
	return len(line) - len(bytes.TrimLeft(line, " \t"))
}
