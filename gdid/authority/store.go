package authority

import (
	"context"
	"errors"

	"github.com/mdbrouter/mdb/gdid"
)

// A Store is an authority that can be operated: [MySQL] and [Files].
type Store interface {
	Authority
	// Read gives what the authority keeps of a sequence, without changing it, also
	// when it is unfenced.
	Read(ctx context.Context, sequence string) (State, error)
	// Create makes the authority hold a sequence whose first id has the range key
	// first. A sequence that it holds is left as it is.
	Create(ctx context.Context, sequence string, first gdid.RangeKey) error
	// Change replaces the record of a sequence by what change makes of it, while
	// no lease can come between. change may be called several times.
	Change(ctx context.Context, sequence string, change func(State) (Record, error)) error
	// Close releases what the store holds. Later calls fail.
	Close() error
}

var (
	_ Store = (*MySQL)(nil)
	_ Store = (*Files)(nil)
)

// errNothingGiven is returned for a request for no counters.
var errNothingGiven = errors.New("a lease of no ids was asked for")
