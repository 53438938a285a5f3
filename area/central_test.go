package area_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/area"
)

func central(databases ...area.Database) *area.Central { return &area.Central{Shards: databases} }

func TestCentral_Layout(t *testing.T) {
	t.Parallel()
	want := central(area.Database{Server: "c1", Name: "a"}, area.Database{Server: "c2", Name: "b"}).Layout()
	tests := []struct {
		name string
		of   *area.Central
		same bool
	}{
		{name: "on other servers", of: central(area.Database{Server: "c9", Name: "a"}, area.Database{Server: "c9", Name: "b"}), same: true},
		{name: "in another order", of: central(area.Database{Server: "c2", Name: "b"}, area.Database{Server: "c1", Name: "a"})},
		{name: "one more", of: central(area.Database{Name: "a"}, area.Database{Name: "b"}, area.Database{Name: "c"})},
		{name: "one less", of: central(area.Database{Name: "a"})},
		{name: "the same letters, cut elsewhere", of: central(area.Database{Name: "ab"}, area.Database{Name: ""})},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tt.same, want == tt.of.Layout())
		})
	}
	require.Equal(t, uint64(0x34fc3cb22806dbad), want, "frozen: it stands in databases")
}

func TestCentral_ShardList(t *testing.T) {
	t.Parallel()
	c := central(area.Database{Server: "c1", Name: "a"}, area.Database{Server: "c2", Name: "b"})
	list := c.ShardList()
	require.Len(t, list, 2)
	require.Equal(t, area.CentralShard{Server: "c2", Database: "b", Index: 1, Count: 2, Layout: c.Layout()}, list[1])
	require.Equal(t, "1", list[1].Label())
	require.Equal(t, "mdb_index_email", (&area.Index{Name: "email"}).Table())
}
