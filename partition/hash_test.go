package partition_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/gdid"
	"github.com/mdbrouter/mdb/partition"
)

func TestHash_Shard(t *testing.T) {
	t.Parallel()
	require.Equal(t, 2, partition.Jump1.Shard(gdid.MustParse("0:1:250122"), 3))
	require.Equal(t, 0, partition.Jump1.Shard(gdid.MustParse("0:1:250123"), 3))
	require.Equal(t, 250122%3, partition.Mod1.Shard(gdid.MustParse("0:1:250122"), 3))
}
