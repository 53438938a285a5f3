package gdid_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/gdid"
)

func TestParse(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, want string }{
		{name: "the decimal form", text: "0:3:250000", want: "0:3:250000"},
		{name: "the zero id", text: "0:0:0", want: "0:0:0"},
		{name: "the largest of each part", text: "4294967295:15:1152921504606846975", want: "4294967295:15:1152921504606846975"},
		{name: "hexadecimal digits", text: "00000007300000000003d090", want: "7:3:250000"},
		{name: "hexadecimal digits of either case with 0x", text: "0xFFFFFFFFfFffffffffffffff", want: "4294967295:15:1152921504606846975"},
		{name: "hexadecimal digits with 0X", text: "0X00000007300000000003d090", want: "7:3:250000"},
		{name: "24 digits that could be decimal are hexadecimal", text: "000000000000000000000016", want: "0:0:22"},
		{name: "leading zeros", text: "00000000000000000000007:0000000000000000000003:0000000000000000000000000250000", want: "7:3:250000"},
		{name: "two digits of authority", text: "1:10:0", want: "1:10:0"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			g, err := gdid.Parse(tt.text)
			require.NoError(t, err)
			require.Equal(t, tt.want, g.String())
			require.Equal(t, g, gdid.MustParse(tt.text))
			var unmarshalled gdid.GDID
			require.NoError(t, unmarshalled.UnmarshalText([]byte(tt.text)))
			require.Equal(t, g, unmarshalled)
		})
	}
}

func TestParse_refuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		rule       gdid.Rule
	}{
		{"nothing", "", gdid.RuleNotEmpty},
		{"one part", "250000", gdid.RuleParts},
		{"two parts", "0:250000", gdid.RuleParts},
		{"two parts, the second of two digits", "0:12", gdid.RuleParts},
		{"four parts", "0:3:250000:1", gdid.RuleParts},
		{"no era", ":3:250000", gdid.RuleParts},
		{"no authority", "0::250000", gdid.RuleParts},
		{"no counter", "0:3:", gdid.RuleParts},
		{"no counter after an authority of two digits", "0:15:", gdid.RuleParts},
		{"only colons", "::", gdid.RuleParts},
		{"a plus sign", "0:3:+5", gdid.RuleSign},
		{"a minus sign", "-1:3:5", gdid.RuleSign},
		{"a space before", " 0:3:5", gdid.RuleSpace},
		{"a space after", "0:3:5 ", gdid.RuleSpace},
		{"a space inside", "0: 3:5", gdid.RuleSpace},
		{"a newline", "0:3:5\n", gdid.RuleSpace},
		{"a NUL byte", "0:3:5\x00", gdid.RuleDigits},
		{"an escape", "0:\x1b[31m:5", gdid.RuleDigits},
		{"invalid UTF-8", "0:3:\xff\xfe", gdid.RuleDigits},
		{"digits of another script", "0:3:٢٥", gdid.RuleDigits},
		{"a letter", "0:3:25000O", gdid.RuleDigits},
		{"characters after the digits of ASCII for an authority", "0:;:5", gdid.RuleDigits},
		{"characters before the digits of ASCII in an authority", "0:1.:5", gdid.RuleDigits},
		{"a grouped counter", "0:3:250_000", gdid.RuleGrouping},
		{"a fraction", "0:3:1.5", gdid.RuleDigits},
		{"era of 33 bits", "4294967296:0:0", gdid.RuleEra},
		{"era that wraps 64 bits to 7", "18446744073709551623:0:0", gdid.RuleEra},
		{"era far too large", "99999999999999999999999:0:0", gdid.RuleEra},
		{"authority of 5 bits", "0:16:0", gdid.RuleAuthority},
		{"authority far too large", "0:99999999999999999999999:0", gdid.RuleAuthority},
		{"counter of 61 bits", "0:0:1152921504606846976", gdid.RuleCounter},
		{"counter that wraps 64 bits to 1", "0:0:18446744073709551617", gdid.RuleCounter},
		{"counter far too large", "0:0:" + strings.Repeat("9", 100), gdid.RuleCounter},
		{"23 hexadecimal digits", "00000007300000000003d09", gdid.RuleHex},
		{"25 hexadecimal digits", "00000007300000000003d0900", gdid.RuleHex},
		{"22 hexadecimal digits and 0x", "0x0000000730000000000003d", gdid.RuleHex},
		{"0x alone", "0x", gdid.RuleHex},
		{"0x twice", "0x0x00000007300000000003d0", gdid.RuleHex},
		{"hexadecimal parts", "0x0:0x3:0x5", gdid.RuleHex},
		{"24 characters, one no hexadecimal digit", "0000000730000000000zd090", gdid.RuleDigits},
		{"a name", "customer", gdid.RuleDigits},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := gdid.Parse(tt.text)
			var parse *gdid.ParseError
			require.ErrorAs(t, err, &parse)
			require.Equal(t, tt.rule, parse.Rule, parse.Rule.String())
			require.True(t, strings.HasPrefix(tt.text, parse.Input))
			require.Contains(t, err.Error(), tt.rule.String())
			require.Panics(t, func() { gdid.MustParse(tt.text) })

			id := gdid.MustParse("1:2:3")
			require.ErrorAs(t, id.UnmarshalText([]byte(tt.text)), &parse)
			require.Equal(t, tt.rule, parse.Rule)
			require.Equal(t, gdid.MustParse("1:2:3"), id, "a failed UnmarshalText changes nothing")
		})
	}
}

// An error quotes what it refuses, and only the begin of it.
func TestParseError(t *testing.T) {
	t.Parallel()
	_, err := gdid.Parse("0:16:\x00" + strings.Repeat("5", 1<<20))
	require.Less(t, len(err.Error()), 250)
	require.NotContains(t, err.Error(), "\x00")
	require.Contains(t, err.Error(), `"0:16:\x00555`)
	_, err = gdid.ParseRangeKey("0:3:250000")
	require.EqualError(t, err, `gdid: parse "0:3:250000": an authority other than 0 takes no part in ranges (range key, want era:counter)`)
	for rule := gdid.RuleNotEmpty; rule <= gdid.RuleKeyNoAuthority; rule++ {
		require.NotContains(t, rule.String(), "rule ")
	}
	require.Equal(t, "rule 0", gdid.Rule(0).String())
}

// Digits are read eight at a time: each byte value in each place of the block must
// be told apart from a digit.
func TestParse_everyByteInEveryPlace(t *testing.T) {
	t.Parallel()
	digits := []byte("1234567890123456")
	for i := range digits {
		for c := range 256 {
			text := bytes.Clone(digits)
			text[i] = byte(c)
			g, err := gdid.Parse("0:0:" + string(text))
			if c < '0' || c > '9' {
				require.Error(t, err, "%q", text)
				continue
			}
			require.NoError(t, err)
			require.Equal(t, string(text), fmt.Sprintf("%016d", g.Counter()))
		}
	}
	for a := range 256 {
		for b := range 256 {
			text := fmt.Sprintf("0:%c%c:5", a, b)
			if g, err := gdid.Parse(text); err == nil {
				require.Regexp(t, "^0:0?[0-9]:5$|^0:1[0-5]:5$", text)
				require.Equal(t, uint64(5), g.Counter())
			}
		}
		text := "0:" + string([]byte{byte(a)}) + ":5"
		if _, err := gdid.Parse(text); err == nil {
			require.Regexp(t, "^0:[0-9]:5$", text)
		}
	}
}

// Every number of digits of every part is written and read back.
func TestGDID_String_everyLength(t *testing.T) {
	t.Parallel()
	numbers := []uint64{0}
	for ten := uint64(1); ten <= gdid.MaxCounter; ten *= 10 {
		numbers = append(numbers, ten-1, ten, ten+1, ten*9)
	}
	numbers = append(numbers, gdid.MaxCounter)
	for _, counter := range numbers {
		if counter > gdid.MaxCounter {
			continue
		}
		for _, era := range []uint32{0, 9, 10, 99, 100, 12345, 9999999, 10000000, 99999999, 100000000, 4294967295} {
			for authority := range gdid.MaxAuthority + 1 {
				g, err := gdid.New(era, authority, counter)
				require.NoError(t, err)
				want := fmt.Sprintf("%d:%d:%d", era, authority, counter)
				require.Equal(t, want, g.String())
				require.Equal(t, g, gdid.MustParse(want))
				require.Equal(t, g, gdid.MustParse(g.Hex()))
				require.Equal(t, g, gdid.FromBytes(g.Bytes()))
			}
		}
	}
}
