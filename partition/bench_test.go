package partition_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/gdid"
	"github.com/mdbrouter/mdb/partition"
)

var sink int

// uniform is n partitions of one era with random starts.
func uniform(n int) partition.Spec {
	r := rand.New(rand.NewPCG(1, uint64(n)))
	spec := partition.Spec{Partitions: []partition.Partition{at("", "0:0")}}
	for len(spec.Partitions) < n {
		p := at("", "0:0")
		p.Start.Counter = 1 + r.Uint64N(gdid.MaxCounter)
		spec.Partitions = append(spec.Partitions, p)
	}
	return spec
}

func BenchmarkTable_FindID(b *testing.B) {
	for _, n := range []int{1, 16, 256, 4096, 65536, 1048576} {
		table, err := partition.New(uniform(n))
		require.NoError(b, err)
		r := rand.New(rand.NewPCG(2, 2))
		// So many that the branch predictor learns no lookup by heart.
		ids := make([]gdid.GDID, 1<<16)
		for i := range ids {
			ids[i], err = gdid.New(0, 0, r.Uint64N(gdid.MaxCounter))
			require.NoError(b, err)
		}
		b.Run(fmt.Sprintf("form=throughput/partitions=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				sink += table.FindID(ids[i&(1<<16-1)])
			}
		})
		b.Run(fmt.Sprintf("form=latency/partitions=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			found := 0
			for i := 0; b.Loop(); i++ {
				found = table.FindID(ids[(i+found&1)&(1<<16-1)])
			}
			sink += found
		})
	}
}

func BenchmarkNew(b *testing.B) {
	for _, n := range []int{16, 256, 4096, 65536} {
		spec := uniform(n)
		b.Run(fmt.Sprintf("partitions=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := partition.New(spec); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkHash_Shard(b *testing.B) {
	for _, h := range hashes {
		for _, shards := range []int{1, 2, 8, 64, 512} {
			b.Run(fmt.Sprintf("hash=%v/shards=%d", h, shards), func(b *testing.B) {
				b.ReportAllocs()
				id := gdid.MustParse("0:1:250122")
				for b.Loop() {
					sink += h.Shard(id, shards)
				}
			})
		}
	}
}
