package gdid_test

import (
	"encoding/hex"
	"math/big"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/gdid"
)

var (
	decimalForm = regexp.MustCompile(`\A([0-9]+):([0-9]+):([0-9]+)\z`)
	hexForm     = regexp.MustCompile(`\A(?:0[xX])?([0-9a-fA-F]{24})\z`)
	keyForm     = regexp.MustCompile(`\A([0-9]+(?:_[0-9]+)*):(?:(0+(?:_0+)*):)?([0-9]+(?:_[0-9]+)*)\z`)
)

// slowParse reads ids by regular expressions and big numbers.
func slowParse(s string) (gdid.GDID, bool) {
	if m := hexForm.FindStringSubmatch(s); m != nil {
		b, _ := hex.DecodeString(m[1])
		return gdid.FromBytes([gdid.Size]byte(b)), true
	}
	m := decimalForm.FindStringSubmatch(s)
	if m == nil {
		return gdid.GDID{}, false
	}
	era, ok1 := limited(m[1], 1<<32-1)
	authority, ok2 := limited(m[2], 15)
	counter, ok3 := limited(m[3], 1<<60-1)
	if !ok1 || !ok2 || !ok3 {
		return gdid.GDID{}, false
	}
	g, err := gdid.New(uint32(era), uint8(authority), counter)
	return g, err == nil
}

func limited(digits string, limit uint64) (uint64, bool) {
	n, ok := new(big.Int).SetString(strings.ReplaceAll(digits, "_", ""), 10)
	if !ok || n.Cmp(new(big.Int).SetUint64(limit)) > 0 {
		return 0, false
	}
	return n.Uint64(), true
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"", "0:3:250000", "4294967295:15:1152921504606846975", "0x00000007300000000003d090", "0:1.:5", "0:;:5",
		"0:16:0", "00000000000:015:00000000000000000000001", "0:3:\xff\xba\xb0", "+1:2:3", "1:2:3:4", "000000000000000000000016",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		g, err := gdid.Parse(s)
		var fromBytes gdid.GDID
		errBytes := fromBytes.UnmarshalText([]byte(s))
		want, ok := slowParse(s)
		require.Equal(t, ok, err == nil)
		require.Equal(t, ok, errBytes == nil)
		if !ok {
			var parse *gdid.ParseError
			require.ErrorAs(t, err, &parse)
			require.NotZero(t, parse.Rule)
			return
		}
		require.Equal(t, want, g)
		require.Equal(t, want, fromBytes)
		require.Equal(t, want, gdid.MustParse(g.String()))
		require.Equal(t, want, gdid.MustParse(g.Hex()))
	})
}

func FuzzParseRangeKey(f *testing.F) {
	for _, s := range []string{"", "0:0", "0:250_000", "7:0:5", "0:3:5", "4294967295:1152921504606846975", "0:5_", "_0:5", "0:1__0", "0:0:0:0"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		k, err := gdid.ParseRangeKey(s)
		m := keyForm.FindStringSubmatch(s)
		if m == nil {
			require.Error(t, err)
			return
		}
		era, ok1 := limited(m[1], 1<<32-1)
		counter, ok2 := limited(m[3], 1<<60-1)
		require.Equal(t, ok1 && ok2, err == nil)
		if err == nil {
			require.Equal(t, gdid.RangeKey{Era: uint32(era), Counter: counter}, k)
			require.Equal(t, k, gdid.MustParseRangeKey(k.String()))
		}
	})
}
