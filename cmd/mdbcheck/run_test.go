package main_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb"
	mdbcheck "github.com/mdbrouter/mdb/cmd/mdbcheck"
)

const routeCase = "testdata/check/route"

type outcome struct {
	status         int
	stdout, stderr string
}

func command(w mdbcheck.World, args ...string) outcome {
	var stdout, stderr bytes.Buffer
	if w.Stdin == nil {
		w.Stdin = strings.NewReader("")
	}
	if w.Stdout == nil {
		w.Stdout = &stdout
	}
	w.Stderr = &stderr
	status := mdbcheck.Run(args, w)
	return outcome{status, stdout.String(), stderr.String()}
}

// The program says the version of the module, though it may not import its root.
func TestVersion(t *testing.T) {
	t.Parallel()
	got := command(mdbcheck.World{}, "version")
	require.Zero(t, got.status)
	require.Regexp(t, `^mdbcheck `+regexp.QuoteMeta(mdb.Version)+`.* go1\.\d+.* \w+/\w+\n$`, got.stdout)

	got = command(mdbcheck.World{}, "version", "-o", "json")
	require.Zero(t, got.status)
	var v map[string]string
	require.NoError(t, json.Unmarshal([]byte(got.stdout), &v))
	require.Equal(t, mdb.Version, v["version"])
}

func TestCompletion(t *testing.T) {
	t.Parallel()
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		got := command(mdbcheck.World{}, "completion", shell)
		require.Zero(t, got.status)
		require.Contains(t, got.stdout, "mdbcheck")
		require.Empty(t, got.stderr)
	}
	got := command(mdbcheck.World{}, "__complete", "check", "--fail-on", "")
	require.Contains(t, got.stdout, "warning")
}

// What decides about colour is said of package command; here it is seen to be asked.
func TestColour(t *testing.T) {
	t.Parallel()
	for _, env := range []map[string]string{{}, {"CLICOLOR_FORCE": "1"}} {
		got := command(mdbcheck.World{Env: env}, "check", "testdata/check/hole")
		require.Equal(t, 1, got.status)
		require.Equal(t, len(env) > 0, strings.Contains(got.stdout, "\x1b["))
	}
}

type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestOutputThatIsLostIsNoSuccess(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"check", routeCase},
		{"check", routeCase, "-o", "json"},
		{"show", routeCase},
		{"show", routeCase, "-o", "json"},
		{"route", "--config", routeCase, "area.user", "0:1:5"},
		{"route", "--config", routeCase, "area.user", "0:1:5", "-o", "json"},
		{"route", "--config", routeCase, "area.user", "-"},
		{"version"},
		{"--help"},
	} {
		got := command(mdbcheck.World{Stdin: strings.NewReader("0:1:5\n"), Stdout: failingWriter{}}, args...)
		require.Equal(t, 2, got.status, args)
		require.Equal(t, "mdbcheck: cannot write the output: disk full\n", got.stderr, args)
	}
}

func TestCheck_reportsAFileThatCannotBeReadBesideTheOthers(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, os.Symlink("nowhere", filepath.Join(dir, "a.mdb.hcl")))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "b.mdb.hcl"), []byte("servr \"u1\" {}\n"), 0o644))
	got := command(mdbcheck.World{}, "check", dir)
	require.Equal(t, 1, got.status)
	require.Contains(t, got.stdout, "error[MDB114]")
	require.Contains(t, got.stdout, "error[MDB102]")
	require.Contains(t, got.stdout, filepath.Join(dir, "a.mdb.hcl"))
}

func TestRoute_answersEachLineBeforeItWaitsForTheNext(t *testing.T) {
	t.Parallel()
	stdin, ask := io.Pipe()
	answer, stdout := io.Pipe()
	done := make(chan int, 1)
	go func() {
		status := mdbcheck.Run([]string{"route", "--config", routeCase, "area.user", "-"}, mdbcheck.World{Stdin: stdin, Stdout: stdout, Stderr: io.Discard})
		_ = stdout.Close()
		done <- status
	}()
	answers := bufio.NewReader(answer)
	for _, text := range []string{"0:1:250122\n", "0:1:250122\n0:1", ":250122\n\n"} {
		_, err := io.WriteString(ask, text)
		require.NoError(t, err)
		line, err := answers.ReadString('\n')
		require.NoError(t, err)
		require.Equal(t, "0:1:250122 -> u3/user_p1_2 (partition p1, shard 2)\n", line)
	}
	require.NoError(t, ask.Close())
	require.Zero(t, <-done)
}

func TestRoute_goesOnAfterALineThatIsTooLong(t *testing.T) {
	t.Parallel()
	for _, length := range []int{64<<10 - 1, 64 << 10, 64<<10 + 1, 1 << 20} {
		in := strings.Repeat("9", length) + "\n0:1:250122\n" + strings.Repeat("9", length)
		got := command(mdbcheck.World{Stdin: strings.NewReader(in)}, "route", "--config", routeCase, "area.user", "-")
		require.Equal(t, 1, got.status)
		require.Equal(t, "0:1:250122 -> u3/user_p1_2 (partition p1, shard 2)\n", got.stdout)
		require.Equal(t, 2, strings.Count(got.stderr, "\n"))
		require.Contains(t, got.stderr, "mdbcheck: line 1: ")
		require.Contains(t, got.stderr, "mdbcheck: line 3: ")
		require.Less(t, len(got.stderr), 1000)
	}
}

func TestRoute_saysWhenStandardInputFails(t *testing.T) {
	t.Parallel()
	for _, before := range []string{"0:1:250122\n", strings.Repeat("9", 100<<10)} {
		in := io.MultiReader(strings.NewReader(before), iotest.ErrReader(errors.New("torn cable")))
		got := command(mdbcheck.World{Stdin: in}, "route", "--config", routeCase, "area.user", "-")
		require.Equal(t, 2, got.status)
		require.Contains(t, got.stderr, "mdbcheck: read standard input: torn cable\n")
	}
}

func TestShow_isJSON(t *testing.T) {
	t.Parallel()
	got := command(mdbcheck.World{}, "show", routeCase, "-o", "json")
	require.Zero(t, got.status)
	var table struct {
		Namespace, Hash, Fingerprint string
		Central                      struct {
			Shards []struct {
				Index            int
				Server, Database string
			}
			Indexes []struct {
				Name, Briefcase, Type string
				Normalize             []string
				MaxBytes              int `json:"max_bytes"`
				Unique                bool
			}
		}
		Areas []struct {
			Name       string
			Partitions []struct {
				Name, Hash, Start string
				Breakpoint, End   *string
				Shards            []struct {
					Index            int
					Server, Database string
				}
			}
		}
	}
	decoder := json.NewDecoder(strings.NewReader(got.stdout))
	decoder.DisallowUnknownFields()
	require.NoError(t, decoder.Decode(&table))
	require.Equal(t, "acme", table.Namespace)
	require.Equal(t, "jump1", table.Hash)
	require.Len(t, table.Fingerprint, 64)
	require.Len(t, table.Central.Shards, 64)
	require.Equal(t, "central_49", table.Central.Shards[49].Database)
	require.Equal(t, []string{"trim", "nfkc", "fold"}, table.Central.Indexes[0].Normalize)
	require.Equal(t, 320, table.Central.Indexes[0].MaxBytes)
	require.True(t, table.Central.Indexes[0].Unique)
	require.Contains(t, got.stdout, `"normalize":[]`)
	partitions := table.Areas[0].Partitions
	require.Len(t, partitions, 2)
	require.Equal(t, "0:250000", *partitions[0].End)
	require.Equal(t, "0:250000", partitions[1].Start)
	require.Nil(t, partitions[1].End)
	require.Nil(t, partitions[1].Breakpoint)
	require.Equal(t, "user_p1_2", partitions[1].Shards[2].Database)
}

// A command that says nothing about its exit status, or shows no example, is not
// finished.
func TestHelp_isComplete(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", "check", "show", "route", "rules", "explain", "version"} {
		got := command(mdbcheck.World{}, strings.Fields(name+" --help")...)
		require.Zero(t, got.status)
		require.Contains(t, got.stdout, "Exit status: 0", name)
		require.Contains(t, got.stdout, "Examples:\n  mdbcheck", name)
		for line := range strings.Lines(got.stdout) {
			require.LessOrEqual(t, len(line), 121, line)
		}
	}
}
