package gdid

import "encoding/binary"

// maxText is the length of the longest text,
// "4294967295:15:1152921504606846975".
const maxText = 33

// text is what the parsers read: generic, so that UnmarshalText need not copy.
type text interface{ ~string | ~[]byte }

// Parse reads the text of an id: "era:authority:counter" in decimal, where
// leading zeros do no harm, or its 12 bytes as 24 hexadecimal digits of either
// case, with or without 0x. Anything else is a [*ParseError]. "0:0:0" is the
// zero GDID. It does not allocate unless it fails.
func Parse(s string) (GDID, error) {
	g, rule := parse(s)
	if rule != 0 {
		return GDID{}, newParseError(formID, s, rule)
	}
	return g, nil
}

// MustParse is [Parse] for texts known to be right. It panics on others.
func MustParse(s string) GDID {
	g, err := Parse(s)
	if err != nil {
		panic(err)
	}
	return g
}

func parse[S text](s S) (GDID, Rule) {
	era, i, rule := decimal(s, 0, maxEra, RuleEra)
	if rule == 0 && i == len(s) {
		rule = RuleParts
	}
	if rule != 0 {
		return parseHex(s, rule)
	}
	authority, i, rule := decimal(s, i+1, uint64(MaxAuthority), RuleAuthority)
	if rule != 0 {
		return GDID{}, rule
	}
	if i == len(s) {
		return GDID{}, RuleParts
	}
	counter, i, rule := decimal(s, i+1, MaxCounter, RuleCounter)
	if rule != 0 {
		return GDID{}, rule
	}
	if i != len(s) {
		return GDID{}, RuleParts
	}
	return GDID{era: uint32(era), id: authority<<counterBits | counter}, 0
}

// decimal reads digits from s[i:] up to a colon or the end, whose index it
// returns.
func decimal[S text](s S, i int, limit uint64, tooLarge Rule) (value uint64, next int, rule Rule) {
	first := i
	for ; i < len(s); i++ {
		d := s[i] - '0'
		if d > 9 {
			if s[i] == ':' {
				break
			}
			return 0, i, ruleOf(s[i])
		}
		// limit is below 2^60, so the product cannot wrap.
		value = value*10 + uint64(d)
		if value > limit {
			return 0, i, tooLarge
		}
	}
	if i == first {
		if len(s) == 0 {
			return 0, i, RuleNotEmpty
		}
		return 0, i, RuleParts
	}
	return value, i, 0
}

// ruleOf tells which rule a byte that is neither digit nor colon breaks.
func ruleOf(c byte) Rule {
	switch c {
	case '+', '-':
		return RuleSign
	case ' ', '\t', '\n', '\v', '\f', '\r':
		return RuleSpace
	case '_':
		return RuleGrouping
	default:
		return RuleDigits
	}
}

// parseHex reads the hexadecimal form. If s does not look like one, the rule
// that its decimal reading broke stands.
func parseHex[S text](s S, decimalRule Rule) (GDID, Rule) {
	prefixed := len(s) >= 2 && s[0] == '0' && s[1]|0x20 == 'x'
	if prefixed {
		s = s[2:]
	}
	if len(s) != 2*Size {
		if prefixed || len(s) > 0 && decimalRule != RuleNotEmpty && allHex(s) && !allDecimal(s) {
			return GDID{}, RuleHex
		}
		return GDID{}, decimalRule
	}
	var b [Size]byte
	for i := range b {
		hi, lo := nibble(s[2*i]), nibble(s[2*i+1])
		if hi|lo > 15 {
			if prefixed {
				return GDID{}, RuleHex
			}
			return GDID{}, decimalRule
		}
		b[i] = hi<<4 | lo
	}
	return GDID{era: binary.BigEndian.Uint32(b[:4]), id: binary.BigEndian.Uint64(b[4:])}, 0
}

// nibble returns the value of a hexadecimal digit, or 255.
func nibble(c byte) byte {
	switch {
	case c-'0' <= 9:
		return c - '0'
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10
	default:
		return 255
	}
}

func allHex[S text](s S) bool {
	for i := range len(s) {
		if nibble(s[i]) > 15 {
			return false
		}
	}
	return true
}

func allDecimal[S text](s S) bool {
	for i := range len(s) {
		if s[i]-'0' > 9 {
			return false
		}
	}
	return true
}
