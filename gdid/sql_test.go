package gdid_test

import (
	"database/sql"
	"database/sql/driver"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/gdid"
)

var (
	_ driver.Valuer = gdid.GDID{}
	_ sql.Scanner   = (*gdid.GDID)(nil)
	_ driver.Valuer = gdid.Text{}
	_ sql.Scanner   = (*gdid.Text)(nil)
)

func TestGDID_Value(t *testing.T) {
	t.Parallel()
	id := gdid.MustParse("7:3:250000")
	v, err := id.Value()
	require.NoError(t, err)
	require.Equal(t, []byte{0, 0, 0, 7, 0x30, 0, 0, 0, 0, 3, 0xd0, 0x90}, v)
	_, err = gdid.GDID{}.Value()
	require.ErrorIs(t, err, gdid.ErrZero)
	v, err = gdid.MustParse("0:1:0").Value()
	require.NoError(t, err, "counter 0 of an authority other than 0 is not the zero id")
	require.NotNil(t, v)

	v, err = gdid.Text(id).Value()
	require.NoError(t, err)
	require.Equal(t, "7:3:250000", v)
	_, err = gdid.Text{}.Value()
	require.ErrorIs(t, err, gdid.ErrZero)
}

// A nullable column is sql.Null[gdid.GDID].
func TestGDID_null(t *testing.T) {
	t.Parallel()
	var null sql.Null[gdid.GDID]
	require.NoError(t, null.Scan(nil))
	require.False(t, null.Valid)
	id := gdid.MustParse("7:3:250000")
	b := id.Bytes()
	require.NoError(t, null.Scan(b[:]))
	require.True(t, null.Valid)
	require.Equal(t, id, null.V)
	v, err := driver.DefaultParameterConverter.ConvertValue(null)
	require.NoError(t, err)
	require.Equal(t, b[:], v)
}

func TestGDID_Scan(t *testing.T) {
	t.Parallel()
	id := gdid.MustParse("7:3:250000")
	b := id.Bytes()
	var got gdid.GDID
	require.NoError(t, got.Scan(b[:]))
	require.Equal(t, id, got)

	tests := []struct {
		name   string
		src    any
		source string
	}{
		{"NULL", nil, "NULL"},
		{"11 bytes", make([]byte, 11), "11 bytes"},
		{"13 bytes", make([]byte, 13), "13 bytes"},
		{"the text of an id", []byte("7:3:250000"), "10 bytes"},
		{"a string, even of 12 characters", "7:3:25000000", "a value of type string"},
		{"a number", int64(7), "a value of type int64"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := id
			var scan *gdid.ScanError
			err := got.Scan(tt.src)
			require.ErrorAs(t, err, &scan)
			require.Equal(t, tt.source, scan.Source)
			require.NotContains(t, err.Error(), "25000", "an error never shows a value")
			require.Equal(t, id, got, "a failed Scan changes nothing")
		})
	}
}

func TestText_Scan(t *testing.T) {
	t.Parallel()
	want := gdid.Text(gdid.MustParse("7:3:25000000"))
	for _, src := range []any{"7:3:25000000", []byte("7:3:25000000"), want.String(), gdid.GDID(want).Hex()} {
		var got gdid.Text
		require.NoError(t, got.Scan(src))
		require.Equal(t, want, got)
		require.False(t, got.IsZero())
	}
	got := want
	var scan *gdid.ScanError
	require.ErrorAs(t, got.Scan(nil), &scan)
	require.ErrorAs(t, got.Scan(int64(7)), &scan)
	var parse *gdid.ParseError
	require.ErrorAs(t, got.Scan("7:3"), &parse)
	require.ErrorAs(t, got.Scan([]byte("7:3")), &parse)
	require.Equal(t, want, got, "a failed Scan changes nothing")
}
