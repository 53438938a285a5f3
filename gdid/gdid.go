// Package gdid has the 96-bit ids that everything else in mdb is about.
//
// A [GDID] is an era (32 bits), the authority that issued it (4 bits) and a
// counter (60 bits). Its text is "era:authority:counter" in decimal, its bytes
// are 12, big endian, so that a BINARY(12) key sorts as [GDID.Compare] does.
//
// There are two orders. [GDID.Compare] looks at all 96 bits and is the order of
// the bytes. [GDID.CompareRange] leaves the authority out and is the order of
// range tables: they see only the [RangeKey], the 92 bits <era, counter>. The
// orders differ, because the authority sits above the counter, so a run of range
// keys is up to 16 runs of bytes in each era. [Intervals] yields those runs;
// nothing should write BETWEEN by hand.
//
// The zero GDID means "none". It is never issued, routed or written.
//
// All types here are values and safe for concurrent use.
package gdid

import (
	"encoding/binary"
	"fmt"
	"math/bits"
)

const (
	// Size is the length of a GDID in bytes.
	Size = 12
	// MaxAuthority is the highest number an authority can have.
	MaxAuthority uint8 = 15
	// MaxCounter is the highest counter, 60 bits. The highest era is
	// math.MaxUint32.
	MaxCounter uint64 = 1<<counterBits - 1

	counterBits = 60
	maxEra      = 1<<32 - 1
)

// A GDID names one briefcase. It is comparable, so it can be a map key; zero
// means "none".
type GDID struct {
	era uint32
	id  uint64 // authority<<60 | counter
}

// New returns the id of the given parts. It fails with a [*LimitError] if the
// authority exceeds [MaxAuthority] or the counter exceeds [MaxCounter]. All
// parts zero give the zero GDID.
func New(era uint32, authority uint8, counter uint64) (GDID, error) {
	if authority > MaxAuthority {
		return GDID{}, &LimitError{Part: "authority", Value: uint64(authority), Limit: uint64(MaxAuthority)}
	}
	if counter > MaxCounter {
		return GDID{}, &LimitError{Part: "counter", Value: counter, Limit: MaxCounter}
	}
	return GDID{era: era, id: uint64(authority)<<counterBits | counter}, nil
}

// FromBytes returns the id with these bytes. Every array is an id; it is the
// inverse of [GDID.Bytes].
func FromBytes(b [Size]byte) GDID {
	return GDID{era: binary.BigEndian.Uint32(b[:4]), id: binary.BigEndian.Uint64(b[4:])}
}

// Era returns the highest 32 bits.
func (g GDID) Era() uint32 { return g.era }

// Authority returns the number of the authority that issued the id, 0 to
// [MaxAuthority].
func (g GDID) Authority() uint8 { return uint8(g.id >> counterBits) }

// Counter returns the lowest 60 bits.
func (g GDID) Counter() uint64 { return g.id & MaxCounter }

// RangeKey returns the era and the counter, all that range tables look at.
func (g GDID) RangeKey() RangeKey { return RangeKey{Era: g.era, Counter: g.id & MaxCounter} }

// IsZero reports whether the id is the zero GDID, "none".
func (g GDID) IsZero() bool { return uint64(g.era)|g.id == 0 }

// Compare orders ids by all 96 bits: era, authority, counter. It is the order of
// [GDID.Bytes] and so of BINARY(12) columns. It returns -1, 0 or +1.
func (g GDID) Compare(h GDID) int {
	return compare(g.era, g.id, h.era, h.id)
}

// CompareRange orders ids as range tables do: era, counter. Ids that differ only
// in their authority are equal. It returns -1, 0 or +1.
func (g GDID) CompareRange(h GDID) int {
	return compare(g.era, g.id&MaxCounter, h.era, h.id&MaxCounter)
}

// compare takes no branch, since ids to compare are in no order that a branch
// predictor could learn: each borrow tells whether one 96-bit number is below
// the other.
func compare(era1 uint32, low1 uint64, era2 uint32, low2 uint64) int {
	_, below := bits.Sub64(low1, low2, 0)
	_, below = bits.Sub64(uint64(era1), uint64(era2), below)
	_, above := bits.Sub64(low2, low1, 0)
	_, above = bits.Sub64(uint64(era2), uint64(era1), above)
	return int(above) - int(below)
}

// Bytes returns the 12 bytes of the id, big endian.
func (g GDID) Bytes() [Size]byte {
	var b [Size]byte
	binary.BigEndian.PutUint32(b[:4], g.era)
	binary.BigEndian.PutUint64(b[4:], g.id)
	return b
}

// String returns the text of the id, for example "0:3:250000".
func (g GDID) String() string {
	var buf [maxText]byte
	return string(g.appendText(buf[:0]))
}

// Hex returns the bytes as 24 hexadecimal digits in lower case. [Parse] reads
// them back.
func (g GDID) Hex() string {
	const digits = "0123456789abcdef"
	var buf [2 * Size]byte
	for i, c := range g.Bytes() {
		buf[2*i], buf[2*i+1] = digits[c>>4], digits[c&15]
	}
	return string(buf[:])
}

// GoString returns Go code that makes the id, for the verb %#v.
func (g GDID) GoString() string { return fmt.Sprintf("gdid.MustParse(%q)", g.String()) }

// Format prints the text of the id for %s, %v and %q, its bytes for %x and %X
// (%#x with a leading 0x) and Go code for %#v, with the usual flags.
func (g GDID) Format(f fmt.State, verb rune) {
	format := fmt.FormatString(f, verb)
	switch {
	case verb == 'x' || verb == 'X':
		b := g.Bytes()
		fmt.Fprintf(f, format, b[:])
	case verb == 'v' && f.Flag('#'):
		fmt.Fprint(f, g.GoString())
	default:
		fmt.Fprintf(f, format, g.String())
	}
}
