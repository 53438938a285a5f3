package key_test

import (
	"errors"
	"math"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/idna"
	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"github.com/mdbrouter/mdb/central/key"
	"github.com/mdbrouter/mdb/gdid"
)

type (
	namedText  string
	namedBytes []byte
	namedUUID  [16]byte
	namedInt   int32
)

func codecOf(tb testing.TB, spec key.Spec) *key.Codec {
	tb.Helper()
	codec, err := key.New(spec)
	require.NoError(tb, err)
	return codec
}

func TestCodec_Encode_goValues(t *testing.T) {
	t.Parallel()
	id := gdid.MustParse("0:3:250000")
	uuid := [16]byte{0xf8, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}
	uuidText := "f8010203-0405-0607-0809-0a0b0c0d0e0f"
	tests := []struct {
		name, typ string
		value     any
		text      string
	}{
		{"a string", "string", "ann", "ann"},
		{"a named string", "string", namedText("ann"), "ann"},
		{"bytes as text", "string", []byte("ann"), "ann"},
		{"the empty type is string", "", "ann", "ann"},
		{"bytes with any content", "bytes", []byte{0, 255}, "0x00ff"},
		{"named bytes", "bytes", namedBytes{0, 255}, "0x00ff"},
		{"an array of bytes", "bytes", [3]byte{1, 2, 3}, "0x010203"},
		{"an int", "int64", -5, "-5"},
		{"a named int", "int64", namedInt(-5), "-5"},
		{"the lowest int64", "int64", int64(math.MinInt64), "-9223372036854775808"},
		{"an unsigned number that fits", "int64", uint64(math.MaxInt64), "9223372036854775807"},
		{"a uint", "uint64", uint(5), "5"},
		{"the highest uint64", "uint64", uint64(math.MaxUint64), "18446744073709551615"},
		{"a signed number that fits", "uint64", int8(5), "5"},
		{"zero is a number like any other", "int64", 0, "0"},
		{"16 bytes", "uuid", uuid, uuidText},
		{"a named array", "uuid", namedUUID(uuid), uuidText},
		{"a slice of 16", "uuid", uuid[:], uuidText},
		{"a UUID as text", "uuid", strings.ToUpper(uuidText), uuidText},
		{"a UUID without dashes", "uuid", strings.ReplaceAll(uuidText, "-", ""), uuidText},
		{"a GDID", "gdid", id, "0:3:250000"},
		{"a GDID as text", "gdid", "0:3:250000", "0:3:250000"},
		{"a GDID as bytes", "gdid", id.Bytes(), "0:3:250000"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			codec := codecOf(t, key.Spec{Type: tt.typ})
			encoded, err := codec.Encode(tt.value)
			require.NoError(t, err)
			require.Equal(t, tt.text, codec.Text(encoded))
			again, err := codec.Parse(codec.Text(encoded))
			require.NoError(t, err)
			require.Equal(t, encoded, again)
		})
	}
}

func TestCodec_Encode_refuses(t *testing.T) {
	t.Parallel()
	address := []string{"email"}
	tests := []struct {
		name  string
		spec  key.Spec
		value any
		want  error
	}{
		{"a number for a string", key.Spec{}, 5, key.ErrWrongType},
		{"nil", key.Spec{}, nil, key.ErrWrongType},
		{"an array for a string", key.Spec{}, [3]byte{'a', 'b', 'c'}, key.ErrWrongType},
		{"a string for bytes", key.Spec{Type: "bytes"}, "secret", key.ErrWrongType},
		{"nil for a number", key.Spec{Type: "int64"}, nil, key.ErrWrongType},
		{"text for a number", key.Spec{Type: "int64"}, "5", key.ErrWrongType},
		{"a float for a number", key.Spec{Type: "uint64"}, 5.0, key.ErrWrongType},
		{"nil for an unsigned number", key.Spec{Type: "uint64"}, nil, key.ErrWrongType},
		{"a number past int64", key.Spec{Type: "int64"}, uint64(math.MaxInt64) + 1, key.ErrOutOfRange},
		{"a negative number for uint64", key.Spec{Type: "uint64"}, -1, key.ErrOutOfRange},
		{"15 bytes for a UUID", key.Spec{Type: "uuid"}, make([]byte, 15), key.ErrWrongType},
		{"text that is no UUID", key.Spec{Type: "uuid"}, "secret", key.ErrMalformed},
		{"a UUID with a dash astray", key.Spec{Type: "uuid"}, "f8010203-04050-607-0809-0a0b0c0d0e0f", key.ErrMalformed},
		{"text that is no GDID", key.Spec{Type: "gdid"}, "secret", key.ErrMalformed},
		{"13 bytes for a GDID", key.Spec{Type: "gdid"}, make([]byte, 13), key.ErrWrongType},
		{"the zero GDID", key.Spec{Type: "gdid"}, gdid.GDID{}, key.ErrZeroGDID},
		{"the zero GDID as bytes", key.Spec{Type: "gdid"}, [12]byte{}, key.ErrZeroGDID},
		{"the zero GDID as text", key.Spec{Type: "gdid"}, "0:0:0", key.ErrZeroGDID},
		{"the empty string", key.Spec{}, "", key.ErrEmpty},
		{"no bytes", key.Spec{Type: "bytes"}, []byte{}, key.ErrEmpty},
		{"spaces only, trimmed", key.Spec{Normalize: []string{"trim"}}, " \t\u3000", key.ErrEmpty},
		{"one byte too many", key.Spec{MaxBytes: 3}, "secr", key.ErrTooLong},
		{"bytes past the default", key.Spec{Type: "bytes"}, make([]byte, key.DefaultMaxBytes+1), key.ErrTooLong},
		{"longer only by normalising", key.Spec{Normalize: []string{"fold"}, MaxBytes: 2}, "\u0390", key.ErrTooLong},
		{"a megabyte of spaces", key.Spec{Normalize: []string{"trim"}}, strings.Repeat(" ", 1<<20) + "a", key.ErrTooLong},
		{"half a character", key.Spec{}, "secret\xc3", key.ErrInvalidUTF8},
		{"a surrogate", key.Spec{}, "\xed\xa0\x80", key.ErrInvalidUTF8},
		{"a NUL", key.Spec{}, "secret\x00", key.ErrControl},
		{"an escape", key.Spec{Normalize: []string{"trim", "fold"}}, "a\x1b[2Jb", key.ErrControl},
		{"a newline that nothing trims", key.Spec{}, "secret\n", key.ErrControl},
		{"a C1 control", key.Spec{}, "a\u009bb", key.ErrControl},
		{"an unassigned character, folded", key.Spec{Normalize: []string{"fold"}}, "a\U000e0080", key.ErrUnassigned},
		{"an unassigned character in an address", key.Spec{Normalize: address}, "a\u0378@x.org", key.ErrUnassigned},
		{"31 combining marks", key.Spec{Normalize: []string{"nfc"}}, "a" + strings.Repeat("\u0323", 31), key.ErrTooManyMarks},
		{"no address", key.Spec{Normalize: address}, "secret", key.ErrNotEmail},
		{"no local part", key.Spec{Normalize: address}, "@secret.org", key.ErrNotEmail},
		{"no domain", key.Spec{Normalize: address}, "secret@", key.ErrNotEmail},
		{"two at signs", key.Spec{Normalize: address}, "secret@x@y.org", key.ErrNotEmail},
		{"a quoted local part", key.Spec{Normalize: address}, `"secret"@x.org`, key.ErrNotEmail},
		{"a space", key.Spec{Normalize: address}, " secret@x.org", key.ErrNotEmail},
		{"an address literal", key.Spec{Normalize: address}, "secret@[127.0.0.1]", key.ErrNotEmail},
		{"a dot at the end of the domain", key.Spec{Normalize: address}, "secret@x.org.", key.ErrNotEmail},
		{"an empty label", key.Spec{Normalize: address}, "secret@x..org", key.ErrNotEmail},
		{"a domain with an underscore", key.Spec{Normalize: address}, "secret@x_y.org", key.ErrNotEmail},
		{"a label of 64 letters", key.Spec{Normalize: address}, "secret@" + strings.Repeat("x", 64) + ".org", key.ErrNotEmail},
		{"bad punycode", key.Spec{Normalize: address}, "secret@xn--a-ecp.ru\u00ad.xn--", key.ErrNotEmail},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := codecOf(t, tt.spec).Encode(tt.value)
			require.ErrorIs(t, err, tt.want)
			var typed *key.Error
			require.ErrorAs(t, err, &typed)
			require.NotContains(t, err.Error(), "secret")
		})
	}
}

func TestCodec_Parse_refusesAndShowsNothing(t *testing.T) {
	t.Parallel()
	for typ, texts := range map[string][]string{
		"bytes":  {"0xsecret", "abc", "0x0X00"},
		"int64":  {"secret", "9223372036854775808", "1_000", "1e3", " 1", ""},
		"uint64": {"-1", "18446744073709551616", "secret"},
		"uuid":   {"secret", "{f8010203-0405-0607-0809-0a0b0c0d0e0f}", ""},
		"gdid":   {"secret", "1:2", "0:16:1", ""},
	} {
		for _, text := range texts {
			_, err := codecOf(t, key.Spec{Type: typ}).Parse(text)
			require.ErrorIs(t, err, key.ErrMalformed, "%s %q", typ, text)
			require.NotContains(t, err.Error(), "secret")
		}
	}
}

func TestCodec_Text_ofForeignBytes(t *testing.T) {
	t.Parallel()
	for typ, encoded := range map[string]string{
		"string": "a\x1b[2J", "int64": "1234567", "uint64": "123456789", "uuid": "short", "gdid": strings.Repeat("\x00", 12),
	} {
		require.Regexp(t, "^0x[0-9a-f]+$", codecOf(t, key.Spec{Type: typ}).Text([]byte(encoded)), typ)
	}
	require.Equal(t, "0xff", codecOf(t, key.Spec{}).Text([]byte("\xff")))
}

func TestCodec_Encode_sharesNoMemory(t *testing.T) {
	t.Parallel()
	value := []byte{1, 2, 3}
	encoded, err := codecOf(t, key.Spec{Type: "bytes"}).Encode(value)
	require.NoError(t, err)
	value[0] = 9
	require.Equal(t, []byte{1, 2, 3}, encoded)
}

func TestNew_reportsEveryFault(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		spec key.Spec
		want []key.Fault
	}{
		{
			"an unknown type and normaliser",
			key.Spec{Type: "strng", Normalize: []string{"trim", "uper"}, MaxBytes: -1},
			[]key.Fault{
				{Kind: key.UnknownType, Value: "strng"},
				{Kind: key.UnknownNormaliser, Index: 1, Value: "uper"},
				{Kind: key.BadMaxBytes, Value: "-1", Min: 1},
			},
		},
		{
			"normalisers on numbers",
			key.Spec{Type: "int64", Normalize: []string{"trim", "nope", "fold"}},
			[]key.Fault{
				{Kind: key.WrongTypeNormaliser, Index: 0, Value: "trim", Type: "int64"},
				{Kind: key.UnknownNormaliser, Index: 1, Value: "nope", Type: "int64"},
				{Kind: key.WrongTypeNormaliser, Index: 2, Value: "fold", Type: "int64"},
			},
		},
		{
			"past InnoDB's limit",
			key.Spec{MaxBytes: 3073},
			[]key.Fault{{Kind: key.BadMaxBytes, Value: "3073", Type: "string", Min: 1}},
		},
		{
			"below the size of the type",
			key.Spec{Type: "uuid", MaxBytes: 15},
			[]key.Fault{{Kind: key.BadMaxBytes, Value: "15", Type: "uuid", Min: 16}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := key.New(tt.spec)
			var joined interface{ Unwrap() []error }
			require.ErrorAs(t, err, &joined)
			var got []key.Fault
			for _, err := range joined.Unwrap() {
				fault, ok := errors.AsType[*key.Fault](err)
				require.True(t, ok)
				require.NotEmpty(t, fault.Error())
				got = append(got, *fault)
			}
			require.Equal(t, tt.want, got)
		})
	}
}

func TestCodec_describesItself(t *testing.T) {
	t.Parallel()
	steps := []string{"trim", "fold"}
	codec := codecOf(t, key.Spec{Normalize: steps, MaxBytes: 320})
	steps[0] = "changed"
	require.Equal(t, "string", codec.Type())
	require.Equal(t, []string{"trim", "fold"}, codec.Normalize())
	require.Equal(t, 320, codec.MaxBytes())
	require.Equal(t, key.DefaultMaxBytes, codecOf(t, key.Spec{Type: "bytes"}).MaxBytes())
	require.Equal(t, 16, codecOf(t, key.Spec{Type: "uuid"}).MaxBytes())
	require.Equal(t, []string{"string", "bytes", "int64", "uint64", "uuid", "gdid"}, key.Types())
	require.Equal(t, []string{"trim", "lower", "fold", "nfc", "nfkc", "email"}, key.Normalisers())
}

func TestShard(t *testing.T) {
	t.Parallel()
	codec := codecOf(t, key.Spec{Normalize: []string{"trim", "nfkc", "fold"}, MaxBytes: 320})
	encoded, err := codec.Encode(" Ann@X.org ")
	require.NoError(t, err)
	require.Equal(t, 49, key.Shard(encoded, 64))
	require.Panics(t, func() { key.Shard(encoded, 0) })
}

func TestShard_allocs(t *testing.T) {
	encoded := []byte("ann@example.com")
	require.Zero(t, testing.AllocsPerRun(100, func() { key.Shard(encoded, 64) }))
}

// All tables must tell the same characters from unassigned ones, or a character
// one of them does not know would slip through.
func TestTablesAreOfOneUnicodeVersion(t *testing.T) {
	t.Parallel()
	require.Equal(t, unicode.Version, norm.Version)
	require.Equal(t, unicode.Version, cases.UnicodeVersion)
	require.Equal(t, unicode.Version, idna.UnicodeVersion)
}
