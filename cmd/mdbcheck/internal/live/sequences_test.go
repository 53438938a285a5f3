package live_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb"
	"github.com/mdbrouter/mdb/area/provision"
	"github.com/mdbrouter/mdb/cmd/mdbcheck/internal/live"
	"github.com/mdbrouter/mdb/gdid"
	"github.com/mdbrouter/mdb/gdid/authority"
	"github.com/mdbrouter/mdb/mdbtest/mysqld"
)

// at sets the next counter of the sequence user on both authorities.
func (s *site) at(chi, nyc uint64) {
	s.t.Helper()
	for i, head := range []uint64{chi, nyc} {
		s.exec(fmt.Sprintf("u%d", i+1), fmt.Sprintf("UPDATE {ids}.mdb_sequence SET head = %d WHERE sequence = 'user'", head))
	}
}

// details gives what findings say beside their places.
func details(report *live.Report) string {
	var all []string
	for _, d := range report.Diagnostics {
		all = append(all, d.Detail)
	}
	return strings.Join(all, "\n")
}

const beforeP2 = `    shards = [server.u1, server.u2, server.u3]
  }
`

// declareP2 appends a partition to the file alone.
func (s *site) declareP2() {
	s.t.Helper()
	s.edit(beforeP2, beforeP2+`  partition "p2" {
    start  = "0:500_000"
    shards = [server.u2, server.u3]
  }
`)
}

func TestLive_headPastStart(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ids := func() []string { return s.found(live.Options{}, "MDB815", "MDB817") }
	require.Empty(t, ids())
	s.at(250_001, 250_001)
	require.Empty(t, ids(), "p1 is open")

	s.declareP2()
	s.at(500_000, 499_000)
	require.Empty(t, ids(), "no id at the head exists")
	s.at(500_001, 499_000)
	report := s.check(live.Options{})
	require.Equal(t, []string{
		"MDB815 area.user.partition.p2: sequence user has leased up to 0:500001; partition p2 starts at 0:500000 and is not in use",
	}, s.lines(report, "MDB815"))
	require.Contains(t, details(report), "p2/0-1 are not provisioned")

	// An authority that cannot be asked may be further, and not nearer.
	s.exec("u2", "RENAME TABLE {ids}.mdb_sequence TO {ids}.mdb_gone")
	report = s.check(live.Options{})
	require.Len(t, s.lines(report, "MDB815"), 1)
	require.Contains(t, s.lines(report), "MDB809 authority.nyc: authority nyc does not hold sequence user")
	s.exec("u2", "RENAME TABLE {ids}.mdb_gone TO {ids}.mdb_sequence")
}

// At no step of an append is there anything to find.
func TestLive_headPastStart_whileAPartitionIsAppended(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.at(260_000, 260_000)
	s.declareP2()
	p, err := mdb.NewProvisioner(s.dir, mdb.ProvisionOptions{Options: mdb.Options{Vars: s.vars()}, Progress: func(e provision.Event) {
		require.Empty(t, s.found(live.Options{}, "MDB815", "MDB816", "MDB817"), e.Step.String())
	}})
	require.NoError(t, err)
	plan, err := p.Plan(t.Context())
	require.NoError(t, err)
	require.NoError(t, plan.Apply(t.Context()))
	require.NoError(t, p.Close())
	s.at(500_001, 500_001)
	require.Empty(t, s.found(live.Options{}, "MDB815", "MDB816", "MDB817"))

	// The append was killed before it had opened all shards.
	s.exec("u3", fmt.Sprintf("UPDATE {user_p2_1}.mdb_provision SET phase = %d", provision.Sealed))
	report := s.check(live.Options{})
	require.Equal(t, []string{
		"MDB815 area.user.partition.p2: sequence user has leased up to 0:500001; partition p2 starts at 0:500000 and is not wholly in use",
	}, s.lines(report, "MDB815"))
	require.Contains(t, details(report), "p2/1 are not open")
	s.exec("u3", fmt.Sprintf("UPDATE {user_p2_1}.mdb_provision SET phase = %d", provision.Done))

	// The end of a shard was lost.
	s.exec("u1", "UPDATE {user_p1_0}.mdb_fence SET end_era = NULL, end_counter = NULL WHERE stripe = 3")
	require.Equal(t, []string{
		"MDB815 area.user.partition.p1: sequence user has leased up to 0:500001; partition p1 does not end at 0:500000, where p2 starts",
	}, s.found(live.Options{}, "MDB815"))
	s.at(500_000, 500_000)
	require.Empty(t, s.found(live.Options{}, "MDB815"))
	s.at(500_001, 500_001)
	s.provision()
	require.Empty(t, s.found(live.Options{}, "MDB815"))

	// The file is an old one.
	i := strings.Index(s.text, `  partition "p2"`)
	s.text = s.text[:i] + s.text[i+strings.Index(s.text[i:], "  }\n")+4:]
	s.write()
	require.Equal(t, []string{
		"MDB815 area.user.partition.p1: sequence user has leased up to 0:500001; partition p1 has ended at 0:500000, where no other starts",
	}, s.found(live.Options{}, "MDB815"))
}

// What was read of the servers is older than the heads: a partition that is appended
// and taken into use between the two is no finding.
func TestLive_headPastStart_whenStatesAreOld(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.at(260_000, 260_000)
	s.declareP2()
	appended := false
	lines := s.found(live.Options{Progress: func(p live.Progress) {
		if p.Done == p.Total && !appended {
			appended = true
			s.provision()
			s.at(500_001, 500_001)
		}
	}}, "MDB815")
	require.True(t, appended)
	require.Empty(t, lines)
}

func TestLive_laggingAuthority(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, tt := range []struct {
		name     string
		chi, nyc uint64
		want     []string
	}{
		{"both at the begin", 1, 1, nil},
		{"behind in the same partition", 900_000, 250_000, nil},
		{"on both sides of a start, and near", 250_500, 249_900, nil},
		{"the next id is the first of a partition", 250_000, 200_000, nil},
		{
			"behind in an older partition", 900_000, 200_000,
			[]string{"MDB817 authority.nyc: authority nyc is 700000 ids behind in sequence user: its ids land in partition p0, those of others in p1"},
		},
		{
			"the other one", 1, 1_000_000,
			[]string{"MDB817 authority.chi: authority chi is 999999 ids behind in sequence user: its ids land in partition p0, those of others in p1"},
		},
	} {
		s.at(tt.chi, tt.nyc)
		require.Equal(t, tt.want, s.found(live.Options{}, "MDB817"), tt.name)
	}
	s.edit(`sequence "order" { block = 100 }`, "sequence \"user\" {\n  block    = 1000\n  max_jump = 500000\n}")
	report := s.check(live.Options{})
	require.Contains(t, details(report), "a lease may jump 500000 ids, so it does not catch up by itself")
	s.edit("block    = 1000", "block    = 500000")
	s.edit("max_jump = 500000", "max_jump = 1000000")
	require.Empty(t, s.found(live.Options{}, "MDB817"), "two blocks are not far")
}

// What an authority lacks, or may not know, is said once for all sequences.
func TestLive_sequences_thatAnAuthorityDoesNotTell(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.exec("u2", "UPDATE {ids}.mdb_sequence SET server = 'another'")
	require.Equal(t, []string{"MDB807 authority.nyc: authority nyc answers from another server than the one that gave its ids"}, s.found(live.Options{}))
	s.exec("u2", "DELETE FROM {ids}.mdb_sequence WHERE sequence = 'user'")
	require.Equal(t, []string{"MDB809 authority.nyc: authority nyc does not hold sequence user"}, s.found(live.Options{}))
	s.exec("u2", "DROP DATABASE {ids}")
	require.Equal(t, []string{"MDB806 authority.nyc.store: u2/ids does not exist"}, s.found(live.Options{}))
}

func TestLive_sequences_ofAServerThatHangs(t *testing.T) {
	t.Parallel()
	s := newSiteOn(t, mysqld.ForTest(t, 3, mysqld.Options{}))
	s.declareP2()
	s.at(500_001, 1)
	require.NoError(t, s.process("u2").Pause(t.Context()))
	report := s.check(live.Options{Timeout: 2e9})
	require.NoError(t, s.process("u2").Resume())
	require.Len(t, s.lines(report, "MDB815"), 1, "the others tell enough")
	var unasked []string
	for _, u := range report.Unasked {
		unasked = append(unasked, u.Server)
	}
	require.Contains(t, unasked, "authority nyc")
}

// An authority in files is asked while a service has them open.
func TestLive_sequences_ofFilesInUse(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.edit(`store  = database(server.u2, "{ids}")`, `files  = ["heads/a", "heads/b"]`)
	f := authority.NewFiles(authority.FilesConfig{Name: "nyc", Number: 1, Namespace: s.prefix + "acme", Paths: []string{
		filepath.Join(s.dir, "heads", "a"), filepath.Join(s.dir, "heads", "b"),
	}})
	defer f.Close()
	require.NoError(t, f.Create(t.Context(), "user", gdid.RangeKey{Counter: 900_000}))
	report := s.check(live.Options{})
	require.Empty(t, report.Unasked)
	require.Equal(t, []string{
		"MDB817 authority.chi: authority chi is 899999 ids behind in sequence user: its ids land in partition p0, those of others in p1",
	}, s.lines(report, "MDB815", "MDB817"))
}
