package main_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// withIDs adds two authorities and a sequence to a configuration, and begins the
// sequences.
func (s *site) withIDs() *site {
	s.t.Helper()
	text := fmt.Sprintf(`
authority "chi" {
  number = 0
  store  = database(server.u1, "%[1]sids")
}
authority "nyc" {
  number = 1
  store  = database(server.u2, "%[1]sids")
}
sequence "order" { block = 1000 }
`, s.prefix)
	require.NoError(s.t, os.WriteFile(filepath.Join(s.dir, "ids.mdb.hcl"), []byte(text), 0o600))
	s.write(appended)
	for _, sequence := range []string{"user", "order"} {
		got := s.ids("floor", sequence, "--at-least", "0:1")
		require.Zero(s.t, got.status, got.stderr)
	}
	return s
}

func TestIDs_provision_begins_sequences(t *testing.T) {
	t.Parallel()
	s := newSite(t).withIDs()
	s.exec(s.cluster.Servers[0], "DELETE FROM `"+s.prefix+"ids`.mdb_sequence WHERE sequence = 'order'")
	got := command(t, "provision", s.dir)
	require.Equal(t, 3, got.status)
	require.Contains(t, got.stdout, "  + begin sequence order on authority chi at 0:1\n")
	require.NotContains(t, got.stdout, "sequence user")
	require.Equal(t, 1, s.ids("peek", "order").status, "nothing was done yet")
	got = command(t, "provision", s.dir, "--yes")
	require.Zero(t, got.status, got.stderr)
	require.Zero(t, s.ids("peek", "order").status)
	got = command(t, "provision", s.dir)
	require.Zero(t, got.status, got.stderr)
	require.Contains(t, got.stdout, "nothing to do")
}

// The authorities tell the head, and no ceiling is left behind.
func TestIDs_provision_appends_by_asking_the_authorities(t *testing.T) {
	t.Parallel()
	s := newSite(t).withIDs()
	s.write("")
	require.Zero(t, command(t, "provision", s.dir, "--yes").status)
	require.Zero(t, s.ids("floor", "user", "--at-least", "0:1001").status)
	s.write(appended) // at 0:1000
	got := command(t, "provision", s.dir, "--yes")
	require.Equal(t, 1, got.status, "ids from there on were given: %s", got.stdout)
	s.write(strings.ReplaceAll(appended, "0:1_000", "0:2_000"))
	got = command(t, "provision", s.dir, "--yes")
	require.Zero(t, got.status, got.stderr)
	got = s.ids("status", "user", "--sample", "0")
	require.Zero(t, got.status, got.stderr)
	require.Equal(t, 2, strings.Count(got.stdout, "999 to p1  gives ids"), got.stdout)
}

func (s *site) ids(args ...string) outcome {
	s.t.Helper()
	return command(s.t, append([]string{"ids", "--config", s.dir}, args...)...)
}

func TestIDs_next_and_peek(t *testing.T) {
	t.Parallel()
	s := newSite(t).withIDs()
	seen := map[string]bool{}
	for range 2 {
		got := s.ids("next", "user", "-n", "3")
		require.Zero(t, got.status, got.stderr)
		ids := strings.Fields(got.stdout)
		require.Len(t, ids, 3)
		for _, id := range ids {
			require.False(t, seen[id])
			seen[id] = true
		}
	}
	got := s.ids("next", "sequence.order", "-o", "sql")
	require.Zero(t, got.status, got.stderr)
	require.Regexp(t, `^x'0000000[0-9a-f]{17}'\n$`, got.stdout)

	floor := s.ids("floor", "area.user", "--at-least", "0:990")
	require.Zero(t, floor.status, floor.stderr)
	for range 2 { // peeking takes nothing
		got = s.ids("peek", "user")
		require.Equal(t, floor.stdout, got.stdout)
		require.Equal(t, `SEQUENCE  AUTHORITY  NEXT ID  PARTITION  RUNWAY    STATE
user      chi        0:0:990  p0         10 to p1  gives ids
user      nyc        0:1:990  p0         10 to p1  gives ids
`, got.stdout)
	}
}

func TestIDs_status_json(t *testing.T) {
	t.Parallel()
	s := newSite(t).withIDs()
	require.Zero(t, s.ids("floor", "user", "--at-least", "0:400").status)
	require.Zero(t, s.ids("ceiling", "user", "--at", "0:900").status)
	got := s.ids("status", "-o", "json", "--sample", "10ms")
	require.Zero(t, got.status, got.stderr)
	type line struct {
		Sequence, Authority, Next, Head, Partition, Runway, Ceiling, Error string
		NextPartition                                                      string `json:"next_partition"`
		Rate                                                               *float64
		Unfenced                                                           bool
	}
	var lines []line
	for text := range strings.Lines(got.stdout) {
		var l line
		require.NoError(t, json.Unmarshal([]byte(text), &l))
		require.NotNil(t, l.Rate)
		require.Zero(t, *l.Rate)
		l.Rate = nil
		lines = append(lines, l)
	}
	require.Equal(t, []line{
		{Sequence: "user", Authority: "chi", Next: "0:0:400", Head: "0:400", Partition: "p0", NextPartition: "p1", Runway: "600", Ceiling: "0:900"},
		{Sequence: "user", Authority: "nyc", Next: "0:1:400", Head: "0:400", Partition: "p0", NextPartition: "p1", Runway: "600", Ceiling: "0:900"},
		{Sequence: "order", Authority: "chi", Next: "0:0:1", Head: "0:1"},
		{Sequence: "order", Authority: "nyc", Next: "0:1:1", Head: "0:1"},
	}, lines)
}

func TestIDs_ceiling(t *testing.T) {
	t.Parallel()
	s := newSite(t).withIDs()
	got := s.ids("ceiling", "user", "--at", "0:3")
	require.Zero(t, got.status, got.stderr)
	require.Contains(t, got.stdout, "below 0:3")
	got = s.ids("next", "user", "-n", "9")
	require.Equal(t, 1, got.status)
	require.Contains(t, got.stderr, "ceiling")
	require.Equal(t, 1, s.ids("ceiling", "user", "--at", "0:2").status, "a head is past it")
	require.Zero(t, s.ids("ceiling", "user", "--restore").status)
	require.Equal(t, 1, s.ids("next", "user", "-n", "9").status, "the ceiling stands beside a hold")
	require.Zero(t, s.ids("ceiling", "user", "--lift").status)
	require.Zero(t, s.ids("next", "user", "-n", "9").status)
}

func TestIDs_fence(t *testing.T) {
	t.Parallel()
	s := newSite(t).withIDs()
	require.Zero(t, s.ids("next", "user", "-n", "100").status)
	s.exec(s.cluster.Servers[0], "UPDATE `"+s.prefix+"ids`.mdb_sequence SET server = 'uid:old/7' WHERE sequence = 'user'")
	got := s.ids("peek", "user")
	require.Equal(t, 1, got.status)
	require.Contains(t, got.stdout, "unfenced")
	require.Contains(t, got.stderr, "next: when the server that gave its ids before can never come back: mdbctl ids fence user --authority chi --skip N")

	require.Equal(t, 2, s.ids("fence", "user", "--authority", "chi").status, "without --skip")
	got = s.ids("fence", "user", "--authority", "lax", "--skip", "1")
	require.Equal(t, 1, got.status)
	require.Contains(t, got.stderr, "lax")
	require.Equal(t, 1, s.ids("fence", "user", "--authority", "chi", "--skip", "5", "--new-era").status)
	got = s.ids("fence", "user", "--authority", "chi", "--skip", "500")
	require.Zero(t, got.status, got.stderr)
	require.Contains(t, got.stdout, "0:0:601  ")
	require.Zero(t, s.ids("peek", "user").status)
}

func TestIDs_refuses(t *testing.T) {
	t.Parallel()
	s := newSite(t).withIDs()
	bare := newSite(t)
	tests := []struct {
		name string
		got  outcome
		want string
	}{
		{name: "a sequence that is not declared", got: s.ids("next", "ordre"), want: `no sequence "ordre": the configuration has user, order`},
		{name: "no sequence", got: s.ids("next"), want: "see mdbctl ids next --help"},
		{name: "no key", got: s.ids("floor", "user", "--at-least", "12"), want: "ERA:COUNTER"},
		{name: "an authority in a key", got: s.ids("floor", "user", "--at-least", "0:3:12"), want: "ERA:COUNTER"},
		{name: "neither a ceiling nor its end", got: s.ids("ceiling", "user"), want: "lift"},
		{name: "both", got: s.ids("ceiling", "user", "--lift", "--at", "0:9"), want: "lift"},
		{name: "a ceiling below all", got: s.ids("ceiling", "user", "--at", "0:0"), want: "--lift"},
		{name: "a configuration without authorities", got: bare.ids("status"), want: "declares no authority"},
	}
	for _, tt := range tests {
		require.Equal(t, 2, tt.got.status, tt.name)
		require.Contains(t, tt.got.stderr, tt.want, tt.name)
	}
}

func TestIDs_before_provisioning(t *testing.T) {
	t.Parallel()
	s := newSite(t).withIDs()
	s.exec(s.cluster.Servers[0], "DROP DATABASE `"+s.prefix+"ids`")
	got := s.ids("peek", "user")
	require.Equal(t, 1, got.status)
	require.Contains(t, got.stdout, "no answer")
	require.Contains(t, got.stderr, "next: mdbctl provision")
	got = s.ids("next", "user")
	require.Zero(t, got.status, "the other one answers: %s", got.stderr)
}

func TestIDs_help(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"status", "peek", "next", "floor", "ceiling", "fence"} {
		got := command(t, "ids", name, "--help")
		require.Zero(t, got.status)
		require.Contains(t, got.stdout, "Examples:\n")
		require.Contains(t, got.stdout, "Exit status: ")
		path := filepath.Join("testdata", "help", "ids_"+name+".txt")
		if *update {
			require.NoError(t, os.WriteFile(path, []byte(got.stdout), 0o600))
		}
		want, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, string(want), got.stdout, "go test ./cmd/mdbctl -run help -update writes what is printed now")
	}
}
