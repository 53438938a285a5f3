package pool

// A statementKind is what the guard needs to know of a statement.
type statementKind uint8

const (
	refused   statementKind = iota // never runs
	read                           // runs anywhere
	write                          // runs in a fenced transaction that may write
	savepoint                      // likewise
)

// A statement is what the guard has found out about a statement's text.
type statement struct {
	kind   statementKind
	word   string // the keyword that says what it does; "" when it is none we know
	reason reason // why it is refused
}

// A reason says why a statement never runs.
type reason uint8

const (
	notAllowed reason = iota
	several
	executable
	into
	lock
	unclear
	empty
)

// sqlMode holds the settings of a session that change where its quoted texts
// end.
type sqlMode uint8

const (
	ansiQuotes sqlMode = 1 << iota
	noBackslashEscapes
)

// classify finds out what a statement does, from an allowlist of first keywords
// and from a scan of the rest for what hides in statements: a second statement,
// INTO, executable comments. Where the server might read the text in another way
// than classify does, the statement is refused. It does not allocate.
func classify(text string, mode sqlMode) statement {
	l := lexer{text: text, mode: mode}
	if !l.leading() {
		return statement{reason: l.fault}
	}
	if l.pos == len(text) {
		return statement{reason: empty}
	}
	word := l.keyword()
	st := statement{word: word}
	switch word {
	case "SELECT", "SHOW", "EXPLAIN", "DESCRIBE", "DESC", "TABLE", "VALUES":
		st.kind = read
	case "WITH":
		st.kind = read
		l.wantVerb, l.verbDepth = true, l.depth
	case "INSERT", "REPLACE":
		st.kind = write
		l.insertInto()
	case "UPDATE":
		st.kind = write
	case "DELETE":
		st.kind = write
		if l.next("HISTORY") {
			return statement{word: "DELETE HISTORY"}
		}
	case "SAVEPOINT":
		st.kind = savepoint
	case "RELEASE":
		if !l.next("SAVEPOINT") {
			return st
		}
		st.kind = savepoint
	case "ROLLBACK":
		l.next("WORK")
		if !l.next("TO") {
			return st
		}
		st.kind = savepoint
	default:
		return st
	}
	if !l.rest() {
		return statement{word: word, reason: l.fault}
	}
	switch l.verb {
	case "UPDATE", "DELETE":
		st.kind = write
		st.word = l.verb
	case "INSERT", "REPLACE":
		return statement{word: l.verb, reason: unclear} // no server has it
	}
	return st
}

// keywordNames are the first words of statements that an error may name.
// Anything else may be a misplaced secret.
func keywordName(upper []byte) string {
	switch string(upper) { // no allocation
	case "SELECT":
		return "SELECT"
	case "INSERT":
		return "INSERT"
	case "UPDATE":
		return "UPDATE"
	case "DELETE":
		return "DELETE"
	case "REPLACE":
		return "REPLACE"
	case "WITH":
		return "WITH"
	}
	for _, name := range otherKeywords {
		if name == string(upper) {
			return name
		}
	}
	return ""
}

var otherKeywords = [...]string{ //nolint:gochecknoglobals // a constant table
	"SHOW", "EXPLAIN", "DESCRIBE", "DESC", "TABLE", "VALUES", "SAVEPOINT", "RELEASE", "ROLLBACK",
	"ALTER", "ANALYZE", "BACKUP", "BEGIN", "BINLOG", "CACHE", "CALL", "CHANGE", "CHECK", "CHECKSUM", "CLONE",
	"COMMIT", "CREATE", "DEALLOCATE", "DECLARE", "DELIMITER", "DO", "DROP", "END", "EXECUTE", "FLUSH", "GET",
	"GRANT", "HANDLER", "HELP", "IF", "IMPORT", "INSTALL", "KILL", "LOAD", "LOCK", "MERGE", "OPTIMIZE", "PREPARE", "PURGE",
	"RENAME", "REPAIR", "RESET", "RESIGNAL", "RESTART", "REVOKE", "SET", "SHUTDOWN", "SIGNAL", "START",
	"STOP", "TRUNCATE", "UNINSTALL", "UNLOCK", "USE", "XA",
}
