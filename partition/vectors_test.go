package partition_test

import (
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"math/big"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/gdid"
	"github.com/mdbrouter/mdb/partition"
)

var update = flag.Bool("update", false, "write testdata/vectors/partition-shard.json anew; its values are frozen, so only inputs may be added")

const vectorsFile = "../testdata/vectors/partition-shard.json"

// A vector is one id and its shard for each function and each number of shards.
type vector struct {
	ID     string                    `json:"id"`
	Hex    string                    `json:"hex"`
	Shards map[string]map[string]int `json:"shards"`
}

// vectorIDs are the corners of each part, patterns as ids are issued, and some at
// random.
func vectorIDs() []gdid.GDID {
	texts := []string{
		"0:1:250122", "0:1:250123", "0:0:1", "0:0:2", "0:0:3", "0:1:0", "0:15:0", "0:1:1", "0:15:1", "1:0:0", "1:0:1", "2:0:0", "16:0:0",
		"0:0:1152921504606846975", "0:15:1152921504606846975", "1:0:1152921504606846975", "4294967295:0:0", "4294967295:15:1152921504606846975",
		"0:0:2147483648", "0:0:4294967296", "0:0:8589934592", "0:0:9007199254740993", "0:3:8000000000", "7:3:8000500000",
	}
	var ids []gdid.GDID
	for _, text := range texts {
		ids = append(ids, gdid.MustParse(text))
	}
	r := rand.New(rand.NewPCG(2014, 1))
	for range 40 {
		var b [gdid.Size]byte
		binary.BigEndian.PutUint32(b[:4], r.Uint32()>>r.IntN(33))
		binary.BigEndian.PutUint64(b[4:], r.Uint64()>>r.IntN(64))
		ids = append(ids, gdid.FromBytes(b))
	}
	return ids
}

var vectorShards = []int{1, 2, 3, 4, 5, 7, 8, 16, 60, 64, 100, 1000, 1023, 65536, 1000003}

func writeVectors(t *testing.T) {
	t.Helper()
	var vectors []string
	for _, id := range vectorIDs() {
		var byHash []string
		for _, h := range hashes {
			var byCount []string
			for _, n := range vectorShards {
				byCount = append(byCount, fmt.Sprintf("\"%d\": %d", n, h.Shard(id, n)))
			}
			byHash = append(byHash, fmt.Sprintf("      %q: {%s}", h, strings.Join(byCount, ", ")))
		}
		vectors = append(vectors, fmt.Sprintf("    {\"id\": %q, \"hex\": %q, \"shards\": {\n%s\n    }}", id, id.Hex(), strings.Join(byHash, ",\n")))
	}
	text := "{\n  \"description\": \"Shards of ids: for each shard function and each number of shards, the index of the shard.\",\n" +
		"  \"vectors\": [\n" + strings.Join(vectors, ",\n") + "\n  ]\n}\n"
	require.NoError(t, os.WriteFile(vectorsFile, []byte(text), 0o644))
}

func TestVectors(t *testing.T) {
	t.Parallel()
	if *update {
		writeVectors(t)
	}
	raw, err := os.ReadFile(vectorsFile)
	require.NoError(t, err)
	var file struct{ Vectors []vector }
	require.NoError(t, json.Unmarshal(raw, &file))
	require.GreaterOrEqual(t, len(file.Vectors), len(vectorIDs()), "vectors are never taken away")
	for _, v := range file.Vectors {
		t.Run(v.ID, func(t *testing.T) {
			t.Parallel()
			id := gdid.MustParse(v.ID)
			require.Equal(t, v.Hex, id.Hex())
			require.ElementsMatch(t, partition.HashNames(), slices.Collect(maps.Keys(v.Shards)))
			for name, shards := range v.Shards {
				h, err := partition.ParseHash(name)
				require.NoError(t, err)
				require.NotEmpty(t, shards)
				for count, want := range shards {
					n, err := strconv.Atoi(count)
					require.NoError(t, err)
					require.Equal(t, want, h.Shard(id, n), "%s of %d", name, n)
					require.Equal(t, want, otherShard(t, name, v.Hex, int64(n)), "%s of %d, computed another way", name, n)
				}
			}
		})
	}
}

// otherShard computes a shard from the bytes of the id by the words of the
// documentation, in big numbers and with none of the package's code.
func otherShard(t *testing.T, hash, id string, shards int64) int {
	t.Helper()
	raw, err := hex.DecodeString(id)
	require.NoError(t, err)
	era, low := new(big.Int).SetBytes(raw[:4]), new(big.Int).SetBytes(raw[4:])
	counter := new(big.Int).SetBytes(append([]byte{raw[4] & 15}, raw[5:]...))
	n := big.NewInt(shards)
	switch hash {
	case "mod1":
		key := new(big.Int).Mul(era, new(big.Int).Exp(big.NewInt(2), big.NewInt(60), nil))
		return int(key.Add(key, counter).Mod(key, n).Int64())
	case "azos1":
		key := new(big.Int).Mul(era, big.NewInt(1<<32))
		return int(key.Xor(key, low).Mod(key, n).Int64())
	case "jump1":
		key, ok := new(big.Int).SetString("9E3779B97F4A7C15", 16)
		require.True(t, ok)
		return otherJump(key.Mul(key, era).Add(key, counter), n)
	}
	t.Fatalf("no such function: %s", hash)
	return 0
}

// otherJump is jump consistent hash with its two roundings to double precision
// spelled out, so that it needs no floating point unit to agree with.
func otherJump(key, buckets *big.Int) int {
	modulus := new(big.Int).Exp(big.NewInt(2), big.NewInt(64), nil)
	factor := new(big.Int).SetUint64(2862933555777941757)
	double := func() *big.Float { return new(big.Float).SetPrec(53).SetMode(big.ToNearestEven) }
	key = key.Mod(key, modulus)
	last := big.NewInt(-1)
	for next := big.NewInt(0); next.Cmp(buckets) < 0; {
		last = next
		key = key.Mul(key, factor).Add(key, big.NewInt(1)).Mod(key, modulus)
		draw := new(big.Int).Rsh(key, 33)
		draw.Add(draw, big.NewInt(1))
		quotient := double().Quo(double().SetInt64(1<<31), double().SetInt(draw))
		step := double().Mul(double().SetInt(new(big.Int).Add(last, big.NewInt(1))), quotient)
		next, _ = step.Int(nil)
	}
	return int(last.Int64())
}

// The independent computation agrees far beyond the vectors.
func TestHash_Shard_isTheOther(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 5))
	for range 3000 {
		var b [gdid.Size]byte
		binary.BigEndian.PutUint32(b[:4], r.Uint32()>>r.IntN(33))
		binary.BigEndian.PutUint64(b[4:], r.Uint64()>>r.IntN(64))
		id, n := gdid.FromBytes(b), 1+r.IntN(1<<r.IntN(31))
		for _, h := range hashes {
			require.Equal(t, otherShard(t, h.String(), id.Hex(), int64(n)), h.Shard(id, n), "%v of %v of %d", h, id, n)
		}
	}
}
