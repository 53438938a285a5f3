package mdb_test

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb"
	"github.com/mdbrouter/mdb/gdid"
	"github.com/mdbrouter/mdb/gdid/authority"
	"github.com/mdbrouter/mdb/mdbtest/mysqld"
)

// withAuthorities adds authorities on two servers and a sequence to a file.
func (s *site) withAuthorities(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	more := `
authority "chi" {
  number = 0
  store  = database(server.u1, "PREFIXids")
}
authority "nyc" {
  number = 1
  store  = database(server.u2, "PREFIXids")
}
sequence "order" { block = 1000 }
sequence "user" { block = 10 }
`
	require.NoError(t, os.WriteFile(path, append(text, strings.ReplaceAll(more, "PREFIX", s.prefix)...), 0o600))
	return path
}

func TestRouter_NewID(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	path := s.withAuthorities(t, s.write(t, "first", firstFile))
	for range 2 { // again it changes nothing
		require.NoError(t, mdb.Provision(t.Context(), path, s.options()))
	}
	router := s.router(t, path)
	area := users(t, router)

	seen := map[gdid.GDID]bool{}
	for range 25 {
		id, err := area.NewID(t.Context())
		require.NoError(t, err)
		require.False(t, seen[id] || id.IsZero())
		seen[id] = true
	}
	ids, err := area.NewIDs(t.Context(), 40)
	require.NoError(t, err)
	require.Len(t, ids, 40)
	require.True(t, slices.IsSortedFunc(ids, gdid.GDID.CompareRange))
	for _, id := range ids {
		require.False(t, seen[id])
		seen[id] = true
	}
	bc, err := area.Briefcase(ids[0])
	require.NoError(t, err)
	addUser(t, bc, "ann")
	require.Equal(t, "ann", nameOf(t, bc))

	order, err := router.NewID(t.Context(), "order")
	require.NoError(t, err)
	require.EqualValues(t, 1, order.Counter(), "every sequence counts for itself")
	_, err = router.NewID(t.Context(), "ordre")
	require.ErrorIs(t, err, mdb.ErrNoSequence)
	_, err = router.NewIDs(t.Context(), "ordre", 3)
	require.ErrorIs(t, err, mdb.ErrNoSequence)
	more, err := router.NewIDs(t.Context(), "user", 3)
	require.NoError(t, err)
	require.False(t, seen[more[0]], "an area's ids are those of its sequence")

	stats := router.IDStats()
	require.Len(t, stats, 2)
	require.Equal(t, "order", stats[0].Sequence)
	require.EqualValues(t, 1000, stats[0].Block)
	require.EqualValues(t, 68, stats[1].Drawn)
	require.Equal(t, "chi", stats[1].Authorities[0].Name)

	require.NoError(t, router.Close())
	_, err = area.NewID(t.Context())
	require.ErrorIs(t, err, mdb.ErrClosed)
}

func TestArea_NewID_allocs(t *testing.T) {
	s := newSite(t)
	path := s.write(t, "first", firstFile)
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	more := "authority \"local\" {\n  number = 0\n  files = [\"ids/a\"]\n}\nsequence \"user\" { block = 1000000 }\n"
	require.NoError(t, os.WriteFile(path, append(text, more...), 0o600))
	require.NoError(t, mdb.Provision(t.Context(), path, s.options()))
	area := users(t, s.router(t, path))
	ctx := t.Context()
	_, err = area.NewID(ctx)
	require.NoError(t, err)
	require.Zero(t, testing.AllocsPerRun(1000, func() {
		if _, err := area.NewID(ctx); err != nil {
			panic(err)
		}
	}))
}

func TestRouter_NewID_withoutAuthorities(t *testing.T) {
	t.Parallel()
	router := newSite(t).open(t)
	_, err := users(t, router).NewID(t.Context())
	require.ErrorIs(t, err, mdb.ErrNoAuthority)
	require.ErrorContains(t, err, "none is declared")
}

func TestRouter_NewID_beforeProvisioning(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	path := s.withAuthorities(t, s.write(t, "first", firstFile))
	router := s.router(t, path)
	_, err := users(t, router).NewID(t.Context())
	require.ErrorIs(t, err, mdb.ErrNoAuthority)
	require.ErrorIs(t, err, authority.ErrNotProvisioned)
}

func TestRouter_NewID_oneServerDown(t *testing.T) {
	t.Parallel()
	cluster := mysqld.ForTest(t, 3, mysqld.Options{})
	s := siteOn(t, cluster, cluster.Prefix())
	path := s.withAuthorities(t, s.write(t, "first", firstFile))
	require.NoError(t, mdb.Provision(t.Context(), path, s.options()))
	area := users(t, s.router(t, path))
	_, err := area.NewID(t.Context())
	require.NoError(t, err)
	require.NoError(t, cluster.Servers[0].Kill())
	for range 100 {
		_, err := area.NewID(t.Context())
		require.NoError(t, err, "the other authority serves")
	}
	require.NoError(t, cluster.Servers[1].Kill())
	served := 0
	for err = error(nil); err == nil; served++ {
		_, err = area.NewID(t.Context())
	}
	require.ErrorIs(t, err, mdb.ErrNoAuthority)
	var all *authority.NoAuthorityError
	require.ErrorAs(t, err, &all)
	require.Len(t, all.Causes, 2)
	require.LessOrEqual(t, served, 21, "what is leased is served")
	require.NotContains(t, err.Error(), "root")
}

// In files beside the configuration, and with no server at all.
func TestRouter_NewID_fromFiles(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	path := s.write(t, "first", firstFile)
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, append(text, "authority \"local\" {\n  number = 5\n  files = [\"ids/a\", \"ids/b\"]\n}\n"...), 0o600))
	require.NoError(t, mdb.Provision(t.Context(), path, s.options()))
	require.FileExists(t, s.dir+"/ids/a")
	router := s.router(t, path)
	id, err := users(t, router).NewID(t.Context())
	require.NoError(t, err)
	require.Equal(t, gdid.MustParse("0:5:1"), id)

	second, err := mdb.Open(t.Context(), path, s.options())
	require.NoError(t, err)
	defer func() { require.NoError(t, second.Close()) }()
	_, err = users(t, second).NewID(t.Context())
	require.ErrorIs(t, err, authority.ErrLocked, "two processes over one pair of files")
}

// A partition is appended while ids are drawn: the authorities tell the head, hold
// below the start meanwhile, and go on afterwards.
func TestProvision_appendsByAskingTheAuthorities(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	first := s.withAuthorities(t, s.write(t, "first", "partition \"p0\" {\n  start = \"0:0\"\n  shards = [server.u1, server.u2]\n}\n"))
	require.NoError(t, mdb.Provision(t.Context(), first, s.options()))
	router := s.router(t, first)
	ids, err := users(t, router).NewIDs(t.Context(), 500)
	require.NoError(t, err)
	last := ids[len(ids)-1].Counter()

	more := func(name, start string) string {
		return s.withAuthorities(t, s.write(t, name, "partition \"p0\" {\n  start = \"0:0\"\n  shards = [server.u1, server.u2]\n}\npartition \"p1\" {\n  start = \""+start+"\"\n  shards = [server.u3]\n}\n"))
	}
	require.Error(t, mdb.Provision(t.Context(), more("low", "0:400"), s.options()), "ids from there on were leased")
	second := more("second", "0:1000")
	require.NoError(t, mdb.Provision(t.Context(), second, s.options()))

	grown := users(t, s.router(t, second))
	partitions := map[string]int{}
	for {
		id, err := grown.NewID(t.Context())
		require.NoError(t, err, "no ceiling is left behind")
		require.Greater(t, id.Counter(), last-40)
		route, err := grown.Route(id)
		require.NoError(t, err)
		if partitions[route.Partition]++; partitions["p1"] == 50 {
			break
		}
	}
	require.NotZero(t, partitions["p0"])
}

func TestProvision_appendsNothingWhileAnAuthorityIsUnknown(t *testing.T) {
	t.Parallel()
	cluster := mysqld.ForTest(t, 3, mysqld.Options{})
	s := siteOn(t, cluster, cluster.Prefix())
	file := func(name, partitions string) string {
		return s.write(t, name, "partition \"p0\" {\n  start = \"0:0\"\n  shards = [server.u1]\n}\n"+partitions)
	}
	first := s.withAuthorities(t, file("first", ""))
	require.NoError(t, mdb.Provision(t.Context(), first, s.options()))
	_, err := cluster.Servers[1].DB().ExecContext(t.Context(), "UPDATE `"+s.prefix+"ids`.mdb_sequence SET server = 'uid:other/9'")
	require.NoError(t, err)
	second := s.withAuthorities(t, file("second", "partition \"p1\" {\n  start = \"0:1000\"\n  shards = [server.u3]\n}\n"))
	err = mdb.Provision(t.Context(), second, s.options())
	require.True(t, errors.Is(err, mdb.ErrAuthorityUnfenced) || strings.Contains(err.Error(), "fenced"), "%v", err)
}
