package provision

import (
	"errors"
	"fmt"
	"strings"
)

// ErrPlanChanged is returned by [Plan.Apply] when the servers have changed since
// the plan was made, so that there is more to do than was planned. Nothing was
// done; make a new plan.
var ErrPlanChanged = errors.New("the servers have changed since the plan was made")

// ErrLocked is returned when another process provisions a server for longer than
// [Config.LockWait].
var ErrLocked = errors.New("another process is provisioning this server")

// A Refusal is one reason not to provision.
type Refusal struct {
	Server   string // the server's label; empty if it concerns no server
	Database string // empty if it concerns a whole server
	Area     string
	Shard    string // partition and index
	Err      error
}

// String names server and database, and the reason.
func (r Refusal) String() string {
	var where []string
	if r.Area != "" {
		where = append(where, strings.TrimSpace(r.Area+" "+r.Shard))
	}
	if r.Database != "" {
		where = append(where, "database "+r.Database)
	}
	if r.Server != "" {
		where = append(where, "server "+r.Server)
	}
	return strings.Join(where, ", ") + ": " + r.Err.Error()
}

// A RefusedError holds every reason why nothing was done.
type RefusedError struct{ Refusals []Refusal }

// Error gives one line for each reason.
func (e *RefusedError) Error() string {
	if len(e.Refusals) == 1 {
		return "provision refused: " + e.Refusals[0].String()
	}
	var b strings.Builder
	fmt.Fprintf(&b, "provision refused, for %d reasons:", len(e.Refusals))
	for _, r := range e.Refusals {
		b.WriteString("\n  " + r.String())
	}
	return b.String()
}

// Unwrap gives the reasons.
func (e *RefusedError) Unwrap() []error {
	list := make([]error, len(e.Refusals))
	for i, r := range e.Refusals {
		list[i] = r.Err
	}
	return list
}

// A SchemaError is returned for a statement of an area's schema.
type SchemaError struct {
	File string
	Line int // of the statement's first word, from 1
	Err  error
}

// Error gives file, line and reason.
func (e *SchemaError) Error() string { return fmt.Sprintf("%s:%d: %v", e.File, e.Line, e.Err) }

// Unwrap gives the reason.
func (e *SchemaError) Unwrap() error { return e.Err }
