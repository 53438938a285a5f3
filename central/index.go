package central

import (
	"context"
	"crypto/sha256"
	"sync/atomic"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/central/key"
	"github.com/mdbrouter/mdb/gdid"
)

// An Index leads from keys to GDIDs. What a key may be is said at
// [key.Codec.Encode]; what is no key fails with a [*key.Error] in an
// [*area.Error], before any I/O.
type Index struct {
	spec       *area.Index
	title      string // what errors call it: "central.email"
	table      string // quoted
	codec      *key.Codec
	text       bool // keys are strings
	shards     []*shard
	briefcases Briefcases
	known      []atomic.Bool // by shard: it has the index as this process knows it
	cache      *cache        // nil: nothing is remembered
	bypass     bool          // lookups ask the servers
	fresh      *Index        // the same with bypass set
	absent     error         // of a lookup that finds nothing
	err        error         // of every call to an index that is not declared
}

// Encoded is a key as it stands in the index: normalised and encoded. It is
// accepted wherever a key is. Do not print it where keys must not be seen.
type Encoded []byte

// unknownIndex gives an index whose every call fails.
func unknownIndex(name string) *Index {
	x := &Index{spec: &area.Index{Name: name}, title: "central." + name}
	x.err = x.fail("index", nil, ErrNoIndex)
	x.fresh = x
	return x
}

// Name gives the index's label.
func (x *Index) Name() string { return x.spec.Name }

// Spec gives what the configuration declares. The caller must not change it.
func (x *Index) Spec() *area.Index { return x.spec }

// Fresh gives the index with lookups that always ask the servers.
func (x *Index) Fresh() *Index { return x.fresh }

// Encode gives a key as it stands in the index.
func (x *Index) Encode(k any) (Encoded, error) {
	encoded, err := x.encode("encode", k)
	return Encoded(encoded), err
}

// Parse gives the key that is written as text, as on a command line; see
// [key.Codec.Parse].
func (x *Index) Parse(text string) (Encoded, error) {
	if x.err != nil {
		return nil, x.err
	}
	encoded, err := x.codec.Parse(text)
	if err != nil {
		return nil, x.fail("parse", nil, err)
	}
	return encoded, nil
}

// Text writes a key, so that [Index.Parse] gives it again.
func (x *Index) Text(k Encoded) string {
	if x.err != nil {
		return ""
	}
	return x.codec.Text(k)
}

// Proof gives the hash of a key that a briefcase's root row may keep, in a column
// BINARY(32), to confirm that the key is its own: SHA-256 of the encoded key.
func (x *Index) Proof(k any) ([]byte, error) {
	encoded, err := x.encode("proof", k)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256([]byte(encoded))
	return sum[:], nil
}

// encode gives the bytes of a key, or why it is none.
func (x *Index) encode(op string, k any) (string, error) {
	if x.err != nil {
		return "", x.err
	}
	if e, ok := k.(Encoded); ok && len(e) > 0 && len(e) <= x.codec.MaxBytes() {
		return string(e), nil
	}
	if s, ok := k.(string); ok && x.text {
		encoded, err := x.codec.EncodeString(s)
		if err != nil {
			return "", x.fail(op, nil, err)
		}
		return encoded, nil
	}
	encoded, err := x.codec.Encode(k)
	if err != nil {
		return "", x.fail(op, nil, err)
	}
	return string(encoded), nil
}

// owned encodes a key and checks the id that is to own it.
func (x *Index) owned(op string, k any, id gdid.GDID) (place, error) {
	encoded, err := x.encode(op, k)
	if err != nil {
		return place{}, err
	}
	if id.IsZero() {
		return place{}, x.fail(op, nil, area.ErrZeroGDID)
	}
	return x.placeOf(encoded, id), nil
}

// A place is where the row of a key stands. An index that is not unique has a row
// for each key and id.
type place struct {
	shard *shard
	key   string
	id    gdid.GDID // who is to own the key
}

func (x *Index) placeOf(encoded string, id gdid.GDID) place {
	return place{shard: x.shardOf(encoded), key: encoded, id: id}
}

func (x *Index) shardOf(encoded string) *shard {
	return x.shards[key.Shard([]byte(encoded), len(x.shards))]
}

// exec runs a writing statement on a shard and gives how many rows it changed. It
// is sent even where the shard is silent.
func (x *Index) exec(ctx context.Context, s *shard, statement string) (changed int64, err error) {
	began, _ := s.silence.begin()
	return x.execFrom(ctx, s, statement, began)
}

// execFrom is exec for a statement that has begun.
func (x *Index) execFrom(ctx context.Context, s *shard, statement string, began int64) (changed int64, err error) {
	defer func() { s.silence.end(began, err) }()
	db, err := x.open(ctx, s)
	if err != nil {
		return 0, err
	}
	result, err := db.ExecContext(ctx, statement)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// Shard gives the CENTRAL shard in which a key stands, without any I/O.
func (x *Index) Shard(k any) (area.CentralShard, error) {
	encoded, err := x.encode("route", k)
	if err != nil {
		return area.CentralShard{}, err
	}
	return x.shardOf(encoded).place, nil
}
