package key

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/mdbrouter/mdb/gdid"
)

func encodeString(c *Codec, v any) ([]byte, error) {
	if text, ok := stringOf(v); ok {
		return parseString(c, text)
	}
	if raw, ok := bytesOf(v); ok && reflect.TypeOf(v).Kind() == reflect.Slice {
		return parseString(c, string(raw))
	}
	return nil, c.wrongType(v, "a string")
}

func parseString(c *Codec, text string) ([]byte, error) {
	normal, err := c.normalise(text)
	return []byte(normal), err
}

func textString(encoded []byte) (string, bool) {
	text := string(encoded)
	return text, text != "" && utf8.ValidString(text) && !hasControl(text)
}

func encodeBytes(c *Codec, v any) ([]byte, error) {
	raw, ok := bytesOf(v)
	if !ok {
		return nil, c.wrongType(v, "[]byte")
	}
	return raw, nil
}

func parseBytes(c *Codec, text string) ([]byte, error) {
	raw, err := hex.DecodeString(without0x(text))
	if err != nil {
		return nil, c.malformed("pairs of hex digits")
	}
	return raw, nil
}

func textBytes(encoded []byte) (string, bool) {
	return "0x" + hex.EncodeToString(encoded), true
}

func encodeInt64(c *Codec, v any) ([]byte, error) {
	switch r := reflect.ValueOf(v); {
	case r.IsValid() && r.CanInt():
		return binary.BigEndian.AppendUint64(nil, uint64(r.Int())), nil
	case r.IsValid() && r.CanUint() && r.Uint() <= math.MaxInt64:
		return binary.BigEndian.AppendUint64(nil, r.Uint()), nil
	case r.IsValid() && r.CanUint():
		return nil, c.fail(ErrOutOfRange)
	}
	return nil, c.wrongType(v, "an integer")
}

func parseInt64(c *Codec, text string) ([]byte, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return nil, c.malformed("a decimal number of 64 bits")
	}
	return binary.BigEndian.AppendUint64(nil, uint64(n)), nil
}

func textInt64(encoded []byte) (string, bool) {
	if len(encoded) != 8 {
		return "", false
	}
	return strconv.FormatInt(int64(binary.BigEndian.Uint64(encoded)), 10), true
}

func encodeUint64(c *Codec, v any) ([]byte, error) {
	switch r := reflect.ValueOf(v); {
	case r.IsValid() && r.CanUint():
		return binary.BigEndian.AppendUint64(nil, r.Uint()), nil
	case r.IsValid() && r.CanInt() && r.Int() >= 0:
		return binary.BigEndian.AppendUint64(nil, uint64(r.Int())), nil
	case r.IsValid() && r.CanInt():
		return nil, c.fail(ErrOutOfRange)
	}
	return nil, c.wrongType(v, "an integer")
}

func parseUint64(c *Codec, text string) ([]byte, error) {
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return nil, c.malformed("a decimal number of 64 bits without a sign")
	}
	return binary.BigEndian.AppendUint64(nil, n), nil
}

func textUint64(encoded []byte) (string, bool) {
	if len(encoded) != 8 {
		return "", false
	}
	return strconv.FormatUint(binary.BigEndian.Uint64(encoded), 10), true
}

func encodeUUID(c *Codec, v any) ([]byte, error) {
	if text, ok := stringOf(v); ok {
		return parseUUID(c, text)
	}
	raw, ok := bytesOf(v)
	if !ok || len(raw) != 16 {
		return nil, c.wrongType(v, "16 bytes or text")
	}
	return raw, nil
}

func parseUUID(c *Codec, text string) ([]byte, error) {
	digits := text
	if len(text) == 36 && text[8] == '-' && text[13] == '-' && text[18] == '-' && text[23] == '-' {
		digits = text[:8] + text[9:13] + text[14:18] + text[19:23] + text[24:]
	}
	raw, err := hex.DecodeString(digits)
	if err != nil || len(raw) != 16 {
		return nil, c.malformed("32 hex digits, as 8-4-4-4-12 or without dashes")
	}
	return raw, nil
}

func textUUID(encoded []byte) (string, bool) {
	if len(encoded) != 16 {
		return "", false
	}
	return fmt.Sprintf("%x-%x-%x-%x-%x", encoded[:4], encoded[4:6], encoded[6:8], encoded[8:10], encoded[10:]), true
}

func encodeGDID(c *Codec, v any) ([]byte, error) {
	if id, ok := v.(gdid.GDID); ok {
		return c.gdid(id)
	}
	if text, ok := stringOf(v); ok {
		return parseGDID(c, text)
	}
	raw, ok := bytesOf(v)
	if !ok || len(raw) != 12 {
		return nil, c.wrongType(v, "a gdid.GDID, 12 bytes or text")
	}
	return c.gdid(gdid.FromBytes([12]byte(raw)))
}

func parseGDID(c *Codec, text string) ([]byte, error) {
	id, err := gdid.Parse(text)
	if err != nil {
		// The cause quotes the text, so it stays out of the error.
		return nil, c.malformed("era:authority:counter or 24 hex digits")
	}
	return c.gdid(id)
}

func (c *Codec) gdid(id gdid.GDID) ([]byte, error) {
	if id.IsZero() {
		return nil, c.fail(ErrZeroGDID)
	}
	raw := id.Bytes()
	return raw[:], nil
}

func textGDID(encoded []byte) (string, bool) {
	if len(encoded) != 12 {
		return "", false
	}
	id := gdid.FromBytes([12]byte(encoded))
	return id.String(), !id.IsZero()
}

// stringOf returns the text of a string or a named string.
func stringOf(v any) (string, bool) {
	if s, ok := v.(string); ok {
		return s, true
	}
	if r := reflect.ValueOf(v); r.Kind() == reflect.String {
		return r.String(), true
	}
	return "", false
}

// bytesOf returns a copy of a slice or an array of bytes, named or not.
func bytesOf(v any) ([]byte, bool) {
	r := reflect.ValueOf(v)
	if k := r.Kind(); k != reflect.Slice && k != reflect.Array || r.Type().Elem().Kind() != reflect.Uint8 {
		return nil, false
	}
	raw := make([]byte, r.Len())
	reflect.Copy(reflect.ValueOf(raw), r)
	return raw, true
}

func (c *Codec) wrongType(v any, want string) error {
	return &Error{Type: c.kind.name, Got: fmt.Sprintf("%T", v), Want: want, Err: ErrWrongType}
}

func (c *Codec) malformed(want string) error {
	return &Error{Type: c.kind.name, Want: want, Err: ErrMalformed}
}

func without0x(text string) string {
	if rest, ok := strings.CutPrefix(text, "0x"); ok {
		return rest
	}
	return strings.TrimPrefix(text, "0X")
}
