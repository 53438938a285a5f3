package authority

import (
	"errors"
	"strings"
)

// The classes of failure. Test for them with errors.Is.
var (
	// ErrNoAuthority is returned when nothing leased is left and every authority
	// has failed. A [NoAuthorityError] names each cause.
	ErrNoAuthority = errors.New("no authority gives ids")
	// ErrAuthorityUnfenced is returned by an authority whose server is not the
	// recorded one: promoted, cloned or restored elsewhere. It gives no ids until
	// it is fenced, because it may not know all it has given.
	ErrAuthorityUnfenced = errors.New("the authority runs on another server than recorded and must be fenced first")
	// ErrWentBack is returned by an authority whose head is below what this
	// process has leased from it: a backup was restored, or a commit was lost. It
	// gives no ids until it is fenced.
	ErrWentBack = errors.New("the authority has forgotten leases and must be fenced first")
	// ErrTooFarBehind is returned by an authority that would have to jump further
	// than allowed to catch up with what this process has leased elsewhere.
	ErrTooFarBehind = errors.New("the authority is too far behind")
	// ErrCeiling is returned when the next id would not be below the ceiling.
	ErrCeiling = errors.New("the sequence has reached its ceiling")
	// ErrExhausted is returned when the last counter of the last era is given.
	ErrExhausted = errors.New("the last id of the last era is given")
	// ErrNotProvisioned is returned for a sequence that the authority does not
	// hold.
	ErrNotProvisioned = errors.New("the authority does not hold the sequence; provision it")
	// ErrLocked is returned for files that another process, or another [Files] of
	// this one, has open.
	ErrLocked = errors.New("the files are in use")
	// ErrForeignFile is returned for a file that is torn or damaged, that belongs
	// to another namespace or authority, or that is not one of ours.
	ErrForeignFile = errors.New("the file is not a sound file of this authority")
)

// An Error says what was being done to which sequence of which authority.
type Error struct {
	Op        string // what was being done: "lease", "read", "create", "change"
	Sequence  string
	Authority string // the authority's label
	Err       error
}

// Error gives one line: what, where, why.
func (e *Error) Error() string {
	return "mdb: " + e.Op + " sequence " + e.Sequence + " (authority " + e.Authority + "): " + e.Err.Error()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// A Cause is why one authority gave nothing.
type Cause struct {
	Authority string
	Err       error
}

// A NoAuthorityError is an [ErrNoAuthority] with the cause of each authority, in
// the order they were declared.
type NoAuthorityError struct {
	Sequence string
	Causes   []Cause
}

// Error names all causes.
func (e *NoAuthorityError) Error() string {
	var b strings.Builder
	b.WriteString("mdb: " + ErrNoAuthority.Error() + " of sequence " + e.Sequence)
	if len(e.Causes) == 0 {
		b.WriteString(": none is declared")
	}
	for i, c := range e.Causes {
		b.WriteString([]string{": ", "; "}[min(i, 1)])
		b.WriteString(c.Authority + ": " + bare(c.Err).Error())
	}
	return b.String()
}

// Is reports that every NoAuthorityError is an ErrNoAuthority.
func (e *NoAuthorityError) Is(target error) bool { return target == ErrNoAuthority }

// Unwrap gives the causes.
func (e *NoAuthorityError) Unwrap() []error {
	causes := make([]error, len(e.Causes))
	for i, c := range e.Causes {
		causes[i] = c.Err
	}
	return causes
}

// bare strips the facts that a NoAuthorityError has named already.
func bare(err error) error {
	if outer, ok := err.(*Error); ok { //nolint:errorlint // only the outermost error repeats them
		return outer.Err
	}
	return err
}
