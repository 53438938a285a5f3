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

// The commands that the workflow and the hooks have, run in a repository whose
// branch has mistakes, do what a pipeline needs.
func TestPipeline(t *testing.T) {
	t.Parallel()
	bin, repo := t.TempDir(), t.TempDir()
	run := func(dir string, env []string, name string, args ...string) (int, string) {
		cmd := exec.CommandContext(t.Context(), name, args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), append(env, "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"), "NO_COLOR=1")...)
		out, err := cmd.CombinedOutput()
		if err != nil {
			require.NotNil(t, cmd.ProcessState, err)
		}
		return cmd.ProcessState.ExitCode(), string(out)
	}
	must := func(dir, name string, args ...string) {
		status, out := run(dir, []string{"GIT_CONFIG_GLOBAL=/dev/null", "GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@b", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@b"}, name, args...)
		require.Zero(t, status, "%s %v: %s", name, args, out)
	}
	must(".", "go", "build", "-o", filepath.Join(bin, "mdbcheck"), ".")

	config := filepath.Join(repo, "deploy", "mdb", "main.mdb.hcl")
	write := func(shards, extra string) {
		require.NoError(t, os.MkdirAll(filepath.Dir(config), 0o755))
		require.NoError(t, os.WriteFile(config, []byte("mdb {\n  namespace = \"x\"\n}\nserver \"a\" {\n  address = \"a:1\"\n}\nserver \"b\" {\n  address = \"b:1\"\n}\narea \"user\" {\n  database = \"u_${shard.index}\"\n"+
			"  partition \"p0\" {\n    start  = \"0:0\"\n    shards = ["+shards+"]\n  }\n}\n"+extra), 0o644))
	}
	must(repo, "git", "init", "-q", "-b", "main")
	write("server.a, server.b", "")
	must(repo, "git", "add", ".")
	must(repo, "git", "commit", "-q", "-m", "first")
	must(repo, "git", "update-ref", "refs/remotes/origin/main", "HEAD")
	must(repo, "git", "checkout", "-q", "-b", "branch")

	workflow := read(t, "../../docs/ci/mdbcheck.yml")
	steps := runLine.FindAllStringSubmatch(workflow, -1)
	require.Len(t, steps, 3)
	summary := filepath.Join(t.TempDir(), "summary.md")
	pipeline := func() (statuses []int, out string) {
		for _, step := range steps {
			status, text := run(repo, []string{"GITHUB_BASE_REF=main", "GITHUB_STEP_SUMMARY=" + summary}, "sh", "-ec", step[1])
			statuses, out = append(statuses, status), out+text
		}
		return statuses, out
	}

	statuses, out := pipeline()
	require.Equal(t, []int{0, 0, 0}, statuses, out)

	write("server.b, server.a", "server \"c\" {\naddress=\"c:1\"\n}\n")
	statuses, out = pipeline()
	require.Equal(t, []int{0, 1, 1}, statuses, out)
	require.Contains(t, out, "::error file=deploy/mdb/main.mdb.hcl,line=14,endLine=14,", "an annotation of breaking")
	require.Contains(t, out, "+  address = \"c:1\"\n", "the diff of fmt")

	write("server.a, server.nope", "")
	statuses, out = pipeline()
	require.Equal(t, []int{1, 1, 0}, statuses, out)
	require.Contains(t, out, "error[MDB201]")
	require.Contains(t, out, "title=MDB201 undeclared-reference::")
	log := readSARIF(t, read(t, filepath.Join(repo, "mdb.sarif")))
	require.Equal(t, "deploy/mdb/main.mdb.hcl", log.Runs[0].Results[0].Locations[0].PhysicalLocation.ArtifactLocation.URI)
	require.Contains(t, read(t, filepath.Join(repo, "mdb.junit.xml")), `type="MDB201"`)
	require.Contains(t, read(t, summary), "| error | MDB201 undeclared-reference | deploy/mdb/main.mdb.hcl:14:25 |")

	hooks := read(t, "../../.pre-commit-hooks.yaml")
	entries := hookEntry.FindAllStringSubmatch(hooks, -1)
	require.Len(t, entries, 2)
	status, out := run(repo, nil, "sh", "-ec", entries[0][1]+" deploy/mdb")
	require.Equal(t, 1, status, out)
	write("server.a,server.b", "")
	status, out = run(repo, nil, "sh", "-ec", entries[1][1]+" deploy/mdb/main.mdb.hcl")
	require.Zero(t, status, out)
	require.Contains(t, read(t, config), "[server.a, server.b]")
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
