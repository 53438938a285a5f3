package live_test

import (
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/cmd/mdbcheck/internal/live"
	"github.com/mdbrouter/mdb/gdid"
)

// Whatever stands in the file, it is refused untouched or serves: then the rate is a
// number that is not below zero, and a second run finds what the first has added.
func FuzzHistory(f *testing.F) {
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	for _, seed := range []string{
		"", "\n\n", "{}", line(now.Add(-24*time.Hour), "acme", "0:1000"),
		line(now.Add(-24*time.Hour), "acme", "0:1000") + "\n" + line(now.Add(-100*24*time.Hour), "acme", "0:1") + "\ngarbage\n",
		line(now.Add(-24*time.Hour), "acme", "4294967295:1152921504606846975"),
		`{"time":"0001-01-01T00:00:00Z","namespace":"acme","sequence":"user","head":"0:1"}`,
		`{"time":"9999-12-31T23:59:59Z","namespace":"acme","sequence":"user","head":"0:1"}`,
		`{"time":"2026-11-19T12:00:00+14:00","namespace":"acme","sequence":"user","head":"0:1","head":"0:2"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		path := filepath.Join(t.TempDir(), "heads.jsonl")
		require.NoError(t, os.WriteFile(path, text, 0o600))
		head := gdid.RangeKey{Counter: 5000}
		perDay, ok, err := live.RateIn(path, "acme", "user", now, head)
		if err != nil {
			require.ErrorIs(t, err, live.ErrNoHistory)
			after, err := os.ReadFile(path)
			require.NoError(t, err)
			require.Equal(t, text, after)
			return
		}
		require.True(t, perDay >= 0 && !math.IsInf(perDay, 0) && (ok || perDay == 0), perDay)
		perDay, ok, err = live.RateIn(path, "acme", "user", now.Add(6*24*time.Hour), gdid.RangeKey{Counter: 11_000})
		require.NoError(t, err)
		require.True(t, ok)
		require.GreaterOrEqual(t, perDay, 0.0)
	})
}
