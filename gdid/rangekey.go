package gdid

import (
	"fmt"
	"math/bits"
	"strconv"
)

// A RangeKey is a GDID without its authority: the 92-bit number
// era*2^60 + counter, all that range tables look at. Its text is "era:counter".
//
// Counter must not exceed [MaxCounter]; all functions that return keys keep to
// that, and [RangeKey.Valid] tells of keys made by hand.
type RangeKey struct {
	Era     uint32
	Counter uint64
}

// MaxRangeKey is the last key of the 92-bit line. The first is the zero RangeKey.
var MaxRangeKey = RangeKey{Era: maxEra, Counter: MaxCounter}

// ParseRangeKey reads "era:counter", or "era:0:counter" as ids are written.
// Another authority is refused, because it takes no part in ranges. A _ may stand
// between two digits, as in "0:250_000". Anything else is a [*ParseError].
func ParseRangeKey(s string) (RangeKey, error) { return parseRangeKey(s) }

// MustParseRangeKey is [ParseRangeKey] for texts known to be right. It panics on
// others.
func MustParseRangeKey(s string) RangeKey {
	k, err := ParseRangeKey(s)
	if err != nil {
		panic(err)
	}
	return k
}

func parseRangeKey[S text](s S) (RangeKey, error) {
	k, rule := readRangeKey(s)
	if rule != 0 {
		return RangeKey{}, newParseError(formKey, s, rule)
	}
	return k, nil
}

func readRangeKey[S text](s S) (RangeKey, Rule) {
	plain, rule := ungroup(s)
	if rule != 0 {
		return RangeKey{}, rule
	}
	colons, rule := countColons(plain)
	if rule != 0 {
		return RangeKey{}, rule
	}
	if colons != 1 && colons != 2 {
		return RangeKey{}, RuleParts
	}
	era, i, rule := decimal(plain, 0, maxEra, RuleEra)
	if rule != 0 {
		return RangeKey{}, rule
	}
	if colons == 2 {
		var authority uint64
		authority, i, rule = decimal(plain, i+1, uint64(MaxAuthority), RuleAuthority)
		if rule == 0 && authority > 0 {
			rule = RuleKeyNoAuthority
		}
		if rule != 0 {
			return RangeKey{}, rule
		}
	}
	counter, _, rule := decimal(plain, i+1, MaxCounter, RuleCounter)
	if rule != 0 {
		return RangeKey{}, rule
	}
	return RangeKey{Era: uint32(era), Counter: counter}, 0
}

// ungroup returns s without the underscores that stand between two digits.
func ungroup[S text](s S) (string, Rule) {
	digit := func(i int) bool { return i >= 0 && i < len(s) && s[i]-'0' <= 9 }
	var plain []byte
	for i := range len(s) {
		switch {
		case s[i] != '_':
			if plain != nil {
				plain = append(plain, s[i])
			}
		case !digit(i-1) || !digit(i+1):
			return "", RuleGrouping
		case plain == nil:
			plain = append(make([]byte, 0, len(s)), s[:i]...)
		}
	}
	if plain == nil {
		return string(s), 0
	}
	return string(plain), 0
}

// Valid reports whether the counter keeps to 60 bits.
func (k RangeKey) Valid() bool { return k.Counter <= MaxCounter }

// IsZero reports whether the key is 0:0, the first of the line.
func (k RangeKey) IsZero() bool { return k == RangeKey{} }

// Compare orders keys along the line. It returns -1, 0 or +1.
func (k RangeKey) Compare(other RangeKey) int {
	return compare(k.Era, k.Counter, other.Era, other.Counter)
}

// Add returns k + n on the 92-bit line: counters carry into eras. It fails with
// [ErrOverflow] past [MaxRangeKey].
func (k RangeKey) Add(n RangeKey) (RangeKey, error) {
	kHigh, kLow := k.number()
	nHigh, nLow := n.number()
	low, carry := bits.Add64(kLow, nLow, 0)
	high, _ := bits.Add64(kHigh, nHigh, carry)
	sum, ok := rangeKeyOf(high, low)
	if !ok {
		return RangeKey{}, fmt.Errorf("gdid: %v + %v: %w", k, n, ErrOverflow)
	}
	return sum, nil
}

// Sub returns k - n on the 92-bit line. It fails with [ErrOverflow] if n is
// greater than k.
func (k RangeKey) Sub(n RangeKey) (RangeKey, error) {
	kHigh, kLow := k.number()
	nHigh, nLow := n.number()
	low, borrow := bits.Sub64(kLow, nLow, 0)
	high, _ := bits.Sub64(kHigh, nHigh, borrow) // a negative difference is far past the line
	difference, ok := rangeKeyOf(high, low)
	if !ok {
		return RangeKey{}, fmt.Errorf("gdid: %v - %v: %w", k, n, ErrOverflow)
	}
	return difference, nil
}

// number returns the key as a 128-bit number.
func (k RangeKey) number() (high, low uint64) {
	low, carry := bits.Add64(uint64(k.Era)<<counterBits, k.Counter, 0)
	return uint64(k.Era)>>(64-counterBits) + carry, low
}

// rangeKeyOf is the inverse of number. It reports false past MaxRangeKey.
func rangeKeyOf(high, low uint64) (RangeKey, bool) {
	era := high<<(64-counterBits) | low>>counterBits
	return RangeKey{Era: uint32(era), Counter: low & MaxCounter}, high < 1<<28
}

// String returns the text of the key, for example "0:250000".
func (k RangeKey) String() string {
	var buf [maxText]byte
	return string(k.appendText(buf[:0]))
}

func (k RangeKey) appendText(b []byte) []byte {
	b = strconv.AppendUint(b, uint64(k.Era), 10)
	b = append(b, ':')
	return strconv.AppendUint(b, k.Counter, 10)
}

// AppendText appends the text of the key to b. It never fails.
func (k RangeKey) AppendText(b []byte) ([]byte, error) { return k.appendText(b), nil }

// MarshalText returns the text of the key, which is also its JSON string. It
// never fails.
func (k RangeKey) MarshalText() ([]byte, error) {
	return k.appendText(make([]byte, 0, maxText)), nil
}

// UnmarshalText reads what [ParseRangeKey] reads. On failure the key keeps its
// value.
func (k *RangeKey) UnmarshalText(b []byte) error {
	parsed, err := parseRangeKey(b)
	if err != nil {
		return err
	}
	*k = parsed
	return nil
}
