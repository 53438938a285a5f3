package central

import (
	"context"
	"errors"

	"github.com/mdbrouter/mdb/area"
)

// The classes of failure beside those of package area, to test with errors.Is.
var (
	// ErrNoIndex is returned for an index that the configuration does not declare.
	ErrNoIndex = errors.New("no such index")
	// ErrNotUnique is returned where one owner is asked for of an index in which a
	// key may have several; use [Index.LookupAll].
	ErrNotUnique = errors.New("the index is not unique")
	// ErrUnique is returned by methods that only an index that is not unique has.
	ErrUnique = errors.New("the index is unique")
	// ErrLapsed is returned for a reservation that is no more: it expired, and a
	// sweep or another claimant ended it.
	ErrLapsed = errors.New("the reservation has lapsed")
	// ErrUsed is returned by [Reservation.Cancel] for a reservation that a
	// committed transaction of its briefcase has used: the key is live.
	ErrUsed = errors.New("the reservation was used, the key is live")
	// ErrProof is returned when a briefcase does not confirm that a key is its own.
	ErrProof = errors.New("the briefcase does not confirm the key")
)

// fail gives err with what was being done to which index, and where. s and id may
// be zero.
func (x *Index) fail(op string, s *shard, err error) error {
	facts := area.Error{Op: op, Area: x.title}
	if s != nil {
		facts.Shard, facts.Server = s.label, s.place.Server
	}
	return facts.Wrap(err)
}

// differs is the error of a shard that has another layout than this process.
func (s *shard) differs() error {
	return &area.IdentityError{
		Server: s.place.Server, Database: s.place.Database, Fact: "layout",
		Want: s.layout, Got: "that of another list of shards",
	}
}

// isDuplicate reports whether a row with the same primary key stands there.
func isDuplicate(err error) bool {
	e, ok := errors.AsType[area.ServerError](err)
	return ok && (e.Number() == 1062 || e.Number() == 1586)
}

// mayTryAgain reports whether the same step may be tried again at once. All steps
// find out what earlier tries have done, so an unknown outcome is no obstacle.
func mayTryAgain(ctx context.Context, err error) bool {
	if ctx.Err() != nil {
		return false
	}
	class := area.Classify(err)
	return class.Outcome == area.Unknown || class.Advice == area.Retry || class.Advice == area.BackOff || errors.Is(err, area.ErrConnLost)
}

// isOutage reports whether a server could not answer, as opposed to what it
// answered.
func isOutage(err error) bool {
	class := area.Classify(err)
	return class.Advice == area.RefreshServer || class.Advice == area.BackOff || errors.Is(err, context.DeadlineExceeded)
}
