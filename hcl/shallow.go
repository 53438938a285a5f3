package hcl

// scanner goes through a text of the native syntax byte by byte.
type scanner struct {
	text      []byte
	i         int
	stack     []byte // closers that are awaited: } ] ) for brackets and ${ }, " for strings
	operators int    // since the last line or block began
	word      int    // bytes of the current word
}

// shallow reports whether a text of the native syntax surely nests no deeper than
// allowed. It takes a fraction of the lexer's time and gives up on whatever is
// not plain; then the lexer decides.
func shallow(text []byte) bool {
	s := scanner{text: text, stack: make([]byte, 0, maxDepth+1)}
	for s.i < len(text) {
		ok := false
		if n := len(s.stack); n > 0 && s.stack[n-1] == '"' {
			ok = s.quoted()
		} else {
			ok = s.plain()
		}
		if !ok || len(s.stack) > maxDepth || s.operators > maxOperators/2 {
			return false
		}
	}
	return true
}

func (s *scanner) next() byte {
	if s.i+1 < len(s.text) {
		return s.text[s.i+1]
	}
	return 0
}

// plain takes one byte outside of strings.
func (s *scanner) plain() bool {
	s.word++
	switch c := s.text[s.i]; c {
	case '\n':
		if n := len(s.stack); n == 0 || s.stack[n-1] == '}' {
			s.operators = 0
		}
	case '#':
		return s.comment()
	case '/':
		switch s.next() {
		case '/':
			return s.comment()
		case '*':
			return false
		}
		s.operators++
	case '<':
		if s.next() == '<' { // a heredoc
			return false
		}
		s.operators++
	case '{':
		s.stack = append(s.stack, '}')
	case '[':
		s.stack = append(s.stack, ']')
		s.operators++
	case '(':
		s.stack = append(s.stack, ')')
		s.operators++
	case '"':
		s.stack = append(s.stack, '"')
	case '}', ']', ')':
		n := len(s.stack)
		if n == 0 || s.stack[n-1] != c {
			return false
		}
		s.stack = s.stack[:n-1]
	case ' ', '\t', '\r', ',', '_':
	default:
		switch {
		case c >= 0x80 || c < ' ' || c == '\\':
			return false
		case (c|0x20 < 'a' || c|0x20 > 'z') && (c < '0' || c > '9'):
			s.operators++
		default:
			s.i++
			return s.word < maxDigits // it may be a number
		}
	}
	s.word = 0
	s.i++
	return true
}

// comment goes to the end of the line.
func (s *scanner) comment() bool {
	for s.i < len(s.text) && s.text[s.i] != '\n' {
		if s.text[s.i] >= 0x80 {
			return false
		}
		s.i++
	}
	return true
}

// quoted takes one byte inside a string.
func (s *scanner) quoted() bool {
	switch c := s.text[s.i]; c {
	case '"':
		s.stack = s.stack[:len(s.stack)-1]
	case '\\':
		s.i++
	case '\n', '\r', '%':
		return false
	case '$':
		switch s.next() {
		case '{':
			s.stack = append(s.stack, '}')
			s.operators++
			s.i++
		case '$':
			return false
		}
	default:
		if c >= 0x80 || c < ' ' {
			return false
		}
	}
	s.i++
	return true
}
