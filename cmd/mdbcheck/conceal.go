package main

import (
	"bytes"

	"github.com/mdbrouter/mdb/hcl"
)

// conceal hides, in a text that is shown as a whole, the values that nothing is
// known about: of arguments and blocks that the grammar does not have, as a
// misspelt password. It changes the text and keeps its length.
func conceal(text []byte, name string, found hcl.Diagnostics) {
	for i := range found {
		d := &found[i]
		if d.Rule == ruleUnknownName && d.Range.Filename == name && d.Range.End.Byte >= 0 && d.Range.End.Byte < len(text) {
			concealValue(text[d.Range.End.Byte:])
		}
	}
}

// concealValue hides all but punctuation up to the end of an argument or block,
// whose name ends where the text begins. It rather hides too much.
func concealValue(text []byte) {
	depth, quoted := 0, false
	for at := 0; at < len(text); at++ {
		switch c := text[at]; {
		case c == '"':
			quoted = !quoted
		case c == '\n':
			if quoted = false; depth == 0 {
				return
			}
		case quoted && c == '\\' && at+1 < len(text) && text[at+1] != '\n':
			text[at], text[at+1] = '*', '*'
			at++
		case !quoted && c == ',' && depth == 0: // the next member of a JSON object
			return
		case !quoted && (c == '{' || c == '[' || c == '('):
			depth++
		case !quoted && (c == '}' || c == ']' || c == ')'):
			depth = max(0, depth-1)
		case !quoted && bytes.HasPrefix(text[at:], []byte("<<")):
			at += concealHeredoc(text[at:]) - 1
		case !quoted && c == '#':
			end := at + lineLength(text[at:])
			hideLines(text[at:end])
			at = end - 1
		case quoted || c > ' ' && c != '=' && c != ':' && c != ',':
			hideLines(text[at : at+1])
		}
	}
}

// assigned reports whether the text goes on from a name to its value.
func assigned(text []byte) bool {
	text = bytes.TrimLeft(text, " \t\"")
	return len(text) > 0 && (text[0] == '=' || text[0] == ':')
}

// concealHeredoc hides the lines of a heredoc that begins the text, and gives the
// number of bytes before the end of its last line.
func concealHeredoc(text []byte) int {
	first := lineLength(text)
	mark := bytes.TrimLeft(bytes.TrimSpace(text[:first]), "<-")
	for at := first; at < len(text); {
		start := at + 1
		at = start + lineLength(text[start:])
		if bytes.Equal(bytes.TrimSpace(text[start:at]), mark) {
			return at
		}
		hideLines(text[start:at])
	}
	return len(text)
}

// lineLength is the number of bytes before the end of the first line.
func lineLength(text []byte) int {
	if i := bytes.IndexByte(text, '\n'); i >= 0 {
		return i
	}
	return len(text)
}

// hideLines hides text and keeps its lines.
func hideLines(text []byte) {
	for i, c := range text {
		if c != '\n' && c != '\r' {
			text[i] = '*'
		}
	}
}
