package area

import (
	"context"
	"errors"
)

// An Outcome tells whether a write may have landed.
type Outcome uint8

// The outcomes.
const (
	// NotApplied: the write has left no trace.
	NotApplied Outcome = iota + 1
	// Unknown: the write may or may not have landed.
	Unknown
)

// String gives the outcome in words.
func (o Outcome) String() string {
	switch o {
	case NotApplied:
		return "not applied"
	case Unknown:
		return "unknown"
	}
	return "none"
}

// An Advice tells what may help before another try.
type Advice uint8

// The advice.
const (
	// Fail: another try gives the same error.
	Fail Advice = iota + 1
	// Retry: the whole transaction may be run again at once.
	Retry
	// BackOff: the server is overloaded; wait before another try.
	BackOff
	// RefreshServer: the server is down or has changed its role.
	RefreshServer
	// RefreshShard: the shard is not where this process believes it is; load
	// the configuration anew.
	RefreshShard
)

// String gives the advice in words.
func (a Advice) String() string {
	switch a {
	case Fail:
		return "fail"
	case Retry:
		return "retry"
	case BackOff:
		return "back off"
	case RefreshServer:
		return "refresh server"
	case RefreshShard:
		return "refresh shard"
	}
	return "none"
}

// A Class says what to do about an error, and whether the write that met it may
// have landed. The zero Class stands for no error.
type Class struct {
	Advice  Advice
	Outcome Outcome
}

// Classify sorts an error that came from a briefcase, a transaction or a lookup.
// Errors it does not know are Fail, NotApplied unless marked with
// [ErrOutcomeUnknown].
func Classify(err error) Class {
	if err == nil {
		return Class{}
	}
	outcome := NotApplied
	if errors.Is(err, ErrOutcomeUnknown) {
		outcome = Unknown
	}
	return Class{Advice: adviceOf(err), Outcome: outcome}
}

func adviceOf(err error) Advice {
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded), errors.Is(err, ErrClosed):
		return Fail
	case errors.Is(err, ErrMoving):
		return BackOff
	case errors.Is(err, ErrMoved), errors.Is(err, ErrWrongShard), errors.Is(err, ErrOutOfRange):
		return RefreshShard
	case errors.Is(err, ErrReadOnly), errors.Is(err, ErrUnavailable), errors.Is(err, ErrConnLost):
		return RefreshServer
	}
	if se, ok := errors.AsType[ServerError](err); ok {
		return adviceOfNumber(se.Number())
	}
	return Fail
}

// adviceOfNumber follows what MariaDB and MySQL document for their numbers.
func adviceOfNumber(number uint16) Advice {
	switch number {
	case 1213, // deadlock
		1205, // lock wait timeout
		1020: // record has changed since last read, under snapshot isolation
		return Retry
	case 1040, 1203, 1226: // too many connections, of all or of this user
		return BackOff
	case 1053, // server shutdown in progress
		1836, // running in read-only mode; 1290 is shared with other options, so pool marks ErrReadOnly by its text
		1927: // connection was killed
		return RefreshServer
	case 1146, 1049: // no such table, no such database
		return RefreshShard
	}
	return Fail
}
