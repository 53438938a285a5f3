package key

import (
	"errors"
	"fmt"
)

// Why a key is refused. An [*Error] wraps one of them.
var (
	// ErrWrongType is returned for a Go value that is no key of this type.
	ErrWrongType = errors.New("wrong type")

	// ErrOutOfRange is returned for an integer that does not fit the type.
	ErrOutOfRange = errors.New("out of range")

	// ErrMalformed is returned for text that does not write a key of this type.
	ErrMalformed = errors.New("malformed")

	// ErrEmpty is returned for a key of no bytes, after normalising.
	ErrEmpty = errors.New("empty after normalising")

	// ErrTooLong is returned for a key longer than the index allows, after
	// normalising, and for text too long to be normalised at all.
	ErrTooLong = errors.New("too long after normalising")

	// ErrInvalidUTF8 is returned for a string key that is not UTF-8.
	ErrInvalidUTF8 = errors.New("invalid UTF-8")

	// ErrControl is returned for a string key with a control character.
	ErrControl = errors.New("holds a control character")

	// ErrUnassigned is returned for a normalised string key with a character
	// that Unicode does not define yet.
	ErrUnassigned = errors.New("holds a character that Unicode has not assigned")

	// ErrTooManyMarks is returned for a normalised string key with more than 30
	// combining marks in a row.
	ErrTooManyMarks = errors.New("holds more than 30 combining marks in a row")

	// ErrUnsettled is returned for a string key that the normalisers of the
	// index change for ever. None is known.
	ErrUnsettled = errors.New("has no settled form")

	// ErrNotEmail is returned by the email normaliser for text that is no plain
	// address.
	ErrNotEmail = errors.New("not a plain email address")

	// ErrZeroGDID is returned for the zero GDID, which means none.
	ErrZeroGDID = errors.New("zero GDID")
)

// An Error says why a value is no key. It never holds or shows the value.
type Error struct {
	Type string // the type of the index
	Got  string // the Go type of the value, for ErrWrongType
	Len  int    // the length in bytes, for ErrTooLong
	Max  int    // the most bytes allowed, for ErrTooLong
	Want string // what would do, for ErrWrongType and ErrMalformed
	Err  error  // one of the errors above
}

// Error says what is wrong, without the key.
func (e *Error) Error() string {
	text := fmt.Sprintf("%s key: %v", e.Type, e.Err)
	if e.Max > 0 {
		text += fmt.Sprintf(": %d bytes, at most %d", e.Len, e.Max)
	}
	if e.Got != "" {
		text += ": got " + e.Got
	}
	if e.Want != "" {
		text += ", want " + e.Want
	}
	return text
}

// Unwrap returns the class of the error.
func (e *Error) Unwrap() error { return e.Err }
