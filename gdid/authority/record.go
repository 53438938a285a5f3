package authority

import (
	"fmt"
	"math"

	"github.com/mdbrouter/mdb/gdid"
)

// fullHead is the head of an era whose counters are all given.
const fullHead = gdid.MaxCounter + 1

// firstHead is where a new sequence begins: the id 0:0:0 is none.
var firstHead = gdid.RangeKey{Counter: 1}

// A Record is what an authority keeps of one sequence.
type Record struct {
	Era uint32
	// Head is the next counter to give, at most 2^60, which means that the era is
	// spent. It begins at 1 in era 0 and at 0 in later ones.
	Head uint64
	// Ceiling and Hold are range keys that no lease reaches; zero is none. An
	// operator sets Ceiling. Appending a partition sets Hold and takes it away
	// again.
	Ceiling gdid.RangeKey
	Hold    gdid.RangeKey
	// Server is the identity of the server that may give ids; empty where servers
	// have none.
	Server string
}

// A State is a record, and the identity of the server that was asked.
type State struct {
	Record
	Here string
}

// Unfenced reports whether the server is not the recorded one.
func (s State) Unfenced() bool { return s.Server != s.Here }

// End gives the range key of the next id: none at or above it was given. It fails
// with [ErrExhausted] when there is no next id.
func (r Record) End() (gdid.RangeKey, error) {
	if r.Head < fullHead {
		return gdid.RangeKey{Era: r.Era, Counter: r.Head}, nil
	}
	if r.Era == math.MaxUint32 {
		return gdid.RangeKey{}, ErrExhausted
	}
	return gdid.RangeKey{Era: r.Era + 1}, nil
}

// top gives the lower of the ceiling and the hold, zero for none.
func (r Record) top() gdid.RangeKey {
	if r.Ceiling.IsZero() || (!r.Hold.IsZero() && r.Hold.Compare(r.Ceiling) < 0) {
		return r.Hold
	}
	return r.Ceiling
}

// grant works out the block that a lease gives. It is the whole rule; a store has
// only to make sure that the record does not change before it is written.
func (r Record) grant(number uint8, req Request) (Block, error) {
	end, err := r.End()
	if err != nil {
		return Block{}, err
	}
	if end.Compare(req.Own) <= 0 {
		return Block{}, fmt.Errorf("%w: its head is %v, and this process has leased up to %v from it", ErrWentBack, end, req.Own)
	}
	first, err := req.first(end)
	if err != nil {
		return Block{}, err
	}
	room := fullHead - first.Counter
	if top := r.top(); !top.IsZero() {
		if first.Compare(top) >= 0 {
			return Block{}, fmt.Errorf("%w: the next id is %v, the ceiling is %v", ErrCeiling, first, top)
		}
		if first.Era == top.Era {
			room = top.Counter - first.Counter
		}
	}
	return Block{Authority: number, Era: first.Era, First: first.Counter, Count: min(req.Count, room)}, nil
}

// first gives the first range key of a block, given the head's.
func (q Request) first(end gdid.RangeKey) (gdid.RangeKey, error) {
	if end.Compare(q.After) > 0 {
		return end, nil
	}
	first, err := q.After.Add(gdid.RangeKey{Counter: 1})
	if err != nil {
		return gdid.RangeKey{}, ErrExhausted
	}
	jump, err := first.Sub(end)
	if err != nil {
		return gdid.RangeKey{}, err
	}
	if jump.Compare(keyOf(q.MaxJump)) > 0 {
		return gdid.RangeKey{}, fmt.Errorf("%w: its head is %v, this process has leased up to %v elsewhere, and a lease may jump %d", ErrTooFarBehind, end, q.After, q.MaxJump)
	}
	return first, nil
}

// keyOf gives a distance on the line of range keys.
func keyOf(n uint64) gdid.RangeKey {
	return gdid.RangeKey{Era: uint32(n / fullHead), Counter: n % fullHead}
}

// moved gives the record after a block was given.
func (r Record) moved(b Block) Record {
	r.Era, r.Head = b.Era, b.First+b.Count
	return r
}
