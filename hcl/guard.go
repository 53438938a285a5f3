package hcl

import (
	"bytes"
	"encoding/json"

	hclv2 "github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// The parsers and evaluators below recurse, and a stack that overflows kills the
// process: no recover catches it. So every text is scanned for depth before it
// is parsed; the lexer does not recurse.
const (
	maxDepth     = 128     // brackets, blocks, templates and directives open at once
	maxOperators = 1000    // operators of one expression at one depth
	maxDigits    = 400     // of a number, which are read in more than linear time
	maxParts     = 5000    // lines, interpolations and the like of one string: the parser joins them one by one
	maxBrackets  = 100_000 // of a file, wherever they stand: parsers take up to ten microseconds for a pair
)

// frame is one open bracket.
type frame struct {
	closes     hclsyntax.TokenType
	operators  int
	parts      int // of a string
	directives int // %{if} and %{for} that are open
}

// nesting follows the depth of a text along its tokens.
type nesting struct {
	frames     []frame // the first is the text itself
	directives int     // of all frames
}

func newNesting() *nesting { return &nesting{frames: make([]frame, 1, 16)} }

func closer(open hclsyntax.TokenType) hclsyntax.TokenType {
	switch open {
	case hclsyntax.TokenOBrace:
		return hclsyntax.TokenCBrace
	case hclsyntax.TokenOBrack:
		return hclsyntax.TokenCBrack
	case hclsyntax.TokenOParen:
		return hclsyntax.TokenCParen
	case hclsyntax.TokenOQuote:
		return hclsyntax.TokenCQuote
	case hclsyntax.TokenOHeredoc:
		return hclsyntax.TokenCHeredoc
	default:
		return hclsyntax.TokenTemplateSeqEnd
	}
}

// add takes the next token, whose successor is next. It gives what there is too
// much of, or "".
func (n *nesting) add(tok, next *hclsyntax.Token) string {
	top := &n.frames[len(n.frames)-1]
	switch tok.Type {
	case hclsyntax.TokenIdent, hclsyntax.TokenEqual:
		return ""
	case hclsyntax.TokenNumberLit:
		if len(tok.Bytes) > maxDigits {
			return "a number of more than 400 digits"
		}
		return ""
	case hclsyntax.TokenQuotedLit, hclsyntax.TokenStringLit:
		top.parts++
	case hclsyntax.TokenOBrack, hclsyntax.TokenOParen:
		top.operators++ // an index or call goes on with the expression before it
		return n.open(tok)
	case hclsyntax.TokenOBrace, hclsyntax.TokenOQuote, hclsyntax.TokenOHeredoc:
		return n.open(tok)
	case hclsyntax.TokenTemplateInterp:
		top.parts++
		return n.open(tok)
	case hclsyntax.TokenTemplateControl:
		top.parts++
		n.directive(top, next)
		return n.open(tok)
	case hclsyntax.TokenCBrace, hclsyntax.TokenCBrack, hclsyntax.TokenCParen, hclsyntax.TokenCQuote,
		hclsyntax.TokenCHeredoc, hclsyntax.TokenTemplateSeqEnd:
		// One that does not fit closes nothing, so that depth is never too low.
		if len(n.frames) > 1 && top.closes == tok.Type {
			n.directives -= top.directives
			n.frames = n.frames[:len(n.frames)-1]
		}
	case hclsyntax.TokenComma:
		top.operators = 0
	case hclsyntax.TokenNewline:
		if len(n.frames) == 1 || top.closes == hclsyntax.TokenCBrace {
			top.operators = 0
		}
	case hclsyntax.TokenComment:
		if bytes.HasSuffix(tok.Bytes, []byte("\n")) && (len(n.frames) == 1 || top.closes == hclsyntax.TokenCBrace) {
			top.operators = 0
		}
	default:
		top.operators++
	}
	switch {
	case top.operators > maxOperators:
		return "an expression of more than 1000 operators"
	case top.parts > maxParts:
		return "a string of more than 5000 parts"
	}
	return ""
}

func (n *nesting) open(tok *hclsyntax.Token) string {
	n.frames = append(n.frames, frame{closes: closer(tok.Type)})
	if len(n.frames)-1+n.directives > maxDepth {
		return "nesting of more than 128 levels"
	}
	return ""
}

func (n *nesting) directive(top *frame, next *hclsyntax.Token) {
	switch string(next.Bytes) {
	case "if", "for":
		top.directives++
		n.directives++
	case "endif", "endfor":
		if top.directives > 0 {
			top.directives--
			n.directives--
		}
	}
}

// tooMany gives the byte at which a file has too many brackets. A partition takes two
// pairs of them.
func tooMany(text []byte) (at int, crowded bool) {
	brackets := 0
	for i, c := range text {
		if c != '{' && c != '[' && c != '(' {
			continue
		}
		if brackets++; brackets > maxBrackets {
			return i, true
		}
	}
	return 0, false
}

// tooDeep gives the place at which tokens nest too deep, and what is wrong.
func tooDeep(tokens hclsyntax.Tokens) (hclv2.Range, string) {
	n := newNesting()
	none := hclsyntax.Token{}
	for i := range tokens {
		next := &none
		if i+1 < len(tokens) {
			next = &tokens[i+1]
		}
		if fault := n.add(&tokens[i], next); fault != "" {
			return tokens[i].Range, fault
		}
	}
	return hclv2.Range{}, ""
}

// simple reports whether a text has so few brackets and operators that it cannot
// nest too deep, whatever it means.
func simple(text string) bool {
	open, operators := 0, 0
	for i := range len(text) {
		switch text[i] {
		case '(', '[', '{', '"', '<':
			open++
		case '!', '-', '?', '+', '*', '/', '%', '=', '>', '&', '|', '.', ':':
			operators++
		}
	}
	return open <= maxDepth && open+operators <= maxOperators
}

// tooDeepText is tooDeep for a text that is going to be parsed as an expression
// or as a template.
func tooDeepText(text string) string {
	if simple(text) {
		return ""
	}
	for _, lex := range []func([]byte, string, hclv2.Pos) (hclsyntax.Tokens, hclv2.Diagnostics){hclsyntax.LexTemplate, hclsyntax.LexExpression} {
		tokens, _ := lex([]byte(text), "", hclv2.InitialPos)
		if _, fault := tooDeep(tokens); fault != "" {
			return fault
		}
	}
	return ""
}

// tooDeepJSON gives the byte at which a JSON text nests too deep, in itself or
// in one of its strings, and what is wrong.
func tooDeepJSON(text []byte) (at int, fault string) {
	depth, digits := 0, 0
	for i := 0; i < len(text); i++ {
		if digits++; text[i] < '0' || text[i] > '9' {
			digits = 0
		}
		if digits > maxDigits {
			return i, "a number of more than 400 digits"
		}
		switch text[i] {
		case '[', '{':
			if depth++; depth > maxDepth {
				return i, "nesting of more than 128 levels"
			}
		case ']', '}':
			depth = max(0, depth-1)
		case '"':
			end := endOfString(text, i)
			if fault := tooDeepText(jsonString(text[i:end])); fault != "" {
				return i, fault
			}
			i = end - 1
		}
	}
	return 0, ""
}

// endOfString gives the index after a JSON string that begins at i, or the end
// of the text.
func endOfString(text []byte, i int) int {
	for i++; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(text)
}

// jsonString gives the value of a JSON string; one that is malformed stands for
// itself.
func jsonString(quoted []byte) string {
	var value string
	if bytes.IndexByte(quoted, '\\') < 0 || json.Unmarshal(quoted, &value) != nil {
		return string(bytes.Trim(quoted, `"`))
	}
	return value
}
