package key

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

const (
	// DefaultMaxBytes is the longest string or bytes key of an index that sets
	// no limit.
	DefaultMaxBytes = 255

	// MaxMaxBytes is the highest limit an index may set: what InnoDB can hold
	// in one index.
	MaxMaxBytes = 3072
)

// A Spec says what the keys of an index are. The zero Spec is a string of at
// most DefaultMaxBytes, as it stands.
type Spec struct {
	// Type is one of [Types]. Empty means string.
	Type string

	// Normalize names [Normalisers], in the order they apply. Strings only.
	Normalize []string

	// MaxBytes is the length in bytes of the longest encoded key, 1 to
	// MaxMaxBytes. Zero means DefaultMaxBytes, or the size of a type of fixed
	// size.
	MaxBytes int
}

// kind is how keys of one type are encoded and written.
type kind struct {
	name   string
	size   int // bytes; 0 if it varies
	encode func(c *Codec, v any) ([]byte, error)
	parse  func(c *Codec, text string) ([]byte, error)
	text   func(encoded []byte) (string, bool)
}

// kinds lists the key types in the order they are documented.
func kinds() []kind {
	return []kind{
		{"string", 0, encodeString, parseString, textString},
		{"bytes", 0, encodeBytes, parseBytes, textBytes},
		{"int64", 8, encodeInt64, parseInt64, textInt64},
		{"uint64", 8, encodeUint64, parseUint64, textUint64},
		{"uuid", 16, encodeUUID, parseUUID, textUUID},
		{"gdid", 12, encodeGDID, parseGDID, textGDID},
	}
}

// Types returns the names of the key types, string first.
func Types() []string {
	var names []string
	for _, k := range kinds() {
		names = append(names, k.name)
	}
	return names
}

// Normalisers returns the names of the normalisers.
func Normalisers() []string {
	var names []string
	for _, n := range normalisers() {
		names = append(names, n.name)
	}
	return names
}

// A FaultKind says what is wrong with a Spec.
type FaultKind int

// The kinds of faults.
const (
	UnknownType         FaultKind = iota + 1 // Spec.Type is none of Types
	UnknownNormaliser                        // an element of Spec.Normalize is none of Normalisers
	WrongTypeNormaliser                      // an element of Spec.Normalize, on a type that is not string
	BadMaxBytes                              // Spec.MaxBytes is out of bounds, or below the size of the type
)

// A Fault is one mistake in a Spec. [New] joins all of them.
type Fault struct { //nolint:errname // a fault of a Spec, not an error of a key; hcl makes diagnostics of it
	Kind  FaultKind
	Index int    // the element of Spec.Normalize; 0 for other kinds
	Value string // the name or number written
	Type  string // the type of the index, "" if it is unknown
	Min   int    // the lowest MaxBytes the type allows, for BadMaxBytes
}

// Error says what is wrong and what would be right.
func (f *Fault) Error() string {
	switch f.Kind {
	case UnknownType:
		return fmt.Sprintf("unknown key type %q: use one of %s", f.Value, strings.Join(Types(), ", "))
	case UnknownNormaliser:
		return fmt.Sprintf("unknown normaliser %q: use some of %s", f.Value, strings.Join(Normalisers(), ", "))
	case WrongTypeNormaliser:
		return fmt.Sprintf("normaliser %q on keys of type %s: only string keys are normalised", f.Value, f.Type)
	case BadMaxBytes:
		return fmt.Sprintf("max_bytes %s is outside %d..%d", f.Value, f.Min, MaxMaxBytes)
	default:
		return fmt.Sprintf("fault %d in the spec of a key", f.Kind)
	}
}

// New returns the codec of an index. The error joins one [*Fault] for each
// mistake in spec.
func New(spec Spec) (*Codec, error) {
	c := &Codec{normalize: slices.Clone(spec.Normalize)}
	var faults []error

	typ := spec.Type
	if typ == "" {
		typ = "string"
	}
	all := kinds()
	if i := slices.IndexFunc(all, func(k kind) bool { return k.name == typ }); i >= 0 {
		c.kind = all[i]
	} else {
		faults = append(faults, &Fault{Kind: UnknownType, Value: spec.Type})
	}

	known := normalisers()
	for i, name := range spec.Normalize {
		n := slices.IndexFunc(known, func(n normaliser) bool { return n.name == name })
		switch {
		case n < 0:
			faults = append(faults, &Fault{Kind: UnknownNormaliser, Index: i, Value: name, Type: c.kind.name})
		case c.kind.name != "" && c.kind.name != "string":
			faults = append(faults, &Fault{Kind: WrongTypeNormaliser, Index: i, Value: name, Type: c.kind.name})
		default:
			c.steps = append(c.steps, known[n])
			c.strict = c.strict || name != "trim"
		}
	}

	least := max(1, c.kind.size)
	switch {
	case spec.MaxBytes == 0 && c.kind.size > 0:
		c.maxBytes = c.kind.size
	case spec.MaxBytes == 0:
		c.maxBytes = DefaultMaxBytes
	case spec.MaxBytes < least || spec.MaxBytes > MaxMaxBytes:
		faults = append(faults, &Fault{Kind: BadMaxBytes, Value: fmt.Sprint(spec.MaxBytes), Type: c.kind.name, Min: least})
	default:
		c.maxBytes = spec.MaxBytes
	}

	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	return c, nil
}
