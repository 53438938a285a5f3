package partition

import (
	"fmt"
	"math"
	"math/bits"
	"strconv"
	"strings"

	"github.com/mdbrouter/mdb/gdid"
)

// A Hash is a function that picks the shard of an id among the shards of its
// partition. Each is frozen: the same id and count give the same shard for ever,
// in every version and language (testdata/vectors has golden values). The zero
// Hash is invalid and routes nothing.
type Hash uint8

const (
	// Jump1 is jump consistent hash (Lamping and Veach, 2014) of the 64-bit key
	// counter + era*0x9E3779B97F4A7C15. It spreads sequential, odd-only and strided
	// ids evenly, and one shard more moves 1/(N+1) of the briefcases. Its cost
	// grows with the logarithm of the shard count.
	Jump1 Hash = iota + 1
	// Mod1 is the range key as a 92-bit number modulo the shard count: exact round
	// robin. Beware of ids with a stride, as ticket servers of odd and even ids
	// issue: a common factor of stride and count leaves shards empty.
	Mod1
	// Azos1 is (era<<32 XOR (authority<<60 | counter)) modulo the shard count, for
	// data that Azos MDB placed. It is the only one in which the authority takes
	// part.
	Azos1
)

// hashNames is indexed by Hash-1.
var hashNames = [...]string{"jump1", "mod1", "azos1"}

// HashNames returns the names that [ParseHash] knows, the recommended one first.
func HashNames() []string { return append([]string(nil), hashNames[:]...) }

// An UnknownHashError is returned for a name that is no shard function's.
type UnknownHashError struct{ Name string }

// Error quotes the name, cut to 64 bytes, and lists the known ones.
func (e *UnknownHashError) Error() string {
	return fmt.Sprintf("partition: unknown hash %q, want one of %s",
		e.Name[:min(len(e.Name), 64)], strings.Join(hashNames[:], ", "))
}

// ParseHash returns the shard function of that name, or an [*UnknownHashError].
func ParseHash(name string) (Hash, error) {
	for i, known := range hashNames {
		if name == known {
			return Hash(i + 1), nil
		}
	}
	return 0, &UnknownHashError{Name: name}
}

// Valid reports whether h is one of the shard functions.
func (h Hash) Valid() bool { return h >= Jump1 && h <= Azos1 }

// String returns the name of the function, or "Hash(0)" and the like if there is
// none.
func (h Hash) String() string {
	if !h.Valid() {
		return "Hash(" + strconv.Itoa(int(h)) + ")"
	}
	return hashNames[h-1]
}

// MarshalText returns the name of the function, or an [*UnknownHashError].
func (h Hash) MarshalText() ([]byte, error) {
	if !h.Valid() {
		return nil, &UnknownHashError{Name: h.String()}
	}
	return []byte(h.String()), nil
}

// UnmarshalText reads what [ParseHash] reads. On failure h keeps its value.
func (h *Hash) UnmarshalText(name []byte) error {
	parsed, err := ParseHash(string(name))
	if err != nil {
		return err
	}
	*h = parsed
	return nil
}

// MaxShards is the most shards that a partition can have. It keeps every step of
// the shard functions exact; nobody should come near.
const MaxShards = math.MaxInt32

// Shard returns the shard of the id among so many, from 0 to shards-1. It does
// not allocate. It panics if h is not valid or shards is not from 1 to
// [MaxShards], so that a routing mistake can never become a wrong place.
func (h Hash) Shard(id gdid.GDID, shards int) int {
	if h != Jump1 || shards < 1 || shards > MaxShards {
		return h.modulo(id, shards)
	}
	// A key jumps from bucket to bucket for as long as its next one exists. The draws
	// do not depend on the buckets, so the first three steps are taken at once, whether
	// they lead to a bucket or not: steps only go up, so the last that does is the
	// answer. That takes no branch which depends on the key, where a loop ends as the
	// key wants, which no processor can foresee. What three steps leave open, one key
	// in six for 8 buckets, a loop ends.
	const (
		k     = 2862933555777941757 // the key's next is k*key + 1
		k2    = k * k & math.MaxUint64
		k3    = k2 * k & math.MaxUint64
		third = (k2 + k + 1) & math.MaxUint64
	)
	key, n := id.Counter()+uint64(id.Era())*0x9E3779B97F4A7C15, int64(shards)
	a := step(1, k*key+1)
	b := step(int64(a)+1, k2*key+k+1)
	c := step(int64(b)+1, k3*key+third)
	if c < float64(n) {
		return jumpOn(k3*key+third, int64(c), n)
	}
	at := int64(0)
	if int64(a) < n {
		at = int64(a)
	}
	if int64(b) < n {
		at = int64(b)
	}
	return int(at)
}

func (h Hash) modulo(id gdid.GDID, shards int) int {
	if shards < 1 || shards > MaxShards {
		panic("partition: shard of " + strconv.Itoa(shards) + " shards")
	}
	era, n := uint64(id.Era()), uint64(shards)
	switch h {
	case Mod1:
		return int(bits.Rem64(era>>4, era<<60|id.Counter(), n))
	case Azos1:
		return int((era<<32 ^ (uint64(id.Authority())<<60 | id.Counter())) % n)
	default:
		panic("partition: shard by " + h.String())
	}
}

// jumpOn follows the key from a bucket that exists.
func jumpOn(key uint64, at, n int64) int {
	for {
		key = key*2862933555777941757 + 1
		next := step(at+1, key)
		if next >= float64(n) {
			return int(at)
		}
		at = int64(next)
	}
}

// step gives what the draw of a key leads to, above which the bucket is rounded
// down. It is at most 2^31 times from.
func step(from int64, key uint64) float64 {
	return float64(from) * ((1 << 31) / float64(int64(key>>33+1)))
}
