package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/mdbrouter/mdb/hcl"
)

// places says where findings are to programs that look at the repository: by
// paths from its root, and by columns of UTF-16 units.
type places struct {
	config string // path of the configuration
	root   string // directory of the repository, absolute; "" if unknown
	masked func(filename string) []byte
	texts  map[string][]byte
	last   map[string]spot
}

// spot is a place of a file whose column is known.
type spot struct{ line, at, column int }

// region is a stretch of a file. Lines and columns count from 1, the end is the
// place after the last character.
type region struct{ line, column, endLine, endColumn int }

func newPlaces(r *report) *places {
	return &places{config: r.path, root: repository(r.path), masked: r.masked, texts: map[string][]byte{}, last: map[string]spot{}}
}

// repository gives the directory that has the .git above a path, or else the
// working directory.
func repository(path string) string {
	path, err := filepath.Abs(path)
	if err != nil {
		return ""
	}
	for dir := path; ; dir = filepath.Dir(dir) {
		if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			break
		}
	}
	wd, err := os.Getwd()
	if err != nil {
		return ""
	}
	return wd
}

// path gives a path as the repository knows it: from its root, with slashes. What
// lies outside keeps the path it has.
func (p *places) path(name string) string {
	if name == "" {
		name = p.config
	}
	if abs, err := filepath.Abs(name); err == nil && p.root != "" {
		if inside, err := filepath.Rel(p.root, abs); err == nil && filepath.IsLocal(inside) {
			name = inside
		}
	}
	return filepath.ToSlash(name)
}

// file reports whether a range is in a file that is there. An earlier version is
// not.
func (p *places) file(r hcl.Range) bool {
	if r.Filename == "" {
		return false
	}
	_, err := os.Lstat(r.Filename)
	return err == nil
}

// region gives the region of a range; the first line for what is about a whole
// file.
func (p *places) region(r hcl.Range) region {
	if r.Start.Line < 1 {
		return region{1, 1, 1, 1}
	}
	out := region{line: r.Start.Line, column: p.column(r.Filename, r.Start), endLine: r.End.Line, endColumn: p.column(r.Filename, r.End)}
	if out.endLine < out.line || out.endLine == out.line && out.endColumn < out.column {
		out.endLine, out.endColumn = out.line, out.column
	}
	return out
}

func (p *places) column(name string, at hcl.Pos) int {
	text := p.text(name)
	if at.Byte < 0 || at.Byte > len(text) {
		return max(1, at.Column)
	}
	// Findings are in order, and a generated file may be one line of megabytes:
	// count on from the last place.
	from := p.last[name]
	if from.line != at.Line || from.at > at.Byte {
		from = spot{line: at.Line, at: bytes.LastIndexByte(text[:at.Byte], '\n') + 1, column: 1}
		if from.at == 0 && bytes.HasPrefix(text[:at.Byte], []byte("\ufeff")) {
			from.at = len("\ufeff")
		}
	}
	for from.at < at.Byte {
		r, size := utf8.DecodeRune(text[from.at:at.Byte])
		from.at += size
		from.column += utf16.RuneLen(r)
	}
	p.last[name] = from
	return from.column
}

// text gives the text of a file to count its columns: masks keep the number of
// bytes, but not of characters.
func (p *places) text(name string) []byte {
	text, ok := p.texts[name]
	if !ok {
		if p.masked != nil {
			text = p.masked(name)
		}
		if raw, err := os.ReadFile(name); err == nil && len(raw) == len(text) {
			text = raw
		}
		p.texts[name] = text
	}
	return text
}

// remark gives what a finding says beside its summary.
func remark(d *hcl.Diagnostic) []string {
	var lines []string
	if detail := strings.TrimSpace(d.Detail); detail != "" {
		lines = append(lines, sanitise(detail))
	}
	if help := strings.TrimSpace(d.Help); help != "" {
		lines = append(lines, "help: "+sanitise(help))
	}
	return lines
}
