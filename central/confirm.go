package central

import (
	"context"
	"errors"

	"github.com/mdbrouter/mdb/area"
)

// Confirm makes the key live: from now on every lookup finds it. It may be called
// again at any time. It fails with [area.ErrTaken] when another id has taken the
// key over, and with [ErrLapsed] when the reservation is gone; neither happens to
// a reservation that a committed transaction has claimed. It costs one round trip.
func (r *Reservation) Confirm(ctx context.Context) error {
	x, p := r.index, r.place
	defer x.cache.invalidate(p)
	err := repeatedly(ctx, func() (bool, error) {
		if r.Live() {
			return x.isOwn(ctx, p)
		}
		changed, err := x.exec(ctx, p.shard, x.enliven(p, r.row.token))
		if err != nil {
			return false, err
		}
		if changed == 1 {
			return true, nil
		}
		return x.explain(ctx, r)
	})
	if err != nil {
		return x.failID("confirm", p, err)
	}
	return nil
}

// isOwn checks that a live key is still the id's own.
func (x *Index) isOwn(ctx context.Context, p place) (bool, error) {
	now, err := x.read(ctx, p)
	switch {
	case err != nil:
		return false, err
	case now == nil:
		return false, ErrLapsed
	case now.id != p.id:
		return false, area.ErrTaken
	}
	return now.state == stateLive, nil
}

// explain finds out why a reservation could not be made live. It reports true when
// it is live already, and false without an error when another try may help.
func (x *Index) explain(ctx context.Context, r *Reservation) (bool, error) {
	now, err := x.read(ctx, r.place)
	switch {
	case err != nil:
		return false, err
	case now == nil:
		return false, ErrLapsed
	case now.id != r.place.id:
		return false, area.ErrTaken
	case now.state == stateLive:
		return true, nil
	case now.token != r.row.token:
		return false, ErrLapsed
	}
	return false, nil
}

// Cancel gives up a reservation whose briefcase was not created. It first makes
// sure of that in the briefcase's shard: if a committed transaction has claimed the
// reservation, the key becomes live and Cancel fails with [ErrUsed]. A live key
// stays live: see [Index.Release]. A reservation that others of the same id share
// is left to them.
func (r *Reservation) Cancel(ctx context.Context) error {
	x, p := r.index, r.place
	defer x.cache.invalidate(p)
	err := repeatedly(ctx, func() (bool, error) {
		now, err := x.read(ctx, p)
		switch {
		case err != nil:
			return false, err
		case now == nil, now.id != p.id, now.token != r.row.token:
			return true, nil
		case now.state == stateLive:
			return false, ErrUsed
		case !r.fresh, !now.expired && now.version != r.row.version: // others have joined it
			return true, nil
		}
		used, err := x.end(ctx, p, now)
		switch {
		case errors.Is(err, errChanged):
			err = nil
		case used && err == nil:
			err = ErrUsed
		}
		return false, err // the next round sees what has become of it
	})
	if err != nil {
		return x.failID("cancel", p, err)
	}
	return nil
}

// Settle finds out for good whether a committed transaction has used the
// reservation, after a commit whose answer was lost: if none has, none ever will,
// and the key is free. If one has, the key is live. It asks the briefcase's shard,
// and waits there for a transaction that is still under way.
func (r *Reservation) Settle(ctx context.Context) (used bool, err error) {
	x, p := r.index, r.place
	defer x.cache.invalidate(p)
	err = repeatedly(ctx, func() (bool, error) {
		now := r.row
		changed, err := x.exec(ctx, p.shard, x.expireForAll(p, now.token))
		if err != nil {
			return false, err
		}
		now.version += uint32(changed)
		used, err = x.endExpired(ctx, p, &now)
		return err == nil, err
	})
	if err != nil {
		return false, x.failID("settle", p, err)
	}
	return used, nil
}

// Drop gives up a reservation after a transaction of its briefcase that certainly
// left no trace. It costs one round trip and asks no briefcase; a reservation that
// others may share stays, and lapses by itself.
func (r *Reservation) Drop(ctx context.Context) error {
	if !r.fresh {
		return nil
	}
	x, p := r.index, r.place
	defer x.cache.invalidate(p)
	if err := x.discard(ctx, p, &r.row); err != nil {
		return x.failID("cancel", p, err)
	}
	return nil
}
