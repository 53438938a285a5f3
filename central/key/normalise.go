package key

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

const (
	// maxText bounds what is normalised, so that a request of megabytes costs
	// nothing. No key needs more: trim alone may shorten it without bound.
	maxText = 16 << 10

	// maxRounds bounds how often the sequence of normalisers repeats. Three
	// suffice for every character and all pairs of normalisers.
	maxRounds = 8

	// marksJoiner is what x/text puts into runs of more than 30 combining marks.
	marksJoiner = "\u034f"
)

// A normaliser is one step on the way to the one form of a key.
type normaliser struct {
	name  string
	apply func(string) (string, error)
}

// normalisers lists them in the order they are documented.
func normalisers() []normaliser {
	return []normaliser{
		{"trim", func(s string) (string, error) { return strings.TrimFunc(s, isSpace), nil }},
		{"lower", func(s string) (string, error) { return strings.ToLower(s), nil }},
		{"fold", func(s string) (string, error) { return fold(s), nil }},
		{"nfc", func(s string) (string, error) { return normalForm(norm.NFC, s) }},
		{"nfkc", func(s string) (string, error) { return normalForm(norm.NFKC, s) }},
		{"email", newEmail()},
	}
}

// normalise brings text to the one form that stands in the index.
func (c *Codec) normalise(text string) (string, error) {
	if len(text) > maxText {
		return "", &Error{Type: c.kind.name, Len: len(text), Max: c.maxBytes, Err: ErrTooLong}
	}
	if !utf8.ValidString(text) {
		return "", c.fail(ErrInvalidUTF8)
	}
	if c.strict && strings.ContainsFunc(text, isUnassigned) {
		return "", c.fail(ErrUnassigned)
	}
	text, err := settle(text, c.steps)
	if err != nil {
		return "", c.fail(err)
	}
	if hasControl(text) {
		return "", c.fail(ErrControl)
	}
	return text, nil
}

// settle applies the steps in their order, again and again until a whole round
// changes nothing, so that settled text stays as it is.
func settle(text string, steps []normaliser) (string, error) {
	for range maxRounds {
		before := text
		for _, step := range steps {
			var err error
			if text, err = step.apply(text); err != nil {
				return "", err
			}
		}
		if text == before {
			return text, nil
		}
	}
	return "", ErrUnsettled
}

// fold folds everything but the Cherokee capitals, which Unicode folds to
// themselves (their small letters are younger) and x/text to the small letters.
func fold(s string) string {
	if isASCII(s) {
		return strings.ToLower(s)
	}
	caser := cases.Fold()
	var folded strings.Builder
	for {
		i := strings.IndexFunc(s, isCherokeeCapital)
		if i < 0 {
			folded.WriteString(caser.String(s))
			return folded.String()
		}
		capital, size := utf8.DecodeRuneInString(s[i:])
		folded.WriteString(caser.String(s[:i]))
		folded.WriteRune(capital)
		s = s[i+size:]
	}
}

func isCherokeeCapital(r rune) bool { return 0x13A0 <= r && r <= 0x13F5 }

// normalForm refuses what x/text would not only normalise but break up: other
// languages do not, and would give the key other bytes.
func normalForm(form norm.Form, s string) (string, error) {
	if isASCII(s) {
		return s, nil
	}
	out := form.String(s)
	if strings.Count(out, marksJoiner) > strings.Count(s, marksJoiner) {
		return "", ErrTooManyMarks
	}
	return out, nil
}

// isSpace reports Unicode's White_Space, spelled out so that no later table
// changes what trim does.
func isSpace(r rune) bool {
	switch r {
	case '\t', '\n', '\v', '\f', '\r', ' ', 0x85, 0xA0, 0x1680, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000:
		return true
	}
	return 0x2000 <= r && r <= 0x200A
}

func isUnassigned(r rune) bool {
	return r >= utf8.RuneSelf && unicode.Is(unicode.Cn, r)
}

func hasControl(s string) bool {
	return strings.ContainsFunc(s, unicode.IsControl)
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
