package pool

import "strings"

// A lexer walks over a statement's text the way the server does, without
// building anything. After a method has returned false, fault says why.
type lexer struct {
	text  string
	pos   int
	mode  sqlMode
	fault reason

	depth     int    // of parentheses
	wantVerb  bool   // look for the verb behind the definitions of WITH
	verbDepth int    // where WITH stands
	verb      string // as found
}

// A byteClass says what a byte begins, outside of quotes and comments.
type byteClass uint8

const (
	odd        byteClass = iota // control characters, backslash: refused
	space                       // blanks and line ends
	letter                      // of a word: letters, digits, _ and $
	mark                        // operators and whatever else stands for itself, bytes above ASCII too
	quote                       // ' " `
	slash                       // division, or a comment
	dash                        // minus, or a comment
	hash                        // a comment
	semicolon                   // the end of the statement
	openParen                   //
	closeParen                  //
)

// Bytes above ASCII are marks, so that they end a word: in some character sets
// 0xA0 is a blank.
var classes = func() (table [256]byteClass) { //nolint:gochecknoglobals // a constant table
	for c := range table {
		switch {
		case c >= 0x80:
			table[c] = mark
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '_', c == '$':
			table[c] = letter
		case c > ' ' && c < 0x7f:
			table[c] = mark
		}
	}
	for _, c := range " \t\n\r" {
		table[c] = space
	}
	table['\\'] = odd // \N before a word hides where the word begins
	table['\''], table['"'], table['`'] = quote, quote, quote
	table['/'], table['-'], table['#'], table[';'] = slash, dash, hash, semicolon
	table['('], table[')'] = openParen, closeParen
	return table
}()

func (l *lexer) refuse(r reason) bool {
	l.fault = r
	return false
}

// leading skips what may stand before the first keyword: blanks, comments,
// opening parentheses.
func (l *lexer) leading() bool {
	if strings.IndexByte(l.text, 0) >= 0 {
		return l.refuse(unclear)
	}
	for {
		if !l.blanks() {
			return false
		}
		if l.pos == len(l.text) || l.text[l.pos] != '(' {
			return true
		}
		l.depth++
		l.pos++
	}
}

// blanks skips blanks and comments.
func (l *lexer) blanks() bool {
	for l.pos < len(l.text) {
		switch classes[l.text[l.pos]] {
		case space:
			l.pos++
		case slash, dash, hash:
			before := l.pos
			if !l.comment() {
				return false
			}
			if l.pos == before {
				return true // an operator
			}
		default:
			return true
		}
	}
	return true
}

// keyword reads the word at pos and gives it if it is one we know.
func (l *lexer) keyword() string {
	return upperKeyword(l.word())
}

// word reads the run of letters at pos.
func (l *lexer) word() string {
	start := l.pos
	for l.pos < len(l.text) && classes[l.text[l.pos]] == letter {
		l.pos++
	}
	return l.text[start:l.pos]
}

func upperKeyword(word string) string {
	var upper [16]byte
	if len(word) == 0 || len(word) > len(upper) {
		return ""
	}
	for i := range len(word) {
		c := word[i]
		if c >= 'a' && c <= 'z' {
			c -= 'a' - 'A'
		}
		upper[i] = c
	}
	return keywordName(upper[:len(word)])
}

// next steps over the word want, if it is the next one.
func (l *lexer) next(want string) bool {
	before := l.pos
	if l.blanks() && strings.EqualFold(l.word(), want) {
		return true
	}
	l.pos = before
	return false
}

// insertInto steps over the INTO that belongs to INSERT and REPLACE, so that
// rest meets only those that do not.
func (l *lexer) insertInto() {
	for l.next("LOW_PRIORITY") || l.next("HIGH_PRIORITY") || l.next("DELAYED") || l.next("IGNORE") {
		continue
	}
	l.next("INTO")
}

// rest scans from pos to the end of the text.
func (l *lexer) rest() bool {
	for l.pos < len(l.text) {
		c := l.text[l.pos]
		switch classes[c] {
		case letter:
			if !l.checkWord() {
				return false
			}
		case space, mark:
			l.pos++
		case openParen:
			l.depth++
			l.pos++
		case closeParen:
			l.depth--
			l.pos++
		case quote:
			if !l.quoted(c) {
				return false
			}
		case slash, dash, hash:
			before := l.pos
			if !l.comment() {
				return false
			}
			if l.pos == before {
				l.pos++
			}
		case semicolon:
			return l.end()
		case odd:
			return l.refuse(unclear)
		}
	}
	return true
}

// end allows nothing behind the semicolon but blanks and comments.
func (l *lexer) end() bool {
	l.pos++
	if !l.blanks() {
		return false
	}
	if l.pos < len(l.text) {
		return l.refuse(several)
	}
	return true
}

// checkWord steps over a word and refuses INTO and GET_LOCK.
func (l *lexer) checkWord() bool {
	word := l.word()
	switch c := word[0]; {
	case c|0x20 == 'i':
		if len(word) == 4 && strings.EqualFold(word, "INTO") {
			return l.refuse(into)
		}
	case c|0x20 == 'g':
		if len(word) == 8 && strings.EqualFold(word, "GET_LOCK") {
			return l.refuse(lock)
		}
	case c <= '9': // "1e5INTO" is a number and a word
		if len(word) > 4 && strings.EqualFold(word[len(word)-4:], "INTO") {
			return l.refuse(into)
		}
	}
	if l.wantVerb && l.depth == l.verbDepth {
		switch verb := upperKeyword(word); verb {
		case "SELECT", "TABLE", "VALUES", "INSERT", "UPDATE", "DELETE", "REPLACE":
			l.verb, l.wantVerb = verb, false
		}
	}
	return true
}

// quoted steps over a quoted text or name. A doubled quote inside is two texts
// to us, which ends at the same place.
func (l *lexer) quoted(q byte) bool {
	start := l.pos + 1
	name := q == '`' || q == '"' && l.mode&ansiQuotes != 0
	for i := start; i < len(l.text); i++ {
		switch l.text[i] {
		case q:
			l.pos = i + 1
			if name && strings.EqualFold(l.text[start:i], "GET_LOCK") {
				return l.refuse(lock)
			}
			return true
		case '\\':
			switch {
			case q == '`', l.mode&noBackslashEscapes != 0: // an ordinary character
			case name: // to the server an ordinary character, to the driver an escape
				return l.refuse(unclear)
			default:
				i++ // whatever it is
			}
		}
	}
	return l.refuse(unclear) // it never ends
}

// comment steps over a comment. Where there is only an operator, it stays.
func (l *lexer) comment() bool {
	rest := l.text[l.pos:]
	switch rest[0] {
	case '#':
		l.line()
	case '-':
		if !strings.HasPrefix(rest, "--") {
			return true
		}
		if len(rest) > 2 && classes[rest[2]] != space {
			// A server also takes other control characters for a blank, and
			// some character sets have blanks above ASCII.
			if rest[2] < ' ' || rest[2] >= 0x7f {
				return l.refuse(unclear)
			}
			return true
		}
		l.line()
	case '/':
		if !strings.HasPrefix(rest, "/*") {
			return true
		}
		return l.block(rest)
	}
	return true
}

// line steps to the end of the line; a carriage return does not end one.
func (l *lexer) line() {
	if n := strings.IndexByte(l.text[l.pos:], '\n'); n >= 0 {
		l.pos += n + 1
		return
	}
	l.pos = len(l.text)
}

// block steps over a /* comment */.
func (l *lexer) block(rest string) bool {
	body := rest[2:]
	switch {
	case strings.HasPrefix(body, "!"), len(body) > 1 && body[0]|0x20 == 'm' && body[1] == '!':
		return l.refuse(executable)
	case strings.HasPrefix(body, "/"): // ends at once for the driver, goes on for the server
		return l.refuse(unclear)
	}
	n := strings.Index(body, "*/")
	if n < 0 {
		return l.refuse(unclear)
	}
	if body[0] == '+' && strings.ContainsAny(body[:n], "'\"`") { // a hint is read as tokens, and may quote the end of the comment
		return l.refuse(unclear)
	}
	l.pos += 2 + n + 2
	return true
}
