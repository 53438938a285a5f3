package key_test

import (
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/big"
	"math/bits"
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/central/key"
)

func readVectors[T any](t *testing.T, name string) []T {
	t.Helper()
	raw, err := os.ReadFile("../../testdata/vectors/" + name)
	require.NoError(t, err)
	var file struct{ Vectors []T }
	require.NoError(t, json.Unmarshal(raw, &file))
	require.NotEmpty(t, file.Vectors)
	return file.Vectors
}

func TestVectors_encode(t *testing.T) {
	t.Parallel()
	type vector struct {
		Type      string
		Normalize []string
		Input     string
		Text      string
		Hex       string
	}
	for i, v := range readVectors[vector](t, "key-encode.json") {
		t.Run(fmt.Sprintf("%d %s", i, v.Type), func(t *testing.T) {
			t.Parallel()
			codec, err := key.New(key.Spec{Type: v.Type, Normalize: v.Normalize})
			require.NoError(t, err)
			encoded, err := codec.Parse(v.Input)
			require.NoError(t, err)
			require.Equal(t, v.Hex, hex.EncodeToString(encoded), "%q", v.Input)
			require.Equal(t, v.Text, codec.Text(encoded))
			require.Equal(t, v.Hex, hex.EncodeToString(independentEncoding(t, v.Type, v.Text)))
		})
	}
}

// independentEncoding encodes normalised text by the words of the package
// documentation, with none of the package's code.
func independentEncoding(t *testing.T, typ, text string) []byte {
	t.Helper()
	switch typ {
	case "string":
		return []byte(text)
	case "int64", "uint64":
		n, ok := new(big.Int).SetString(text, 10)
		require.True(t, ok)
		if n.Sign() < 0 {
			n.Add(n, new(big.Int).Lsh(big.NewInt(1), 64))
		}
		return n.FillBytes(make([]byte, 8))
	case "gdid":
		var era, authority, counter uint64
		_, err := fmt.Sscanf(text, "%d:%d:%d", &era, &authority, &counter)
		require.NoError(t, err)
		return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint32(nil, uint32(era)), authority<<60+counter)
	default: // bytes and uuid: the hex digits of their text
		var raw []byte
		digits := ""
		for i, r := range text {
			if r == '-' || typ == "bytes" && i < 2 {
				continue
			}
			if digits += string(r); len(digits) == 2 {
				b, err := strconv.ParseUint(digits, 16, 8)
				require.NoError(t, err)
				raw, digits = append(raw, byte(b)), ""
			}
		}
		return raw
	}
}

func TestVectors_shard(t *testing.T) {
	t.Parallel()
	type vector struct {
		Hex    string
		XXH64  string
		Shards map[string]int
	}
	for _, v := range readVectors[vector](t, "key-shard.json") {
		encoded, err := hex.DecodeString(v.Hex)
		require.NoError(t, err)
		hash := xxh64(encoded)
		require.Equal(t, v.XXH64, fmt.Sprintf("%016x", hash), v.Hex)
		require.NotEmpty(t, v.Shards)
		for count, want := range v.Shards {
			n, err := strconv.Atoi(count)
			require.NoError(t, err)
			require.Equal(t, want, jumpExact(hash, n), "%s of %d", v.Hex, n)
			require.Equal(t, want, key.Shard(encoded, n), "%s of %d", v.Hex, n)
		}
	}
}

const (
	prime1 = 0x9E3779B185EBCA87
	prime2 = 0xC2B2AE3D27D4EB4F
	prime3 = 0x165667B19E3779F9
	prime4 = 0x85EBCA77C2B2AE63
	prime5 = 0x27D4EB2F165667C5
)

// xxh64 is XXH64 with seed 0, from its specification.
func xxh64(b []byte) uint64 {
	round := func(acc, lane uint64) uint64 {
		acc += lane * prime2
		return bits.RotateLeft64(acc, 31) * prime1
	}
	total := uint64(len(b))
	var h uint64 = prime5
	if len(b) >= 32 {
		lanes := [4]uint64{sum(prime1, prime2), prime2, 0, -sum(prime1, 0)}
		for ; len(b) >= 32; b = b[32:] {
			for i := range lanes {
				lanes[i] = round(lanes[i], binary.LittleEndian.Uint64(b[8*i:]))
			}
		}
		h = 0
		for i, turn := range []int{1, 7, 12, 18} {
			h += bits.RotateLeft64(lanes[i], turn)
		}
		for _, lane := range lanes {
			h = (h^round(0, lane))*prime1 + prime4
		}
	}
	h += total
	for ; len(b) >= 8; b = b[8:] {
		h = bits.RotateLeft64(h^round(0, binary.LittleEndian.Uint64(b)), 27)*prime1 + prime4
	}
	for ; len(b) >= 4; b = b[4:] {
		h = bits.RotateLeft64(h^uint64(binary.LittleEndian.Uint32(b))*prime1, 23)*prime2 + prime3
	}
	for _, c := range b {
		h = bits.RotateLeft64(h^uint64(c)*prime5, 11) * prime1
	}
	h = (h ^ h>>33) * prime2
	h = (h ^ h>>29) * prime3
	return h ^ h>>32
}

// sum adds modulo 2^64, which constants do not.
func sum(a, b uint64) uint64 { return a + b }

// jumpExact is the jump consistent hash in whole numbers: the next bucket is
// (b+1) * 2^31 / (r+1), rounded down.
func jumpExact(hash uint64, buckets int) int {
	var bucket, next uint64
	for next < uint64(buckets) {
		bucket = next
		hash = hash*2862933555777941757 + 1
		high, low := bits.Mul64(bucket+1, 1<<31)
		next, _ = bits.Div64(high, low, hash>>33+1)
	}
	return int(bucket)
}
