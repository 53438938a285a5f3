package gdid

import (
	"database/sql/driver"
	"fmt"
)

// Value returns the 12 bytes of the id for a BINARY(12) column, or [ErrZero] for
// the zero id.
func (g GDID) Value() (driver.Value, error) {
	if g.IsZero() {
		return nil, ErrZero
	}
	b := g.Bytes()
	return b[:], nil
}

// Scan reads a BINARY(12) column. It takes exactly 12 bytes and fails with a
// [*ScanError] on anything else, also on NULL, which sql.Null[gdid.GDID] takes.
// A text column must be scanned into a [Text]: 12 characters of text would
// otherwise pass for an id.
func (g *GDID) Scan(src any) error {
	b, ok := src.([]byte)
	if !ok || len(b) != Size {
		return &ScanError{Source: describe(src), Want: "exactly 12 bytes of a BINARY(12) column (a text column takes gdid.Text)"}
	}
	*g = FromBytes([Size]byte(b))
	return nil
}

// describe names what a driver delivered without showing its value.
func describe(src any) string {
	switch src := src.(type) {
	case nil:
		return "NULL"
	case []byte:
		return fmt.Sprintf("%d bytes", len(src))
	default:
		return fmt.Sprintf("a value of type %T", src)
	}
}

// Text is a GDID in a text column. Convert with Text(id) and GDID(text).
type Text GDID

// String returns the text of the id.
func (t Text) String() string { return GDID(t).String() }

// IsZero reports whether the id is the zero GDID, "none".
func (t Text) IsZero() bool { return GDID(t).IsZero() }

// Value returns the text of the id, at most 33 bytes of ASCII, or [ErrZero] for
// the zero id.
func (t Text) Value() (driver.Value, error) {
	if t.IsZero() {
		return nil, ErrZero
	}
	return t.String(), nil
}

// Scan reads a text column. It takes what [Parse] takes and fails with a
// [*ParseError] on another text, with a [*ScanError] on NULL or no text at all.
func (t *Text) Scan(src any) error {
	switch src := src.(type) {
	case string:
		g, err := Parse(src)
		if err != nil {
			return err
		}
		*t = Text(g)
		return nil
	case []byte:
		return t.UnmarshalText(src)
	default:
		return &ScanError{Source: describe(src), Want: "the text of an id"}
	}
}

// AppendText appends the text of the id to b. It never fails.
func (t Text) AppendText(b []byte) ([]byte, error) { return GDID(t).AppendText(b) }

// MarshalText returns the text of the id. It never fails.
func (t Text) MarshalText() ([]byte, error) { return GDID(t).MarshalText() }

// UnmarshalText reads what [Parse] reads.
func (t *Text) UnmarshalText(b []byte) error { return (*GDID)(t).UnmarshalText(b) }
