package main_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	mdbctl "github.com/mdbrouter/mdb/cmd/mdbctl"
)

// canary is in every key of these tests: no output may show it unasked.
const canary = "canary"

// withCentral adds indexes to a configuration and provisions it.
func (s *site) withCentral() *site {
	s.t.Helper()
	text := fmt.Sprintf(`
central {
  database = "%[1]scentral_${shard.index}"
  shards   = [server.u1, server.u2]
  index "email" {
    briefcase = briefcase.customer
    normalize = ["trim", "fold"]
  }
  index "number" {
    briefcase = briefcase.customer
    type      = "int64"
  }
  index "phone" {
    briefcase = briefcase.customer
    unique    = false
    normalize = ["trim", "fold"]
  }
}
`, s.prefix)
	require.NoError(s.t, os.WriteFile(filepath.Join(s.dir, "central.mdb.hcl"), []byte(text), 0o600))
	return s.provisioned()
}

// central runs a command that may show no key.
func (s *site) central(args ...string) outcome {
	s.t.Helper()
	got := command(s.t, append([]string{"central", "--config", s.dir}, args...)...)
	require.NotContains(s.t, strings.ToLower(got.stdout+got.stderr), canary)
	return got
}

// done runs a command that must succeed.
func (s *site) done(args ...string) string {
	s.t.Helper()
	got := s.central(args...)
	require.Zero(s.t, got.status, got.stderr)
	return got.stdout
}

func TestCentral_life_of_a_key(t *testing.T) {
	t.Parallel()
	s := newSite(t).withCentral()
	require.Equal(t, "0:1:5 has the key reserved in index email\n", s.done("reserve", "email", "Canary@example.com", "0:1:5"))
	require.Equal(t, "0:1:5 has the key reserved in index email\n", s.done("reserve", "central.email", "canary@example.com", "0:1:5"), "once more")
	got := s.central("reserve", "email", "canary@example.com", "0:1:6")
	require.Equal(t, 1, got.status)
	require.Contains(t, got.stderr, "mdbctl: mdb: reserve central.email 0:1:6")
	require.Contains(t, got.stderr, "the key is taken")
	require.Equal(t, 1, s.central("lookup", "email", "canary@example.com").status, "a reserved key is nobody's")

	require.Equal(t, "0:1:5 owns the key now in index email\n", s.done("reserve", "email", "canary@example.com", "0:1:5", "--confirm"))
	out := s.done("lookup", "email", " CANARY@example.com")
	require.Equal(t, `NUMBER  ID     SHARD      SERVER  DATABASE
1       0:1:5  user p0/1  u2      user_p0_1
`, s.plain(out))

	require.Equal(t, 1, s.central("release", "email", "canary@example.com", "0:1:6").status)
	require.JSONEq(t, `{"index": "email", "id": "0:1:5", "state": "absent"}`, s.done("release", "email", "canary@example.com", "0:1:5", "-o", "json"))
	require.Equal(t, 1, s.central("release", "email", "canary@example.com", "0:1:5").status)
}

func TestCentral_lookup(t *testing.T) {
	t.Parallel()
	s := newSite(t).withCentral()
	for i, key := range []string{"canary1", "canary2", "canary2"} {
		s.done("reserve", "phone", key, fmt.Sprintf("0:1:%d", i+1), "--confirm")
	}
	s.done("reserve", "phone", "canary3", "0:1:1", "--confirm")
	s.done("reserve", "number", "--confirm", "--", "-5", "0:1:1")

	got := s.central("lookup", "phone", "canary2", "canary9", "canary1")
	require.Equal(t, 1, got.status)
	require.Equal(t, `NUMBER  ID     SHARD      SERVER  DATABASE
1       0:1:2  user p0/0  u1      user_p0_0
1       0:1:3  user p0/0  u1      user_p0_0
2       -      -          -       -
3       0:1:1  user p0/0  u1      user_p0_0
`, s.plain(got.stdout))
	require.Contains(t, s.done("lookup", "number", "--", "-5"), "0:1:1")

	stdin := runIn(t.Context(), t, mdbctl.World{Stdin: strings.NewReader("Canary1\n\r\n\ncanary2\r\n")}, "central", "lookup", "phone", "-", "--keys", "-o", "json", "--config", s.dir)
	require.Zero(t, stdin.status, stdin.stderr)
	require.Equal(t, []string{"canary1 0:1:1", "canary2 0:1:2", "canary2 0:1:3"}, jsonLines(t, stdin.stdout, "key", "id"))

	require.Equal(t, []string{" u"}, uniqueServers(t, s.done("lookup", "phone", "--id", "0:1:1", "-o", "json")))
	shown := command(t, "central", "lookup", "phone", "--id", "0:1:1", "--keys", "--config", s.dir)
	require.Zero(t, shown.status)
	require.Contains(t, shown.stdout, "canary1")
	require.Contains(t, shown.stdout, "canary3")
	require.Equal(t, 1, s.central("lookup", "phone", "--id", "0:1:99").status)
}

// jsonLines gives some fields of each line.
func jsonLines(t *testing.T, text string, fields ...string) []string {
	t.Helper()
	var list []string
	for line := range strings.Lines(text) {
		var object map[string]any
		require.NoError(t, json.Unmarshal([]byte(line), &object), line)
		var values []string
		for _, f := range fields {
			values = append(values, fmt.Sprint(object[f]))
		}
		list = append(list, strings.Join(values, " "))
	}
	return list
}

// uniqueServers gives the first letter of the servers of lines without keys.
func uniqueServers(t *testing.T, text string) []string {
	t.Helper()
	seen := map[string]bool{}
	var list []string
	for _, server := range jsonLines(t, text, "server") {
		if first := " " + server[:1]; !seen[first] {
			seen[first] = true
			list = append(list, first)
		}
	}
	return list
}

func TestCentral_sweep_and_count(t *testing.T) {
	t.Parallel()
	s := newSite(t).withCentral()
	for i := range 5 {
		s.done("reserve", "email", fmt.Sprintf("canary%d", i), fmt.Sprintf("0:1:%d", i+1), "--ttl", "1us")
	}
	s.done("reserve", "email", "canary-live", "0:1:7", "--confirm")
	s.done("reserve", "email", "canary-kept", "0:1:8")
	require.Equal(t, "INDEX   LIVE  RESERVED\nemail   1     6\nnumber  0     0\nphone   0     0\n", s.done("count"))

	state := filepath.Join(t.TempDir(), "sweep.json")
	require.Equal(t, `INDEX  ROWS  RESERVED  CONFIRMED  REMOVED  PENDING  ORPHANS
email  7     1         0          5        0        0
`, s.done("sweep", "email", "--page", "2", "--rate", "0", "--state", state))
	text, err := os.ReadFile(state)
	require.NoError(t, err)
	require.JSONEq(t, "{}", string(text), "it is done")
	info, err := os.Stat(state)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())

	require.Equal(t, []string{"email 1 1"}, jsonLines(t, s.done("count", "email", "-o", "json"), "index", "live", "reserved"))
	got := s.central("sweep", "email", "--orphans")
	require.Equal(t, 1, got.status, "a live key has no briefcase")
	require.Contains(t, got.stdout, "orphan in email: 0:1:7\n")
	got = command(t, "central", "sweep", "email", "--orphans", "--keys", "-o", "json", "--config", s.dir)
	require.Contains(t, got.stdout, `{"index":"email","orphan":"0:1:7","key":"canary-live"}`)
	s.exec(s.cluster.Servers[1], "INSERT INTO `"+s.prefix+"user_p0_1`.tbl_user VALUES (x'000000001000000000000007', 'x')")
	s.exec(s.cluster.Servers[0], "INSERT INTO `"+s.prefix+"user_p0_0`.tbl_user VALUES (x'000000001000000000000007', 'x')")
	s.done("sweep", "email", "--orphans")
}

// A sweep goes on where the one before was cut short.
func TestCentral_sweep_resumes(t *testing.T) {
	t.Parallel()
	s := newSite(t).withCentral()
	for i := range 8 {
		s.done("reserve", "email", fmt.Sprintf("canary%d", i), fmt.Sprintf("0:1:%d", i+1), "--confirm")
	}
	state := filepath.Join(t.TempDir(), "sweep.json")
	s.exec(s.cluster.Servers[1], "RENAME TABLE `"+s.prefix+"central_1`.mdb_index_email TO `"+s.prefix+"central_1`.away")
	got := s.central("sweep", "email", "--page", "1", "--rate", "0", "--state", state)
	require.Equal(t, 1, got.status, got.stdout)
	s.exec(s.cluster.Servers[1], "RENAME TABLE `"+s.prefix+"central_1`.away TO `"+s.prefix+"central_1`.mdb_index_email")
	first := jsonLines(t, s.done("count", "email", "-o", "json"), "live")
	require.Equal(t, []string{"8"}, first)
	out := s.done("sweep", "email", "--state", state, "-o", "json")
	require.NotEqual(t, []string{"8"}, jsonLines(t, out, "rows"), "the first shard was done already")

	require.NoError(t, os.WriteFile(state, []byte(`{"email": "nonsense"}`), 0o600))
	require.Equal(t, 2, s.central("sweep", "email", "--state", state).status)
	require.Equal(t, 2, s.central("sweep", "email", "--state", filepath.Join(s.dir, "no", "where")).status)
}

func TestCentral_refuses(t *testing.T) {
	t.Parallel()
	s := newSite(t).withCentral()
	bare := newSite(t).provisioned()
	tests := []struct {
		name string
		got  outcome
		want string
	}{
		{"an index that is not declared", s.central("lookup", "mail", "canary"), `no index "mail": the configuration has email, number, phone`},
		{"no index at all", bare.central("count"), "declares no index"},
		{"no key", s.central("lookup", "email"), "--id"},
		{"a key and an id", s.central("lookup", "email", "canary", "--id", "0:1:5"), "--id"},
		{"an empty key", s.central("lookup", "email", " "), "argument 1 is no key of index email"},
		{"a key that is no number", s.central("lookup", "number", "canary"), "argument 1 is no key of index number"},
		{"a key that looks like a flag", s.central("lookup", "email", "-Xcanary@example.com"), "write -- before"},
		{"no id", s.central("reserve", "email", "canary"), "see mdbctl central reserve --help"},
		{"a bad id", s.central("release", "email", "canary", "5"), "5"},
	}
	for _, tt := range tests {
		require.Equal(t, 2, tt.got.status, tt.name)
		require.Contains(t, tt.got.stderr, tt.want, tt.name)
	}
}

func TestCentral_help(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"lookup", "reserve", "release", "sweep", "count"} {
		got := command(t, "central", name, "--help")
		require.Zero(t, got.status)
		require.Contains(t, got.stdout, "Examples:\n")
		require.Contains(t, got.stdout, "Exit status: ")
		path := filepath.Join("testdata", "help", "central_"+name+".txt")
		if *update {
			require.NoError(t, os.WriteFile(path, []byte(got.stdout), 0o644))
		}
		want, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, string(want), got.stdout, "go test ./cmd/mdbctl -run help -update writes what is printed now")
	}
}
