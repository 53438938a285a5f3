package gdid_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/gdid"
)

// The paths that every request takes do not allocate. AllocsPerRun counts those of
// the whole process, so these tests do not run in parallel.
func TestAllocations(t *testing.T) {
	long := "4294967295:15:1152921504606846975"
	id, other := gdid.MustParse(long), gdid.MustParse("0:3:250000")
	hex, text, buf := id.Hex(), []byte(long), make([]byte, 0, len(long))
	bytes := id.Bytes()
	src := any(bytes[:])
	key := id.RangeKey()
	var kept string
	none := []struct {
		name string
		run  func()
	}{
		{"Parse", func() { _, _ = gdid.Parse(long) }},
		{"Parse of hexadecimal", func() { _, _ = gdid.Parse(hex) }},
		{"UnmarshalText", func() { _ = other.UnmarshalText(text) }},
		{"UnmarshalBinary", func() { _ = other.UnmarshalBinary(bytes[:]) }},
		{"Scan", func() { _ = other.Scan(src) }},
		{"AppendText", func() { _, _ = id.AppendText(buf) }},
		{"AppendBinary", func() { _, _ = id.AppendBinary(buf) }},
		{"RangeKey.AppendText", func() { _, _ = key.AppendText(buf) }},
		{"Compare", func() { _ = id.Compare(other) + id.CompareRange(other) + key.Compare(other.RangeKey()) }},
		{"Bytes and FromBytes", func() { _ = gdid.FromBytes(id.Bytes()) }},
		{"ParseRangeKey", func() { _, _ = gdid.ParseRangeKey("7:250000") }},
		{"Add and Sub", func() { _, _ = key.Sub(gdid.RangeKey{Counter: 1}); _, _ = key.Add(gdid.RangeKey{}) }},
	}
	for _, tt := range none {
		require.Zero(t, testing.AllocsPerRun(100, tt.run), tt.name)
	}
	require.Equal(t, 1, int(testing.AllocsPerRun(100, func() { kept = id.String() })), "String allocates its result alone")
	require.Equal(t, 1, int(testing.AllocsPerRun(100, func() { kept = id.Hex() })), "Hex allocates its result alone")
	require.Equal(t, hex, kept)
}
