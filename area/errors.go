package area

import (
	"cmp"
	"errors"
	"strings"

	"github.com/mdbrouter/mdb/gdid"
)

// The classes of failure. Test for them with errors.Is; the facts are in an
// [Error] around them.
var (
	// ErrNoArea is returned for an area that the configuration does not declare.
	ErrNoArea = errors.New("no such area")
	// ErrZeroGDID is returned for the zero id, which names no briefcase.
	ErrZeroGDID = errors.New("the zero GDID names no briefcase")
	// ErrNotFound is returned for a key that no briefcase owns.
	ErrNotFound = errors.New("not found")
	// ErrTaken is returned for a key that another briefcase owns.
	ErrTaken = errors.New("the key is taken")
	// ErrMoving is returned for a write to a shard or briefcase that is closed
	// for a moment; trying again later is right.
	ErrMoving = errors.New("the briefcase is moving or its shard is not open yet")
	// ErrMoved is returned for a briefcase that lives elsewhere now; the
	// configuration of this process is old.
	ErrMoved = errors.New("the briefcase has moved")
	// ErrUnavailable is returned when a server cannot be reached or used.
	ErrUnavailable = errors.New("the server is unavailable")
	// ErrReadOnly is returned for a write to a server that takes none.
	ErrReadOnly = errors.New("the server is read-only")
	// ErrWrongShard is returned when a database is not the shard that the
	// configuration says it is. An [IdentityError] tells how it differs.
	ErrWrongShard = errors.New("the database is not the shard it should be")
	// ErrOutOfRange is returned for an id at or past the end of the shard's
	// range: a partition was appended that this process does not know.
	ErrOutOfRange = errors.New("the id lies past the end of the shard's range")
	// ErrStatementRefused is returned for a statement that would end the
	// transaction, drop the fence or redirect the connection. It was not sent.
	ErrStatementRefused = errors.New("statement refused, not sent")
	// ErrTxDead is returned for statements and for the commit of a transaction
	// that a server error has ended; only a rollback is left.
	ErrTxDead = errors.New("the transaction is dead after an earlier error")
	// ErrConnLost is returned when the connection broke during a statement.
	ErrConnLost = errors.New("the connection was lost")
	// ErrOutcomeUnknown marks a failure after which a write may have landed.
	ErrOutcomeUnknown = errors.New("the write may have landed")
	// ErrClosed is returned after the router was closed.
	ErrClosed = errors.New("the router is closed")
)

// A ServerError is an error that a server answered with. It lets packages that
// do not know the driver read number and SQLSTATE; find it with errors.As.
type ServerError interface {
	error
	// Number is the server's error number, for example 1213.
	Number() uint16
	// SQLState has five characters, or none when the server sent none.
	SQLState() string
}

// An Error says what was being done to which briefcase when Err came up. Fields
// that do not apply are zero. It never holds a statement's arguments, a DSN or a
// password.
type Error struct {
	Op     string    // what was being done: "route", "begin", "query", "commit"
	Area   string    // the area's label
	ID     gdid.GDID // the briefcase
	Shard  string    // partition and index, "p1/2"; empty when none was chosen yet
	Server string    // the server's label
	Err    error
}

// Error gives one line: what, where, why.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("mdb: ")
	b.WriteString(e.Op)
	if e.Area != "" {
		b.WriteString(" " + e.Area)
	}
	if !e.ID.IsZero() {
		b.WriteString(" " + e.ID.String())
	}
	switch {
	case e.Shard != "" && e.Server != "":
		b.WriteString(" (shard " + e.Shard + " on " + e.Server + ")")
	case e.Shard != "":
		b.WriteString(" (shard " + e.Shard + ")")
	case e.Server != "":
		b.WriteString(" (server " + e.Server + ")")
	}
	if e.Err != nil {
		b.WriteString(": " + e.Err.Error())
	}
	return b.String()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Wrap gives err with the facts of e around it, or nil for nil. When err is an
// Error already, its empty facts are filled in a copy instead of nesting two.
func (e Error) Wrap(err error) error {
	if err == nil {
		return nil
	}
	inner, ok := err.(*Error) //nolint:errorlint // only the outermost error can be completed
	if !ok {
		e.Err = err
		return &e
	}
	return &Error{
		Op:     e.Op,
		Area:   cmp.Or(inner.Area, e.Area),
		ID:     cmp.Or(inner.ID, e.ID),
		Shard:  cmp.Or(inner.Shard, e.Shard),
		Server: cmp.Or(inner.Server, e.Server),
		Err:    inner.Err,
	}
}
