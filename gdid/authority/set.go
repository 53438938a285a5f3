package authority

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/mdbrouter/mdb/gdid"
)

// A Set is all authorities of a namespace, for operating them. It is safe for
// concurrent use.
type Set struct{ stores []Store }

// NewSet gives the set of stores, which must be all authorities that are declared.
func NewSet(stores []Store) *Set { return &Set{stores: slices.Clone(stores)} }

// Stores gives the authorities in the order declared. The caller must not change
// the slice.
func (s *Set) Stores() []Store { return s.stores }

// A Status is what one authority keeps of a sequence, or why it cannot tell.
type Status struct {
	Authority string
	Number    uint8
	State     State
	Err       error
}

// Status asks every authority, all at once, and changes nothing. Answers are in
// the order declared.
func (s *Set) Status(ctx context.Context, sequence string) []Status {
	answers := make([]Status, len(s.stores))
	var asking sync.WaitGroup
	for i, store := range s.stores {
		asking.Go(func() {
			state, err := store.Read(ctx, sequence)
			answers[i] = Status{Authority: store.Name(), Number: store.Number(), State: state, Err: err}
		})
	}
	asking.Wait()
	return answers
}

// Create makes every authority hold a sequence, and leaves those alone that hold
// it. It begins at least at the range key; an authority that is new to a sequence
// begins at the head of the others, so that its ids do not lie in old partitions.
// So all others must answer.
func (s *Set) Create(ctx context.Context, sequence string, least gdid.RangeKey) error {
	first, lacking, err := s.lacking(ctx, sequence, least)
	if err != nil {
		return err
	}
	for _, store := range lacking {
		if err := store.Create(ctx, sequence, first); err != nil {
			return err
		}
	}
	return nil
}

// Lacking tells what [Set.Create] would do: which authorities do not hold the
// sequence, and where they would begin.
func (s *Set) Lacking(ctx context.Context, sequence string, least gdid.RangeKey) (first gdid.RangeKey, names []string, err error) {
	first, lacking, err := s.lacking(ctx, sequence, least)
	for _, store := range lacking {
		names = append(names, store.Name())
	}
	return first, names, err
}

func (s *Set) lacking(ctx context.Context, sequence string, least gdid.RangeKey) (first gdid.RangeKey, lacking []Store, err error) {
	first = higher(firstHead, least)
	var faults []error
	for i, status := range s.Status(ctx, sequence) {
		if errors.Is(status.Err, ErrNotProvisioned) {
			lacking = append(lacking, s.stores[i])
			continue
		}
		end, err := status.end(sequence)
		faults = append(faults, err)
		first = higher(first, end)
	}
	if err := errors.Join(faults...); err != nil && len(lacking) > 0 {
		return gdid.RangeKey{}, nil, fmt.Errorf("mdb: begin sequence %s: where the other authorities are is not known: %w", sequence, err)
	}
	return first, lacking, nil
}

// end gives the range key of the next id.
func (s Status) end(sequence string) (gdid.RangeKey, error) {
	if s.Err != nil {
		return gdid.RangeKey{}, s.Err
	}
	end, err := s.State.End()
	if err != nil {
		return gdid.RangeKey{}, &Error{Op: "read", Sequence: sequence, Authority: s.Authority, Err: err}
	}
	return end, nil
}

func higher(a, b gdid.RangeKey) gdid.RangeKey {
	if a.Compare(b) < 0 {
		return b
	}
	return a
}

// Take gives n ids, 1 to [MaxBatch], straight from the authorities, without
// leasing more than these. It is for tools; a service has a [Generator].
func (s *Set) Take(ctx context.Context, sequence string, n int) (Batch, error) {
	if n < 1 || n > MaxBatch {
		return Batch{}, fmt.Errorf("mdb: take %d ids of sequence %s: want 1 to %d", n, sequence, MaxBatch)
	}
	authorities := make([]Authority, len(s.stores))
	for i, store := range s.stores {
		authorities[i] = store
	}
	roster := newRoster(sequence, authorities, Options{}.withDefaults())
	var batch Batch
	for want := uint64(n); want > 0; {
		block, err := roster.lease(ctx, want)
		if err != nil {
			return Batch{}, err
		}
		batch.add(Run{First: newRun(block).id(0), Count: int(block.Count)})
		want -= block.Count
	}
	return batch, nil
}

// Close closes all stores.
func (s *Set) Close() error {
	faults := make([]error, len(s.stores))
	for i, store := range s.stores {
		faults[i] = store.Close()
	}
	return errors.Join(faults...)
}
