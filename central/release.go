package central

import (
	"context"
	"errors"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/gdid"
)

// Release takes a key from its owner. It fails with [area.ErrNotFound] when the
// key is not the id's own. Afterwards anybody may have it, also this id again. It
// costs two round trips. Where a briefcase is deleted, its keys are released last:
// the other way round somebody could already own them while it still stands.
func (x *Index) Release(ctx context.Context, k any, id gdid.GDID) error {
	p, err := x.owned("release", k, id)
	if err != nil {
		return err
	}
	if err := x.release(ctx, p); err != nil {
		return x.failID("release", p, err)
	}
	return nil
}

// release removes the row of a place if it is the id's own.
func (x *Index) release(ctx context.Context, p place) error {
	defer x.cache.invalidate(p)
	lost := false // an answer was lost, so an absent row may be our doing
	return repeatedly(ctx, func() (bool, error) {
		now, err := x.read(ctx, p)
		switch {
		case err != nil:
			return false, err
		case (now == nil || now.id != p.id) && lost:
			return true, nil
		case now == nil || now.id != p.id:
			return false, area.ErrNotFound
		}
		if now.state == stateReserved { // perhaps of a briefcase that stands, not confirmed yet
			used, err := x.end(ctx, p, now)
			switch {
			case errors.Is(err, errChanged):
				return false, nil
			case errors.Is(err, errInUse):
				return false, area.ErrNotFound
			case err != nil || used: // used: live now
				return false, err
			}
			return false, area.ErrNotFound
		}
		// Only this very row: a release that arrives late must not remove what the
		// same id has reserved again.
		changed, err := x.exec(ctx, p.shard, x.remove(p, now))
		lost = lost || errors.Is(err, area.ErrOutcomeUnknown)
		return changed == 1, err
	})
}

// Add gives a key to an id whose briefcase exists. It does nothing if the key is
// the id's own already. In a unique index it fails with [area.ErrTaken] if the key
// is somebody else's. It costs two round trips.
func (x *Index) Add(ctx context.Context, k any, id gdid.GDID) error {
	p, err := x.owned("add", k, id)
	if err != nil {
		return err
	}
	if _, err := x.add(ctx, p); err != nil {
		return x.failID("add", p, err)
	}
	return nil
}

// add reserves and confirms. It begins again if the reservation expired in
// between.
func (x *Index) add(ctx context.Context, p place) (*Reservation, error) {
	for n := 1; ; n++ {
		r, err := x.reserve(ctx, p, 0)
		if err != nil {
			return nil, err
		}
		err = r.Confirm(ctx)
		if err == nil || n == maxAttempts || !errors.Is(err, ErrLapsed) {
			return r, err
		}
	}
}

// Remove takes a key from an id, as [Index.Release] does, and does nothing when the
// key is not the id's own. Only an index that is not unique has it; others fail
// with [ErrUnique].
func (x *Index) Remove(ctx context.Context, k any, id gdid.GDID) error {
	p, err := x.owned("remove", k, id)
	if err != nil {
		return err
	}
	if x.spec.Unique {
		return x.fail("remove", nil, ErrUnique)
	}
	if err := x.release(ctx, p); err != nil && !errors.Is(err, area.ErrNotFound) {
		return x.failID("remove", p, err)
	}
	return nil
}

// Change moves an id from one key to another: it owns the new key before it gives
// up the old one. It fails with [area.ErrNotFound] if the old key is not the id's
// own, and with [area.ErrTaken] if the new one is somebody else's; then nothing
// has changed. After any other failure the id may own both keys, and calling
// Change again finishes it. Two processes that change the same old key at once
// cannot both succeed.
//
// Where the briefcase keeps a proof or a copy of its key, register the new key in
// the transaction that changes the copy, and release the old one afterwards.
func (x *Index) Change(ctx context.Context, oldKey, newKey any, id gdid.GDID) error {
	from, err := x.owned("change", oldKey, id)
	if err != nil {
		return err
	}
	to, err := x.owned("change", newKey, id)
	if err != nil {
		return err
	}
	if err := x.change(ctx, from, to); err != nil {
		return x.failID("change", to, err)
	}
	return nil
}

func (x *Index) change(ctx context.Context, from, to place) error {
	old, err := x.readOwn(ctx, from)
	if err != nil {
		return err
	}
	if from.key == to.key {
		if old == nil {
			return area.ErrNotFound
		}
		return nil
	}
	if old == nil { // perhaps an earlier call has come this far
		return x.keep(ctx, to)
	}
	r, err := x.add(ctx, to)
	if err != nil {
		return err
	}
	err = x.release(ctx, from)
	if errors.Is(err, area.ErrNotFound) && r.fresh { // somebody else changed or released it
		return errors.Join(err, x.undo(ctx, to, r))
	}
	return err
}

// readOwn gives the row of a place if it is live and the id's own.
func (x *Index) readOwn(ctx context.Context, p place) (own *row, err error) {
	err = repeatedly(ctx, func() (bool, error) {
		now, err := x.read(ctx, p)
		if err == nil && now != nil && now.id == p.id && now.state == stateLive {
			own = now
		}
		return err == nil, err
	})
	return own, err
}

// keep holds on to a live key of the id, so that no other call that made it live
// undoes that. It fails with [area.ErrNotFound] if it is not the id's own.
func (x *Index) keep(ctx context.Context, p place) error {
	return repeatedly(ctx, func() (bool, error) {
		now, err := x.read(ctx, p)
		switch {
		case err != nil:
			return false, err
		case now == nil || now.id != p.id || now.state != stateLive:
			return false, area.ErrNotFound
		}
		changed, err := x.exec(ctx, p.shard, x.hold(p, now, 0))
		return changed == 1, err
	})
}

// undo removes a key that this call made live.
func (x *Index) undo(ctx context.Context, p place, r *Reservation) error {
	defer x.cache.invalidate(p)
	mine := r.row
	mine.state = stateLive
	return x.discard(ctx, p, &mine)
}

// discard removes a row unless others have changed it since. A DELETE that was
// killed may claim that it found nothing, so it is asked for again until that is so.
func (x *Index) discard(ctx context.Context, p place, old *row) error {
	return repeatedly(ctx, func() (bool, error) {
		changed, err := x.exec(ctx, p.shard, x.remove(p, old))
		if err != nil || changed == 1 {
			return err == nil, err
		}
		now, err := x.read(ctx, p)
		return err == nil && (now == nil || !now.is(old)), err
	})
}
