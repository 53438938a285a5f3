package area_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/gdid"
)

// The stripe of an id is written into the fences of live databases: it may never
// change. The other implementation is by the definition of CRC-32C.
func TestStripe_is_frozen(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"0:0:1", "0:1:250122", "4294967295:15:1152921504606846975"} {
		id := gdid.MustParse(text)
		require.Equal(t, stripeBitByBit(id), area.Stripe(id), text)
	}
	require.Equal(t, 0xE3069283%area.Stripes, int(crc32cBitByBit([]byte("123456789"))%area.Stripes), "the check value of CRC-32C")
}

// crc32cBitByBit is CRC-32C by its definition: polynomial 0x1EDC6F41, reflected.
func crc32cBitByBit(data []byte) uint32 {
	crc := ^uint32(0)
	for _, b := range data {
		crc ^= uint32(b)
		for range 8 {
			if crc&1 == 1 {
				crc = crc>>1 ^ 0x82F63B78
			} else {
				crc >>= 1
			}
		}
	}
	return ^crc
}

func stripeBitByBit(id gdid.GDID) int {
	b := id.Bytes()
	return int(crc32cBitByBit(b[:]) % 1024)
}

func TestStripe_spreads(t *testing.T) {
	t.Parallel()
	var seen [area.Stripes]int
	for i := range uint64(area.Stripes * 100) {
		id, err := gdid.New(0, 1, i+1)
		require.NoError(t, err)
		seen[area.Stripe(id)]++
	}
	for stripe, n := range seen {
		require.Positive(t, n, "stripe %d is never used", stripe)
	}
}

type openFence struct{}

func (openFence) Check(context.Context, area.Query) error { return nil }

func TestFenceFrom(t *testing.T) {
	t.Parallel()
	require.Nil(t, area.FenceFrom(t.Context()))
	ctx, cancel := context.WithCancel(area.WithFence(t.Context(), openFence{}))
	defer cancel()
	require.Equal(t, openFence{}, area.FenceFrom(ctx))
}

func TestIdentity(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name      string
		variables map[string]string
		want      string
	}{
		{name: "MySQL", variables: map[string]string{"server_uuid": "8a94f357", "server_id": "7"}, want: "uuid:8a94f357/7"},
		{name: "MariaDB", variables: map[string]string{"server_uid": "hash=", "server_id": "7"}, want: "uid:hash=/7"},
		{name: "the id of a server tells equal uids apart", variables: map[string]string{"server_uid": "unknown", "server_id": "8"}, want: "uid:unknown/8"},
		{name: "an engine without either", variables: map[string]string{"server_id": "7"}, want: ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tt.want, area.Identity(tt.variables))
		})
	}
}
