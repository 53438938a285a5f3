package provision

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// A Statement is one statement of an area's schema.
type Statement struct {
	Text string // without the semicolon and leading comments
	File string
	Line int // of its first word, from 1
	kind statementKind
}

// Split gives the statements of a file. It knows quotes and comments, so a
// semicolon within them ends nothing. It refuses, with a [SchemaError], what
// cannot be run statement by statement on a fresh database: DELIMITER and bodies
// with BEGIN, statements that choose, create or drop whole databases, users or
// transactions, and executable comments before a statement.
func Split(f File) ([]Statement, error) {
	if i := invalidUTF8(f.SQL); i >= 0 {
		return nil, &SchemaError{File: f.Name, Line: 1 + strings.Count(f.SQL[:i], "\n"), Err: errors.New("the file is not valid UTF-8")}
	}
	s := scanner{src: strings.TrimPrefix(f.SQL, "\ufeff"), line: 1}
	var statements []Statement
	for {
		text, words, line, err := s.next()
		if err == nil && text == "" {
			return statements, nil
		}
		st := Statement{Text: text, File: f.Name, Line: line}
		if err == nil {
			st.kind, err = kindOf(words)
		}
		if err != nil {
			return nil, &SchemaError{File: f.Name, Line: line, Err: err}
		}
		statements = append(statements, st)
	}
}

func invalidUTF8(s string) int {
	if utf8.ValidString(s) && !strings.Contains(s, "\x00") {
		return -1
	}
	for i, r := range s {
		if r == 0 {
			return i
		}
		if r == utf8.RuneError {
			if _, size := utf8.DecodeRuneInString(s[i:]); size == 1 {
				return i
			}
		}
	}
	return -1
}

// scanner walks over the text of a file.
type scanner struct {
	src  string
	pos  int
	line int
}

// next gives the next statement, its words in upper case without what is quoted,
// and the line it begins on; no text at the end of the file.
func (s *scanner) next() (text string, words []string, line int, err error) {
	start := -1
	line = s.line
	for s.pos < len(s.src) {
		at, atLine := s.pos, s.line
		token, err := s.token()
		if err != nil {
			return "", nil, atLine, err
		}
		switch {
		case token == ";":
			if start >= 0 {
				return strings.TrimSpace(s.src[start:at]), words, line, nil
			}
			continue
		case token == "": // space or a comment
			continue
		case start < 0:
			start, line = at, atLine
		}
		if isWord(token[0]) {
			words = append(words, strings.ToUpper(token))
			if len(words) == 1 && words[0] == "DELIMITER" {
				return "", nil, atLine, errors.New("DELIMITER is an instruction to a client, not SQL; create procedures and triggers after provisioning, for example with mdbctl each")
			}
		} else {
			words = append(words, token[:1])
		}
	}
	if start < 0 {
		return "", nil, s.line, nil
	}
	return strings.TrimSpace(s.src[start:]), words, line, nil
}

// token takes one word, quoted text or sign. It gives "" for space and comments,
// except executable comments, which it gives whole.
func (s *scanner) token() (string, error) {
	start := s.pos
	rest := s.src[s.pos:]
	switch c := rest[0]; {
	case isSpace(c):
		s.advance(1)
		return "", nil
	case c == '#', strings.HasPrefix(rest, "--") && (len(rest) == 2 || rest[2] <= ' '):
		end := strings.IndexByte(rest, '\n')
		if end < 0 {
			end = len(rest)
		}
		s.advance(end)
		return "", nil
	case strings.HasPrefix(rest, "/*"):
		end := strings.Index(rest[2:], "*/")
		if end < 0 {
			return "", errors.New("the comment has no end")
		}
		s.advance(2 + end + 2)
		if strings.HasPrefix(rest, "/*!") || strings.HasPrefix(rest, "/*M!") {
			return s.src[start:s.pos], nil
		}
		return "", nil
	case c == '\'', c == '"', c == '`':
		return s.quotedText(c)
	case isWord(c):
		n := 1
		for n < len(rest) && isWord(rest[n]) {
			n++
		}
		s.advance(n)
		return s.src[start:s.pos], nil
	default:
		s.advance(1)
		return s.src[start:s.pos], nil
	}
}

// quotedText takes a string or a quoted name. A doubled quote is two strings side
// by side to us, which comes to the same.
func (s *scanner) quotedText(quote byte) (string, error) {
	rest := s.src[s.pos:]
	for i := 1; i < len(rest); i++ {
		switch {
		case rest[i] == '\\' && quote != '`':
			i++
		case rest[i] == quote:
			s.advance(i + 1)
			return rest[:i+1], nil
		}
	}
	return "", fmt.Errorf("the quote %c has no end", quote)
}

func (s *scanner) advance(n int) {
	s.line += strings.Count(s.src[s.pos:s.pos+n], "\n")
	s.pos += n
}

func isSpace(c byte) bool { return c <= ' ' }

func isWord(c byte) bool {
	return c == '_' || c == '$' || c == '@' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= utf8.RuneSelf
}
