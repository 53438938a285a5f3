package live_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb"
	"github.com/mdbrouter/mdb/cmd/mdbcheck/internal/live"
	"github.com/mdbrouter/mdb/hcl"
)

// Under a profile the one server is asked for all, in the profile's namespace.
func TestCheck_aProfile(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.edit("area \"user\" {\n", "profile \"solo\" { collapse_to = server.local }\nserver \"local\" { address = \"<u3>\" }\narea \"user\" {\n")
	check := func() *live.Report {
		cfg, found := hcl.Check(s.dir, hcl.Options{Vars: s.vars(), Lint: &hcl.Lint{}, Profile: "solo"})
		require.False(t, found.HasErrors(), found)
		report, err := live.Check(t.Context(), cfg, live.Options{})
		require.NoError(t, err)
		return report
	}
	report := check()
	require.Contains(t, s.lines(report), "MDB806 area.user.partition.p0: partition p0 of area user has none of its 2 databases: local/user_p0_0, local/user_p0_1")
	require.Contains(t, s.lines(report), "MDB807 area.user.partition.p1: local/user_p1_2 is stamped area.user from 0:250000, shard 2 of 3, namespace acme")

	s.exec("u3", "DROP DATABASE {user_p1_2}")
	s.exec("u3", "DROP DATABASE {central_2}")
	require.NoError(t, mdb.Provision(t.Context(), s.dir, mdb.Options{Vars: s.vars(), Profile: "solo"}))
	report = check()
	require.Empty(t, s.lines(report))
	require.Empty(t, report.Unasked)
	require.Equal(t, 1, report.Servers)
	require.Equal(t, 9, report.Shards)
}

func TestCheck_aSoundSite(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	report := s.check(live.Options{})
	require.Empty(t, s.lines(report))
	require.Empty(t, report.Unasked)
}
