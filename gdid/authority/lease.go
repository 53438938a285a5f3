package authority

import (
	"context"

	"github.com/mdbrouter/mdb/gdid"
)

// An Authority leases blocks of counters. Implementations are safe for concurrent
// use, by any number of processes.
type Authority interface {
	// Name is the authority's label.
	Name() string
	// Number stands in every id, 0 to [gdid.MaxAuthority].
	Number() uint8
	// Lease gives a block that was never given and never will be again, or an
	// error. After an error a block may be lost. It never waits longer than ctx.
	Lease(ctx context.Context, req Request) (Block, error)
}

// A Request asks for a block.
type Request struct {
	Sequence string
	// Count is how many counters are wanted, at least 1. Fewer are given at the
	// end of an era or below a ceiling.
	Count uint64
	// After is the highest range key that this process has leased of the sequence,
	// from any authority, or zero. The block lies above it.
	After gdid.RangeKey
	// Own is the highest range key that this process has leased of the sequence
	// from this authority, or zero. An authority whose head is not above it has
	// forgotten leases: [ErrWentBack].
	Own gdid.RangeKey
	// MaxJump is how far the head may jump to get above After; beyond,
	// [ErrTooFarBehind]. Zero allows no jump.
	MaxJump uint64
}

// A Block is a run of counters of one era.
type Block struct {
	Authority uint8
	Era       uint32
	First     uint64
	Count     uint64
}

// Last gives the highest range key of the block.
func (b Block) Last() gdid.RangeKey {
	return gdid.RangeKey{Era: b.Era, Counter: b.First + b.Count - 1}
}
