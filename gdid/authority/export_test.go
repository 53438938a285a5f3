package authority

import (
	"bytes"
	"context"
	"fmt"
	"hash/crc32"
	"slices"
)

// Grant is the rule of leases, which MySQL follows in SQL.
func Grant(r Record, number uint8, req Request) (Block, error) { return r.grant(number, req) }

// Late gives what a caller does that has found the block in use now empty, for a
// test to do it later.
func Late(ctx context.Context, g *Generator) (refill func() error) {
	old := g.current.Load()
	return func() error { return g.refill(ctx, old, 1) }
}

// CheckDocument reads the text of a file.
func CheckDocument(text []byte) error {
	_, err := decode(text)
	return err
}

// RecodeDocument reads the text of a file and writes it again.
func RecodeDocument(text []byte) ([]byte, error) {
	d, err := decode(text)
	if err != nil {
		return nil, err
	}
	return d.encode(), nil
}

// SealDocument gives the text with a checksum that is right.
func SealDocument(text []byte) []byte {
	if i := bytes.LastIndex(text, []byte(wordChecksum)); i >= 0 {
		text = text[:i]
	}
	return fmt.Appendf(slices.Clip(text), "%s %08x\n", wordChecksum, crc32.Checksum(text, castagnoli))
}
