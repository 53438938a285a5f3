package embedded

import (
	"regexp"
	"strings"
)

// kind says what the gate must know of a statement.
type kind uint8

const (
	// other: DDL and everything unknown. It ends a transaction and runs alone.
	other kind = iota
	// free: touches no table, and may wait on purpose (GET_LOCK).
	free
	// read: takes nothing but what was committed before it.
	read
	// write: INSERT, UPDATE, DELETE, REPLACE.
	write
	// begin: START TRANSACTION, BEGIN.
	begin
	// end: COMMIT, ROLLBACK.
	end
	// set: SET.
	set
)

// statement is what the handler reads off a statement's text.
type statement struct {
	kind kind
	// readOnly and readWrite: the access mode that begin names, if any.
	readOnly, readWrite bool
	// snapshot: begin WITH CONSISTENT SNAPSHOT.
	snapshot bool
	// lastInsertID: LAST_INSERT_ID with an argument occurs.
	lastInsertID bool
	// tables: set reads tables, by a subquery.
	tables bool
}

var (
	from         = regexp.MustCompile(`(?i)\bfrom\b`)
	waits        = regexp.MustCompile(`(?i)\b(get_lock|sleep|benchmark)\s*\(`)
	lastInsertID = regexp.MustCompile(`(?i)\blast_insert_id\s*\(\s*[^\s)]`)
)

// parse classifies the first statement of text.
func parse(text string) statement {
	word, rest := cutWord(text)
	switch word {
	case "SELECT", "WITH", "VALUES", "TABLE", "(":
		if waits.MatchString(rest) && !from.MatchString(rest) {
			return statement{kind: free}
		}
		return statement{kind: read}
	case "SHOW", "DESCRIBE", "DESC", "EXPLAIN":
		return statement{kind: read}
	case "INSERT", "UPDATE", "DELETE", "REPLACE":
		return statement{kind: write, lastInsertID: lastInsertID.MatchString(rest)}
	case "BEGIN":
		return statement{kind: begin}
	case "START":
		if next, modes := cutWord(rest); next == "TRANSACTION" {
			modes = strings.Join(strings.Fields(strings.ToUpper(modes)), " ")
			return statement{
				kind:      begin,
				readOnly:  strings.Contains(modes, "READ ONLY"),
				readWrite: strings.Contains(modes, "READ WRITE"),
				snapshot:  strings.Contains(modes, "CONSISTENT SNAPSHOT"),
			}
		}
	case "COMMIT":
		return statement{kind: end}
	case "ROLLBACK":
		if next, _ := cutWord(rest); next == "TO" {
			return statement{kind: free}
		}
		return statement{kind: end}
	case "SAVEPOINT", "RELEASE", "USE", "KILL":
		return statement{kind: free}
	case "SET":
		return statement{kind: set, tables: from.MatchString(rest)}
	}
	return statement{kind: other}
}

// cutWord returns the first word of text in upper case, past spaces and comments,
// and what follows it. Anything that is no letter is a word of one byte.
func cutWord(text string) (word, rest string) {
	for {
		text = strings.TrimLeft(text, " \t\r\n;")
		switch {
		case strings.HasPrefix(text, "/*"):
			_, after, _ := strings.Cut(text[2:], "*/")
			text = after
		case strings.HasPrefix(text, "--"), strings.HasPrefix(text, "#"):
			_, after, _ := strings.Cut(text, "\n")
			text = after
		default:
			n := 0
			for n < len(text) && isLetter(text[n]) {
				n++
			}
			if n == 0 && text != "" {
				n = 1
			}
			return strings.ToUpper(text[:n]), text[n:]
		}
	}
}

func isLetter(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_'
}
