package key_test

import (
	"fmt"
	"testing"

	"github.com/mdbrouter/mdb/central/key"
)

func BenchmarkCodec_Encode(b *testing.B) {
	steps := []string{"trim", "nfkc", "fold"}
	for name, text := range map[string]string{"normalised": "ann@example.com", "capitals": "Ann@Example.COM", "accents": "Kaethe.Müller@Bücher.example"} {
		b.Run(name, func(b *testing.B) {
			codec := codecOf(b, key.Spec{Normalize: steps})
			b.ReportAllocs()
			for b.Loop() {
				_, _ = codec.Encode(text)
			}
		})
	}
}

func BenchmarkShard(b *testing.B) {
	for _, n := range []int{4, 64, 1024} {
		b.Run(fmt.Sprintf("shards=%d", n), func(b *testing.B) {
			encoded := []byte("ann@example.com")
			b.ReportAllocs()
			for b.Loop() {
				key.Shard(encoded, n)
			}
		})
	}
}
