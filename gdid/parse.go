package gdid

// maxText is the length of the longest text,
// "4294967295:15:1152921504606846975".
const maxText = 33

// maxDigits is how many decimal digits a uint64 can hold, whatever they are.
const maxDigits = 19

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

// parse reads the decimal form as it is written. All it cannot take, be it wrong
// or only unusual, it leaves to parseSlowly.
func parse[S text](s S) (GDID, Rule) {
	era, i := readDecimal(s, 0)
	if i == 0 || i > maxDigits || era > maxEra || len(s)-i < len(":0:0") || s[i] != ':' {
		return parseSlowly(s)
	}
	first, second := s[i+1]-'0', s[i+2]-'0'
	two := uint64(0) // whether there are two digits, which is not foreseeable
	if second <= 9 {
		two = 1
	}
	authority, i := uint64(first)+two*(uint64(first)*9+uint64(second)), i+2+int(two)
	if first > 9 || authority > uint64(MaxAuthority) || s[i] != ':' {
		return parseSlowly(s)
	}
	counter, end := readDecimal(s, i+1)
	if end != len(s) || end == i+1 || end-i > 1+maxDigits || counter > MaxCounter {
		return parseSlowly(s)
	}
	return GDID{era: uint32(era), id: authority<<counterBits | counter}, 0
}

// parseSlowly reads what parse left: the hexadecimal form, parts with many leading
// zeros, and mistakes. Of several mistakes it tells wrong characters first, then a
// wrong number of parts, then a part that is too large.
func parseSlowly[S text](s S) (GDID, Rule) {
	if g, ok := parseHex(s); ok {
		return g, 0
	}
	if likeHex(s) {
		return GDID{}, RuleHex
	}
	colons, rule := countColons(s)
	if rule != 0 {
		return GDID{}, rule
	}
	if colons != 2 {
		return GDID{}, RuleParts
	}
	era, i, rule := decimal(s, 0, maxEra, RuleEra)
	if rule != 0 {
		return GDID{}, rule
	}
	authority, i, rule := decimal(s, i+1, uint64(MaxAuthority), RuleAuthority)
	if rule != 0 {
		return GDID{}, rule
	}
	counter, _, rule := decimal(s, i+1, MaxCounter, RuleCounter)
	if rule != 0 {
		return GDID{}, rule
	}
	return GDID{era: uint32(era), id: authority<<counterBits | counter}, 0
}

// countColons returns the number of colons in a text of nothing but those and
// decimal digits, or the rule that its first other character breaks.
func countColons[S text](s S) (int, Rule) {
	if len(s) == 0 {
		return 0, RuleNotEmpty
	}
	colons := 0
	for i := range len(s) {
		switch c := s[i]; {
		case c-'0' <= 9:
		case c == ':':
			colons++
		case c == '+' || c == '-':
			return 0, RuleSign
		case c == ' ' || '\t' <= c && c <= '\r':
			return 0, RuleSpace
		case c == '_':
			return 0, RuleGrouping
		default:
			return 0, RuleDigits
		}
	}
	return colons, 0
}

// decimal reads the number from s[i:] up to a colon or the end, whose index it
// returns. The text must have nothing but digits and colons.
func decimal[S text](s S, i int, limit uint64, tooLarge Rule) (value uint64, next int, rule Rule) {
	first := i
	for ; i < len(s) && s[i] != ':'; i++ {
		// limit is at most 60 bits, so the product cannot wrap.
		value = value*10 + uint64(s[i]-'0')
		if value > limit {
			return 0, i, tooLarge
		}
	}
	if i == first {
		return 0, i, RuleParts
	}
	return value, i, 0
}

// hexValue has the value of each hexadecimal digit plus 1, and 0 elsewhere.
var hexValue = [256]byte{
	'0': 1, '1': 2, '2': 3, '3': 4, '4': 5, '5': 6, '6': 7, '7': 8, '8': 9, '9': 10,
	'a': 11, 'b': 12, 'c': 13, 'd': 14, 'e': 15, 'f': 16,
	'A': 11, 'B': 12, 'C': 13, 'D': 14, 'E': 15, 'F': 16,
}

// parseHex reads 24 hexadecimal digits with or without 0x.
func parseHex[S text](s S) (GDID, bool) {
	if hexPrefix(s) {
		s = s[2:]
	}
	if len(s) != 2*Size {
		return GDID{}, false
	}
	var b [Size]byte
	for i := range b {
		high, low := hexValue[s[2*i]], hexValue[s[2*i+1]]
		if high == 0 || low == 0 {
			return GDID{}, false
		}
		b[i] = (high-1)<<4 | (low - 1)
	}
	return FromBytes(b), true
}

func hexPrefix[S text](s S) bool { return len(s) >= 2 && s[0] == '0' && s[1]|0x20 == 'x' }

// likeHex tells whether a text that is no id was meant to be hexadecimal: it has
// the prefix, or it has hexadecimal digits alone and not only decimal ones.
func likeHex[S text](s S) bool {
	letters := false
	for i := range len(s) {
		if hexValue[s[i]] == 0 {
			return hexPrefix(s)
		}
		letters = letters || hexValue[s[i]] > 10
	}
	return letters
}
