package hcl

import (
	"bytes"
	"slices"
	"strings"
)

// suspicion looks for what seems to be a secret in a text, parsed or not: the
// user and password of a DSN, and what is assigned to names like password and
// their misspellings. It goes through the text once, whatever stands in it.
type suspicion struct {
	text    []byte
	all     bool // every value is one
	names   map[string]bool
	ends    []int // where an argument of several lines may end; found when they are first asked for
	scanned int   // strings of several lines are hidden up to here
	covered int   // heredocs are hidden up to here
	line    line
	spans   []span
}

// line is the line at hand.
type line struct {
	end     int // of the line
	heredoc int // where the last << in it stands, or -1
	values  int // how many values in it have been looked at
}

// maxValues is how many values of one line are looked at, each up to the line's
// end, before the rest of the line is hidden.
const maxValues = 64

// suspicious gives the stretches of a text that had better not be shown. all
// hides every value.
func suspicious(text []byte, all bool) []span {
	s := &suspicion{text: text, all: all, names: map[string]bool{}}
	s.logins()
	s.assignments()
	return s.spans
}

// logins finds the part of DSNs and URLs before the address: user:password, with
// the network of a DSN.
func (s *suspicion) logins() {
	word, part := 0, 0 // where the text without certain characters before this byte begins
	for i, c := range s.text {
		switch c {
		case '@':
			s.login(word, part, i)
			part = i + 1
		case ' ', '\t', '\n', '\v', '\f', '\r', '"', '\'':
			word, part = i+1, i+1
		case '=', ',', '(':
			word = i + 1
		case '/':
			part = i + 1
		}
	}
}

// login judges the text before an @: from word on it has no =, comma and
// parenthesis, from part on no slash and other @.
func (s *suspicion) login(word, part, at int) {
	network := at + 1
	for network < len(s.text) && (s.text[network] >= 'a' && s.text[network] <= 'z' || s.text[network] >= '0' && s.text[network] <= '9') {
		network++
	}
	if network < len(s.text) && s.text[network] == '(' {
		s.hide(word, network)
	}
	if scheme := []byte("://"); part < at && bytes.HasSuffix(s.text[:part], scheme) {
		s.hide(part-len(scheme), at)
	}
	if brace := bytes.LastIndexAny(s.text[part:at], "{}"); brace >= 0 {
		part += brace + 1
	}
	behind := part > 0 && s.text[part-1] == '@' // the user may have one in its name
	for !behind && part < at && s.text[part] == ':' {
		part++
	}
	if colon := bytes.IndexByte(s.text[part:at], ':'); (colon > 0 || behind && colon == 0) && colon < at-part-1 {
		if word > part && word < part+colon {
			part = word
		}
		s.hide(part, at)
	}
}

// assignments finds the strings that are assigned to names that smell of
// secrets.
func (s *suspicion) assignments() {
	for i, c := range s.text {
		if c != '=' && c != ':' {
			continue
		}
		if name := nameBefore(s.text[:i]); name != nil && (s.all || s.smells(name)) {
			s.value(i + 1)
		}
	}
}

// nameBefore gives the name, in quotes or not, that a text ends with, or nil.
func nameBefore(text []byte) []byte {
	text = bytes.TrimSuffix(bytes.TrimRight(text, " \t"), []byte(`"`))
	start := len(text)
	for start > 0 && isWord(text[start-1]) {
		start--
	}
	for start < len(text) && (text[start] == '-' || text[start] >= '0' && text[start] <= '9') {
		start++
	}
	if start == len(text) {
		return nil
	}
	return text[start:]
}

func isWord(c byte) bool {
	return c == '_' || c == '-' || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z'
}

// smells reports whether the value of a name had better not be shown, whatever
// the grammar thinks of it.
func (s *suspicion) smells(name []byte) bool {
	is, judged := s.names[string(name)]
	if !judged {
		lower := strings.ToLower(string(name))
		is = lower == "pw" || nearSecret(lower) || slices.ContainsFunc([]string{"pass", "pwd", "secret", "token", "dsn", "credential"}, func(part string) bool {
			return strings.Contains(lower, part)
		})
		if len(s.names) < maxSmelt {
			s.names[string(name)] = is
		}
	}
	return is
}

// maxSmelt is how many names are remembered.
const maxSmelt = 1000

// nearSecret reports whether a name in lower case is a misspelling of password
// or dsn.
func nearSecret(name string) bool {
	return slices.Contains([]string{"dns", "dsm", "sdn", "ds"}, name) || len(name) > 4 && len(name) < 16 && distance(name, "password") <= 3
}

// value hides the strings of the value that begins at a byte, up to the end of
// its line or of the lines that go on with it.
func (s *suspicion) value(start int) {
	s.enter(start)
	rest := bytes.TrimSpace(s.text[start:s.line.end])
	end := s.line.end
	switch several := bytes.HasSuffix(rest, []byte("[")) || bytes.HasSuffix(rest, []byte("(")); {
	case s.line.heredoc >= start:
		end = s.end(s.line.end)
		s.hide(max(s.line.end, s.covered), end)
		s.covered = max(s.covered, end)
		return
	case several && s.end(s.line.end) > s.scanned:
		end = s.end(s.line.end)
		s.scanned = end
	case s.line.values == maxValues:
		s.hide(start, end)
		return
	case s.line.values > maxValues:
		return
	}
	s.strings(start, end)
}

// enter takes note of the line that a byte is in.
func (s *suspicion) enter(at int) {
	if at <= s.line.end && s.line.values > 0 {
		s.line.values++
		return
	}
	s.line = line{end: len(s.text), values: 1}
	if i := bytes.IndexByte(s.text[at:], '\n'); i >= 0 {
		s.line.end = at + i
	}
	s.line.heredoc = bytes.LastIndex(s.text[at:s.line.end], []byte("<<"))
	if s.line.heredoc >= 0 {
		s.line.heredoc += at
	}
}

func (s *suspicion) hide(start, end int) {
	if start < end {
		s.spans = append(s.spans, span{start, end})
	}
}

// end gives where the value of several lines that goes on at a byte ends: at a
// line that begins the next argument or block, or ends this one.
func (s *suspicion) end(at int) int {
	if s.ends == nil {
		s.ends = []int{}
		for i, c := range s.text {
			if c == '\n' && endsValue(s.text[i+1:]) {
				s.ends = append(s.ends, i)
			}
		}
	}
	if i, _ := slices.BinarySearch(s.ends, at); i < len(s.ends) {
		return s.ends[i]
	}
	return len(s.text)
}

// endsValue reports whether a line is the begin of an argument or block, or the
// end of one.
func endsValue(line []byte) bool {
	i := 0
	skip := func(is func(c byte) bool) bool {
		start := i
		for i < len(line) && is(line[i]) {
			i++
		}
		return i > start
	}
	blank := func(c byte) bool { return c == ' ' || c == '\t' }
	quote := func(c byte) bool { return c == '"' }
	skip(blank)
	if i < len(line) && line[i] == '}' {
		return true
	}
	skip(quote)
	if i < len(line) && (line[i] == '-' || line[i] >= '0' && line[i] <= '9') || !skip(isWord) {
		return false
	}
	skip(quote)
	skip(blank)
	return i < len(line) && (line[i] == '=' || line[i] == ':' || line[i] == '{')
}

// strings hides the strings of a stretch, but for the names that env and file
// read.
func (s *suspicion) strings(start, end int) {
	for i := start; i < end; i++ {
		if s.text[i] != '"' {
			continue
		}
		from := i
		for i++; i < end && s.text[i] != '"' && s.text[i] != '\n'; i++ {
			if s.text[i] == '\\' && i+1 < end && s.text[i+1] != '\n' {
				i++
			}
		}
		if before := s.text[start:from]; bytes.HasSuffix(before, []byte("env(")) || bytes.HasSuffix(before, []byte("file(")) {
			continue
		}
		to := min(i, end)
		if to < end && s.text[to] == '"' {
			to++
		}
		s.hide(from, to)
	}
}
