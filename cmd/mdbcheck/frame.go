package main

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/mdbrouter/mdb/cmd/internal/command"
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

// longLine is how many bytes of a line are looked at, before and after the marked
// place, where a generated file is one line of megabytes.
const longLine = 2048

// excerpt gives the line that a byte is in, without its end, and where it begins;
// of a long line the part around the byte. It cuts no character.
func excerpt(source []byte, at int) (part []byte, start int, cut bool) {
	start, end := max(0, at-longLine), min(len(source), at+longLine)
	if i := bytes.LastIndexByte(source[start:at], '\n'); i >= 0 {
		start += i + 1
	} else {
		for start > 0 && start < at && !utf8.RuneStart(source[start]) {
			start++
		}
	}
	if i := bytes.IndexByte(source[at:end], '\n'); i >= 0 {
		end = at + i
	}
	for end < len(source) && !utf8.RuneStart(source[end]) {
		end++
	}
	cut = start > 0 && source[start-1] != '\n' || end < len(source) && source[end] != '\n'
	return bytes.TrimSuffix(source[start:end], []byte("\r")), start, cut
}

// newFrame cuts the frame of a finding out of its file. It gives nil when there is
// nothing to show: an unread file, or a finding about the whole of it.
func newFrame(source []byte, d hcl.Diagnostic) *frame {
	at := d.Range
	if at.Start.Line < 1 || at.Start.Byte > len(source) || source == nil {
		return nil
	}
	text, start, cut := excerpt(source, at.Start.Byte)
	unknown := -1
	if d.Rule == ruleUnknownName && mayHoldSecrets(d.Address) {
		unknown = min(max(at.End.Byte-start, 0), len(text))
	}
	veiled := veil(text, unknown)
	if cut { // of what the strings around are the values is not seen
		hide(veiled[:min(len(veiled), at.Start.Byte-start)])
		hide(veiled[min(len(veiled), max(0, at.End.Byte-start)):])
	}
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
	if start > 0 && source[start-1] == '\n' {
		before, _, cut := excerpt(source, start-1)
		if !cut && opens(before) && indent(before) < indent(text) {
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

func (f *frame) write(w io.Writer, p command.Paint, severity hcl.Severity, beside string) {
	bar := strings.Repeat(" ", f.gutter()) + " " + p.Gutter("|")
	fmt.Fprintln(w, bar)
	if f.header != nil {
		text, _, _ := window(f.header, 0, 0)
		fmt.Fprintln(w, strings.TrimRight(p.Gutter(fmt.Sprintf("%*d |", f.gutter(), f.number-1))+" "+text, " "))
	}
	text, before, marked := window(f.line, f.first, f.last)
	fmt.Fprintln(w, strings.TrimRight(p.Gutter(fmt.Sprintf("%*d |", f.gutter(), f.number))+" "+text, " "))
	carets := strings.Repeat("^", max(1, marked))
	if beside != "" {
		carets += " " + beside
	}
	fmt.Fprintln(w, bar+" "+strings.Repeat(" ", before)+p.Severity(severity, carets))
}

// window gives what is shown of a line, the columns before the marked cells and
// the columns they take.
func window(line []cell, first, last int) (text string, before, marked int) {
	from, skipped := 0, 0
	if columns(line) > maxColumns {
		for width := columns(line[:first]); from < first && width > columnsBefore; from++ {
			width -= line[from].width
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

func opens(line []byte) bool {
	line = bytes.TrimRight(line, " \t")
	return len(line) > 0 && strings.IndexByte("{[(", line[len(line)-1]) >= 0
}

func indent(line []byte) int {
	return len(line) - len(bytes.TrimLeft(line, " \t"))
}
