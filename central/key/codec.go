package key

import "slices"

// A Codec encodes the keys of one index. It never changes after [New] returns
// it, so any number of goroutines may use one.
type Codec struct {
	kind      kind
	normalize []string
	steps     []normaliser
	strict    bool // a step depends on Unicode's tables
	maxBytes  int
}

// Type returns the name of the key type.
func (c *Codec) Type() string { return c.kind.name }

// Normalize returns the names of the normalisers, in the order they apply.
func (c *Codec) Normalize() []string { return slices.Clone(c.normalize) }

// MaxBytes returns the length of the longest encoded key in bytes.
func (c *Codec) MaxBytes() int { return c.maxBytes }

// Encode returns the bytes of a key. The index's type decides what v may be,
// named types included:
//
//	string  string, []byte (as text)
//	bytes   []byte, any array of bytes
//	int64   any integer that fits
//	uint64  any integer that fits
//	uuid    [16]byte, []byte of 16, string (as text)
//	gdid    gdid.GDID, [12]byte, []byte of 12, string (as text)
//
// What is refused is an [*Error], which never shows the key. The result shares
// no memory with v.
func (c *Codec) Encode(v any) ([]byte, error) {
	encoded, err := c.kind.encode(c, v)
	if err != nil {
		return nil, err
	}
	return c.checked(encoded)
}

// EncodeString is Encode for the text of a string key, without copies: it allocates
// nothing for text that is normal already.
func (c *Codec) EncodeString(text string) (string, error) {
	if c.kind.name != "string" {
		encoded, err := c.Encode(text)
		return string(encoded), err
	}
	normal, err := c.normalise(text)
	if err == nil {
		err = c.fits(len(normal))
	}
	if err != nil {
		return "", err
	}
	return normal, nil
}

// Parse returns the bytes of a key written as text, as on a command line: a
// string as it stands, bytes in hex digits with or without 0x, integers in
// decimal, a UUID with or without its dashes, a GDID in one of its forms. What
// is refused is an [*Error], which never shows the key.
func (c *Codec) Parse(text string) ([]byte, error) {
	encoded, err := c.kind.parse(c, text)
	if err != nil {
		return nil, err
	}
	return c.checked(encoded)
}

// Text writes an encoded key, so that Parse gives the same bytes again. It is
// the key as normalised, not as first written. Bytes that no key of this index
// has, as a damaged row may hold, are shown as 0x and hex digits.
func (c *Codec) Text(encoded []byte) string {
	if text, ok := c.kind.text(encoded); ok {
		return text
	}
	text, _ := textBytes(encoded)
	return text
}

// checked holds the length of an encoded key against the index.
func (c *Codec) checked(encoded []byte) ([]byte, error) {
	if err := c.fits(len(encoded)); err != nil {
		return nil, err
	}
	return encoded, nil
}

func (c *Codec) fits(n int) error {
	switch {
	case n == 0:
		return c.fail(ErrEmpty)
	case n > c.maxBytes:
		return &Error{Type: c.kind.name, Len: n, Max: c.maxBytes, Err: ErrTooLong}
	}
	return nil
}

func (c *Codec) fail(err error) error {
	return &Error{Type: c.kind.name, Err: err}
}
