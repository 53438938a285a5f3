package hcl_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/hcl"
)

// topologyOf writes an area of so many partitions and shards each, as a program
// that appends partitions would.
func topologyOf(partitions, shards int) []byte {
	var b strings.Builder
	b.WriteString("mdb {\n  namespace = \"bench\"\n}\nserver_defaults {\n  user = \"u\"\n}\n")
	for i := range 16 {
		fmt.Fprintf(&b, "server \"s%d\" { address = \"s%d.db:3306\" }\n", i, i)
	}
	b.WriteString("area \"user\" {\n  database = \"user_${partition.name}_${shard.index}\"\n")
	for p := range partitions {
		fmt.Fprintf(&b, "  partition \"p%d\" {\n    start  = \"0:%d\"\n    shards = [", p, p*250_000)
		for s := range shards {
			if s > 0 {
				b.WriteString(", ")
			}
			fmt.Fprintf(&b, "server.s%d", (p+s)%16)
		}
		b.WriteString("]\n  }\n")
	}
	b.WriteString("}\n")
	return []byte(b.String())
}

func BenchmarkLoad(b *testing.B) {
	for _, partitions := range []int{100, 1_000, 10_000} {
		b.Run(fmt.Sprintf("partitions=%d/shards=8", partitions), func(b *testing.B) {
			text := topologyOf(partitions, 8)
			opts := hcl.Options{FS: fstest.MapFS{"main.mdb.hcl": {Data: text}}}
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				cfg, err := hcl.Load(".", opts)
				require.NoError(b, err)
				require.NotNil(b, cfg.Registry)
			}
		})
	}
}

// What mdbcheck does: all rules.
func BenchmarkCheck(b *testing.B) {
	for _, partitions := range []int{100, 1_000, 10_000} {
		b.Run(fmt.Sprintf("partitions=%d/shards=8", partitions), func(b *testing.B) {
			text := topologyOf(partitions, 8)
			opts := hcl.Options{FS: fstest.MapFS{"main.mdb.hcl": {Data: text}}, Lint: &hcl.Lint{}}
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				cfg, found := hcl.Check(".", opts)
				require.NotEmpty(b, found)
				require.NotNil(b, cfg.Registry)
			}
		})
	}
}
