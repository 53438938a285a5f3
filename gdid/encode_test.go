package gdid_test

import (
	"bytes"
	"encoding"
	"encoding/gob"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/gdid"
)

var (
	_ encoding.TextAppender      = gdid.GDID{}
	_ encoding.TextMarshaler     = gdid.GDID{}
	_ encoding.TextUnmarshaler   = (*gdid.GDID)(nil)
	_ encoding.BinaryAppender    = gdid.GDID{}
	_ encoding.BinaryMarshaler   = gdid.GDID{}
	_ encoding.BinaryUnmarshaler = (*gdid.GDID)(nil)
	_ encoding.TextAppender      = gdid.RangeKey{}
	_ encoding.TextMarshaler     = gdid.RangeKey{}
	_ encoding.TextUnmarshaler   = (*gdid.RangeKey)(nil)
	_ encoding.TextAppender      = gdid.Text{}
	_ encoding.TextMarshaler     = gdid.Text{}
	_ encoding.TextUnmarshaler   = (*gdid.Text)(nil)
)

func TestGDID_JSON(t *testing.T) {
	t.Parallel()
	type row struct {
		ID   gdid.GDID            `json:"id"`
		Seen map[gdid.GDID]string `json:"seen"`
		None gdid.GDID            `json:"none,omitzero"`
		Text gdid.Text            `json:"text"`
		Key  gdid.RangeKey        `json:"key"`
	}
	id := gdid.MustParse("0:3:250000")
	in := row{ID: id, Seen: map[gdid.GDID]string{id: "x"}, Text: gdid.Text(id), Key: id.RangeKey()}
	b, err := json.Marshal(in)
	require.NoError(t, err)
	require.JSONEq(t, `{"id":"0:3:250000","seen":{"0:3:250000":"x"},"text":"0:3:250000","key":"0:250000"}`, string(b))
	var back row
	require.NoError(t, json.Unmarshal(b, &back))
	require.Equal(t, in, back)
	var parse *gdid.ParseError
	require.ErrorAs(t, json.Unmarshal([]byte(`"0:16:1"`), &id), &parse)
	require.Error(t, json.Unmarshal([]byte(`250000`), &id), "a JSON number is no id")
}

func TestGDID_binary(t *testing.T) {
	t.Parallel()
	id := gdid.MustParse("7:3:250000")
	b, err := id.MarshalBinary()
	require.NoError(t, err)
	require.Equal(t, []byte{0, 0, 0, 7, 0x30, 0, 0, 0, 0, 3, 0xd0, 0x90}, b)
	b, err = id.AppendBinary([]byte("x"))
	require.NoError(t, err)
	require.Equal(t, "x\x00\x00\x00\x07\x30\x00\x00\x00\x00\x03\xd0\x90", string(b))

	var stream bytes.Buffer
	require.NoError(t, gob.NewEncoder(&stream).Encode(id))
	var back gdid.GDID
	require.NoError(t, gob.NewDecoder(&stream).Decode(&back))
	require.Equal(t, id, back)

	for _, length := range []int{0, 11, 13, 24} {
		var scan *gdid.ScanError
		require.ErrorAs(t, back.UnmarshalBinary(make([]byte, length)), &scan)
		require.Equal(t, fmt.Sprintf("%d bytes", length), scan.Source)
		require.Equal(t, id, back, "a failed UnmarshalBinary changes nothing")
	}
}

// The text that is appended leaves everything else of the slice's array alone.
func TestGDID_AppendText(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"0:1:7", "0:15:123456789", "4294967295:15:1152921504606846975"} {
		array := bytes.Repeat([]byte("#"), 64)
		b, err := gdid.MustParse(text).AppendText(array[:2])
		require.NoError(t, err)
		require.Equal(t, "##"+text, string(b))
		require.Equal(t, bytes.Repeat([]byte("#"), 64-len(b)), array[len(b):])
	}
	b, err := gdid.MustParse("0:1:7").AppendText(nil)
	require.NoError(t, err)
	require.Equal(t, "0:1:7", string(b))
}

func TestGDID_Format(t *testing.T) {
	t.Parallel()
	id := gdid.MustParse("0:3:250000")
	tests := []struct{ format, want string }{
		{"%v", "0:3:250000"},
		{"%s", "0:3:250000"},
		{"%q", `"0:3:250000"`},
		{"%12s|", "  0:3:250000|"},
		{"%-12v|", "0:3:250000  |"},
		{"%x", "00000000300000000003d090"},
		{"%X", "00000000300000000003D090"},
		{"%#x", "0x00000000300000000003d090"},
		{"%#v", `gdid.MustParse("0:3:250000")`},
		{"%d", "%!d(string=0:3:250000)"},
	}
	for _, tt := range tests {
		require.Equal(t, tt.want, fmt.Sprintf(tt.format, id), tt.format)
	}
	require.Equal(t, "{0:3:250000}", fmt.Sprintf("%v", struct{ ID gdid.GDID }{id}))
	require.Equal(t, "0:250000", fmt.Sprint(id.RangeKey()))
}

func TestGDID_flag(t *testing.T) {
	t.Parallel()
	flags := flag.NewFlagSet("", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	var id gdid.GDID
	var start gdid.RangeKey
	flags.TextVar(&id, "id", gdid.MustParse("0:0:1"), "")
	flags.TextVar(&start, "start", gdid.RangeKey{}, "")
	require.NoError(t, flags.Parse(nil))
	require.Equal(t, gdid.MustParse("0:0:1"), id)
	require.NoError(t, flags.Parse([]string{"-id", "0:3:250000", "-start", "0:250_000"}))
	require.Equal(t, gdid.MustParse("0:3:250000"), id)
	require.Equal(t, id.RangeKey(), start)
	require.Error(t, flags.Parse([]string{"-id", "0:16:1"}))
}

func TestGDID_LogValue(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	log := slog.New(slog.NewJSONHandler(&out, &slog.HandlerOptions{
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		},
	}))
	id := gdid.MustParse("0:3:250000")
	log.Info("routed", "id", id, "key", id.RangeKey())
	require.JSONEq(t, `{"level":"INFO","msg":"routed","id":"0:3:250000","key":"0:250000"}`, out.String())
}
