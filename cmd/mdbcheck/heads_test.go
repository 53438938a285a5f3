package main_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	mdbcheck "github.com/mdbrouter/mdb/cmd/mdbcheck"
	"github.com/mdbrouter/mdb/gdid"
	"github.com/mdbrouter/mdb/gdid/authority"
	"github.com/mdbrouter/mdb/mdbtest/mysqld"
)

// ids are authorities on servers of their own, and two versions of a configuration
// that knows them.
type ids struct {
	t       *testing.T
	dir     string
	servers []*mysqld.Server
}

const idsSecret = "s3cret-of-ids"

func newIDs(t *testing.T) *ids {
	t.Helper()
	s := &ids{t: t, dir: t.TempDir(), servers: mysqld.ForTest(t, 2, mysqld.Options{}).Servers}
	for _, server := range s.servers {
		for _, statement := range []string{
			"CREATE USER 'reader'@'127.0.0.1' IDENTIFIED BY '" + idsSecret + "'",
			"GRANT SELECT ON `mdb_ids`.* TO 'reader'@'127.0.0.1'",
		} {
			_, err := server.DB().ExecContext(t.Context(), statement)
			require.NoError(t, err)
		}
	}
	s.write("was", "", chiAndNyc)
	s.write("now", appendedAt500, chiAndNyc)
	return s
}

const (
	chiAndNyc = `
authority "chi" {
  number = 0
  store  = database(server.c1, "mdb_ids")
}
authority "nyc" {
  number = 1
  store  = database(server.c2, "mdb_ids")
}
`
	appendedAt500 = `
  partition "p1" {
    start  = "0:500"
    shards = [server.c1]
  }
`
)

// write writes a version; more goes into the area, tail behind it.
func (s *ids) write(version, more, tail string) {
	s.t.Helper()
	text := fmt.Sprintf(`mdb { namespace = "acme" }
server_defaults {
  user     = "reader"
  password = env("IDS_PASSWORD")
}
server "c1" { address = "%s" }
server "c2" { address = "%s" }
area "user" {
  database = "user_${partition.name}_${shard.index}"
  partition "p0" {
    start  = "0:0"
    shards = [server.c1, server.c2]
  }
%s}
%s`, s.servers[0].Addr(), s.servers[1].Addr(), more, tail)
	dir := filepath.Join(s.dir, version)
	require.NoError(s.t, os.MkdirAll(dir, 0o700))
	require.NoError(s.t, os.WriteFile(filepath.Join(dir, "acme.mdb.hcl"), []byte(text), 0o600))
}

// at sets the head that an authority keeps.
func (s *ids) at(number uint8, head string) {
	s.t.Helper()
	store := authority.NewMySQL(s.servers[number].DB(), authority.MySQLConfig{Name: "test", Number: number, Namespace: "acme", Database: "mdb_ids"})
	require.NoError(s.t, store.Create(s.t.Context(), "user", gdid.MustParseRangeKey("0:1")))
	require.NoError(s.t, store.Change(s.t.Context(), "user", func(state authority.State) (authority.Record, error) {
		key := gdid.MustParseRangeKey(head)
		state.Era, state.Head = key.Era, key.Counter
		return state.Record, nil
	}))
	require.NoError(s.t, store.Close())
}

func (s *ids) breaking(args ...string) outcome {
	s.t.Helper()
	return s.breakingWith(map[string]string{"IDS_PASSWORD": idsSecret}, args...)
}

func (s *ids) breakingWith(env map[string]string, args ...string) outcome {
	s.t.Helper()
	got := command(mdbcheck.World{Env: env}, append([]string{
		"breaking", filepath.Join(s.dir, "now"), "--against", filepath.Join(s.dir, "was"), "--head-from", "live", "--margin", "0",
	}, args...)...)
	require.NotContains(s.t, got.stdout+got.stderr, idsSecret)
	return got
}

// requireUnknown demands that no verdict was given.
func requireUnknown(t *testing.T, got outcome, want ...string) {
	t.Helper()
	require.Equal(t, 2, got.status, got.stdout+got.stderr)
	require.Empty(t, got.stdout)
	for _, text := range append(want, "--head-from=live: ", "the head of user cannot be asked:", "--head area.user=ERA:COUNTER") {
		require.Contains(t, got.stderr, text)
	}
}

// The head is the highest that any authority of either version tells; as long as one
// of them does not tell, there is none.
func TestBreaking_headFromLive(t *testing.T) {
	t.Parallel()
	s := newIDs(t)

	// Nobody has given an id of the sequence yet.
	got := s.breaking()
	require.Equal(t, 0, got.status, got.stdout+got.stderr)
	require.Contains(t, got.stdout, "head unknown")
	require.Contains(t, got.stdout, "needs head")
	require.Equal(t, "mdbcheck: the head of area user is not known: no authority holds its sequence yet\n", got.stderr)

	// One of two that both versions declare does not hold it: its table may be lost.
	s.at(0, "0:400")
	requireUnknown(t, s.breaking(), "authority nyc on server c2: the authority does not hold the sequence")

	s.at(1, "0:450")
	s.exec("SET GLOBAL log_output = 'TABLE'")
	s.exec("SET GLOBAL general_log = 1")
	got = s.breaking()
	s.exec("SET GLOBAL general_log = 0")
	require.Equal(t, 0, got.status, got.stdout+got.stderr)
	require.Contains(t, got.stdout, "area.user  (head 0:450, safe from 0:450 on)")
	require.Empty(t, got.stderr)
	require.Equal(t, []string{"SET SESSION", "SHOW VARIABLES", "SELECT era"}, s.statements(1))

	s.at(0, "0:501")
	got = s.breaking()
	require.Equal(t, 1, got.status, got.stdout+got.stderr)
	require.Contains(t, got.stdout, "head 0:501")
	require.Contains(t, got.stdout, `the smallest safe start is "0:501"`)

	// A head that is given comes first.
	got = s.breaking("--head", "area.user=0:77")
	require.Equal(t, 0, got.status, got.stdout+got.stderr)
	require.Contains(t, got.stdout, "head 0:77")

	s.checkMissing()
	s.checkFiles()
	s.checkLock()

	s.write("was", "", "")
	s.write("now", appendedAt500, "")
	got = s.breaking()
	require.Equal(t, 2, got.status, got.stdout)
	require.Contains(t, got.stderr, "the configuration declares no authority that could be asked; give --head area.user=ERA:COUNTER")
	require.Equal(t, 0, s.breaking("--head", "area.user=0:500").status)

	s.write("was", "", chiAndNyc)
	s.write("now", appendedAt500, chiAndNyc)
	requireUnknown(t, s.breakingWith(nil), "authority chi on server c1: env(\"IDS_PASSWORD\") is not set")
	got = s.breakingWith(map[string]string{"IDS_PASSWORD": "wrong"})
	requireUnknown(t, got, "authority chi on server c1: server error 1045: user or password is wrong")
	require.NotContains(t, got.stderr, "reader", "the user may come from the environment")

	s.exec("UPDATE mdb_ids.mdb_sequence SET server = 'another'")
	requireUnknown(t, s.breaking(), "authority nyc on server c2: the authority runs on another server than recorded")
	s.exec("DELETE FROM mdb_ids.mdb_sequence")
	s.at(1, "0:450")
	s.checkSilent()
}

// exec runs a statement on the server of nyc.
func (s *ids) exec(statement string) {
	s.t.Helper()
	_, err := s.servers[1].DB().ExecContext(s.t.Context(), statement)
	require.NoError(s.t, err, statement)
}

// statements gives what the general log has of the service's user, the first two
// words of each in the order of time.
func (s *ids) statements(server int) []string {
	s.t.Helper()
	rows, err := s.servers[server].DB().QueryContext(s.t.Context(), "SELECT argument FROM mysql.general_log WHERE user_host LIKE 'reader%' AND command_type NOT IN ('Connect', 'Quit', 'Init DB', 'Close stmt', 'Prepare') ORDER BY event_time")
	require.NoError(s.t, err)
	defer rows.Close()
	var list []string
	for rows.Next() {
		var text string
		require.NoError(s.t, rows.Scan(&text))
		words := strings.Fields(text)
		list = append(list, strings.TrimSuffix(strings.Join(words[:2], " "), ","))
	}
	require.NoError(s.t, rows.Err())
	return list
}

// checkMissing takes the authority with the highest head out, and adds one that was not
// begun yet.
func (s *ids) checkMissing() {
	t := s.t
	t.Helper()
	s.write("now", appendedAt500, strings.SplitAfterN(chiAndNyc, "}\n", 2)[1])
	got := s.breaking()
	require.Equal(t, 1, got.status, got.stdout+got.stderr)
	require.Contains(t, got.stdout, "head 0:501", "an authority that is taken out has given ids")

	s.write("now", appendedAt500, chiAndNyc+`
authority "sfo" {
  number = 2
  store  = database(server.c2, "mdb_ids")
}
`)
	got = s.breaking()
	require.Equal(t, 1, got.status, got.stdout+got.stderr)
	require.Contains(t, got.stdout, "head 0:501", "an authority that is new has given none")
}

// checkFiles asks an authority in files, also while another process has them open.
func (s *ids) checkFiles() {
	t := s.t
	t.Helper()
	lab := chiAndNyc + "authority \"lab\" {\n  number = 3\n  files  = [\"ids/a\", \"ids/b\"]\n}\n"
	s.write("was", "", lab)
	s.write("now", appendedAt500, lab)
	for i, version := range []string{"was", "now"} {
		dir := filepath.Join(s.dir, version, "ids")
		if i == 0 { // beside the new version nobody needs to have begun
			requireUnknown(t, s.breaking(), "authority lab in files: the authority does not hold the sequence")
		}
		require.NoDirExists(t, dir, "it is asked without a trace")
		f := authority.NewFiles(authority.FilesConfig{Name: "lab", Number: 3, Namespace: "acme", Paths: []string{filepath.Join(dir, "a"), filepath.Join(dir, "b")}})
		t.Cleanup(func() { _ = f.Close() })
		require.NoError(t, f.Create(t.Context(), "user", gdid.RangeKey{Counter: uint64(600 + i)})) // and keeps the files open
	}
	got := s.breaking()
	require.Equal(t, 1, got.status, got.stdout+got.stderr)
	require.Contains(t, got.stdout, "head 0:601")
}

// checkLock compares with a lock, which has no addresses.
func (s *ids) checkLock() {
	t := s.t
	t.Helper()
	s.write("was", "", chiAndNyc)
	s.write("now", appendedAt500, chiAndNyc)
	lock := s.locked()
	got := s.breaking("--against", lock)
	require.Equal(t, 1, got.status, got.stdout+got.stderr)
	require.Contains(t, got.stdout, "head 0:501")
	require.NoError(t, os.Remove(lock))

	s.write("was", "", chiAndNyc+`
server "c3" { address = "127.0.0.1:1" }
authority "sfo" {
  number = 2
  store  = database(server.c3, "mdb_ids")
}
`)
	lock = s.locked()
	requireUnknown(t, s.breaking("--against", lock), "authority sfo on server c3: no version declares how the server is reached")
	require.NoError(t, os.Remove(lock))
}

// locked locks the old version and gives the lock's path.
func (s *ids) locked() string {
	s.t.Helper()
	was := filepath.Join(s.dir, "was")
	got := command(mdbcheck.World{Env: map[string]string{"IDS_PASSWORD": idsSecret}}, "lock", was)
	require.Equal(s.t, 0, got.status, got.stderr)
	return filepath.Join(was, "mdb.lock.json")
}

// checkSilent asks servers that do not answer.
func (s *ids) checkSilent() {
	t := s.t
	t.Helper()
	require.NoError(t, s.servers[1].Pause(t.Context()))
	began := time.Now()
	got := s.breaking("--timeout", "500ms")
	require.NoError(t, s.servers[1].Resume())
	requireUnknown(t, got, "authority nyc on server c2: no answer within 500ms")
	require.NotContains(t, got.stderr, "authority chi")
	require.Less(t, time.Since(began), 30*time.Second)

	require.NoError(t, s.servers[1].Kill())
	requireUnknown(t, s.breaking(), "authority nyc on server c2: ")

	// What no head decides needs no server.
	s.write("now", "", chiAndNyc)
	got = s.breaking()
	require.Equal(t, 0, got.status, got.stdout+got.stderr)
	require.Contains(t, got.stdout, "nothing is routed otherwise")
}

func TestBreaking_headFromLive_refusesTimes(t *testing.T) {
	t.Parallel()
	got := command(mdbcheck.World{}, "breaking", "testdata/check/breaking/now", "--against", "testdata/check/breaking/was", "--head-from", "live", "--timeout", "0s")
	require.Equal(t, 2, got.status)
	require.Contains(t, got.stderr, "--timeout=0s is no time to wait")
}
