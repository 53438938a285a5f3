package hcl

import (
	"bytes"

	hclv2 "github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// The parser reports little after its first error in a file. So the block with
// the error is blanked, and the rest is parsed again: every mistake of a file is
// found in one go, and nothing is said of what could not be read.
const (
	maxRepairs  = 20      // blocks of one file
	maxReparsed = 1 << 20 // bytes parsed again, so that a large file costs no more than a small one
)

// lost is a block that could not be read.
type lost struct {
	kind  string
	label string
	at    hclv2.Range
}

// parseNative parses a file of the native syntax.
func parseNative(f *file, found *findings) {
	text, reparsed := f.text, 0
	for range maxRepairs {
		parsed, diags := hclsyntax.ParseConfig(text, f.name, hclv2.InitialPos)
		f.body = parsed.Body
		first := f.complain(diags, found)
		if first == nil {
			return
		}
		f.broken = true
		if reparsed += len(text); reparsed > maxReparsed {
			break
		}
		tokens, _ := hclsyntax.LexConfig(text, f.name, hclv2.InitialPos)
		at := item(tokens, first.Start.Byte, text)
		f.lost = append(f.lost, header(tokens, at))
		text = blank(text, at)
	}
	f.body, f.lost = nil, append(f.lost, lost{}) // too much is wrong
}

// complain reports what the parser says, and gives the place of the first
// syntax error.
func (f *file) complain(diags hclv2.Diagnostics, found *findings) *hclv2.Range {
	var first *hclv2.Range
	lines := map[int]bool{}
	unclosed := false
	for _, d := range diags {
		at := subject(d)
		switch {
		case d.Severity != hclv2.DiagError:
			continue
		case first != nil && d.Summary == "Root value must be object":
			continue // it is no value at all
		case redefined(d):
			if first == nil {
				found.add(ruleDuplicate, at, "argument %q is written twice in one block", nameAt(f.text, at)).Help = "remove one of the two"
			}
			continue
		case lines[at.Start.Line] || len(lines) == maxSyntax:
			continue // what follows on a line is most often the same mistake
		case unclosed:
			continue // what was outside of quotes is now inside, to the end of the file
		}
		unclosed = d.Summary == "Invalid multi-line string"
		lines[at.Start.Line] = true
		syntaxError(found, f.text, d)
		if first == nil || at.Start.Byte < first.Start.Byte {
			first = &at
		}
	}
	return first
}

// item gives the bytes of the block or argument at the top of a file that a
// place is in: by the brackets if they are balanced, otherwise from one line
// that begins with a letter to the next.
func item(tokens hclsyntax.Tokens, at int, text []byte) span {
	start, depth := 0, 0
	for i := range tokens {
		t := &tokens[i]
		switch t.Type {
		case hclsyntax.TokenOBrace, hclsyntax.TokenOBrack, hclsyntax.TokenOParen:
			depth++
		case hclsyntax.TokenCBrace, hclsyntax.TokenCBrack, hclsyntax.TokenCParen:
			depth--
		case hclsyntax.TokenNewline, hclsyntax.TokenComment:
			if depth != 0 || !bytes.HasSuffix(t.Bytes, []byte("\n")) {
				continue
			}
			if end := t.Range.End.Byte; end > at {
				if balanced(tokens[i:]) {
					return span{start, end}
				}
				return lines(at, text)
			}
			start = t.Range.End.Byte
		default:
		}
	}
	return lines(at, text)
}

// balanced reports whether the brackets of tokens close one another.
func balanced(tokens hclsyntax.Tokens) bool {
	depth := 0
	for i := range tokens {
		switch tokens[i].Type {
		case hclsyntax.TokenOBrace, hclsyntax.TokenOBrack, hclsyntax.TokenOParen:
			depth++
		case hclsyntax.TokenCBrace, hclsyntax.TokenCBrack, hclsyntax.TokenCParen:
			if depth--; depth < 0 {
				return false
			}
		default:
		}
	}
	return depth == 0
}

// lines gives the bytes around a place from one line that begins with a letter
// to the next.
func lines(at int, text []byte) span {
	at = min(at, len(text))
	start := bytes.LastIndexByte(text[:at], '\n') + 1
	for start > 0 && !isLetter(text, start) {
		start = bytes.LastIndexByte(text[:start-1], '\n') + 1
	}
	end := at
	for {
		i := bytes.IndexByte(text[end:], '\n')
		if i < 0 {
			return span{start, len(text)}
		}
		if end += i + 1; isLetter(text, end) {
			return span{start, end}
		}
	}
}

func isLetter(text []byte, i int) bool {
	return i < len(text) && (text[i]|0x20 >= 'a' && text[i]|0x20 <= 'z' || text[i] == '_')
}

// header gives the kind and label of the block that a stretch begins with.
func header(tokens hclsyntax.Tokens, at span) lost {
	for i := range tokens {
		t := &tokens[i]
		if t.Range.Start.Byte < at.start || t.Type == hclsyntax.TokenComment || t.Type == hclsyntax.TokenNewline {
			continue
		}
		spec := grammar[string(t.Bytes)]
		if t.Range.Start.Byte >= at.end || t.Type != hclsyntax.TokenIdent || spec == nil {
			return lost{}
		}
		out := lost{kind: spec.name, at: t.Range}
		if i+2 < len(tokens) && tokens[i+1].Type == hclsyntax.TokenOQuote && tokens[i+2].Type == hclsyntax.TokenQuotedLit {
			out.label, out.at = string(tokens[i+2].Bytes), tokens[i+2].Range
		}
		return out
	}
	return lost{}
}

// blank overwrites a stretch of a text by spaces, but for line ends.
func blank(text []byte, at span) []byte {
	out := bytes.Clone(text)
	for i := at.start; i < at.end; i++ {
		if out[i] != '\n' && out[i] != '\r' {
			out[i] = ' '
		}
	}
	return out
}
