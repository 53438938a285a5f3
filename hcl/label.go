package hcl

import (
	"strconv"
	"strings"
	"unicode"
)

// quote puts what a file wrote into quotes, cut, with control characters and
// invalid UTF-8 escaped.
func quote(s string) string { return strconv.Quote(cut(s)) }

// maxText bounds the texts of a finding.
const maxText = 1000

// printable gives a text on one line, without control characters.
func printable(s string) string {
	if len(s) > maxText {
		s = strings.ToValidUTF8(s[:maxText], "") + "..."
	}
	if strings.IndexFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) < 0 {
		return s
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '?'
	}, s)
}

const labelForm = "^[a-z][a-z0-9_]{0,30}$"

// isLabel reports whether a name has the form of a label.
func isLabel(s string) bool {
	if s == "" || len(s) > 31 || s[0] < 'a' || s[0] > 'z' {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' {
			return false
		}
	}
	return true
}

// asLabel gives the label that a name may have been meant to be, or "".
func asLabel(s string) string {
	label := strings.Map(func(r rune) rune {
		switch {
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '_':
			return r
		case r == '-', r == '.', r == ' ':
			return '_'
		}
		return -1
	}, s)
	if !isLabel(label) {
		return ""
	}
	return label
}
