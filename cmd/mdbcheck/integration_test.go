package main_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The matcher takes each line of the compact form apart.
func TestProblemMatcher(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/ci/problem-matcher.json")
	require.NoError(t, err)
	var file struct {
		ProblemMatcher []struct {
			Pattern []struct {
				Regexp                                      string
				File, Line, Column, Severity, Code, Message int
			}
		}
	}
	require.NoError(t, json.Unmarshal(text, &file))
	pattern := file.ProblemMatcher[0].Pattern[0]
	matcher := regexp.MustCompile(pattern.Regexp)
	for _, name := range formCases {
		for line := range strings.Lines(read(t, "testdata/forms/"+name+".compact")) {
			found := matcher.FindStringSubmatch(strings.TrimSuffix(line, "\n"))
			require.NotNil(t, found, line)
			require.Regexp(t, `^MDB\d{3}$`, found[pattern.Code])
			require.Equal(t, strings.TrimSuffix(line, "\n"), found[pattern.File]+":"+found[pattern.Line]+":"+found[pattern.Column]+": "+
				found[pattern.Severity]+" "+found[pattern.Code]+": "+found[pattern.Message])
		}
	}
}

var (
	hookEntry = regexp.MustCompile(`(?m)^  entry: (mdbcheck .*)$`)
	hookFiles = regexp.MustCompile(`(?m)^  files: (.*)$`)
	runLine   = regexp.MustCompile(`(?m)^ +(?:- )?run: (mdbcheck .*)$`)
)

// The commands that the hooks of .pre-commit-hooks.yaml have do what hooks should,
// and are run for the files that they are about. Those of the workflow are run by
// TestMistakes.
func TestHooks(t *testing.T) {
	t.Parallel()
	bin, repo := t.TempDir(), t.TempDir()
	run := func(command string) (int, string) {
		cmd := exec.CommandContext(t.Context(), "sh", "-ec", command)
		cmd.Dir = repo
		cmd.Env = append(os.Environ(), "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"), "NO_COLOR=1")
		out, err := cmd.CombinedOutput()
		if err != nil {
			require.NotNil(t, cmd.ProcessState, err)
		}
		return cmd.ProcessState.ExitCode(), string(out)
	}
	out, err := exec.CommandContext(t.Context(), "go", "build", "-o", filepath.Join(bin, "mdbcheck"), ".").CombinedOutput()
	require.NoError(t, err, string(out))
	require.NoError(t, os.CopyFS(repo, os.DirFS("../../examples/repository")))

	hooks := read(t, "../../.pre-commit-hooks.yaml")
	entries := hookEntry.FindAllStringSubmatch(hooks, -1)
	require.Len(t, entries, 2)
	status, said := run(entries[0][1] + " deploy/mdb")
	require.Zero(t, status, said)
	config := filepath.Join(repo, "deploy", "mdb", "areas.mdb.hcl")
	mistaken := strings.Replace(read(t, config), "[server.u1, server.u2]", "[server.u1,server.nope]", 1)
	require.NoError(t, os.WriteFile(config, []byte(mistaken), 0o644))
	status, said = run(entries[0][1] + " deploy/mdb")
	require.Equal(t, 1, status, said)
	require.Contains(t, said, "error[MDB201]")
	status, said = run(entries[1][1] + " deploy/mdb/areas.mdb.hcl")
	require.Zero(t, status, said)
	require.Contains(t, read(t, config), "[server.u1, server.nope]")

	files := hookFiles.FindAllStringSubmatch(hooks, -1)
	for name, hooked := range map[string][2]bool{
		"deploy/mdb/a.mdb.hcl": {true, true}, "a.mdb.json": {true, false}, "deploy/mdb.lock.json": {true, false},
		"x/a.mdbtest.hcl": {false, true}, "main.hcl": {false, false}, "deploy/.mdbcheck.hcl": {true, false},
	} {
		for i := range files {
			require.Equal(t, hooked[i], regexp.MustCompile(files[i][1]).MatchString(name), "hook %d, %s", i, name)
		}
	}
}
