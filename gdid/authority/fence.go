package authority

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/mdbrouter/mdb/gdid"
)

// FenceOptions tune [Set.Fence].
type FenceOptions struct {
	// Skip is how many ids the authority may have given that it does not know of:
	// the longest lag of its replica, times the rate of ids, with plenty to spare.
	// Ids cost nothing.
	Skip uint64
	// NewEra allows the move to end in the next era. It is refused unless it must,
	// because all partitions but the last are below a new era.
	NewEra bool
}

// Fence makes the server that answers now the one that may give the ids of an
// authority: after a failover, a clone or a restored backup. It moves the head to
// the greatest of its own recorded one and those of all other authorities, plus
// Skip, and tells where that is. The server that gave the ids before must not run
// any more. It is refused if another authority cannot be asked.
func (s *Set) Fence(ctx context.Context, sequence, name string, opts FenceOptions) (gdid.RangeKey, error) {
	i := slices.IndexFunc(s.stores, func(store Store) bool { return store.Name() == name })
	if i < 0 {
		return gdid.RangeKey{}, fmt.Errorf("mdb: fence sequence %s: no authority %s is declared", sequence, name)
	}
	var others []State
	var faults []error
	for j, status := range s.Status(ctx, sequence) {
		if j == i {
			continue
		}
		_, err := status.end(sequence)
		faults = append(faults, err)
		others = append(others, status.State)
	}
	if err := errors.Join(faults...); err != nil {
		return gdid.RangeKey{}, fmt.Errorf("mdb: fence sequence %s of authority %s: the head of another is not known: %w", sequence, name, err)
	}
	var head gdid.RangeKey
	err := s.stores[i].Change(ctx, sequence, func(state State) (Record, error) {
		var err error
		if head, err = state.fenced(others, opts); err != nil {
			return Record{}, err
		}
		state.Era, state.Head, state.Server = head.Era, head.Counter, state.Here
		return state.Record, nil
	})
	if err != nil {
		return gdid.RangeKey{}, err
	}
	return head, nil
}

// fenced gives the head past everything that can have been given.
func (s State) fenced(others []State, opts FenceOptions) (gdid.RangeKey, error) {
	var greatest gdid.RangeKey
	var era uint32 // the latest that is in use
	for _, state := range slices.Concat(others, []State{s}) {
		end, err := state.End()
		if err != nil {
			return gdid.RangeKey{}, err
		}
		greatest, era = higher(greatest, end), max(era, state.Era)
	}
	head, err := greatest.Add(keyOf(opts.Skip))
	if err != nil {
		return gdid.RangeKey{}, ErrExhausted
	}
	switch spent := head.Era > era; {
	case spent && !opts.NewEra:
		return gdid.RangeKey{}, fmt.Errorf("%v and %d ids more end in era %d, where only the last partition lies; skip fewer, or allow a new era", greatest, opts.Skip, head.Era)
	case !spent && opts.NewEra:
		return gdid.RangeKey{}, fmt.Errorf("a new era is refused: era %d is not spent at %v", era, head)
	}
	if top := s.top(); !top.IsZero() && head.Compare(top) > 0 {
		return gdid.RangeKey{}, fmt.Errorf("%w: %v and %d ids more are past the ceiling %v", ErrCeiling, greatest, opts.Skip, top)
	}
	return head, nil
}
