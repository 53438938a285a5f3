package main_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	mdbcheck "github.com/mdbrouter/mdb/cmd/mdbcheck"
)

// A mistake is a patch of testdata/mistakes for examples/repository. Above the
// diff stands what somebody did, and who catches it:
//
//	A server is misspelt in a list of shards.
//	Caught by check: MDB201 at deploy/mdb/areas.mdb.hcl:13:37
//
// Beside it, in NAME.txt, is what the step that catches it prints.
type mistake struct {
	name, story, step, rule, place string
}

var caughtBy = regexp.MustCompile(`^Caught by ([a-z]+)(?:: (MDB\d{3}) at (\S+:\d+:\d+))?$`)

func readMistakes(t *testing.T) []mistake {
	t.Helper()
	patches, err := filepath.Glob("testdata/mistakes/*.patch")
	require.NoError(t, err)
	var list []mistake
	for _, path := range patches {
		lines := strings.SplitN(read(t, path), "\n", 3)
		found := caughtBy.FindStringSubmatch(lines[1])
		require.NotNil(t, found, "%s does not say who catches it", path)
		list = append(list, mistake{strings.TrimSuffix(filepath.Base(path), ".patch"), lines[0], found[1], found[2], found[3]})
	}
	slices.SortFunc(list, func(a, b mistake) int {
		return cmp.Or(strings.Compare(a.rule, b.rule), strings.Compare(a.name, b.name))
	})
	return list
}

// reports runs scripts/mistakes on patches, and gives the directory of what each
// step of the workflow said.
func reports(t *testing.T, patches string) string {
	t.Helper()
	dir := t.TempDir()
	bin := filepath.Join(dir, "mdbcheck")
	out, err := exec.CommandContext(t.Context(), "go", "build", "-o", bin, ".").CombinedOutput()
	require.NoError(t, err, string(out))
	list, err := filepath.Glob(patches)
	require.NoError(t, err)
	require.NotEmpty(t, list)
	to := filepath.Join(dir, "reports")
	cmd := exec.CommandContext(t.Context(), "../../scripts/mistakes", append([]string{"--to", to}, list...)...)
	cmd.Env = append(os.Environ(), "MDBCHECK="+bin)
	out, err = cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	return to
}

// steps are the names of the workflow's steps that run mdbcheck.
var steps = []string{"check", "breaking", "test", "fmt"}

func statusOf(t *testing.T, dir, step string) int {
	t.Helper()
	status, err := strconv.Atoi(strings.TrimSpace(read(t, filepath.Join(dir, step+".status"))))
	require.NoError(t, err)
	return status
}

// Every mistake is caught by the pipeline that examples/repository ships, by the
// rule and at the place that its patch says, and each form says the same.
func TestMistakes(t *testing.T) {
	t.Parallel()
	list := readMistakes(t)
	require.GreaterOrEqual(t, len(list), 20)
	root := reports(t, "testdata/mistakes/*.patch")
	for _, m := range list {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(root, m.name)
			for _, step := range steps {
				require.LessOrEqual(t, statusOf(t, dir, step), 1, "%s could not run", step)
			}
			require.Equal(t, 1, statusOf(t, dir, m.step))
			requireNoSecret(t, dir)
			log := read(t, filepath.Join(dir, m.step+".log"))
			checkMistake(t, m.name, log)
			if m.rule == "" {
				return // fmt has no findings, it has a diff
			}
			found := readFindings(t, filepath.Join(dir, m.step+".json"))
			i := slices.IndexFunc(found, func(f reported) bool { return f.Rule == m.rule && f.place() == m.place })
			require.GreaterOrEqual(t, i, 0, "%s at %s is not among %v", m.rule, m.place, found)
			require.Equal(t, "error", found[i].Severity)
			require.Greater(t, len(strings.Fields(found[i].Help)), 1, "no next step: %q", found[i].Help)
			requireSame(t, found, dir, m.step, log)
		})
	}
	checkTable(t, list, root)
}

// What breaking calls an error does not get into the lock, with which check would
// let it pass. A lock has no addresses.
func TestMistakes_lockRefusesWhatIsBreaking(t *testing.T) {
	t.Parallel()
	for _, m := range readMistakes(t) {
		if m.step != "breaking" || m.rule == "MDB912" {
			continue
		}
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			repo := t.TempDir()
			require.NoError(t, os.CopyFS(repo, os.DirFS("../../examples/repository")))
			patch, err := filepath.Abs(filepath.Join("testdata", "mistakes", m.name+".patch"))
			require.NoError(t, err)
			apply := exec.CommandContext(t.Context(), "git", "apply", patch)
			apply.Dir = repo
			out, err := apply.CombinedOutput()
			require.NoError(t, err, string(out))
			config := filepath.Join(repo, "deploy", "mdb")
			lock := read(t, filepath.Join(config, "mdb.lock.json"))
			got := command(mdbcheck.World{}, "lock", config)
			require.Equal(t, 1, got.status, got.stdout+got.stderr)
			require.Contains(t, got.stdout, "error["+m.rule+"]")
			require.Contains(t, got.stdout, "mdb.lock.json is as it was")
			require.Equal(t, lock, read(t, filepath.Join(config, "mdb.lock.json")))
		})
	}
}

// What people should be free to do passes every step.
func TestMistakes_soundEdits(t *testing.T) {
	t.Parallel()
	root := reports(t, "testdata/sound/*.patch")
	edits, err := os.ReadDir(root)
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(edits), 5)
	for _, edit := range edits {
		dir := filepath.Join(root, edit.Name())
		for _, step := range steps {
			require.Zero(t, statusOf(t, dir, step), "%s, %s: %s", edit.Name(), step, read(t, filepath.Join(dir, step+".log")))
		}
		requireSame(t, readFindings(t, filepath.Join(dir, "check.json")), dir, "check", read(t, filepath.Join(dir, "check.log")))
		requireNoSecret(t, dir)
	}
}

type reported struct {
	Rule, Severity, Summary, Help string
	Range                         struct {
		Filename string
		Start    struct{ Line, Column int }
	}
}

func (f reported) place() string {
	return fmt.Sprintf("%s:%d:%d", f.Range.Filename, f.Range.Start.Line, f.Range.Start.Column)
}

func readFindings(t *testing.T, path string) []reported {
	t.Helper()
	var report struct{ Diagnostics []reported }
	require.NoError(t, json.Unmarshal([]byte(read(t, path)), &report))
	return report.Diagnostics
}

var annotation = regexp.MustCompile(`(?m)^::(error|warning|notice) file=([^,]+),line=(\d+),endLine=\d+(?:,col=(\d+),endColumn=\d+)?,title=(MDB\d{3}) [a-z-]+::\S.*$`)

// requireSame holds the findings of -o json against SARIF, annotations, the
// summary and, of check, the reports that the workflow writes.
func requireSame(t *testing.T, found []reported, dir, step, log string) {
	t.Helper()
	var want, short []string
	for _, f := range found {
		want = append(want, f.Rule+" "+f.place())
		short = append(short, fmt.Sprintf("%s %s %s:%d", f.Severity, f.Rule, f.Range.Filename, f.Range.Start.Line))
	}
	var got []string
	sarif := read(t, filepath.Join(dir, step+".sarif"))
	for _, r := range readSARIF(t, sarif).Runs[0].Results {
		at := r.Locations[0].PhysicalLocation
		got = append(got, fmt.Sprintf("%s %s:%d:%d", r.RuleID, at.ArtifactLocation.URI, at.Region.StartLine, at.Region.StartColumn))
	}
	require.ElementsMatch(t, want, got, "SARIF")

	got = nil
	for _, a := range annotation.FindAllStringSubmatch(log, -1) {
		got = append(got, fmt.Sprintf("%s %s %s:%s", a[1], a[5], a[2], a[3]))
	}
	require.ElementsMatch(t, short, got, "annotations")
	require.Len(t, regexp.MustCompile(`(?m)^::`).FindAllString(log, -1), len(got), "every command is a whole annotation: %s", log)

	summary := read(t, filepath.Join(dir, "summary.md"))
	for _, f := range found {
		require.Contains(t, summary, "| "+f.Severity+" | "+f.Rule+" ")
	}
	if step == "check" {
		require.Equal(t, sarif, read(t, filepath.Join(dir, "mdb.sarif")))
		junit := read(t, filepath.Join(dir, "mdb.junit.xml"))
		for _, f := range found {
			require.Contains(t, junit, f.Rule)
		}
	}
}

// requireNoSecret looks for the password of literal_password, and for that of the
// server for development, in all that the steps wrote.
func requireNoSecret(t *testing.T, dir string) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			require.NotContains(t, read(t, path), "hunter2", path)
		}
		return err
	}))
}

// checkMistake holds what a reader sees against NAME.txt.
func checkMistake(t *testing.T, name, log string) {
	t.Helper()
	log = regexp.MustCompile(`(?m)^::.*\n`).ReplaceAllString(log, "")
	log = regexp.MustCompile(`in \d+ ms`).ReplaceAllString(log, "in N ms")
	path := filepath.Join("testdata", "mistakes", name+".txt")
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(log), 0o644))
	}
	require.Equal(t, read(t, path), log, "go test ./cmd/mdbcheck -run TestMistakes -update writes what is printed now")
}

var tableOfMistakes = regexp.MustCompile(`(\| somebody \| caught by \| which says \|\n\| --- \| --- \| --- \|\n)(?:\|.*\n)*`)

// checkTable holds the table of docs/mdbcheck.md against the mistakes.
func checkTable(t *testing.T, list []mistake, root string) {
	t.Helper()
	const path = "../../docs/mdbcheck.md"
	var rows strings.Builder
	cell := strings.NewReplacer("|", `\|`, "<", "&lt;", "*", `\*`, "_", `\_`).Replace
	for _, m := range list {
		by, says := m.rule+", "+m.step, "the lines that it would write"
		if m.rule == "" {
			by = m.step
		} else {
			for _, f := range readFindings(t, filepath.Join(root, m.name, m.step+".json")) {
				if f.Rule == m.rule && f.place() == m.place {
					says = f.Summary
					break
				}
			}
		}
		fmt.Fprintf(&rows, "| %s | %s | %s |\n", cell(m.story), by, cell(says))
	}
	guide.Lock()
	defer guide.Unlock()
	text := read(t, path)
	at := tableOfMistakes.FindStringSubmatchIndex(text)
	require.NotNil(t, at, "docs/mdbcheck.md has no table of mistakes")
	got := text[:at[3]] + rows.String() + text[at[1]:]
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
	}
	require.Equal(t, text, got, "go test ./cmd/mdbcheck -run TestMistakes -update writes the table anew")
}

// The repository to copy has the workflow and the hooks that the documentation has.
func TestMistakes_repositoryIsAsDocumented(t *testing.T) {
	t.Parallel()
	const repository = "../../examples/repository/"
	require.Equal(t, read(t, "../../docs/ci/mdbcheck.yml"), read(t, repository+".github/workflows/mdbcheck.yml"))
	require.Contains(t, read(t, "../../docs/ci.md"), "```yaml\n"+read(t, repository+".pre-commit-config.yaml")+"```\n")
	require.Len(t, runLine.FindAllString(read(t, "../../docs/ci/mdbcheck.yml"), -1), len(steps), "each step of the workflow is looked at")
}
