package embedded

import (
	"errors"
	"strings"

	"github.com/dolthub/vitess/go/mysql"
)

func errLockWait() error {
	return mysql.NewSQLError(1205, "HY000", "Lock wait timeout exceeded; try restarting transaction")
}

func errShutdown() error {
	return mysql.NewSQLError(1053, "08S01", "Server shutdown in progress")
}

func errReadOnly() error {
	return mysql.NewSQLError(1792, "25006", "Cannot execute statement in a READ ONLY transaction")
}

func errNoAutocommit() error {
	return mysql.NewSQLError(1235, "42000", "The embedded engine does not support autocommit=0")
}

// sqlStates are the states MySQL gives the numbers for which the engine says HY000.
var sqlStates = map[int]string{
	1022: "23000", 1044: "42000", 1045: "28000", 1046: "3D000", 1048: "23000", 1049: "42000",
	1050: "42S01", 1051: "42S02", 1054: "42S22", 1060: "42S21", 1061: "42000", 1062: "23000",
	1064: "42000", 1091: "42000", 1110: "42000", 1136: "21S01", 1146: "42S02", 1242: "21000",
	1264: "22003", 1366: "HY000", 1406: "22001", 1451: "23000", 1452: "23000", 1792: "25006",
	3141: "22032",
}

// unnumbered gives the errors that the engine leaves at 1105 their MySQL number, by
// the engine's own fixed words.
var unnumbered = []struct {
	words  string
	number int
}{
	{"syntax error", 1064},
	{"no database selected", 1046},
	{"could not be found in any table in scope", 1054},
	{"number of values does not match number of columns", 1136},
	{"table with name", 1050},
	{"is too large for column", 1406},
	{"out of range", 1264},
	{"is not a base table", 1347},
	{"doesn't have a default value", 1364},
}

// clientError returns err as a client of MySQL would see it: the number of the
// error if the engine left it unnumbered, and the SQLSTATE that belongs to it.
func clientError(err error) error {
	sqlErr, ok := errors.AsType[*mysql.SQLError](err)
	if !ok || sqlErr == nil {
		return err
	}
	fixed := *sqlErr
	if fixed.Num == mysql.ERUnknownError {
		for _, u := range unnumbered {
			if strings.Contains(fixed.Message, u.words) {
				fixed.Num = u.number
				break
			}
		}
	}
	if state, ok := sqlStates[fixed.Num]; ok {
		fixed.State = state
	}
	return &fixed
}
