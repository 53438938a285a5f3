package main_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/stretchr/testify/require"

	mdbctl "github.com/mdbrouter/mdb/cmd/mdbctl"
)

func lines(text string) []string {
	list := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	slices.Sort(list)
	return list
}

func TestEach_tells_the_command_which_shard_it_is_for(t *testing.T) {
	t.Parallel()
	s := newSite(t).provisioned()
	got := command(t, "each", "user", "-c", s.dir, "--", "sh", "-c",
		`echo "$MDB_AREA $MDB_PARTITION $MDB_SHARD $MDB_SERVER $MDB_HOST:$MDB_PORT $MDB_USER $MDB_DATABASE"; printf 'no end' >&2`)
	require.Zero(t, got.status, got.stderr)
	require.Equal(t, lines(`p0/0 | user p0 0 u1 u1:3306 admin user_p0_0
p0/0 | no end
p0/1 | user p0 1 u2 u2:3306 admin user_p0_1
p0/1 | no end
`), lines(strings.ReplaceAll(strings.ReplaceAll(s.plain(got.stdout), fmt.Sprintf("127.0.0.1:%d", s.cluster.Servers[0].Port()), "u1:3306"), fmt.Sprintf("127.0.0.1:%d", s.cluster.Servers[1].Port()), "u2:3306")))
	require.Contains(t, got.stderr, "2 shards: 2 done\n")
	require.Contains(t, got.stderr, "[2/2] done p0/")
}

func TestEach_hands_credentials_over_in_the_environment(t *testing.T) {
	t.Parallel()
	s := newSite(t).provisioned()
	file := filepath.Join(t.TempDir(), "env")
	got := command(t, "each", "user", "-c", s.dir, "--only", "p0/1", "--", "sh", "-c", `printf '%s\n%s\n%s\n' "$MDB_DSN" "$MDB_PASSWORD" "$MDB_URL" > `+file)
	require.Zero(t, got.status, got.stderr)
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	values := strings.Split(string(text), "\n")
	config, err := mysql.ParseDSN(values[0])
	require.NoError(t, err)
	require.Equal(t, s.prefix+"admin", config.User)
	require.Equal(t, secret, config.Passwd)
	require.Equal(t, s.prefix+"user_p0_1", config.DBName)
	require.Equal(t, s.cluster.Servers[1].Addr(), config.Addr)
	require.Equal(t, secret, values[1])
	require.Regexp(t, `^mysql://\w+admin:[^@/]+@127\.0\.0\.1:\d+/\w+user_p0_1$`, values[2])
}

func TestEach_lists_failures_and_goes_on_where_it_stopped(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.write(appended)
	s.provisioned()
	state := filepath.Join(t.TempDir(), "each.json")
	log := filepath.Join(t.TempDir(), "log")
	broken := filepath.Join(t.TempDir(), "broken")
	require.NoError(t, os.WriteFile(broken, nil, 0o600))
	run := func(more ...string) outcome {
		args := append([]string{"each", "user", "-c", s.dir, "--state", state}, more...)
		return command(t, append(args, "--", "sh", "-c", `echo "$MDB_PARTITION/$MDB_SHARD" >> `+log+`; if [ "$MDB_SERVER$MDB_SHARD" = u21 ]; then test ! -e `+broken+` || exit 3; fi`)...)
	}
	got := run()
	require.Equal(t, 1, got.status)
	require.Contains(t, s.plain(got.stderr), "failed p0/1 (database user_p0_1 on u2): exit status 3\n5 shards: 4 done, 1 failed\nnext: run it again with the same --state")

	require.NoError(t, os.Remove(broken))
	got = run()
	require.Zero(t, got.status, got.stderr)
	require.Contains(t, got.stderr, "5 shards: 1 done, 4 skipped\n")
	text, err := os.ReadFile(log)
	require.NoError(t, err)
	require.Equal(t, []string{"p0/0", "p0/1", "p0/1", "p1/0", "p1/1", "p1/2"}, lines(string(text)), "each command is done once")

	got = run()
	require.Zero(t, got.status)
	require.Contains(t, got.stderr, "5 shards: 5 skipped\n"+state+" says that all are done")

	got = command(t, "each", "user", "-c", s.dir, "--state", state, "--", "sh", "-c", "true")
	require.Equal(t, 2, got.status)
	require.Contains(t, got.stderr, "is of a run with another command")
	require.NoError(t, os.WriteFile(state, []byte("{"), 0o600))
	got = run()
	require.Equal(t, 2, got.status)
	require.Contains(t, got.stderr, "is not a file that --state wrote")
	got = command(t, "each", "user", "-c", s.dir, "--state", "/nowhere/state", "--", "sh", "-c", "echo it was run")
	require.Equal(t, 2, got.status)
	require.NotContains(t, got.stdout, "it was run")
}

func TestEach_begins_nothing_more_after_a_failure_if_told_so(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.write(appended)
	s.provisioned()
	got := command(t, "each", "user", "-c", s.dir, "--fail-fast", "--only", "p0/1", "--only", "p1/0", "--only", "p1/2", "-o", "json", "--", "sh", "-c", "echo hello; exit 1")
	require.Equal(t, 1, got.status)
	require.Contains(t, got.stderr, "p0/1 | hello\n", "the output of commands goes to standard error")
	require.Contains(t, got.stderr, "3 shards: 1 failed, 2 not run\n")
	type result struct{ Shard, Server, Status, Error string }
	var results []result
	for text := range strings.Lines(got.stdout) {
		var r result
		require.NoError(t, json.Unmarshal([]byte(text), &r))
		results = append(results, r)
	}
	require.Equal(t, []result{{"p0/1", "u2", "failed", "exit status 1"}, {"p1/0", "u2", "not run", ""}, {"p1/2", "u2", "not run", ""}}, results)
}

// Shards of one server are worked on one after the other, servers at once.
func TestEach_is_parallel_over_servers(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.write(appended)
	s.provisioned()
	dir := t.TempDir()
	// A command waits until one on the other server runs as well, and fails when
	// another one on its own server does.
	meet := `mkdir ` + dir + `/$MDB_SERVER || exit 9
i=0; until [ -d ` + dir + `/u1 ] && [ -d ` + dir + `/u2 ] || [ -e ` + dir + `/met ]; do sleep 0.02; i=$((i+1)); [ $i -lt 1000 ] || exit 8; done
: > ` + dir + `/met; sleep 0.1; rmdir ` + dir + `/$MDB_SERVER`
	got := command(t, "each", "user", "-c", s.dir, "--", "sh", "-c", meet)
	require.Zero(t, got.status, got.stderr)
	require.Contains(t, got.stderr, "5 shards: 5 done\n")

	got = command(t, "each", "user", "-c", s.dir, "--parallel", "3", "--only", "p0/1", "--only", "p1/0", "--", "sh", "-c",
		`: > `+dir+`/$MDB_PARTITION; i=0; until [ -e `+dir+`/p0 ] && [ -e `+dir+`/p1 ]; do sleep 0.02; i=$((i+1)); [ $i -lt 1000 ] || exit 8; done`)
	require.Zero(t, got.status, "with --parallel, two of one server run at once: %s", got.stderr)
}

func TestEach_leaves_a_database_alone_that_is_not_the_shard(t *testing.T) {
	t.Parallel()
	s := newSite(t).provisioned()
	s.exec(s.cluster.Servers[1], "UPDATE "+s.prefix+"user_p0_1.mdb_shard SET shard = 0")
	got := command(t, "each", "user", "-c", s.dir, "--", "sh", "-c", "echo it was run")
	require.Equal(t, 1, got.status)
	require.Equal(t, "p0/0 | it was run\n", got.stdout)
	require.Contains(t, got.stderr, `shard is "0", want "1"`)
}

func TestEach_ends_its_commands_when_it_is_interrupted(t *testing.T) {
	t.Parallel()
	s := newSite(t).provisioned()
	file := filepath.Join(t.TempDir(), "began")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		for ctx.Err() == nil {
			if _, err := os.Stat(file); err == nil {
				cancel()
			}
			time.Sleep(time.Millisecond)
		}
	}()
	began := time.Now()
	got := runIn(ctx, t, mdbctl.World{}, "each", "user", "-c", s.dir, "--only", "p0/0", "--", "sh", "-c", ": > "+file+"; exec sleep 60")
	require.Equal(t, 1, got.status)
	require.Less(t, time.Since(began), 30*time.Second)
	require.Contains(t, got.stderr, "interrupted")
}

func TestEach_on_a_terminal(t *testing.T) {
	t.Parallel()
	s := newSite(t).provisioned()
	got := runIn(t.Context(), t, mdbctl.World{Terminal: true}, "each", "user", "-c", s.dir, "--only", "p0/0", "--", "echo", "hello")
	require.Zero(t, got.status, got.stderr)
	require.Equal(t, "\x1b[2mp0/0 |\x1b[0m hello\n", got.stdout)
	require.Equal(t, "\r\x1b[K[1/1] done p0/0 on u1\r\x1b[K1 shard: 1 done\n", got.stderr)
	got = runIn(t.Context(), t, mdbctl.World{Terminal: true, Env: map[string]string{"NO_COLOR": "1"}}, "each", "user", "-c", s.dir, "--only", "p0/0", "--", "echo", "hello")
	require.Equal(t, "p0/0 | hello\n", got.stdout)
}

func TestPrefixed(t *testing.T) {
	t.Parallel()
	require.Empty(t, mdbctl.Prefixed("> "))
	require.Equal(t, "> a\n> b\n", mdbctl.Prefixed("> ", "a", "\nb"))
	require.Equal(t, "> \n> \n> c\n", mdbctl.Prefixed("> ", "\n\nc\n"))
	long := strings.Repeat("x", 70<<10)
	require.Equal(t, "> "+long+"\n> y\n", mdbctl.Prefixed("> ", long, "y\n"), "a line without an end is not kept for ever")
}
