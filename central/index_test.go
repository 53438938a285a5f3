package central_test

import (
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/central"
	"github.com/mdbrouter/mdb/central/key"
	"github.com/mdbrouter/mdb/gdid"
)

// closed are connections that must not be asked for.
type closed struct{ t *testing.T }

func (c closed) DB() (*sql.DB, error) {
	c.t.Error("there was I/O")
	return nil, area.ErrClosed
}

// offline gives CENTRAL without any server.
func offline(t *testing.T, shards int, indexes ...area.Index) *central.Central {
	t.Helper()
	cfg := central.Config{Spec: &area.Central{Indexes: indexes}}
	for i := range shards {
		cfg.Spec.Shards = append(cfg.Spec.Shards, area.Database{Server: "c1", Name: fmt.Sprint("central_", i)})
		cfg.Shards = append(cfg.Shards, closed{t})
	}
	c, err := central.New(cfg)
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c
}

func TestIndex_refuses_what_is_no_key_before_any_io(t *testing.T) {
	t.Parallel()
	c := offline(t, 4, indexes()...)
	canary := "Canary" + strings.Repeat("x", 400)
	tests := []struct {
		name, index string
		key         any
		want        error
	}{
		{"too long after normalising", "email", canary, key.ErrTooLong},
		{"longer than any key may be", "email", strings.Repeat("Canary", 1<<12), key.ErrTooLong},
		{"empty after normalising", "email", "  \t ", key.ErrEmpty},
		{"invalid UTF-8", "email", "Canary\xff", key.ErrInvalidUTF8},
		{"a control character", "email", "Canary\x00", key.ErrControl},
		{"a number for text", "email", 5, key.ErrWrongType},
		{"a float for text", "email", 5.5, key.ErrWrongType},
		{"an array for text", "email", [3]byte{1, 2, 3}, key.ErrWrongType},
		{"nothing", "email", nil, key.ErrWrongType},
		{"text for a number", "number", "Canary", key.ErrWrongType},
		{"a number too great", "number", uint64(1 << 63), key.ErrOutOfRange},
		{"text for bytes", "long", "Canary", key.ErrWrongType},
		{"no bytes", "long", []byte{}, key.ErrEmpty},
		{"too many bytes", "long", []byte(strings.Repeat("Canary", 600)), key.ErrTooLong},
		{"encoded, but for another index", "number", central.Encoded("Canary-Canary"), key.ErrWrongType},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			x := c.Index(tt.index)
			calls := map[string]func() error{
				"lookup":   func() error { _, err := x.Lookup(t.Context(), tt.key); return err },
				"fresh":    func() error { _, err := x.Fresh().Lookup(t.Context(), tt.key); return err },
				"many":     func() error { _, err := x.LookupMany(t.Context(), []any{"ann", tt.key}); return err },
				"all":      func() error { _, err := x.LookupAll(t.Context(), tt.key); return err },
				"reserve":  func() error { _, err := x.Reserve(t.Context(), tt.key, id(1), 0); return err },
				"release":  func() error { return x.Release(t.Context(), tt.key, id(1)) },
				"add":      func() error { return x.Add(t.Context(), tt.key, id(1)) },
				"remove":   func() error { return x.Remove(t.Context(), tt.key, id(1)) },
				"change":   func() error { return x.Change(t.Context(), tt.key, "b", id(1)) },
				"encode":   func() error { _, err := x.Encode(tt.key); return err },
				"proof":    func() error { _, err := x.Proof(tt.key); return err },
				"shard":    func() error { _, err := x.Shard(tt.key); return err },
				"changeTo": func() error { return x.Change(t.Context(), tt.key, tt.key, id(1)) },
			}
			if tt.index != "email" {
				delete(calls, "many")
			}
			for name, call := range calls {
				err := call()
				require.ErrorIs(t, err, tt.want, name)
				facts, ok := errors.AsType[*area.Error](err)
				require.True(t, ok, name)
				require.Equal(t, "central."+tt.index, facts.Area, name)
				require.Equal(t, area.Class{Advice: area.Fail, Outcome: area.NotApplied}, area.Classify(err), name)
				for _, verb := range []string{"%v", "%+v", "%#v"} {
					require.NotContains(t, fmt.Sprintf(verb, err), "Canary", name)
				}
			}
		})
	}
}

func TestIndex_that_is_not_declared(t *testing.T) {
	t.Parallel()
	for _, c := range []*central.Central{offline(t, 1, indexes()...), {}} {
		x := c.Index("nobody")
		_, err := x.Lookup(t.Context(), "a")
		require.ErrorIs(t, err, central.ErrNoIndex)
		require.ErrorContains(t, err, "central.nobody")
		_, err = x.Fresh().LookupMany(t.Context(), nil)
		require.ErrorIs(t, err, central.ErrNoIndex)
		_, err = x.Keys(t.Context(), id(1))
		require.ErrorIs(t, err, central.ErrNoIndex)
		_, err = x.Sweep(t.Context(), central.SweepOptions{})
		require.ErrorIs(t, err, central.ErrNoIndex)
		_, _, err = x.Count(t.Context())
		require.ErrorIs(t, err, central.ErrNoIndex)
		_, err = x.Parse("a")
		require.ErrorIs(t, err, central.ErrNoIndex)
		require.Empty(t, x.Text(central.Encoded("a")))
		require.Zero(t, x.Stats())
	}
}

func TestNew_refuses(t *testing.T) {
	t.Parallel()
	_, err := central.New(central.Config{Spec: &area.Central{}})
	require.Error(t, err, "no shards")
	spec := &area.Central{Shards: []area.Database{{Name: "a"}}, Indexes: []area.Index{{Name: "x", Type: "nonsense"}, {Name: "y", Normalize: []string{"upper"}}}}
	_, err = central.New(central.Config{Spec: spec, Shards: []central.DB{closed{t}}})
	require.ErrorContains(t, err, "nonsense")
	require.ErrorContains(t, err, "upper")
}

// The library encodes every key as the frozen vectors say, and finds its shard.
func TestIndex_vectors(t *testing.T) {
	t.Parallel()
	var encode struct {
		Vectors []struct {
			Type      string
			Normalize []string
			Input     string
			Hex       string
		}
	}
	read(t, "key-encode.json", &encode)
	for i, v := range encode.Vectors {
		x := offline(t, 64, area.Index{Name: "x", Type: v.Type, Normalize: v.Normalize, Unique: true}).Index("x")
		encoded, err := x.Parse(v.Input)
		require.NoError(t, err, i)
		require.Equal(t, v.Hex, hex.EncodeToString(encoded), i)
		if v.Type == "string" {
			direct, err := x.Encode(v.Input)
			require.NoError(t, err)
			require.Equal(t, encoded, direct)
		}
		place, err := x.Shard(encoded)
		require.NoError(t, err)
		require.Equal(t, key.Shard(encoded, 64), place.Index)
		again, err := x.Parse(x.Text(encoded))
		require.NoError(t, err)
		require.Equal(t, encoded, again)
	}
	var shards struct {
		Vectors []struct {
			Hex    string
			Shards map[string]int
		}
	}
	read(t, "key-shard.json", &shards)
	c := offline(t, 60, area.Index{Name: "x", Type: "bytes", MaxBytes: 3072, Unique: true})
	for _, v := range shards.Vectors {
		raw, err := hex.DecodeString(v.Hex)
		require.NoError(t, err)
		place, err := c.Index("x").Shard(raw)
		require.NoError(t, err)
		require.Equal(t, v.Shards["60"], place.Index)
	}
}

func read(t *testing.T, name string, into any) {
	t.Helper()
	raw, err := os.ReadFile("../testdata/vectors/" + name)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(raw, into))
}

// What provisioning makes room for is what keys need.
func TestIndex_width_is_that_of_the_keys(t *testing.T) {
	t.Parallel()
	for _, typ := range append(key.Types(), "") {
		for _, most := range []int{0, 100} {
			x := area.Index{Type: typ, MaxBytes: most}
			codec, err := key.New(key.Spec{Type: typ, MaxBytes: most})
			require.NoError(t, err)
			require.Equal(t, codec.MaxBytes(), x.Width(), "%s %d", typ, most)
		}
	}
}

func TestIndex_named_types_and_every_kind_of_key(t *testing.T) {
	t.Parallel()
	type email string
	type number int32
	type uuid [16]byte
	type raw []byte
	c := offline(t, 1, append(indexes(), area.Index{Name: "uuid", Type: "uuid", Unique: true}, area.Index{Name: "gdid", Type: "gdid", Unique: true})...)
	tests := []struct {
		index string
		key   any
		want  string
	}{
		{"email", email("Ann@x"), "616e6e4078"},
		{"email", raw("Ann@x"), "616e6e4078"},
		{"number", number(-2), "fffffffffffffffe"},
		{"number", uint8(7), "0000000000000007"},
		{"long", raw{1, 2}, "0102"},
		{"long", [2]byte{1, 2}, "0102"},
		{"uuid", uuid{15: 1}, "00000000000000000000000000000001"},
		{"uuid", "00000000-0000-0000-0000-000000000001", "00000000000000000000000000000001"},
		{"gdid", gdid.MustParse("1:2:3"), "000000012000000000000003"},
	}
	for _, tt := range tests {
		encoded, err := c.Index(tt.index).Encode(tt.key)
		require.NoError(t, err)
		require.Equal(t, tt.want, hex.EncodeToString(encoded))
	}
}
