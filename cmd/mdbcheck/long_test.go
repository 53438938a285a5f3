package main_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	mdbcheck "github.com/mdbrouter/mdb/cmd/mdbcheck"
)

// A generated file may be one line of megabytes with a mistake in every word: of
// the line, only what is near a mistake is looked at, and nothing near it shown.
func TestHuman_lineOfMegabytes(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString(`{"server": {"u1": {`)
	for i := range 3_000 {
		fmt.Fprintf(&b, `"unknown%d":"hunter2canary",`, i)
	}
	b.WriteString(`"address": "a"}}}`)
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "main.mdb.json"), []byte(b.String()), 0o600))
	got := command(mdbcheck.World{}, "check", dir)
	require.Equal(t, 1, got.status)
	require.NotContains(t, got.stdout, "canary")
	require.Contains(t, got.stdout, `"unknown2999"`)
	require.Less(t, len(got.stdout), 16<<20)
}
