package main

import (
	"context"
	"errors"
	"slices"

	"github.com/mdbrouter/mdb"
	"github.com/mdbrouter/mdb/area/pool"
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
	if _, ok := errors.AsType[*provision.OverrunError](err); ok {
		return "give the partition a start past all ids, and find out who made ids past the head"
	}
	if _, ok := errors.AsType[*pool.UnprovisionedError](err); ok {
		return "see with mdbctl provision what is missing; it refuses if servers were swapped or a shard stands elsewhere"
	}
	if identity, ok := errors.AsType[*mdb.IdentityError](err); ok {
		return nextForIdentity(identity.Fact)
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
	if server, ok := errors.AsType[mdb.ServerError](err); ok && slices.Contains([]uint16{1044, 1045, 1142, 1227, 1698}, server.Number()) {
		return "look at user, password and privileges of that server: mdbctl provision, admit and each work as its admin user, all else as the user of services"
	}
	return ""
}

// nextForIdentity says what to do about a database that is not the shard it should
// be, by what differs.
func nextForIdentity(fact string) string {
	switch fact {
	case "server", "server identity":
		return "compare the addresses of the servers; if this one was replaced on purpose and the old one can never come back, mdbctl admit SERVER"
	case "namespace":
		return "the database is of another configuration or profile: compare namespace, --profile and the addresses of the servers"
	case "area", "start", "shard", "shards", "hash":
		return "compare the file with the one that was provisioned: starts, shards and their order are fixed for good"
	}
	return "change that setting of the server, or of the connection in params"
}
