package central

import (
	"encoding/base64"
	"encoding/binary"
	"errors"

	"github.com/mdbrouter/mdb/gdid"
)

// A Cursor is a place in a sweep, to begin again there. Its text holds a key: keep
// it where keys may be. The zero Cursor is the start.
type Cursor struct {
	shard int
	key   string // the last one done; none: before the first
	id    gdid.GDID
}

var errCursor = errors.New("central: not a cursor of a sweep")

// MarshalText writes the cursor.
func (c Cursor) MarshalText() ([]byte, error) {
	raw := binary.AppendUvarint([]byte{1}, uint64(c.shard)) //nolint:gosec // it is an index
	id := c.id.Bytes()
	raw = append(append(raw, id[:]...), c.key...)
	return base64.RawURLEncoding.AppendEncode(nil, raw), nil
}

// UnmarshalText reads what MarshalText has written.
func (c *Cursor) UnmarshalText(text []byte) error {
	raw, err := base64.RawURLEncoding.AppendDecode(nil, text)
	if err != nil || len(raw) == 0 || raw[0] != 1 {
		return errCursor
	}
	shard, n := binary.Uvarint(raw[1:])
	if n <= 0 || shard > 1<<31 || len(raw) < 1+n+gdid.Size {
		return errCursor
	}
	rest := raw[1+n:]
	*c = Cursor{shard: int(shard), id: gdid.FromBytes([gdid.Size]byte(rest)), key: string(rest[gdid.Size:])}
	return nil
}
