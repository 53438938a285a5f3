package gdid_test

import (
	"math"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/gdid"
)

func TestParseRangeKey(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		want       gdid.RangeKey
	}{
		{"era and counter", "7:250000", gdid.RangeKey{Era: 7, Counter: 250000}},
		{"as ids are written, with authority 0", "7:0:250000", gdid.RangeKey{Era: 7, Counter: 250000}},
		{"grouped digits", "4_294_967_295:1_152_921_504_606_846_975", gdid.MaxRangeKey},
		{"grouped anyhow", "0:2_5_0000", gdid.RangeKey{Counter: 250000}},
		{"the first key", "0:0", gdid.RangeKey{}},
		{"leading zeros", "007:00000000000000000000000000250000", gdid.RangeKey{Era: 7, Counter: 250000}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			k, err := gdid.ParseRangeKey(tt.text)
			require.NoError(t, err)
			require.Equal(t, tt.want, k)
			require.Equal(t, k, gdid.MustParseRangeKey(k.String()))
			require.True(t, k.Valid())
		})
	}
	require.Equal(t, "4294967295:1152921504606846975", gdid.MaxRangeKey.String())
	require.True(t, gdid.RangeKey{}.IsZero())
	require.False(t, gdid.MaxRangeKey.IsZero())
	require.False(t, gdid.RangeKey{Counter: 1 << 60}.Valid())
}

func TestParseRangeKey_refuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		rule       gdid.Rule
	}{
		{"nothing", "", gdid.RuleNotEmpty},
		{"one part", "250_000", gdid.RuleParts},
		{"no era", ":250000", gdid.RuleParts},
		{"no counter", "0:", gdid.RuleParts},
		{"no counter after an authority", "0:0:", gdid.RuleParts},
		{"an empty authority", "0::5", gdid.RuleParts},
		{"four parts", "0:0:0:5", gdid.RuleParts},
		{"an authority", "0:3:250000", gdid.RuleKeyNoAuthority},
		{"an authority of 5 bits", "0:16:250000", gdid.RuleAuthority},
		{"a minus sign", "0:-5", gdid.RuleSign},
		{"a space", "0: 5", gdid.RuleSpace},
		{"a comma", "0:250,000", gdid.RuleDigits},
		{"a hexadecimal id", "00000007000000000003d090", gdid.RuleDigits},
		{"a leading _", "0:_5", gdid.RuleGrouping},
		{"a trailing _", "0:5_", gdid.RuleGrouping},
		{"two _ together", "0:5__0", gdid.RuleGrouping},
		{"a lone _", "0:_", gdid.RuleGrouping},
		{"a _ before the colon", "0_:5", gdid.RuleGrouping},
		{"era of 33 bits", "4294967296:0", gdid.RuleEra},
		{"counter of 61 bits", "0:1152921504606846976", gdid.RuleCounter},
		{"counter that wraps 64 bits", "0:18446744073709551616", gdid.RuleCounter},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := gdid.ParseRangeKey(tt.text)
			var parse *gdid.ParseError
			require.ErrorAs(t, err, &parse)
			require.Equal(t, tt.rule, parse.Rule, parse.Rule.String())
			require.Equal(t, tt.text, parse.Input)
			require.Panics(t, func() { gdid.MustParseRangeKey(tt.text) })

			k := gdid.RangeKey{Era: 1, Counter: 2}
			require.ErrorAs(t, k.UnmarshalText([]byte(tt.text)), &parse)
			require.Equal(t, gdid.RangeKey{Era: 1, Counter: 2}, k, "a failed UnmarshalText changes nothing")
		})
	}
	_, err := gdid.ParseRangeKey(strings.Repeat("9_", 1<<20))
	require.Less(t, len(err.Error()), 250)
}

// number is the key on the 92-bit line, computed another way.
func number(k gdid.RangeKey) *big.Int {
	n := new(big.Int).Lsh(big.NewInt(int64(k.Era)), 60)
	return n.Add(n, new(big.Int).SetUint64(k.Counter))
}

func TestRangeKey_arithmetic(t *testing.T) {
	t.Parallel()
	end := new(big.Int).Lsh(big.NewInt(1), 92)
	keys := []gdid.RangeKey{
		{},
		{Counter: 1},
		{Counter: gdid.MaxCounter},
		{Era: 1},
		{Era: 1, Counter: gdid.MaxCounter - 1},
		{Era: 15, Counter: gdid.MaxCounter},
		{Era: 16},
		{Era: math.MaxUint32 - 1, Counter: gdid.MaxCounter},
		{Era: math.MaxUint32},
		gdid.MaxRangeKey,
	}
	r := rand.New(rand.NewPCG(1, 1))
	for range 50 {
		keys = append(keys,
			gdid.RangeKey{Era: r.Uint32() >> r.IntN(32), Counter: r.Uint64() >> (4 + r.IntN(60))})
	}
	for _, a := range keys {
		for _, b := range keys {
			x, y := number(a), number(b)
			require.Equal(t, x.Cmp(y), a.Compare(b), "%v %v", a, b)

			sum, err := a.Add(b)
			if want := new(big.Int).Add(x, y); want.Cmp(end) < 0 {
				require.NoError(t, err)
				require.Equal(t, want, number(sum), "%v + %v", a, b)
				require.True(t, sum.Valid())
			} else {
				require.ErrorIs(t, err, gdid.ErrOverflow, "%v + %v", a, b)
			}

			difference, err := a.Sub(b)
			if want := new(big.Int).Sub(x, y); want.Sign() >= 0 {
				require.NoError(t, err)
				require.Zero(t, want.Cmp(number(difference)), "%v - %v", a, b)
				require.True(t, difference.Valid())
			} else {
				require.ErrorIs(t, err, gdid.ErrOverflow, "%v - %v", a, b)
			}
		}
	}
}
