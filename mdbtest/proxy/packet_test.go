package proxy_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/mdbtest/proxy"
)

// What is read is passed on byte by byte, whatever a client sends; an error
// means that the rest is no whole packet.
func FuzzReadPacket(f *testing.F) {
	f.Add([]byte{1, 0, 0, 0, 0x0e})
	f.Add([]byte{0, 0, 0, 0})
	f.Add([]byte{5, 0, 0, 0, 1})
	f.Add([]byte{0xff, 0xff, 0xff, 1})
	f.Fuzz(func(t *testing.T, data []byte) {
		in := bytes.NewReader(data)
		var passed []byte
		for {
			before := in.Len()
			packet, err := proxy.ReadPacket(in)
			if err != nil {
				require.Less(t, before, max(4, 4+sizeOf(data[len(passed):])))
				return
			}
			require.Len(t, packet, 4+sizeOf(packet))
			passed = append(passed, packet...)
			require.Equal(t, data[:len(passed)], passed)
		}
	})
}

func sizeOf(packet []byte) int {
	if len(packet) < 4 {
		return 0
	}
	return int(packet[0]) | int(packet[1])<<8 | int(packet[2])<<16
}

func TestQuery(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		code    byte
		payload string
		want    bool
	}{
		{name: "the very text", code: proxy.ComQuery, payload: "COMMIT", want: true},
		{name: "another case, more text and a space before", code: proxy.ComQuery, payload: " commit and chain", want: true},
		{name: "another statement", code: proxy.ComQuery, payload: "COMPUTE"},
		{name: "a shorter statement", code: proxy.ComQuery, payload: "COM"},
		{name: "another command", code: proxy.ComStmtPrepare, payload: "COMMIT"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tt.want, proxy.Query("COMMIT")(tt.code, []byte(tt.payload)))
		})
	}
	require.True(t, proxy.Any(proxy.ComPing, nil))
	require.False(t, proxy.Any(proxy.ComQuit, nil))
}
