package main

import (
	"bytes"
	"strings"
)

// veil hides what may be a secret on a line of source. Package hcl has masked
// what it knows to be one. But a line with a mistake in it may be beyond
// understanding, or its secret may follow a misspelt name, so here the looks
// decide: a string is hidden if the name before it smells of a secret, if it has
// the form of a DSN with a password, or if it is the value of the unknown
// argument whose name ends at byte unknown (-1: there is none). The first
// argument of env and file is a name and shown.
//
// The result has the length of the line and shares no memory with it.
func veil(line []byte, unknown int) []byte {
	out := bytes.Clone(line)
	name := ""     // the last name or string before the value at hand
	value := false // an = or : stands between name and here
	hidden := false
	var open []byte // brackets
	for at := 0; at < len(line); {
		switch c := line[at]; {
		case c == '"':
			end := stringEnd(line, at+1)
			text := line[at+1 : end]
			if value && (hidden || smells(name)) && !isSource(line[:at]) || isDSN(text) {
				hide(out[at+1 : end])
			} else if !value {
				name = string(text)
			}
			at = end + 1
		case isNameByte(c):
			start := at
			for at < len(line) && isNameByte(line[at]) {
				at++
			}
			if bytes.HasPrefix(bytes.TrimLeft(line[at:], " \t"), []byte("=")) {
				name, value = string(line[start:at]), false
			} else if !value {
				name = string(line[start:at])
			}
		default:
			switch c {
			case '=', ':':
				value = true
				hidden = unknown >= 0 && at >= unknown && len(bytes.Trim(line[unknown:at], " \t\"")) == 0
			case '(', '[':
				open = append(open, c)
			case '{':
				open, value = append(open, c), false
			case ')', ']', '}':
				open = open[:max(0, len(open)-1)]
				value = value && c != '}'
			case ',':
				if n := len(open); n == 0 || open[n-1] == '{' { // or else the value goes on
					value = false
				}
			case ';':
				value = false
			}
			at++
		}
	}
	return out
}

// mayHoldSecrets reports whether an unknown argument of a declaration may be a
// password under another name: one of the rest cannot.
func mayHoldSecrets(address string) bool {
	kind, _, _ := strings.Cut(address, ".")
	switch kind {
	case "mdb", "authority", "sequence", "central", "area", "briefcase", "profile":
		return false
	}
	return true
}

// isSource reports whether a string after this text says where a secret is to be
// had: the name of a variable of the environment, or of a file.
func isSource(before []byte) bool {
	for _, call := range []string{"env(", "file("} {
		if rest, ok := bytes.CutSuffix(before, []byte(call)); ok && (len(rest) == 0 || !isNameByte(rest[len(rest)-1])) {
			return true
		}
	}
	return false
}

// smells reports names that are likely those of a secret, misspelt ones too.
func smells(name string) bool {
	name = strings.ToLower(name)
	for _, part := range []string{"pas", "pw", "secret", "token", "dsn", "dns"} {
		if strings.Contains(name, part) {
			return true
		}
	}
	return false
}

// isDSN reports text like user:password@tcp(host)/.
func isDSN(text []byte) bool {
	at := bytes.LastIndexByte(text, '@')
	return at > 0 && bytes.IndexByte(text[:at], ':') >= 0
}

// stringEnd gives the byte of the quote that ends a string, or the line's end.
func stringEnd(line []byte, start int) int {
	for i := start; i < len(line); i++ {
		switch line[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return len(line)
}

func hide(text []byte) {
	for i := range text {
		text[i] = '*'
	}
}

func isNameByte(c byte) bool {
	return c == '_' || c == '-' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c >= 0x80
}
