package main_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	mdbctl "github.com/mdbrouter/mdb/cmd/mdbctl"
)

const planOfTwo = `acme lacks 2 steps:
  + create user p0/0: database user_p0_0 on u1, 1 statement of schema, open
  + create user p0/1: database user_p0_1 on u2, 1 statement of schema, open
`

func TestProvision_prints_the_plan_and_takes_it_when_told(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	got := command(t, "provision", s.dir)
	require.Equal(t, 3, got.status)
	require.Equal(t, planOfTwo, s.plain(got.stdout))
	require.Equal(t, "nothing was done; give --yes to take these steps\n", got.stderr)

	got = command(t, "provision", "--config", s.dir, "--yes")
	require.Zero(t, got.status, got.stderr)
	require.Equal(t, planOfTwo+"✓ done: 2 steps\n", s.plain(got.stdout))
	lines := strings.Split(s.plain(got.stderr), "\n")
	require.Len(t, lines, 3)
	require.Contains(t, lines[1], "[2/2] create user p0/")

	got = command(t, "provision", s.dir)
	require.Zero(t, got.status, got.stderr)
	require.Equal(t, "✓ nothing to do: acme has all 2 shards\n", s.plain(got.stdout))
}

func TestProvision_asks_on_a_terminal(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, answer := range []string{"n\n", "\n", "", "yellow\n"} {
		got := runIn(t.Context(), t, mdbctl.World{Terminal: true, Stdin: strings.NewReader(answer)}, "provision", s.dir, "--color", "never")
		require.Equal(t, 3, got.status)
		require.Contains(t, got.stderr, "Take these steps? [y/N] ")
		require.Contains(t, got.stderr, "nothing was done")
	}
	got := runIn(t.Context(), t, mdbctl.World{Terminal: true, Stdin: strings.NewReader("Y\n")}, "provision", s.dir)
	require.Zero(t, got.status, got.stderr)
	require.Contains(t, got.stdout, "\x1b[32m✓\x1b[0m done: 2 steps")
	require.Contains(t, got.stderr, "\r\x1b[K[2/2] ", "the progress is one line that changes")
	require.Equal(t, 1, strings.Count(got.stderr, "\n")+1, "and leaves nothing behind: %q", got.stderr)
}

// The question does not hold up the end of the context.
func TestProvision_stops_at_the_question_when_it_is_interrupted(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	r, w := io.Pipe()
	defer w.Close()
	got := runIn(ctx, t, mdbctl.World{Terminal: true, Stdin: r}, "provision", s.dir)
	require.Equal(t, 1, got.status)
	require.Contains(t, got.stderr, "next: look at the servers")
}

func TestProvision_json(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	type report struct {
		Namespace string
		Steps     []struct{ Kind, Area, Shard, Server, Database, Text, At string }
		Applied   bool
		Refusals  []struct{ Server, Database, Area, Shard, Reason string }
		Error     string
	}
	run := func(status int, args ...string) (r report) {
		t.Helper()
		got := command(t, append([]string{"provision", s.dir, "-o", "json"}, args...)...)
		require.Equal(t, status, got.status, got.stderr)
		require.Equal(t, 1, strings.Count(got.stdout, "\n"))
		require.NoError(t, json.Unmarshal([]byte(s.plain(got.stdout)), &r))
		return r
	}
	r := run(3)
	require.Equal(t, "acme", r.Namespace)
	require.Len(t, r.Steps, 2)
	require.Equal(t, "create", r.Steps[1].Kind)
	require.Equal(t, "p0/1", r.Steps[1].Shard)
	require.Equal(t, "u2", r.Steps[1].Server)
	require.Equal(t, "user_p0_1", r.Steps[1].Database)
	require.False(t, r.Applied)
	require.Empty(t, r.Error)
	require.True(t, run(0, "--yes").Applied)
	require.Equal(t, report{Namespace: "acme", Steps: r.Steps[:0], Applied: true, Refusals: r.Refusals}, run(0))

	s.write(appended)
	r = run(1, "--yes")
	require.False(t, r.Applied)
	require.Len(t, r.Refusals, 1)
	require.Equal(t, "user", r.Refusals[0].Area)
	require.Contains(t, r.Refusals[0].Reason, "--head user=ERA:COUNTER")

	r = run(0, "--yes", "--head", "user=0:1_000")
	require.True(t, r.Applied)
	var kinds []string
	for _, step := range r.Steps {
		kinds = append(kinds, step.Kind)
	}
	require.Equal(t, []string{"create", "create", "create", "ceiling", "end", "end", "open", "open", "open", "restore"}, kinds)
	require.Equal(t, "0:1000", r.Steps[4].At)
}

func TestProvision_says_what_to_do_about_a_failure(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.schema("CREATE TABLE tbl_user (g_user BINARY(12) NOT NULL PRIMARY KEY);\n\nCREATE TABLE b (n INTT);\n")
	got := command(t, "provision", s.dir, "--yes")
	require.Equal(t, 1, got.status)
	require.Contains(t, got.stderr, "001.sql:3: ")
	require.Contains(t, s.plain(got.stderr), "database user_p0_1")
	require.Contains(t, got.stderr, "\nnext: mend ")
	s.schema("CREATE TABLE tbl_user (g_user BINARY(12) NOT NULL PRIMARY KEY);\n\nCREATE TABLE b (n INT);\n")
	got = command(t, "provision", s.dir, "--yes")
	require.Zero(t, got.status, got.stderr)
	require.Contains(t, got.stdout, "+ finish user p0/0")

	s.writeOn(s.cluster.Servers[1].Addr(), s.cluster.Servers[0].Addr(), "")
	got = command(t, "provision", s.dir, "--yes")
	require.Equal(t, 1, got.status)
	require.Contains(t, got.stderr, "provision refused, for 2 reasons:")
	require.Contains(t, s.plain(got.stderr), "user p0/0, database user_p0_0, server u1: the shard stands in database user_p0_0 on u2")

	s.writeOn(s.cluster.Servers[0].Addr(), "127.0.0.1:1", "")
	got = command(t, "provision", s.dir, "--yes")
	require.Equal(t, 1, got.status)
	require.Contains(t, got.stderr, "server u2: it cannot be read")
	require.Contains(t, got.stderr, "next: see with mdbctl ping which servers answer")
}

func TestProvision_of_a_profile(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.write(appended)
	got := command(t, "provision", s.dir, "--profile", "solo", "--yes")
	require.Zero(t, got.status, got.stderr)
	require.Contains(t, s.plain(got.stdout), "acme/solo lacks 5 steps:\n  + create user p0/0: database user_p0_0 on local, ")
	require.Zero(t, command(t, "ping", s.dir, "--profile", "solo").status)
	got = command(t, "ping", s.dir)
	require.Equal(t, 1, got.status, "a profile's databases do not pass for those of production")
	got = command(t, "provision", s.dir, "--yes")
	require.Equal(t, 1, got.status)
	require.Contains(t, s.plain(got.stderr), `namespace is "acme/solo", want "acme"`)
}

func TestUsage(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	tests := []struct {
		name string
		args []string
		want string
	}{
		{name: "an unknown command", args: []string{"provisoin"}, want: "unknown command"},
		{name: "an unknown flag", args: []string{"ping", "--nope"}, want: "unknown flag: --nope: see mdbctl ping --help"},
		{name: "no such path", args: []string{"ping", "nowhere"}, want: `no file or directory "nowhere"`},
		{name: "two paths", args: []string{"ping", s.dir, "--config", "."}, want: "two configurations"},
		{name: "an unknown form", args: []string{"ping", s.dir, "-o", "yaml"}, want: `--output="yaml" is not one of human, json`},
		{name: "an unknown colour", args: []string{"ping", s.dir, "--color", "red"}, want: `--color="red" is not one of`},
		{name: "a variable without a name", args: []string{"ping", s.dir, "--var", "x"}, want: "--var number 1 has no NAME="},
		{name: "a file of variables that is not there", args: []string{"ping", s.dir, "--var-file", "none"}, want: "--var-file"},
		{name: "a head that is none", args: []string{"provision", s.dir, "--head", "user"}, want: `--head "user" is not AREA=ERA:COUNTER`},
		{name: "a head of no area", args: []string{"provision", s.dir, "--head", "users=0:1"}, want: `no area "users": it has user`},
		{name: "an area that is none", args: []string{"each", "order", "-c", s.dir, "--", "true"}, want: `no area "order": the configuration has user`},
		{name: "no area", args: []string{"each", "-c", s.dir, "--", "true"}, want: "no area: give AREA -- COMMAND"},
		{name: "no command", args: []string{"each", "user", "-c", s.dir, "--"}, want: "no command: give user -- COMMAND"},
		{name: "a command without dashes", args: []string{"each", "user", "true", "-c", s.dir}, want: "no command: give user -- COMMAND"},
		{name: "a shard that is none", args: []string{"each", "user", "-c", s.dir, "--only", "p0/2", "--", "true"}, want: "--only=p0/2 is no partition and no shard"},
		{name: "no parallel work", args: []string{"each", "user", "-c", s.dir, "--parallel", "0", "--", "true"}, want: "--parallel=0"},
		{name: "an id that is none", args: []string{"mysql", "user", "7", "-c", s.dir}, want: `parse "7"`},
		{name: "the zero id", args: []string{"mysql", "user", "0:0:0", "-c", s.dir}, want: "zero GDID"},
		{name: "an id without an area", args: []string{"mysql", "0:1:2", "-c", s.dir}, want: "give an area and an id"},
		{name: "a client that is none", args: []string{"mysql", "user", "0:1:2", "-c", s.dir, "--client", "nosuchclient"}, want: "no client"},
		{name: "an unknown area to list", args: []string{"targets", s.dir, "--area", "x"}, want: `no area "x"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := command(t, tt.args...)
			require.Equal(t, 2, got.status)
			require.Contains(t, got.stderr, tt.want)
			require.Empty(t, got.stdout)
		})
	}
}

func TestConfiguration_with_a_mistake(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.write("  partition \"p1\" {\n    start = \"x\"\n    shards = [server.u9]\n  }\n")
	for _, args := range [][]string{{"provision", s.dir}, {"ping", s.dir}, {"targets", s.dir}, {"admit", "u1", "-c", s.dir}, {"each", "user", "-c", s.dir, "--", "true"}} {
		got := command(t, args...)
		require.Equal(t, 2, got.status)
		require.Contains(t, got.stderr, "acme.mdb.hcl:")
		require.Contains(t, got.stderr, "next: mdbcheck "+s.dir)
	}
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestLostOutput_is_no_success(t *testing.T) {
	t.Parallel()
	var stderr bytes.Buffer
	require.Equal(t, 2, mdbctl.Run(t.Context(), []string{"id", "0:1:2"}, mdbctl.World{Stdout: brokenPipe{}, Stderr: &stderr}))
	require.Contains(t, stderr.String(), "cannot write the output")
}
