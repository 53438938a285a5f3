package main

import (
	"context"
	"errors"

	"github.com/mdbrouter/mdb"
	"github.com/mdbrouter/mdb/area/provision"
	"github.com/mdbrouter/mdb/hcl"
)

// nextStep says what to do about an error that does not say so itself.
func nextStep(err error) string {
	if diagnostics, ok := errors.AsType[*hcl.DiagnosticsError](err); ok {
		return "mdbcheck " + diagnostics.Path + " shows each mistake in its place"
	}
	if schema, ok := errors.AsType[*provision.SchemaError](err); ok {
		return "mend " + schema.File + " and run it again; what has run is not run twice"
	}
	switch {
	case errors.Is(err, context.Canceled):
		return "run it again; it goes on where it stopped"
	case errors.Is(err, context.DeadlineExceeded):
		return "look at the servers with mdbctl ping, and run it again"
	case errors.Is(err, provision.ErrPlanChanged):
		return "run it again and look at the new plan"
	case errors.Is(err, provision.ErrLocked):
		return "wait for the other mdbctl provision, or find it with SHOW PROCESSLIST on the server"
	case errors.Is(err, mdb.ErrAuthorityUnfenced):
		return "see with mdbctl ids status which authority it is; mdbctl ids fence lets it go on"
	case errors.Is(err, mdb.ErrNoAuthority):
		return "see with mdbctl ids status what the authorities answer"
	case errors.Is(err, mdb.ErrWrongShard):
		return "compare the DSNs of the servers; if a server was replaced on purpose, admit it with mdbctl admit SERVER"
	case errors.Is(err, mdb.ErrReadOnly):
		return "point the server's address at its primary"
	case errors.Is(err, mdb.ErrUnavailable), errors.Is(err, mdb.ErrConnLost):
		return "see with mdbctl ping which servers answer, and run it again"
	}
	return ""
}
