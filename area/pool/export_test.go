package pool

import "io"

// Classify shows what the guard makes of a statement: its kind, its keyword and
// the error when it never runs.
func Classify(text string, ansi, noBackslash bool) (kind, word string, err error) {
	var mode sqlMode
	if ansi {
		mode |= ansiQuotes
	}
	if noBackslash {
		mode |= noBackslashEscapes
	}
	st := classify(text, mode)
	switch st.kind {
	case refused:
		return "refused", st.word, st.refusal()
	case read:
		return "read", st.word, nil
	case write:
		return "write", st.word, nil
	case savepoint:
		return "savepoint", st.word, nil
	}
	panic("unknown kind")
}

// Cached classifies through a cache.
type Cached struct{ cache statementCache }

// Reads reports whether the text is a read.
func (c *Cached) Reads(text string) bool { return c.cache.classify(text, 0).kind == read }

// SafeText shows the part of a server's message that holds no value.
func SafeText(number uint16, message string) string { return safeText(number, message) }

// ReadGreeting reads a server's first packet.
func ReadGreeting(r io.Reader) ([]byte, error) { return readGreeting(r) }
