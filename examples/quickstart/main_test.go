package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/mdbrouter/mdb/examples/internal/servers"
)

var update = flag.Bool("update", false, "write testdata/output.golden")

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var newcomer = regexp.MustCompile(`(?m)^  0:[12]:[0-9]+ +p[01] +[0-3] +s[1-4] +\S+ +Kim +1 +3\.50$`)

// requireGolden compares what follows the line about the engine.
func requireGolden(t *testing.T, output string) {
	t.Helper()
	path := filepath.Join("testdata", "output.golden")
	_, output, ok := strings.Cut(output, "\n")
	require.True(t, ok)
	// Which authority gives the new user's id, and which id, is not always the same.
	require.Regexp(t, newcomer, output)
	output = newcomer.ReplaceAllString(output, "  0:A:N  Kim  1  3.50")
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(output), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), output)
}

func TestRun_saysTheSameOnEveryEngine(t *testing.T) {
	t.Parallel()
	tests := []struct{ engine, about string }{
		{engine: servers.Embedded, about: "embedded engine: demo only, not durable\n"},
		{engine: servers.Real, about: "private servers: "},
	}
	for _, tt := range tests {
		t.Run(tt.engine, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			require.NoError(t, run(t.Context(), []string{"-engine", tt.engine}, strings.NewReader(""), &out))
			require.True(t, strings.HasPrefix(out.String(), tt.about), out.String())
			requireGolden(t, out.String())
		})
	}
}

func TestRun_takesServersThatRunAlready(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		count int
	}{
		{name: "all shards on one server, by the profile solo", count: 1},
		{name: "four servers", count: 4},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			set, err := servers.Start(t.Context(), servers.Real, tt.count)
			require.NoError(t, err)
			defer func() { require.NoError(t, set.Close()) }()
			var args []string
			for _, server := range set.Servers {
				args = append(args, "-dsn", server.DSN)
			}
			for range 2 { // the second run finds the databases and the rows of the first
				var out bytes.Buffer
				require.NoError(t, run(t.Context(), args, strings.NewReader(""), &out))
				if tt.count == 4 {
					requireGolden(t, out.String())
				}
				require.Contains(t, out.String(), "Finn")
			}
		})
	}
}

func TestRun_survivesAServerStoppedHalfWay(t *testing.T) {
	t.Parallel()
	in, enter := io.Pipe()
	show, out := io.Pipe()
	ran := make(chan error, 1)
	go func() {
		err := run(context.WithoutCancel(t.Context()), []string{"-engine", servers.Real, "-pause"}, in, out)
		ran <- errors.Join(err, out.Close())
	}()
	lines := bufio.NewScanner(show)
	stop := regexp.MustCompile(`^  s3 .* kill -9 (\d+)$`)
	pid := 0
	for lines.Scan() && !strings.Contains(lines.Text(), "Enter goes on") {
		if found := stop.FindStringSubmatch(lines.Text()); found != nil {
			pid, _ = strconv.Atoi(found[1])
		}
	}
	require.NotZero(t, pid)
	process, err := os.FindProcess(pid)
	require.NoError(t, err)
	require.NoError(t, process.Kill())
	_, err = enter.Write([]byte("\n"))
	require.NoError(t, err)
	var rest strings.Builder
	for lines.Scan() {
		rest.WriteString(lines.Text() + "\n")
	}
	require.EqualError(t, <-ran, "2 of 11 users could not be reached; the others are not affected")
	require.Regexp(t, `(?m)^  0:0:1 +p0 +0 +s1 +\S+ +Ann +2 +12\.50$`, rest.String())
	require.Regexp(t, `(?m)^  0:0:999999 +p1 +2 +s3 +\S+ +- +- +-$`, rest.String())
	for _, id := range []string{"0:0:999999", "0:0:1000001"} {
		require.Regexp(t, `(?m)^  `+id+`: .*on s3\): the server is unavailable`, rest.String())
	}
}

func TestRun_refusesBadArguments(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		args []string
		want string
	}{
		{name: "an unknown engine", args: []string{"-engine", "oracle"}, want: `no engine "oracle"`},
		{name: "two servers", args: []string{"-dsn", "a@/", "-dsn", "b@/"}, want: "once or four times"},
		{name: "no DSN", args: []string{"-dsn", "root:hunter2"}, want: "DSN"},
		{name: "an argument", args: []string{"now"}, want: `unexpected argument "now"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			err := run(t.Context(), tt.args, strings.NewReader(""), &out)
			require.ErrorContains(t, err, tt.want)
			require.NotContains(t, err.Error()+out.String(), "hunter2")
		})
	}
}

func TestRun_endsAtThePauseWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	in, enter := io.Pipe()
	defer func() { require.NoError(t, enter.Close()) }()
	out := &cancelling{at: "Enter goes on", cancel: cancel}
	err := run(ctx, []string{"-engine", servers.Real, "-pause"}, in, out)
	require.ErrorIs(t, err, context.Canceled)
	require.NotContains(t, out.text.String(), "What to try next")
}

// cancelling is a writer that ends a context when it is given some words.
type cancelling struct {
	text   strings.Builder
	at     string
	cancel context.CancelFunc
}

func (c *cancelling) Write(p []byte) (int, error) {
	n, err := c.text.Write(p)
	if strings.Contains(c.text.String(), c.at) {
		c.cancel()
	}
	return n, err
}
