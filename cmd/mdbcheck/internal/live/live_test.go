package live_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/cmd/mdbcheck/internal/live"
)

func TestCheck_aSoundSite(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	report := s.check(live.Options{})
	require.Empty(t, s.lines(report))
	require.Empty(t, report.Unasked)
}
