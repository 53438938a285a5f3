package hcl_test

import (
	"fmt"
	"testing"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/gdid"
	"github.com/mdbrouter/mdb/hcl"
	"github.com/mdbrouter/mdb/partition"
)

// gridConfig is an area of so many partitions of 8 shards; name makes the names of
// databases.
func gridConfig(b *testing.B, partitions int, name string) *hcl.Config {
	b.Helper()
	spec := area.Spec{Name: "user"}
	for p := range partitions {
		part := area.PartitionSpec{Name: fmt.Sprintf("p%d", p), Start: gdid.RangeKey{Counter: uint64(p) * 250_000}}
		for s := range 8 {
			part.Shards = append(part.Shards, area.Database{Server: fmt.Sprintf("u%d", (p+s)%16), Name: fmt.Sprintf("%s_p%d_%d", name, p, s)})
		}
		spec.Partitions = append(spec.Partitions, part)
	}
	registry, err := area.NewRegistry(area.Topology{Namespace: "grid", Hash: partition.Jump1, Areas: []area.Spec{spec}})
	if err != nil {
		b.Fatal(err)
	}
	return &hcl.Config{Namespace: "grid", Topology: registry.Topology(), Registry: registry}
}

// Comparing takes time in proportion to the size, whether all of it has changed or
// nothing has.
func BenchmarkCompare(b *testing.B) {
	for _, partitions := range []int{100, 1_000, 10_000} {
		was, other := gridConfig(b, partitions, "user"), gridConfig(b, partitions, "customer")
		more := gridConfig(b, partitions+1, "user")
		for _, edit := range []struct {
			name string
			now  *hcl.Config
		}{{"nothing", was}, {"one appended", more}, {"every database", other}} {
			b.Run(fmt.Sprintf("partitions=%d/changed=%s", partitions, edit.name), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					hcl.Compare(was, edit.now, hcl.CompareOptions{})
				}
			})
		}
	}
}

func BenchmarkLock(b *testing.B) {
	cfg := gridConfig(b, 10_000, "user")
	l, err := hcl.NewLock(cfg, nil)
	if err != nil {
		b.Fatal(err)
	}
	text := l.Text()
	b.Run("make", func(b *testing.B) {
		for b.Loop() {
			if _, err := hcl.NewLock(cfg, nil); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("read", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			if _, err := readLock(b, text); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("extend by nothing", func(b *testing.B) {
		for b.Loop() {
			if _, err := l.Extend(cfg, nil); err != nil {
				b.Fatal(err)
			}
		}
	})
}
