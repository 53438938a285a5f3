package mdb

import (
	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/area/pool"
	"github.com/mdbrouter/mdb/area/provision"
	"github.com/mdbrouter/mdb/briefcase"
	"github.com/mdbrouter/mdb/gdid"
)

// What users name, from the packages that own it.
type (
	// GDID is the 96-bit id of a briefcase.
	GDID = gdid.GDID
	// Briefcase is the handle on all rows of one id.
	Briefcase = briefcase.Briefcase
	// Retry tells an [Observer] that InTx runs a transaction again.
	Retry = briefcase.Retry
	// Route says where an id lives.
	Route = area.Route
	// Error says what was being done to which briefcase when an error came up.
	Error = area.Error
	// IdentityError tells how a database differs from what it should be.
	IdentityError = area.IdentityError
	// ServerError is an error that a server answered with.
	ServerError = area.ServerError
	// Class says what to do about an error and whether a write may have landed.
	Class = area.Class
	// Fingerprint is the SHA-256 of a routing table.
	Fingerprint = area.Fingerprint
	// Dial says for which database a connection is opened.
	Dial = pool.Dial
	// Plan is what provisioning would do.
	Plan = provision.Plan
)

// The classes of failure, to test with errors.Is.
var (
	ErrNoArea           = area.ErrNoArea
	ErrZeroGDID         = area.ErrZeroGDID
	ErrNotFound         = area.ErrNotFound
	ErrTaken            = area.ErrTaken
	ErrMoving           = area.ErrMoving
	ErrMoved            = area.ErrMoved
	ErrUnavailable      = area.ErrUnavailable
	ErrReadOnly         = area.ErrReadOnly
	ErrWrongShard       = area.ErrWrongShard
	ErrOutOfRange       = area.ErrOutOfRange
	ErrStatementRefused = area.ErrStatementRefused
	ErrTxDead           = area.ErrTxDead
	ErrConnLost         = area.ErrConnLost
	ErrOutcomeUnknown   = area.ErrOutcomeUnknown
	ErrClosed           = area.ErrClosed
)

// What a [Class] advises, and what is known of a write.
const (
	Fail          = area.Fail
	TryAgain      = area.Retry
	BackOff       = area.BackOff
	RefreshServer = area.RefreshServer
	RefreshShard  = area.RefreshShard

	NotApplied = area.NotApplied
	Unknown    = area.Unknown
)

// Classify tells what to do about an error that mdb or a transaction of its
// briefcases gave, and whether the write may have landed.
func Classify(err error) Class { return area.Classify(err) }
