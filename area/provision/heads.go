package provision

import (
	"context"
	"fmt"

	"github.com/mdbrouter/mdb/gdid"
)

// Heads is what provisioning asks of the authorities when it appends a partition.
// The sequence of an area has the area's name.
type Heads interface {
	// Head gives the end of the last block leased from a sequence, over all
	// authorities: no id at or above it exists. It fails if one authority cannot
	// be asked.
	Head(ctx context.Context, sequence string) (gdid.RangeKey, error)
	// SetCeiling keeps every authority from leasing ids at or past a range key.
	// It fails if the head of one is past it, or cannot be asked. It may be
	// called again.
	SetCeiling(ctx context.Context, sequence string, at gdid.RangeKey) error
	// RestoreCeilings puts the ceilings back as they were before SetCeiling. It
	// may be called again, and without one set.
	RestoreCeilings(ctx context.Context, sequence string) error
}

// FixedHeads states the head of sequences by name, where no authority can be
// asked. Who states a head answers for it: ids at or past it must not be made
// until the partition is open.
type FixedHeads map[string]gdid.RangeKey

// Head gives the head that was stated. It fails for a sequence without one.
func (h FixedHeads) Head(_ context.Context, sequence string) (gdid.RangeKey, error) {
	head, ok := h[sequence]
	if !ok {
		return gdid.RangeKey{}, fmt.Errorf("the head of sequence %s is not stated; state it with --head %s=ERA:COUNTER", sequence, sequence)
	}
	return head, nil
}

// SetCeiling compares the head that was stated; there is nothing to set.
func (h FixedHeads) SetCeiling(ctx context.Context, sequence string, at gdid.RangeKey) error {
	head, err := h.Head(ctx, sequence)
	if err != nil {
		return err
	}
	if head.Compare(at) > 0 {
		return fmt.Errorf("the head %v of sequence %s is past %v", head, sequence, at)
	}
	return nil
}

// RestoreCeilings does nothing.
func (h FixedHeads) RestoreCeilings(context.Context, string) error { return nil }
