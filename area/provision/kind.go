package provision

import (
	"errors"
	"fmt"
	"slices"
)

// statementKind says how a statement of a schema is run so that a crash does not
// run it twice.
type statementKind uint8

const (
	// changesSchema commits by itself; whether it landed shows in the schema.
	changesSchema statementKind = iota + 1
	// changesRows runs in one transaction with the note that it ran.
	changesRows
	// changesSession runs again in every session.
	changesSession
)

// sessionSettings are the settings that a schema may change for its own run.
var sessionSettings = []string{"FOREIGN_KEY_CHECKS", "UNIQUE_CHECKS"}

// tableObjects are what a schema may create, change and drop.
var schemaObjects = []string{"TABLE", "INDEX", "VIEW", "SEQUENCE", "TRIGGER", "PROCEDURE", "FUNCTION", "EVENT"}

// objectModifiers may stand between CREATE or ALTER and the object.
var objectModifiers = []string{
	"OR", "REPLACE", "UNIQUE", "FULLTEXT", "SPATIAL", "ONLINE", "OFFLINE", "IGNORE", "AGGREGATE",
	"ALGORITHM", "UNDEFINED", "MERGE", "TEMPTABLE", "SQL", "SECURITY", "INVOKER",
}

// kindOf sorts a statement by its words and refuses those that have no place in a
// schema.
func kindOf(words []string) (statementKind, error) {
	switch first := words[0]; first {
	case "INSERT", "REPLACE", "UPDATE", "DELETE":
		return changesRows, nil
	case "CREATE", "ALTER", "DROP":
		return changesSchema, checkObject(words)
	case "RENAME", "TRUNCATE":
		return changesSchema, nil
	case "SET":
		return changesSession, checkSetting(words)
	case "/":
		return 0, errors.New("an executable comment stands where a statement should begin; leave out the settings that dumps begin and end with")
	default:
		return 0, fmt.Errorf("%s has no place in a schema: what may stand there is CREATE, ALTER, DROP, RENAME, TRUNCATE, INSERT, REPLACE, UPDATE, DELETE, SET FOREIGN_KEY_CHECKS and SET UNIQUE_CHECKS", first)
	}
}

func checkObject(words []string) error {
	i := 1
	for i < len(words) {
		switch w := words[i]; {
		case slices.Contains(objectModifiers, w), w == "=":
			i++
			continue
		case w == "DEFINER": // DEFINER = user@host, CURRENT_USER or CURRENT_USER()
			i = skipDefiner(words, i+1)
			continue
		case w == "TEMPORARY":
			return errors.New("a temporary table ends with the session that creates it")
		case !slices.Contains(schemaObjects, w):
			return fmt.Errorf("%s %s reaches beyond the shard's database", words[0], w)
		case hasBody(w) && slices.Contains(words[i:], "BEGIN"):
			return fmt.Errorf("the body of a %s must be a single statement here; create it after provisioning, for example with mdbctl each", w)
		}
		return nil
	}
	return fmt.Errorf("%s of what?", words[0])
}

func hasBody(object string) bool {
	return slices.Contains([]string{"TRIGGER", "PROCEDURE", "FUNCTION", "EVENT"}, object)
}

// skipDefiner gives the position of the first word behind a definer that is an
// object or a modifier.
func skipDefiner(words []string, i int) int {
	for i < len(words) && !slices.Contains(schemaObjects, words[i]) && !slices.Contains(objectModifiers, words[i]) {
		i++
	}
	return i
}

// checkSetting accepts SET [SESSION] name = value, of a few names.
func checkSetting(words []string) error {
	rest := words[1:]
	if len(rest) > 0 && rest[0] == "SESSION" {
		rest = rest[1:]
	}
	if len(rest) != 3 || rest[1] != "=" || !slices.Contains(sessionSettings, rest[0]) {
		return errors.New("a schema may only SET FOREIGN_KEY_CHECKS and UNIQUE_CHECKS, one in a statement")
	}
	return nil
}
