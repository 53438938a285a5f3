package main_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	mdbcheck "github.com/mdbrouter/mdb/cmd/mdbcheck"
)

func TestParseTree(t *testing.T) {
	t.Parallel()
	content := []byte("100644 a b\x00" + "12345678901234567890" + "40000 dir\x00" + "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00")
	modes, names, err := mdbcheck.ParseTree(content, 20)
	require.NoError(t, err)
	require.Equal(t, []string{"100644", "40000"}, modes)
	require.Equal(t, []string{"a b", "dir"}, names)
	for _, cut := range []int{1, 8, 11, 30, len(content) - 1} {
		_, _, err := mdbcheck.ParseTree(content[:cut], 20)
		require.Error(t, err, "cut at %d", cut)
	}
}

// Whatever a tree says, its entries take no more bytes than it has.
func FuzzParseTree(f *testing.F) {
	f.Add([]byte("100644 a\x0012345678901234567890"), 20)
	f.Add([]byte("40000 dir\x00"), 32)
	f.Add([]byte(" \x00"), 0)
	f.Fuzz(func(t *testing.T, content []byte, size int) {
		modes, names, err := mdbcheck.ParseTree(content, size)
		require.Len(t, names, len(modes))
		if err == nil && len(content) > 0 {
			bytes := len(names) * (size + 2)
			for i := range names {
				bytes += len(modes[i]) + len(names[i])
			}
			require.Equal(t, len(content), bytes)
		}
	})
}
