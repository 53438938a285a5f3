package pool

import "github.com/mdbrouter/mdb/area"

// A refusedError says which kind of statement was refused, and why. It is an
// [area.ErrStatementRefused].
type refusedError struct {
	word string // a keyword, or ""
	why  string
}

// Error never shows the statement.
func (e *refusedError) Error() string {
	word := e.word
	if word == "" {
		word = "a statement of unknown kind"
	}
	return area.ErrStatementRefused.Error() + ": " + word + " " + e.why
}

// Unwrap gives the class.
func (e *refusedError) Unwrap() error { return area.ErrStatementRefused }

// refusal gives the error of a statement that never runs.
func (st statement) refusal() error {
	why := ""
	switch st.reason {
	case notAllowed:
		why = "is not allowed: it could end the transaction or change the session"
	case several:
		why = "with another statement behind it"
	case executable:
		why = "with an executable comment"
	case into:
		why = "with INTO: it writes a file or a variable of the session"
	case lock:
		why = "with GET_LOCK: the lock outlives the transaction"
	case unclear:
		why = "whose text servers read in more than one way"
	case empty:
		return &refusedError{word: "an empty statement", why: "does nothing"}
	}
	return &refusedError{word: st.word, why: why}
}

// admits reports whether the statement may run in a transaction; nil stands for
// none.
func (st statement) admits(t *tx) error {
	switch st.kind {
	case refused:
		return st.refusal()
	case read:
		return nil
	case write, savepoint:
		if t == nil || !t.fenced {
			return &refusedError{word: st.word, why: "runs in a fenced transaction only"}
		}
		if t.readOnly {
			return &refusedError{word: st.word, why: "does not run in a read-only transaction"}
		}
	}
	return nil
}

// statementCache remembers the statements that a connection has run last, since
// most run again. The strings are compared, which costs nothing for the same
// string and little for others. It is used by one goroutine at a time.
type statementCache struct {
	entries [8]struct {
		text string
		st   statement
	}
	next uint8
}

// maxCachedText bounds the memory that a cache holds on to, in bytes a statement.
const maxCachedText = 4096

// classify gives what the guard knows of a statement, until the next call.
func (c *statementCache) classify(text string, mode sqlMode) *statement {
	for i := range c.entries {
		if e := &c.entries[i]; e.text == text && text != "" {
			return &e.st
		}
	}
	e := &c.entries[c.next]
	e.text, e.st = "", classify(text, mode)
	if len(text) <= maxCachedText {
		e.text = text
		c.next = (c.next + 1) % uint8(len(c.entries))
	}
	return &e.st
}
