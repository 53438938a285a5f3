package main_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb"
	mdbctl "github.com/mdbrouter/mdb/cmd/mdbctl"
	"github.com/mdbrouter/mdb/gdid"
)

var update = flag.Bool("update", false, "write testdata/help")

// The help of every command is its reference page: it is read when it changes.
func TestHelp(t *testing.T) {
	t.Parallel()
	for _, name := range mdbctl.Commands() {
		if name == "completion" || name == "help" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := command(t, name, "--help")
			require.Zero(t, got.status)
			require.Contains(t, got.stdout, "Examples:\n")
			require.Contains(t, got.stdout, "Exit status: ")
			path := filepath.Join("testdata", "help", name+".txt")
			if *update {
				require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
				require.NoError(t, os.WriteFile(path, []byte(got.stdout), 0o644))
			}
			want, err := os.ReadFile(path)
			require.NoError(t, err)
			require.Equal(t, string(want), got.stdout, "go test ./cmd/mdbctl -run TestHelp -update writes what is printed now")
		})
	}
	got := command(t)
	require.Zero(t, got.status)
	require.Contains(t, got.stdout, "Available Commands:")
}

func TestCompletion(t *testing.T) {
	t.Parallel()
	got := command(t, "completion", "bash")
	require.Zero(t, got.status)
	require.Contains(t, got.stdout, "mdbctl")
	require.Contains(t, command(t, "__complete", "id", "-o", "").stdout, "sql")
}

func TestVersion(t *testing.T) {
	t.Parallel()
	require.Regexp(t, `^mdbctl `+regexp.QuoteMeta(mdb.Version)+` go1\.\d+\S* \w+/\w+\n$`, command(t, "version").stdout)
	var v map[string]string
	require.NoError(t, json.Unmarshal([]byte(command(t, "version", "-o", "json").stdout), &v))
	require.Equal(t, mdb.Version, v["version"])
}

func TestID(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		args   []string
		status int
		want   string
	}{
		{name: "text", args: []string{"0:1:250122"}, want: "0:1:250122\n"},
		{name: "hex in, text out", args: []string{"0x00000000100000000003d10a"}, want: "0:1:250122\n"},
		{name: "hex", args: []string{"0:1:250122", "-o", "hex"}, want: "00000000100000000003d10a\n"},
		{name: "sql", args: []string{"0:1:250122", "7:15:1", "-o", "sql"}, want: "x'00000000100000000003d10a'\nx'00000007f000000000000001'\n"},
		{name: "json", args: []string{"7:15:1152921504606846975", "-o", "json"}, want: `{"id":"7:15:1152921504606846975","era":7,"authority":15,"counter":"1152921504606846975","range_key":"7:1152921504606846975","hex":"00000007ffffffffffffffff"}` + "\n"},
		{name: "not an id", args: []string{"0:1:2", "0:16:2"}, status: 2},
		{name: "nothing", args: nil, status: 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := command(t, append([]string{"id"}, tt.args...)...)
			require.Equal(t, tt.status, got.status)
			require.Equal(t, tt.want, got.stdout)
			require.Equal(t, tt.status != 0, got.stderr != "")
		})
	}
}

func TestTargets(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	got := command(t, "targets", s.dir)
	require.Zero(t, got.status, got.stderr)
	lines := strings.Split(strings.TrimSpace(s.plain(got.stdout)), "\n")
	require.Len(t, lines, 3)
	require.Equal(t, strings.Fields("AREA SHARD START SERVER ADDRESS DATABASE"), strings.Fields(lines[0]))
	require.Equal(t, strings.Fields("user p0/1 0:0 u2 u2:3306 user_p0_1"), strings.Fields(lines[2]))

	got = runIn(t.Context(), t, mdbctl.World{Env: map[string]string{"CLICOLOR_FORCE": "1"}}, "targets", s.dir)
	require.Contains(t, got.stdout, "\x1b[1mAREA\x1b[0m", "colour in a pipe, when asked for")
	got = command(t, "targets", s.dir, "--area", "area.user", "-o", "json")
	require.Zero(t, got.status, got.stderr)
	list := strings.Split(s.plain(got.stdout), "\n")
	require.Len(t, list, 3)
	require.JSONEq(t, `{"area":"user","partition":"p0","breakpoint":"","shard":1,"shards":2,"start":"0:0","server":"u2","address":"u2:3306","database":"user_p0_1"}`, list[1])
}

func TestPing(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	got := command(t, "ping", s.dir)
	require.Equal(t, 1, got.status, "nothing is provisioned")
	require.Contains(t, got.stdout, "not ready")
	require.Equal(t, 1, strings.Count(got.stderr, "\nnext: see with mdbctl provision what is missing"), "once for all servers")

	s.provisioned()
	got = command(t, "ping", s.dir)
	require.Zero(t, got.status, got.stderr)
	require.Equal(t, 2, strings.Count(got.stdout, " ready "))
	require.Empty(t, got.stderr)

	s.writeOn(s.cluster.Servers[0].Addr(), "127.0.0.1:1", "")
	got = command(t, "ping", s.dir, "-o", "json")
	require.Equal(t, 1, got.status)
	type line struct {
		Server, Identity, Version string
		Shards                    int
		OK                        bool
		Errors                    []string
	}
	var lines []line
	for text := range strings.Lines(got.stdout) {
		var l line
		require.NoError(t, json.Unmarshal([]byte(text), &l))
		lines = append(lines, l)
	}
	require.Len(t, lines, 2)
	require.True(t, lines[0].OK)
	require.NotEmpty(t, lines[0].Identity)
	require.NotEmpty(t, lines[0].Version)
	require.Empty(t, lines[0].Errors)
	require.False(t, lines[1].OK)
	require.Equal(t, "u2", lines[1].Server)
	require.Equal(t, 1, lines[1].Shards)
	require.NotEmpty(t, lines[1].Errors)

	got = command(t, "ping", s.dir)
	require.Equal(t, 1, got.status)
	require.Contains(t, got.stderr, "\nnext: see that the server runs")
	require.NotContains(t, got.stderr, "mdbctl ping", "no advice to do what was just done")
}

func TestAdmit(t *testing.T) {
	t.Parallel()
	s := newSite(t).provisioned()
	s.exec(s.cluster.Servers[1], "UPDATE "+s.prefix+"user_p0_1.mdb_server SET identity = 'uid:old/1'")
	got := command(t, "ping", s.dir)
	require.Equal(t, 1, got.status)
	require.Contains(t, got.stderr, "mdbctl admit")
	got = command(t, "provision", s.dir, "--yes")
	require.Equal(t, 1, got.status)
	require.Contains(t, got.stderr, "mdbctl admit u2")

	got = command(t, "admit", "u2", "--config", s.dir)
	require.Zero(t, got.status, got.stderr)
	require.Regexp(t, `^u2 is \S+ now, for 1 database\n$`, got.stdout)
	require.Zero(t, command(t, "ping", s.dir).status)

	got = command(t, "admit", "u1", "--config", s.dir, "-o", "json")
	require.Zero(t, got.status, got.stderr)
	var done struct {
		Server    string
		Databases []string
	}
	require.NoError(t, json.Unmarshal([]byte(s.plain(got.stdout)), &done))
	require.Equal(t, "u1", done.Server)
	require.Equal(t, []string{"user_p0_0"}, done.Databases)

	got = command(t, "admit", "u9", "--config", s.dir)
	require.Equal(t, 2, got.status)
	require.Contains(t, got.stderr, `no server "u9": the configuration has u1, u2`)
}

func TestParseHeads(t *testing.T) {
	t.Parallel()
	heads, err := mdbctl.ParseHeads([]string{"user=0:1_200_000", "area.order=1:0"})
	require.NoError(t, err)
	require.Equal(t, map[string]gdid.RangeKey{"user": {Counter: 1200000}, "order": {Era: 1}}, heads)
	_, err = mdbctl.ParseHeads([]string{"user=0:1", "area.user=0:2"})
	require.ErrorContains(t, err, "twice")
	for _, text := range []string{"", "user", "=0:1", "user=", "user=0:1:2:3", "user=x"} {
		_, err := mdbctl.ParseHeads([]string{text})
		require.Error(t, err, text)
	}
}

func TestSanitise(t *testing.T) {
	t.Parallel()
	require.Equal(t, "a\n�[31mb�c", mdbctl.Sanitise("a\n\x1b[31mb\u202ec"))
}
