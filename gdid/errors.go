package gdid

import (
	"errors"
	"fmt"
	"strconv"
)

var (
	// ErrZero is returned by Value for the zero id, which means "none" and is
	// never written. A column that may be null takes sql.Null[gdid.GDID].
	ErrZero = errors.New("gdid: the zero id is never written; use sql.Null for a column that may be null")
	// ErrOverflow is returned by [RangeKey.Add] and [RangeKey.Sub] when the result
	// does not lie on the 92-bit line.
	ErrOverflow = errors.New("outside the range keys 0:0 to 4294967295:1152921504606846975")
)

// A LimitError says which part of an id is too large. [New] returns it.
type LimitError struct {
	Part         string // "authority" or "counter"
	Value, Limit uint64
}

// Error names the part, its value and its limit.
func (e *LimitError) Error() string {
	return fmt.Sprintf("gdid: %s %d exceeds %d", e.Part, e.Value, e.Limit)
}

// A Rule is what a text must keep to be an id or a range key.
type Rule uint8

// The rules that a [ParseError] can name.
const (
	RuleNotEmpty       Rule = iota + 1 // there must be a text
	RuleParts                          // a part is missing or too many are there
	RuleDigits                         // a character is no decimal digit
	RuleSign                           // a part carries a sign
	RuleSpace                          // white space is nowhere allowed
	RuleGrouping                       // _ stands only between two digits, and only in range keys
	RuleEra                            // the era exceeds 32 bits
	RuleAuthority                      // the authority exceeds MaxAuthority
	RuleCounter                        // the counter exceeds MaxCounter
	RuleHex                            // hexadecimal form is 24 digits with or without 0x
	RuleKeyNoAuthority                 // a range key carries an authority other than 0
)

// String says what the rule demands.
func (r Rule) String() string {
	switch r {
	case RuleNotEmpty:
		return "empty"
	case RuleParts:
		return "wrong number of parts"
	case RuleDigits:
		return "a part has something else than decimal digits"
	case RuleSign:
		return "a part has a sign"
	case RuleSpace:
		return "white space"
	case RuleGrouping:
		return "misplaced _"
	case RuleEra:
		return "era exceeds 4294967295 (32 bits)"
	case RuleAuthority:
		return "authority exceeds 15"
	case RuleCounter:
		return "counter exceeds 1152921504606846975 (60 bits)"
	case RuleHex:
		return "hexadecimal form is not 24 digits"
	case RuleKeyNoAuthority:
		return "an authority other than 0 takes no part in ranges"
	default:
		return "rule " + strconv.Itoa(int(r))
	}
}

// Forms that a ParseError can speak of.
const (
	formID  = "GDID, want era:authority:counter or 24 hexadecimal digits"
	formKey = "range key, want era:counter"
)

// A ParseError says why a text is no id or no range key.
type ParseError struct {
	Form  string // what was wanted, in words
	Input string // the text, cut to its first 64 bytes
	Rule  Rule   // the first rule that the text breaks
}

// maxInput is how many bytes of a refused text an error keeps.
const maxInput = 64

func newParseError[S text](form string, s S, rule Rule) *ParseError {
	return &ParseError{Form: form, Input: string(s[:min(len(s), maxInput)]), Rule: rule}
}

// Error quotes the text and names the rule and the form that was wanted.
func (e *ParseError) Error() string {
	cut := ""
	if len(e.Input) == maxInput {
		cut = "..."
	}
	return fmt.Sprintf("gdid: parse %q%s: %s (%s)", e.Input, cut, e.Rule, e.Form)
}

// A ScanError says that a column or a byte string cannot hold an id.
type ScanError struct {
	Source string // what came, never its value: "NULL", "a string", "11 bytes"
	Want   string // what is taken
}

// Error names what came and what is taken.
func (e *ScanError) Error() string { return fmt.Sprintf("gdid: got %s, want %s", e.Source, e.Want) }
