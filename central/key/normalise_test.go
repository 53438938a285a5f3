package key_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/central/key"
)

// sequences returns every normaliser alone, every pair, and some longer ones.
func sequences() [][]string {
	var all [][]string
	for _, a := range key.Normalisers() {
		all = append(all, []string{a})
		for _, b := range key.Normalisers() {
			all = append(all, []string{a, b})
		}
	}
	return append(all,
		[]string{"trim", "nfkc", "fold"}, []string{"fold", "nfkc", "trim"}, []string{"nfkc", "fold", "nfc"},
		[]string{"trim", "lower", "fold", "nfc", "nfkc", "email"}, []string{"email", "nfkc", "nfc", "fold", "lower", "trim"},
		[]string{"lower", "nfkc", "lower", "nfc", "fold", "nfkc"})
}

// requireSettled holds the promises of normalising for one text: an answer is
// stable, legal, and its text parses to itself.
func requireSettled(tb testing.TB, codec *key.Codec, text string) {
	tb.Helper()
	encoded, err := codec.Parse(text)
	if err != nil {
		if typed, ok := errors.AsType[*key.Error](err); !ok || typed.Err == nil || errors.Is(err, key.ErrUnsettled) {
			require.Fail(tb, "a key has a settled form or a typed error", "%v of %+q: %v", codec.Normalize(), text, err)
		}
		return
	}
	again, err := codec.Parse(codec.Text(encoded))
	settled := err == nil && bytes.Equal(encoded, again)
	legal := len(encoded) > 0 && len(encoded) <= codec.MaxBytes() && utf8.Valid(encoded) && bytes.IndexByte(encoded, 0) < 0
	if !settled || !legal || string(encoded) != codec.Text(encoded) { // require is slow, and this is called a million times
		require.Fail(tb, "not settled, or not legal", "%v of %+q: %+q, then %+q, %v", codec.Normalize(), text, encoded, again, err)
	}
}

// lively returns the characters that some normaliser changes, and all marks.
func lively(t *testing.T) []rune {
	t.Helper()
	var codecs []*key.Codec
	for _, name := range []string{"lower", "fold", "nfc", "nfkc"} {
		codecs = append(codecs, codecOf(t, key.Spec{Normalize: []string{name}}))
	}
	var all []rune
	for r := rune(0x80); r <= unicode.MaxRune; r++ {
		if unicode.Is(unicode.Cn, r) || unicode.Is(unicode.Han, r) {
			continue
		}
		changed := unicode.Is(unicode.M, r) || unicode.IsSpace(r)
		for _, codec := range codecs {
			if changed {
				break
			}
			encoded, err := codec.Parse(string(r))
			changed = err == nil && string(encoded) != string(r)
		}
		if changed {
			all = append(all, r)
		}
	}
	return all
}

func TestNormalise_settlesForEveryCharacter(t *testing.T) {
	t.Parallel()
	characters := lively(t)
	require.Greater(t, len(characters), 5000)
	for n, names := range sequences() {
		t.Run(strings.Join(names, ","), func(t *testing.T) {
			t.Parallel()
			codec := codecOf(t, key.Spec{Normalize: names})
			address := slices.Contains(names, "email")
			stride := 1
			if len(names) == 2 {
				stride = 4 // the pairs are many: each sees a quarter
			}
			for i := n % stride; i < len(characters); i += stride {
				c := string(characters[i])
				text := c + "a" + c + "\u0301\u0345" + c
				if address {
					text = "a" + c + "\u0301" + c + "B@x" + c + ".org"
				}
				requireSettled(t, codec, text)
			}
		})
	}
}

func TestNormalise_isSettledWhereOneRoundIsNot(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text, want string
		steps            []string
	}{
		{"nfkc uncovers a capital after fold", "ℌ", "h", []string{"fold", "nfkc"}},
		{"nfkc uncovers a space after trim", "\u00a8x", "\u0308x", []string{"trim", "nfkc"}},
		{"fold leaves what nfkc composes", "\u0130", "i\u0307", []string{"nfkc", "fold"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			codec := codecOf(t, key.Spec{Normalize: tt.steps})
			encoded, err := codec.Parse(tt.text)
			require.NoError(t, err)
			require.Equal(t, tt.want, string(encoded))
		})
	}
}

func TestSettle_givesUpOnStepsThatNeverDo(t *testing.T) {
	t.Parallel()
	_, err := key.Settle("a", func(s string) string { return s + "a" })
	require.ErrorIs(t, err, key.ErrUnsettled)
}

func TestTrim_knowsTheSpacesOfUnicode(t *testing.T) {
	t.Parallel()
	codec := codecOf(t, key.Spec{Normalize: []string{"trim"}})
	spaces := 0
	for r := range rune(unicode.MaxRune) {
		c := string(r)
		encoded, err := codec.Parse(c + "a" + c)
		trimmed := err == nil && string(encoded) == "a"
		if trimmed {
			spaces++
		}
		if trimmed != unicode.IsSpace(r) {
			require.Fail(t, "trim and Unicode disagree", "%U", r)
		}
	}
	require.Equal(t, 25, spaces)
}

func TestNormalise_isFastOnLongText(t *testing.T) {
	t.Parallel()
	const most = 16 << 10
	fill := func(text string) string { return strings.Repeat(text, most/len(text)) }
	var distinct strings.Builder
	for r := rune(0x4e00); distinct.Len() < most-8; r++ {
		distinct.WriteRune(r)
	}
	for _, text := range []string{
		"a@" + distinct.String(), fill("ü"), fill("\u13a0"), fill("a\u0323\u0301"), fill("ﷺ"), fill(" "), fill(" a"), fill("K"), fill("한"), fill("\u0345\u0390"),
		"a@" + fill("ü")[:most-2], "a@" + fill("ü."), fill("@"), "a@" + fill("a."), "a@" + fill("xn--a.")[:1020],
	} {
		for _, names := range sequences() {
			if len(names) == 2 {
				continue
			}
			codec := codecOf(t, key.Spec{Normalize: names})
			start := time.Now()
			_, err := codec.Parse(text)
			require.Error(t, err)
			require.Less(t, time.Since(start), 20*time.Second, "%v of %.10q...", names, text)
		}
	}
}

func TestEmail_mergesNoTwoMailboxes(t *testing.T) {
	t.Parallel()
	codec := codecOf(t, key.Spec{Normalize: []string{"email"}})
	seen := map[string]string{}
	for _, address := range []string{
		"k@x.org", "ann.b@x.org", "annb@x.org", "annb+tag@x.org", "straße@x.org", "strasse@x.org",
		"İ@x.org", "i@x.org", "ı@x.org", "é@x.org", "e@x.org", "ann@x.org.example", "ann@ann.x.org", "ſ@x.org", "s@x.org",
		"ann@straße.example", "ann@strasse.example", "ａ@x.org", "a@x.org",
	} {
		encoded, err := codec.Parse(address)
		require.NoError(t, err, address)
		require.Empty(t, seen[string(encoded)], address)
		seen[string(encoded)] = address
	}
}

func FuzzCodec_Parse(f *testing.F) {
	for _, seed := range []string{"ann@x.org", " ℌ\u0301@BÜCHER.example", "0x00ff", "-5", "0:3:250000", "f8010203-0405-0607-0809-0a0b0c0d0e0f", "a\x00", "\xff", "ᾳ\u0301\u0345"} {
		for i := range len(sequences()) {
			f.Add(seed, uint8(i))
		}
	}
	all := sequences()
	f.Fuzz(func(t *testing.T, text string, which uint8) {
		requireSettled(t, codecOf(t, key.Spec{Normalize: all[int(which)%len(all)]}), text)
		typ := key.Types()[int(which)%len(key.Types())]
		codec := codecOf(t, key.Spec{Type: typ})
		encoded, err := codec.Parse(text)
		if err != nil {
			_, ok := errors.AsType[*key.Error](err)
			require.True(t, ok)
			return
		}
		again, err := codec.Parse(codec.Text(encoded))
		require.NoError(t, err)
		require.Equal(t, encoded, again)
		require.Equal(t, jumpExact(xxh64(encoded), 64), key.Shard(encoded, 64))
	})
}
