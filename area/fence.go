package area

import (
	"context"
	"hash/crc32"

	"github.com/mdbrouter/mdb/gdid"
)

// Stripes is the number of fence rows in every shard.
const Stripes = 1024

// Layout is the layout number of shards that were never resharded.
const Layout = 1

// The states of a fence row.
const (
	StripeOpen   = 0
	StripeSealed = 1
	StripeMoved  = 2
)

// The states of a briefcase that moved or is moving, in mdb_case.
const (
	CaseHome     = 1
	CaseFrozen   = 2
	CaseDeciding = 3
	CaseMoved    = 4
	CaseIncoming = 5
	CaseAborted  = 6
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Stripe gives the fence row of an id: CRC-32C of its 12 bytes modulo [Stripes].
func Stripe(id gdid.GDID) int {
	b := id.Bytes()
	return int(crc32.Checksum(b[:], castagnoli) % Stripes)
}

// A Query runs one statement without arguments as text and gives all rows; it is
// meant for answers of a few rows. Values are nil, int64, uint64, float64,
// []byte, string or time.Time.
type Query func(ctx context.Context, statement string) ([][]any, error)

// A Fence decides whether a transaction may go on. A pool's connection calls
// Check right after it has begun the transaction, before any other statement,
// and rolls back when Check fails.
type Fence interface {
	Check(ctx context.Context, query Query) error
}

type fenceKey struct{}

// WithFence gives a context under which a transaction on a briefcase pool begins
// behind the fence. Without one, such a pool begins read-only transactions only.
func WithFence(ctx context.Context, f Fence) context.Context {
	return context.WithValue(ctx, fenceKey{}, f)
}

// FenceFrom gives the fence that [WithFence] put there, or nil.
func FenceFrom(ctx context.Context) Fence {
	f, _ := ctx.Value(fenceKey{}).(Fence)
	return f
}
