package area_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/gdid"
	"github.com/mdbrouter/mdb/partition"
)

// users is an area with two partitions and a breakpoint of two more.
func users() area.Spec {
	return area.Spec{
		Name: "user",
		Partitions: []area.PartitionSpec{
			{Name: "p1", Start: gdid.MustParseRangeKey("0:250_000"), Shards: databases("user_p1", "u1", "u2", "u3")},
			{Name: "p0", Shards: databases("user_p0", "u1", "u2")},
		},
		Breakpoints: []area.BreakpointSpec{{
			Name: "y2027", At: gdid.MustParseRangeKey("0:8_000_000_000"),
			Partitions: []area.PartitionSpec{
				{Name: "r0", Shards: databases("user_r0", "u3")},
				{Name: "r1", Start: gdid.MustParseRangeKey("0:500_000"), Hash: partition.Mod1, Shards: databases("user_r1", "u1", "u2")},
			},
		}},
	}
}

func databases(prefix string, servers ...string) []area.Database {
	out := make([]area.Database, len(servers))
	for i, s := range servers {
		out[i] = area.Database{Server: s, Name: prefix + "_" + string(rune('0'+i))}
	}
	return out
}

func orders() area.Spec {
	return area.Spec{Name: "order", Partitions: []area.PartitionSpec{{Name: "q0", Shards: databases("order_q0", "u2")}}}
}

func topology() area.Topology {
	return area.Topology{
		Namespace: "acme_prod", Hash: partition.Jump1,
		Areas: []area.Spec{users(), orders()},
		Central: &area.Central{
			Shards: databases("central", "c1", "c2"),
			Indexes: []area.Index{
				{Name: "email", Briefcase: "customer", Type: "string", Normalize: []string{"trim", "fold"}, MaxBytes: 320, Unique: true},
				{Name: "phone", Briefcase: "customer", Type: "string", MaxBytes: 32},
			},
		},
	}
}

func registry(tb testing.TB, topology area.Topology) *area.Registry {
	tb.Helper()
	r, err := area.NewRegistry(topology)
	require.NoError(tb, err)
	return r
}

func TestRegistry_Route(t *testing.T) {
	t.Parallel()
	r := registry(t, topology())
	tests := []struct {
		name, id, partition, server, database string
		shard                                 int
	}{
		{name: "the known vector of jump1", id: "0:1:250122", partition: "p1", shard: 2, server: "u3", database: "user_p1_2"},
		{name: "its neighbour", id: "0:1:250123", partition: "p1", shard: 0, server: "u1", database: "user_p1_0"},
		{name: "another authority, the same shard", id: "0:15:250122", partition: "p1", shard: 2, server: "u3", database: "user_p1_2"},
		{name: "the last key of the first table", id: "0:0:7999999999", partition: "p1", shard: 0, server: "u1", database: "user_p1_0"},
		{name: "the breakpoint starts over", id: "0:0:8000000000", partition: "r0", shard: 0, server: "u3", database: "user_r0_0"},
		{name: "an offset counts from the breakpoint", id: "0:0:8000500000", partition: "r1", shard: 0, server: "u1", database: "user_r1_0"},
		{name: "its own hash", id: "0:0:8000500001", partition: "r1", shard: 1, server: "u2", database: "user_r1_1"},
		{name: "the last partition has no end", id: "4294967295:15:1152921504606846975", partition: "r1", shard: 1, server: "u2", database: "user_r1_1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			id := gdid.MustParse(tt.id)
			got, err := r.Route("user", id)
			require.NoError(t, err)
			want := area.Route{
				Area: "user", Partition: tt.partition, Shard: tt.shard, Server: tt.server, Database: tt.database, RangeKey: id.RangeKey(),
			}
			require.Equal(t, want.Partition, got.Partition)
			require.Equal(t, want, got)
		})
	}
}

func TestRegistry_Route_refuses(t *testing.T) {
	t.Parallel()
	r := registry(t, topology())

	_, err := r.Route("nobody", gdid.MustParse("0:1:5"))
	require.ErrorIs(t, err, area.ErrNoArea)
	fact, ok := errors.AsType[*area.Error](err)
	require.True(t, ok)
	require.Equal(t, "nobody", fact.Area)

	_, err = r.Route("user", gdid.GDID{})
	require.ErrorIs(t, err, area.ErrZeroGDID)
}

func TestRegistry_Route_allocs(t *testing.T) {
	r := registry(t, topology())
	id := gdid.MustParse("0:1:250122")
	require.Zero(t, testing.AllocsPerRun(100, func() {
		if _, err := r.Route("user", id); err != nil {
			t.Fatal(err)
		}
	}))
}

func TestRegistry_Shards(t *testing.T) {
	t.Parallel()
	r := registry(t, topology())
	require.Len(t, r.Shards(), 9)
	for i, s := range r.Shards() {
		require.Equal(t, i, s.Ordinal)
	}
	order, ok := r.Area("order")
	require.True(t, ok)
	require.Len(t, order.Shards(), 1)
	require.Equal(t, "order_q0_0", order.Shards()[0].Database)

	user, ok := r.Area("user")
	require.True(t, ok)
	var labels []string
	for _, s := range user.Shards() {
		labels = append(labels, s.Label())
	}
	require.Equal(t, []string{"p0/0", "p0/1", "p1/0", "p1/1", "p1/2", "r0/0", "r1/0", "r1/1"}, labels)
	require.Equal(t, "p1/1", user.PartitionShards(1)[1].Label())
	require.Equal(t, gdid.MustParseRangeKey("0:8000500000"), user.PartitionShards(3)[0].Start)
}

func TestNewRegistry_reports_every_fault(t *testing.T) {
	t.Parallel()
	top := topology()
	top.Areas = append(top.Areas, users(), area.Spec{Name: "empty"})
	top.Central.Shards = nil
	_, err := area.NewRegistry(top)
	require.ErrorContains(t, err, `"user" is declared twice`)
	require.ErrorContains(t, err, `"empty"`)
	require.ErrorContains(t, err, "central has no shards")
}

func TestRegistry_Index(t *testing.T) {
	t.Parallel()
	r := registry(t, topology())
	email, ok := r.Index("email")
	require.True(t, ok)
	require.Equal(t, 320, email.MaxBytes)
	_, ok = r.Index("fax")
	require.False(t, ok)

	top := topology()
	top.Central = nil
	_, ok = registry(t, top).Index("email")
	require.False(t, ok)
}

func TestFingerprint_ignores_what_does_not_route(t *testing.T) {
	t.Parallel()
	want := registry(t, topology()).Fingerprint()
	tests := map[string]func(*area.Topology){
		"order of areas":      func(top *area.Topology) { slices.Reverse(top.Areas) },
		"order of partitions": func(top *area.Topology) { slices.Reverse(top.Areas[0].Partitions) },
		"order of indexes":    func(top *area.Topology) { slices.Reverse(top.Central.Indexes) },
		"label of a partition": func(top *area.Topology) {
			top.Areas[0].Partitions[0].Name = "renamed"
		},
		"label of a breakpoint":    func(top *area.Topology) { top.Areas[0].Breakpoints[0].Name = "renamed" },
		"a default hash spelt out": func(top *area.Topology) { top.Areas[0].Partitions[0].Hash = partition.Jump1 },
		"the cache":                func(top *area.Topology) { top.Central.Cache.MaxEntries = 7 },
	}
	for name, edit := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			top := topology()
			edit(&top)
			require.Equal(t, want, registry(t, top).Fingerprint())
		})
	}
}

func TestFingerprint_sees_what_routes(t *testing.T) {
	t.Parallel()
	plain := registry(t, topology()).Fingerprint()
	tests := map[string]func(*area.Topology){
		"namespace":          func(top *area.Topology) { top.Namespace = "acme_test" },
		"name of an area":    func(top *area.Topology) { top.Areas[1].Name = "orders" },
		"a start":            func(top *area.Topology) { top.Areas[0].Partitions[0].Start.Counter++ },
		"a breakpoint":       func(top *area.Topology) { top.Areas[0].Breakpoints[0].At.Counter++ },
		"a hash":             func(top *area.Topology) { top.Areas[0].Partitions[0].Hash = partition.Mod1 },
		"order of shards":    func(top *area.Topology) { slices.Reverse(top.Areas[0].Partitions[0].Shards) },
		"name of a database": func(top *area.Topology) { top.Areas[0].Partitions[0].Shards[0].Name = "x" },
		"label of a server":  func(top *area.Topology) { top.Areas[0].Partitions[0].Shards[0].Server = "x" },
		"a shard more": func(top *area.Topology) {
			top.Areas[1].Partitions[0].Shards = append(top.Areas[1].Partitions[0].Shards, area.Database{Server: "u1", Name: "y"})
		},
		"no central":           func(top *area.Topology) { top.Central = nil },
		"a shard of central":   func(top *area.Topology) { slices.Reverse(top.Central.Shards) },
		"order of normalisers": func(top *area.Topology) { slices.Reverse(top.Central.Indexes[0].Normalize) },
		"type of an index":     func(top *area.Topology) { top.Central.Indexes[0].Type = "bytes" },
	}
	seen := map[area.Fingerprint]string{plain: "plain"}
	for name, edit := range tests {
		top := topology()
		edit(&top)
		got := registry(t, top).Fingerprint()
		require.Empty(t, seen[got], "%s gives the fingerprint of another", name)
		seen[got] = name
	}
}

func BenchmarkRegistry_Route(b *testing.B) {
	r := registry(b, topology())
	id := gdid.MustParse("0:1:250122")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := r.Route("user", id); err != nil {
			b.Fatal(err)
		}
	}
}
