package hcl

import (
	"bytes"
	"fmt"
	"slices"

	hclv2 "github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
)

// maxFormat is how often a text is formatted at most until it stays as it is.
const maxFormat = 8

// Format gives the canonical form of a file of the native syntax: indentation and
// alignment, one line end at the end of the file, no byte order mark. Partitions
// of an area or breakpoint stand in the order of their ids; each takes along the
// comments directly above it. Where a start is no plain text, or a comment stands
// by itself between two of them, the order is left alone. So is that of
// breakpoints: there another order is a mistake, likely in one of their keys.
//
// Nothing else changes: the result has the same blocks, arguments, values and
// comments, and routes every id as before. Formatting it again gives the same. It
// fails with a [*DiagnosticsError] for a text with syntax errors.
func Format(filename string, text []byte) ([]byte, error) {
	s := &source{name: filename, text: text}
	found := &findings{}
	parse(s, found)
	if list := found.all(); list.HasErrors() {
		return nil, &DiagnosticsError{Path: filename, Diagnostics: list}
	}
	out := bytes.TrimPrefix(text, []byte("\ufeff"))
	for range maxFormat {
		before := out
		var err error
		if out, err = layOut(filename, out); err != nil {
			return nil, err
		}
		if out, err = order(filename, out); err != nil {
			return nil, err
		}
		if bytes.Equal(before, out) {
			return out, nil
		}
	}
	return nil, fmt.Errorf("format %s: no stable form after %d rounds", filename, maxFormat)
}

// layOut changes the space between tokens, and nothing else.
func layOut(filename string, text []byte) ([]byte, error) {
	out := spaced(text)
	if !sameTokens(filename, text, out) {
		return nil, fmt.Errorf("format %s: the text would mean something else", filename)
	}
	return out, nil
}

// spaced gives a text with canonical space. One that has it stays as it is.
func spaced(text []byte) []byte {
	out := hclwrite.Format(text)
	end := "\n"
	if bytes.Contains(text, []byte("\r\n")) {
		end = "\r\n"
	}
	if out = bytes.TrimRight(out, " \t\r\n"); len(out) > 0 {
		out = append(out, end...)
	}
	return out
}

// sameTokens reports whether two texts differ in the space between tokens and the
// line ends at the end only.
func sameTokens(filename string, a, b []byte) bool {
	return slices.EqualFunc(tokensOf(filename, a), tokensOf(filename, b), func(x, y hclsyntax.Token) bool {
		return x.Type == y.Type && bytes.Equal(x.Bytes, y.Bytes)
	})
}

func tokensOf(filename string, text []byte) hclsyntax.Tokens {
	tokens, _ := hclsyntax.LexConfig(text, filename, hclv2.InitialPos)
	for len(tokens) > 0 {
		last := &tokens[len(tokens)-1]
		if last.Type == hclsyntax.TokenComment {
			last.Bytes = bytes.TrimRight(last.Bytes, " \t\r\n")
		}
		if last.Type != hclsyntax.TokenEOF && last.Type != hclsyntax.TokenNewline {
			break
		}
		tokens = tokens[:len(tokens)-1]
	}
	return tokens
}
