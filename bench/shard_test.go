package bench_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/gdid"
	"github.com/mdbrouter/mdb/partition"
)

// bareJump is jump consistent hash as in the paper, with nothing around it.
//
//go:noinline
func bareJump(key uint64, buckets int) int {
	b, j := int64(-1), int64(0)
	for j < int64(buckets) {
		b = j
		key = key*2862933555777941757 + 1
		j = int64(float64(b+1) * (float64(int64(1)<<31) / float64(int64(key>>33)+1)))
	}
	return int(b)
}

// shardContestants returns one round of each shard function and of the bare loop,
// on ids of one era as they are issued.
func shardContestants(tb testing.TB, shards int) []contestant {
	tb.Helper()
	r := rand.New(rand.NewPCG(2, uint64(shards)))
	ids, keys := make([]gdid.GDID, queries), make([]uint64, queries)
	for i := range ids {
		keys[i] = r.Uint64N(gdid.MaxCounter)
		id, err := gdid.New(0, uint8(r.IntN(16)), keys[i])
		require.NoError(tb, err)
		ids[i] = id
		require.Equal(tb, bareJump(keys[i], shards), partition.Jump1.Shard(id, shards))
	}
	contestants := []contestant{{"bare", func() {
		for _, k := range keys {
			sink += bareJump(k, shards)
		}
	}}}
	for _, h := range []partition.Hash{partition.Jump1, partition.Mod1, partition.Azos1} {
		contestants = append(contestants, contestant{h.String(), func() {
			for _, id := range ids {
				sink += h.Shard(id, shards)
			}
		}})
	}
	return contestants
}

func BenchmarkShard(b *testing.B) {
	for _, shards := range []int{1, 2, 8, 64, 512} {
		for _, c := range shardContestants(b, shards) {
			b.Run(fmt.Sprintf("shards=%d/by=%s", shards, c.name), func(b *testing.B) {
				b.ReportAllocs()
				for done := 0; done < b.N; done += queries {
					c.run()
				}
			})
		}
	}
}

// BenchmarkGoalShard holds jump1 against the bare loop.
func BenchmarkGoalShard(b *testing.B) {
	for _, shards := range []int{2, 8, 64} {
		b.Run(fmt.Sprintf("shards=%d", shards), func(b *testing.B) {
			benchmarkGoals(b, shardContestants(b, shards), goal{"jump1", "bare", 1.1})
		})
	}
}

// The bare loop picks the same shards; making the contestants checks it.
func TestShard_contestants(t *testing.T) {
	for _, shards := range []int{1, 2, 8, 64, 512} {
		shardContestants(t, shards)
	}
}
