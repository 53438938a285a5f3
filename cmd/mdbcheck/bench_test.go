package main_test

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	mdbcheck "github.com/mdbrouter/mdb/cmd/mdbcheck"
)

// writeGrid writes a configuration of so many partitions of 8 shards.
func writeGrid(b *testing.B, partitions int) string {
	b.Helper()
	var text strings.Builder
	text.WriteString("mdb {\n  namespace = \"grid\"\n}\n")
	for i := range 16 {
		fmt.Fprintf(&text, "server \"u%d\" { address = \"u%d:3306\" }\n", i, i)
	}
	text.WriteString("area \"user\" {\n  database = \"user_${partition.name}_${shard.index}\"\n")
	for p := range partitions {
		fmt.Fprintf(&text, "  partition \"p%d\" {\n    start  = \"0:%d\"\n    shards = [", p, p*250_000)
		for s := range 8 {
			fmt.Fprintf(&text, "server.u%d, ", (p+s)%16)
		}
		text.WriteString("]\n  }\n")
	}
	text.WriteString("}\n")
	dir := b.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "main.mdb.hcl"), []byte(text.String()), 0o644); err != nil {
		b.Fatal(err)
	}
	return dir
}

// Breaking of two files takes less than twice as long as check of one: their ratio
// is what matters here.
func BenchmarkCommands(b *testing.B) {
	const partitions = 10_000
	was, now := writeGrid(b, partitions), writeGrid(b, partitions+1)
	for _, args := range [][]string{{"check", now}, {"breaking", now, "--against", was}, {"graph", now}} {
		b.Run(fmt.Sprintf("%s/partitions=%d", args[0], partitions), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if status := mdbcheck.Run(args, mdbcheck.World{Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: io.Discard}); status > 1 {
					b.Fatal("exit status ", status)
				}
			}
		})
	}
}
