package bench_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/hcl"
)

// BenchmarkConfig loads and compiles n partitions of 8 shards: under 250 ms for
// 1,000, and ten times that for 10,000.
func BenchmarkConfig(b *testing.B) {
	for _, n := range []int{1_000, 10_000} {
		b.Run(fmt.Sprintf("partitions=%d", n), func(b *testing.B) {
			path := configFile(b, n)
			b.ReportAllocs()
			for b.Loop() {
				config, err := hcl.Load(path, hcl.Options{})
				require.NoError(b, err)
				require.Len(b, config.Registry.Shards(), 8*n)
			}
		})
	}
}
