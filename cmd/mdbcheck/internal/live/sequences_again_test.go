package live_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/cmd/mdbcheck/internal/live"
	"github.com/mdbrouter/mdb/gdid"
)

// An authority that has forgotten leases is found by the rows of the ids that it
// gave.
func TestLive_idsGivenAgain(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	again := func() []string { return s.found(sampled, "MDB826") }
	s.insert("p1/1", s.idsOf("p1/1", 250_000, 300)...)
	last := gdid.RangeKey{}
	for _, id := range s.idsOf("p1/1", 250_000, 300) {
		if id.Authority() == 1 {
			last = id.RangeKey()
		}
	}
	s.at(300_000, last.Counter+1)
	require.Empty(t, again())

	s.at(300_000, last.Counter)
	report := s.check(sampled)
	require.Len(t, s.lines(report, "MDB826"), 1)
	require.Regexp(t, `^MDB826 authority\.nyc: authority nyc gives ids of sequence user a second time: its next id is 0:\d+, and 0:1:\d+ has rows$`, s.lines(report, "MDB826")[0])
	require.Contains(t, details(report), "in table tbl_user of shard p1/1")

	// A row that is misplaced is another matter, and so is an authority that gives
	// none, or no sample.
	s.at(300_000, last.Counter+1)
	s.insert("p1/2", s.idsOf("p1/0", 900_000, 20)...)
	require.NotEmpty(t, s.found(sampled, "MDB814"))
	require.Empty(t, again())
	s.at(300_000, 250_001)
	require.Empty(t, s.found(live.Options{}, "MDB826"))
	s.exec("u2", "UPDATE {ids}.mdb_sequence SET server = 'another'")
	require.Empty(t, again())
}
