package area_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/gdid"
	"github.com/mdbrouter/mdb/partition"
)

// Areas are found by their names whatever the names have in common, and no other
// name is: labels of one length, begin and end share a hash.
func TestRegistry_Area_byName(t *testing.T) {
	t.Parallel()
	for _, areas := range []int{1, 2, 3, 4, 5, 8, 9, 200} {
		top := area.Topology{Namespace: "acme", Hash: partition.Jump1}
		for i := range areas {
			top.Areas = append(top.Areas, area.Spec{
				Name:       fmt.Sprintf("area_%03d_data", i),
				Partitions: []area.PartitionSpec{{Name: "p0", Shards: []area.Database{{Server: "u1", Name: fmt.Sprintf("db%d", i)}}}},
			})
		}
		r, err := area.NewRegistry(top)
		require.NoError(t, err)
		for i := range top.Areas {
			found, ok := r.Area(top.Areas[i].Name)
			require.True(t, ok)
			require.Equal(t, top.Areas[i].Name, found.Name())
			route, err := r.Route(top.Areas[i].Name, gdid.MustParse("0:0:1"))
			require.NoError(t, err)
			require.Equal(t, fmt.Sprintf("db%d", i), route.Database)
		}
		for _, name := range []string{"", "a", "area", "area_999_data", "area_000_datb", "xrea_000_data", "\x00", "area_000_data "} {
			_, ok := r.Area(name)
			require.False(t, ok, "%q", name)
			_, err := r.Route(name, gdid.MustParse("0:0:1"))
			require.ErrorIs(t, err, area.ErrNoArea)
		}
	}
	none, err := area.NewRegistry(area.Topology{Namespace: "acme"})
	require.NoError(t, err)
	_, ok := none.Area("user")
	require.False(t, ok)
}
