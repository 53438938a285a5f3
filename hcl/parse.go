package hcl

import (
	"bytes"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	hclv2 "github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	hcljson "github.com/hashicorp/hcl/v2/json"
)

// maxSyntax is how many syntax errors of one file are reported: garbage has one
// per character.
const maxSyntax = 20

// file is one parsed file.
type file struct {
	*source
	body   hclv2.Body // nil when nothing of the text could be parsed
	broken bool       // it has syntax errors
	lost   []lost     // the blocks that body lacks for them
}

// parseAll parses files, several at once.
func parseAll(list []*source, found *findings) []*file {
	files, each := make([]*file, len(list)), make([]findings, len(list))
	var wg sync.WaitGroup
	next := make(chan int)
	for range min(len(list), runtime.GOMAXPROCS(0)) {
		wg.Go(func() {
			for i := range next {
				files[i] = parse(list[i], &each[i])
			}
		})
	}
	for i := range list {
		next <- i
	}
	close(next)
	wg.Wait()
	for i := range each {
		found.join(&each[i])
	}
	return files
}

func parse(s *source, found *findings) *file {
	f := &file{source: s}
	if s.json {
		s.text = blankBOM(s.text)
	}
	if at, fault := unprintable(s.text); fault != "" {
		found.add(ruleSyntax, pointAt(s, at), "%s", fault).Help = encodingHelp(s.text)
		f.broken, f.lost = true, []lost{{}}
		return f
	}
	if at, ok := conflict(s.text); ok {
		conflictError(found, pointAt(s, at))
		f.broken, f.lost = true, []lost{{}}
		return f
	}
	if at, crowded := tooMany(s.text); crowded {
		found.add(ruleTooDeep, pointAt(s, at), "more than 100,000 brackets in one file").Help = "split the file: 20,000 partitions fit in one"
		f.broken, f.lost = true, []lost{{}}
		return f
	}
	if s.json {
		if at, fault := tooDeepJSON(s.text); fault != "" {
			return f.refuse(pointAt(s, at), fault, found)
		}
		parsed, diags := hcljson.Parse(s.text, s.name)
		if f.complain(diags, found) != nil {
			f.broken, f.lost = true, []lost{{}}
			return f
		}
		f.body = parsed.Body
		return f
	}
	if !shallow(s.text) {
		tokens, _ := hclsyntax.LexConfig(s.text, s.name, hclv2.InitialPos)
		if at, fault := tooDeep(tokens); fault != "" {
			return f.refuse(at, fault, found)
		}
	}
	parseNative(f, found)
	return f
}

func (f *file) refuse(at hclv2.Range, fault string, found *findings) *file {
	found.add(ruleTooDeep, at, "%s", fault)
	f.broken, f.lost = true, []lost{{}}
	return f
}

// redefined reports whether a parser complains of an argument written twice.
func redefined(d *hclv2.Diagnostic) bool {
	return d.Summary == "Attribute redefined" || d.Summary == "Duplicate argument" || d.Summary == "Duplicate attribute definition"
}

func subject(d *hclv2.Diagnostic) hclv2.Range {
	if d.Subject == nil {
		return hclv2.Range{}
	}
	return *d.Subject
}

// nameAt gives the name that stands at a place of a text, without quotes.
func nameAt(text []byte, at hclv2.Range) string {
	start, end := at.Start.Byte, at.End.Byte
	if start < 0 || end > len(text) || start > end {
		return ""
	}
	name := strings.Trim(string(text[start:end]), `"`)
	return cut(name)
}

// cut shortens what comes from a file before it is quoted in a message.
func cut(s string) string { return cutTo(64, s) }

func cutTo(limit int, s string) string {
	if len(s) <= limit {
		return s
	}
	end := limit
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + "..."
}

// unprintable gives the first byte that no text should have, and what is wrong
// with it: garbage need not reach a parser.
func unprintable(text []byte) (at int, fault string) {
	for i := 0; i < len(text); {
		switch c := text[i]; {
		case c < ' ' && c != '\n' && c != '\t' && c != '\r', c == 0x7f:
			return i, fmt.Sprintf("control character %#02x", c)
		case c < utf8.RuneSelf:
			i++
		default:
			r, size := utf8.DecodeRune(text[i:])
			if r == utf8.RuneError && size == 1 {
				return i, "the file is not UTF-8 here"
			}
			i += size
		}
	}
	return 0, ""
}

func lowerFirst(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	if second, _ := utf8.DecodeRuneInString(s[size:]); unicode.IsUpper(second) {
		return s // an abbreviation
	}
	return string(unicode.ToLower(r)) + s[size:]
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// blankBOM overwrites a byte order mark by spaces, which JSON allows.
func blankBOM(text []byte) []byte {
	if rest, ok := bytes.CutPrefix(text, []byte("\xef\xbb\xbf")); ok {
		return append([]byte("   "), rest...)
	}
	return text
}

// pointAt gives the place of one byte of a file.
func pointAt(s *source, at int) hclv2.Range {
	line := bytes.Count(s.text[:at], []byte("\n")) + 1
	column := utf8.RuneCount(s.text[bytes.LastIndexByte(s.text[:at], '\n')+1:at]) + 1
	start := hclv2.Pos{Line: line, Column: column, Byte: at}
	end := start
	end.Column++
	end.Byte++
	return hclv2.Range{Filename: s.name, Start: start, End: end}
}
