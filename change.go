package mdb

import (
	"context"
	"database/sql"
	"errors"
	"slices"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/central"
)

// Change moves the briefcase id from one key of an index to another: fn runs in a
// transaction of the briefcase, as in [Briefcase.InTx], to change what the briefcase
// keeps of its key, such as the proof. The new key is reserved before and leads to
// the id after it has committed; the old one is given up last. If both are the same
// key once they are normalised, Change only runs fn.
//
// fn may run more than once, also after it has committed: it must set what it
// changes and not add to it. Change fails with [ErrNotFound] if the old key is not
// the id's own, and with [ErrTaken] if the new one is somebody else's; then nothing
// has happened. After an [ErrOutcomeUnknown] or an [ErrUnconfirmed], as after a
// crash, the id may own both keys; calling Change again finishes it.
//
// Two calls that move the id away from the same key at once may both succeed, and the
// id owns both new keys then. Where that can happen, fn locks the row that it changes
// and fails if the row keeps neither the old key nor the new one.
//
// Without anything to change in the briefcase, [Index.Change] does the same.
func (r *Router) Change(ctx context.Context, index string, id GDID, oldKey, newKey any, fn func(tx *sql.Tx) error) error {
	s := r.current.Load()
	x := s.central.Index(index)
	from, err := x.Encode(oldKey)
	if err != nil {
		return err
	}
	g := registration{id: id, always: true}
	if err := g.add(s.central, Key{Index: index, Value: newKey}); err != nil {
		return err
	}
	if g.briefcase, err = s.owner(x.Spec(), id); err != nil {
		return err
	}
	to := g.keys[0].encoded
	owns, err := ownsEither(ctx, x, id, from, to)
	if err != nil {
		return err
	}
	if !owns {
		return &Error{Op: "change", Area: "central." + index, ID: id, Err: ErrNotFound}
	}
	if string(from) == string(to) {
		return g.briefcase.InTx(ctx, nil, fn)
	}
	if err := g.run(ctx, fn); err != nil {
		return err
	}
	err = x.Release(ctx, from, id)
	if errors.Is(err, ErrNotFound) { // an earlier call has come this far
		return nil
	}
	if err != nil {
		return area.Error{Op: "change", ID: id}.Wrap(errors.Join(err, ErrOutcomeUnknown))
	}
	return nil
}

// ownsEither reports whether one of the keys is the id's own. It asks the servers.
func ownsEither(ctx context.Context, x *Index, id GDID, keys ...central.Encoded) (bool, error) {
	for _, k := range keys {
		owners, err := x.LookupAll(ctx, k)
		if err != nil || slices.Contains(owners, id) {
			return err == nil, err
		}
	}
	return false, nil
}
