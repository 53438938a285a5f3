package gdid

import (
	"encoding/binary"
	"log/slog"
	"slices"
	"strconv"
)

func (g GDID) appendText(b []byte) []byte {
	era, authority, counter := uint64(g.era), g.id>>counterBits, g.id&MaxCounter
	i := len(b) + digitCount(era)
	j := i + 2 + int(authority/10) // one digit or two
	end := j + 1 + digitCount(counter)
	if end > cap(b) {
		b = slices.Grow(b, end-len(b))
	}
	putDecimal(b[len(b):i], era)
	b = b[:end]
	b[i] = ':'
	putPair(b[i+1:j], authority)
	b[j] = ':'
	putDecimal(b[j+1:], counter)
	return b
}

// AppendText appends the text of the id to b. It never fails, and does not
// allocate if b has room for 33 bytes more.
func (g GDID) AppendText(b []byte) ([]byte, error) { return g.appendText(b), nil }

// MarshalText returns the text of the id, which is also its JSON string and its
// key in a JSON object. It never fails.
func (g GDID) MarshalText() ([]byte, error) {
	return g.appendText(make([]byte, 0, maxText)), nil
}

// UnmarshalText reads what [Parse] reads. On failure the id keeps its value.
func (g *GDID) UnmarshalText(b []byte) error {
	parsed, rule := parse(b)
	if rule != 0 {
		return newParseError(formID, b, rule)
	}
	*g = parsed
	return nil
}

// AppendBinary appends the 12 bytes of the id to b. It never fails.
func (g GDID) AppendBinary(b []byte) ([]byte, error) {
	b = binary.BigEndian.AppendUint32(b, g.era)
	return binary.BigEndian.AppendUint64(b, g.id), nil
}

// MarshalBinary returns the 12 bytes of the id. It never fails.
func (g GDID) MarshalBinary() ([]byte, error) {
	return g.AppendBinary(make([]byte, 0, Size))
}

// UnmarshalBinary reads exactly 12 bytes; another length is a [*ScanError].
func (g *GDID) UnmarshalBinary(b []byte) error {
	if len(b) != Size {
		return &ScanError{Source: strconv.Itoa(len(b)) + " bytes", Want: "exactly 12"}
	}
	*g = FromBytes([Size]byte(b))
	return nil
}

// LogValue returns the text of the id, for log/slog.
func (g GDID) LogValue() slog.Value { return slog.StringValue(g.String()) }
