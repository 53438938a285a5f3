package central

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/gdid"
)

const (
	// DefaultTTL is how long a reservation lasts that names no time.
	DefaultTTL = time.Minute
	// maxAttempts is how often a step is tried against other writers of the same
	// key and passing failures.
	maxAttempts = 6
	// firstPause is the mean pause before the second try; it doubles each time.
	firstPause = 5 * time.Millisecond
)

// A Reservation keeps a key for one id until it is confirmed, cancelled or
// expires. It is safe for concurrent use.
type Reservation struct {
	index *Index
	place place
	row   row  // as this process left it
	fresh bool // nobody else may hold it
}

// Reserve keeps a key for the id of a briefcase that is about to be created, for
// at least ttl; zero means [DefaultTTL]. It fails with [area.ErrTaken] if the key
// belongs or is promised to another id. If it belongs or is promised to this id
// already, Reserve succeeds once more: reservations of one id are one.
//
// A reservation that has expired may be taken over by another id; see
// [Reservation.Claim]. It costs one round trip, or two and a transaction in the
// briefcase of the former holder if there was one.
func (x *Index) Reserve(ctx context.Context, k any, id gdid.GDID, ttl time.Duration) (*Reservation, error) {
	p, err := x.owned("reserve", k, id)
	if err != nil {
		return nil, err
	}
	r, err := x.reserve(ctx, p, ttl)
	if err != nil {
		return nil, x.failID("reserve", p, err)
	}
	return r, nil
}

// ID gives the id that the key is kept for.
func (r *Reservation) ID() gdid.GDID { return r.place.id }

// Index gives the index of the key.
func (r *Reservation) Index() *Index { return r.index }

// Live reports whether the key belonged to the id already when it was reserved.
func (r *Reservation) Live() bool { return r.row.state == stateLive }

// Fresh reports whether the reservation was made by this call, so that nobody else
// held it then.
func (r *Reservation) Fresh() bool { return r.fresh }

func (x *Index) failID(op string, p place, err error) error {
	return area.Error{Op: op, ID: p.id}.Wrap(x.fail(op, p.shard, err))
}

// reserve makes a reservation, whatever stands there.
func (x *Index) reserve(ctx context.Context, p place, ttl time.Duration) (*Reservation, error) {
	if ttl <= 0 {
		ttl = DefaultTTL
	}
	defer x.cache.invalidate(p)
	a := attempt{x: x, p: p, ttl: max(ttl, time.Millisecond)}
	var made *Reservation
	err := repeatedly(ctx, func() (bool, error) {
		var err error
		made, err = a.once(ctx)
		return made != nil, err
	})
	return made, err
}

// An attempt is one reservation in the making.
type attempt struct {
	x    *Index
	p    place
	ttl  time.Duration
	mine []token // tokens that this attempt has sent
}

// once tries to reserve. It gives nil where others were faster, to try again.
func (a *attempt) once(ctx context.Context) (*Reservation, error) {
	// Each try has a token of its own: one that arrives late, after the key was
	// confirmed and released, is a reservation that no claim belongs to.
	t := a.next()
	began, err := a.p.shard.silence.begin()
	if err != nil {
		return nil, err
	}
	changed, err := a.x.execFrom(ctx, a.p.shard, a.x.insert(a.p, t, a.ttl), began)
	switch {
	case err == nil && changed == 1:
		return a.fresh(t, 1), nil
	case err == nil:
		return nil, a.p.shard.differs()
	case !isDuplicate(err):
		return nil, err
	}
	old, err := a.x.read(ctx, a.p)
	switch {
	case err != nil || old == nil: // nil: released meanwhile
		return nil, err
	case old.id != a.p.id:
		return a.takeOver(ctx, old)
	case slices.Contains(a.mine, old.token): // an earlier try had arrived
		return a.fresh(old.token, old.version), nil
	case old.state == stateReserved && old.expired:
		return a.takeBack(ctx, old)
	}
	return a.share(ctx, old)
}

func (a *attempt) next() token {
	t := newToken()
	a.mine = append(a.mine, t)
	return t
}

func (a *attempt) fresh(t token, version uint32) *Reservation {
	return &Reservation{index: a.x, place: a.p, row: row{id: a.p.id, state: stateReserved, token: t, version: version}, fresh: true}
}

// takeOver ends the expired reservation of another id and takes its place.
func (a *attempt) takeOver(ctx context.Context, old *row) (*Reservation, error) {
	if old.state != stateReserved || !old.expired {
		return nil, area.ErrTaken
	}
	used, err := a.x.settle(ctx, a.p, old)
	switch {
	case errors.Is(err, errInUse):
		return nil, area.ErrTaken
	case err != nil:
		return nil, err
	case used:
		_ = a.x.finish(ctx, a.p, old) // a service to its owner; the answer is the same without
		return nil, area.ErrTaken
	}
	return a.replace(ctx, old)
}

// takeBack renews an expired reservation of the same id. Its claim may be void
// already, so that the old token is of no use.
func (a *attempt) takeBack(ctx context.Context, old *row) (*Reservation, error) {
	used, err := a.x.settle(ctx, a.p, old)
	if err != nil {
		return nil, err
	}
	if used {
		return nil, a.x.finish(ctx, a.p, old) // the next try finds it live
	}
	return a.replace(ctx, old)
}

// replace puts a new reservation where one was settled.
func (a *attempt) replace(ctx context.Context, old *row) (*Reservation, error) {
	t := a.next()
	changed, err := a.x.exec(ctx, a.p.shard, a.x.take(a.p, old, t, a.ttl))
	if err != nil || changed == 0 {
		return nil, err
	}
	return a.fresh(t, old.version+1), nil
}

// share joins a reservation of the same id, or holds on to a live key.
func (a *attempt) share(ctx context.Context, old *row) (*Reservation, error) {
	changed, err := a.x.exec(ctx, a.p.shard, a.x.hold(a.p, old, a.ttl))
	if err != nil || changed == 0 {
		return nil, err
	}
	held := *old
	held.version++
	return &Reservation{index: a.x, place: a.p, row: held}, nil
}

// errBusy is the end of too many tries against other writers.
var errBusy = errors.New("too many others change the same key")

// repeatedly calls fn until it is done, fails for good, or too often. What passes
// by itself, and answers that were lost, are tried again.
func repeatedly(ctx context.Context, fn func() (done bool, err error)) error {
	pause := firstPause
	for n := 1; ; n++ {
		done, err := fn()
		switch {
		case done:
			return nil
		case err != nil && !mayTryAgain(ctx, err):
			return err
		case n == maxAttempts && err == nil:
			return errBusy
		case n == maxAttempts:
			return err
		}
		if !sleep(ctx, pause) {
			if err == nil {
				err = context.Cause(ctx)
			}
			return err
		}
		pause *= 2
	}
}

// sleep pauses for between half and one and a half times d. It reports false when
// the context ends first.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d/2 + rand.N(d))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
