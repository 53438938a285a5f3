package authority

import (
	"context"
	"errors"
	"fmt"

	"github.com/mdbrouter/mdb/gdid"
)

// Head gives the end of the last block leased from a sequence, over all
// authorities: no id at or above it exists. An authority that cannot be asked, or
// that must be fenced, makes it unknown.
func (s *Set) Head(ctx context.Context, sequence string) (gdid.RangeKey, error) {
	if len(s.stores) == 0 {
		return gdid.RangeKey{}, fmt.Errorf("mdb: the head of sequence %s is not known: no authority is declared", sequence)
	}
	var head gdid.RangeKey
	var faults []error
	for _, status := range s.Status(ctx, sequence) {
		end, err := status.end(sequence)
		if err == nil && status.State.Unfenced() {
			err = &Error{Op: "read", Sequence: sequence, Authority: status.Authority, Err: ErrAuthorityUnfenced}
		}
		faults = append(faults, err)
		head = higher(head, end)
	}
	if err := errors.Join(faults...); err != nil {
		return gdid.RangeKey{}, fmt.Errorf("mdb: the head of sequence %s is not known: %w", sequence, err)
	}
	return head, nil
}

// SetCeiling keeps every authority from leasing ids at or past a range key, until
// [Set.RestoreCeilings]; a ceiling of [Set.Ceiling] stays in force beside it. It
// fails if the head of one is past it, or if one cannot be asked; when that shows
// only on the way, others hold then. It may be called again; of two range keys the
// lower one holds.
func (s *Set) SetCeiling(ctx context.Context, sequence string, at gdid.RangeKey) error {
	return s.change(ctx, sequence, func(state State) (Record, error) {
		if err := state.below(at); err != nil {
			return Record{}, err
		}
		if state.Hold.IsZero() || at.Compare(state.Hold) < 0 {
			state.Hold = at
		}
		return state.Record, nil
	})
}

// RestoreCeilings puts the ceilings back as they were before [Set.SetCeiling]. It
// may be called again, and without one set. After a failure some may be back.
func (s *Set) RestoreCeilings(ctx context.Context, sequence string) error {
	return s.apply(ctx, sequence, func(state State) (Record, error) {
		state.Hold = gdid.RangeKey{}
		return state.Record, nil
	})
}

// Ceiling keeps every authority from leasing ids at or past a range key for good.
// The zero key lifts it. It fails as [Set.SetCeiling] does.
func (s *Set) Ceiling(ctx context.Context, sequence string, at gdid.RangeKey) error {
	return s.change(ctx, sequence, func(state State) (Record, error) {
		if !at.IsZero() {
			if err := state.below(at); err != nil {
				return Record{}, err
			}
		}
		state.Ceiling = at
		return state.Record, nil
	})
}

// below demands that a ceiling can be set.
func (s State) below(at gdid.RangeKey) error {
	if !at.Valid() || at.IsZero() {
		return fmt.Errorf("%v is no ceiling", at)
	}
	if s.Unfenced() {
		return ErrAuthorityUnfenced
	}
	end, err := s.End()
	if err != nil {
		return err
	}
	if end.Compare(at) > 0 {
		return fmt.Errorf("its head %v is past %v", end, at)
	}
	return nil
}

// Floor moves every authority so far that its next id has at least the range key.
// Whoever has ids already imports their end this way. Heads that are further stay.
// It fails if one cannot be asked; when that shows only on the way, others are
// moved then. It may be called again.
func (s *Set) Floor(ctx context.Context, sequence string, least gdid.RangeKey) error {
	return s.change(ctx, sequence, func(state State) (Record, error) {
		if !least.Valid() {
			return Record{}, fmt.Errorf("%v is no range key", least)
		}
		if state.Unfenced() {
			return Record{}, ErrAuthorityUnfenced
		}
		end, err := state.End()
		if err != nil || end.Compare(least) >= 0 {
			return state.Record, err
		}
		if top := state.top(); !top.IsZero() && least.Compare(top) > 0 {
			return Record{}, fmt.Errorf("%w: %v is past the ceiling %v", ErrCeiling, least, top)
		}
		state.Era, state.Head = least.Era, least.Counter
		return state.Record, nil
	})
}

// change changes the record of every authority, or none if the first look shows
// that one would refuse.
func (s *Set) change(ctx context.Context, sequence string, change func(State) (Record, error)) error {
	if len(s.stores) == 0 {
		return fmt.Errorf("mdb: change sequence %s: no authority is declared", sequence)
	}
	var faults []error
	for _, status := range s.Status(ctx, sequence) {
		err := status.Err
		if err == nil {
			if _, err = change(status.State); err != nil {
				err = &Error{Op: "change", Sequence: sequence, Authority: status.Authority, Err: err}
			}
		}
		faults = append(faults, err)
	}
	if err := errors.Join(faults...); err != nil {
		return err
	}
	return s.apply(ctx, sequence, change)
}

// apply changes the record of every authority. It goes on after a failure.
func (s *Set) apply(ctx context.Context, sequence string, change func(State) (Record, error)) error {
	faults := make([]error, len(s.stores))
	for i, store := range s.stores {
		faults[i] = store.Change(ctx, sequence, change)
	}
	return errors.Join(faults...)
}
