package pool

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/go-sql-driver/mysql"

	"github.com/mdbrouter/mdb/area"
)

// A serverError is what a server answered. Its text shows number, SQLSTATE and
// names, never a value of the statement, which the server's own text quotes. It
// is an [area.ServerError]; errors.As finds the [*mysql.MySQLError] behind it.
type serverError struct {
	cause    *mysql.MySQLError
	readOnly bool // the server takes no writes
}

// Number is the server's error number.
func (e *serverError) Number() uint16 { return e.cause.Number }

// SQLState has five characters, or none.
func (e *serverError) SQLState() string {
	if e.cause.SQLState == [5]byte{} {
		return ""
	}
	return string(e.cause.SQLState[:])
}

// Error gives number, SQLSTATE and what of the server's text is safe to show.
func (e *serverError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "server error %d", e.cause.Number)
	if state := e.SQLState(); state != "" {
		b.WriteString(" (" + state + ")")
	}
	if text := safeText(e.cause.Number, e.cause.Message); text != "" {
		b.WriteString(": " + text)
	}
	return b.String()
}

// Unwrap gives the driver's error, and [area.ErrReadOnly] for a server that
// takes no writes.
func (e *serverError) Unwrap() []error {
	if e.readOnly {
		return []error{e.cause, area.ErrReadOnly}
	}
	return []error{e.cause}
}

// safeText gives the part of a server's message that holds no value. A number
// that is not listed shows none of it.
func safeText(number uint16, message string) string {
	switch number {
	case 1044, 1045, 1048, 1049, 1050, 1051, 1054, 1072, 1091, 1099, 1100, 1109, 1136, 1142, 1143, 1146, 1226, 1227, 1264,
		1290, 1305, 1364, 1406, 1419, 1451, 1452, 1461: // these quote names and limits alone
		return message
	case 1062, 1586:
		const before = " for key '"
		if i := strings.LastIndex(message, before); i >= 0 && strings.HasSuffix(message, "'") {
			return "duplicate entry for key " + message[i+len(before)-1:]
		}
		return "duplicate entry"
	case 1292, 1366, 1411, 1265:
		return "a value does not fit its column or type"
	}
	return plainText[number]
}

// plainText are the words for errors whose own text says no more, or may quote
// anything.
var plainText = map[uint16]string{ //nolint:gochecknoglobals // a constant table
	1020: "a record has changed since the transaction read it",
	1040: "too many connections",
	1053: "the server is shutting down",
	1064: "syntax error",
	1203: "too many connections of the user",
	1205: "lock wait timeout",
	1213: "deadlock",
	1317: "the statement was killed",
	1644: "raised by the database",
	1792: "a write in a read-only transaction",
	1836: "the server is read-only",
	1927: "the connection was killed",
	1969: "the statement took longer than the server allows",
	3024: "the statement took longer than the server allows",
}

// A lostError is returned when the connection broke. It is an
// [area.ErrConnLost].
type lostError struct{ cause error }

// Error says what the driver saw.
func (e *lostError) Error() string { return area.ErrConnLost.Error() + ": " + e.cause.Error() }

// Unwrap gives the class and the driver's error.
func (e *lostError) Unwrap() []error { return []error{area.ErrConnLost, e.cause} }

// A deadError is returned in a transaction after the error that ended it. It is
// an [area.ErrTxDead].
type deadError struct{ cause error }

// Error tells what ended the transaction.
func (e *deadError) Error() string { return area.ErrTxDead.Error() + ": " + e.cause.Error() }

// Unwrap gives the class and what ended the transaction.
func (e *deadError) Unwrap() []error { return []error{area.ErrTxDead, e.cause} }

// convert turns an error of the driver into one that [area.Classify]
// understands. writable says that the session is not read-only by our own doing.
func convert(err error, writable bool) error {
	if me, ok := errors.AsType[*mysql.MySQLError](err); ok {
		return &serverError{cause: me, readOnly: takesNoWrites(me, writable)}
	}
	if isLost(err) {
		return &lostError{cause: err}
	}
	return err
}

func takesNoWrites(me *mysql.MySQLError, writable bool) bool {
	switch me.Number {
	case 1290: // shared by several options
		return strings.Contains(me.Message, "read-only") || strings.Contains(me.Message, "read only")
	case 1792:
		return writable
	case 1836:
		return true
	}
	return false
}

// isLost reports whether the connection is of no use after err.
func isLost(err error) bool {
	for _, lost := range []error{driver.ErrBadConn, mysql.ErrInvalidConn, mysql.ErrMalformPkt, mysql.ErrPktSync, mysql.ErrPktSyncMul, io.ErrUnexpectedEOF} {
		if errors.Is(err, lost) {
			return true
		}
	}
	_, ok := errors.AsType[*net.OpError](err)
	return ok
}

// isContext reports whether a context ended.
func isContext(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// endsTx reports whether an error of a server ends the transaction it came up
// in. The classes listed undo one statement and leave the rest, on every server;
// after others some servers have rolled back, and the next statement would run
// outside.
func endsTx(e *serverError) bool {
	switch e.Number() {
	case 1364, 1366: // no default, bad value
		return false
	}
	state := e.SQLState()
	if len(state) < 2 {
		return true
	}
	switch state[:2] {
	case "22", "23", "42", "45":
		return false
	}
	return true
}

// undone reports whether a COMMIT that a server answered with e has left no
// trace for certain.
func undone(e *serverError) bool {
	switch e.Number() {
	case 1020, 1205, 1213, 1792, 1836, 1290:
		return true
	}
	state := e.SQLState()
	return strings.HasPrefix(state, "40") || strings.HasPrefix(state, "23")
}

// unknownOutcome marks an error after which a write may have landed.
func unknownOutcome(err error) error { return fmt.Errorf("%w; %w", err, area.ErrOutcomeUnknown) }
