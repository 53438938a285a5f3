package main_test

import (
	"encoding/json"
	"encoding/xml"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	mdbcheck "github.com/mdbrouter/mdb/cmd/mdbcheck"
	"github.com/mdbrouter/mdb/hcl"
)

// forms are the outputs that findings can be written in, but for the two with
// golden tests of their own.
var forms = []string{"compact", "sarif", "github", "junit"}

const (
	// plainText has a mark after characters of one, two, three and four bytes.
	plainText = "mdb {\n  x = [ \"é\", \"日本\", \"👩‍👧\", server.u99 ]\n}\n"

	// hostileText is what no program that reads an output should obey.
	hostileText = "100% ::error::x %0A\r\n::set-output name=a::b ##[add-mask]x <b>&amp;</b> ]]> | `x` *y* @me #1 [l](javascript:0) {0} {1}\x1b[2J\x07\x00\u202e\u2028\xff\xfe 🎉"

	hostileFile = "a,b:%0A\n::x \x1b[1m\xff<&>|é.mdb.hcl"
)

// formCase gives the findings of a case. Their files are in a repository that is
// made for the test.
func formCase(t *testing.T, name string) mdbcheck.Case {
	t.Helper()
	root := t.TempDir()
	dir := filepath.Join(root, "deploy", "mdb")
	require.NoError(t, os.MkdirAll(dir, 0o755))
	require.NoError(t, os.Mkdir(filepath.Join(root, ".git"), 0o755))
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
		return path
	}
	file := write("main.mdb.hcl", plainText)
	at := strings.Index(plainText, "server.u99")
	mark := hcl.Range{Filename: file, Start: hcl.Pos{Line: 2, Column: 27, Byte: at}, End: hcl.Pos{Line: 2, Column: 37, Byte: at + 10}}
	c := mdbcheck.Case{Path: dir, FailOn: "error", StepSummary: filepath.Join(root, "summary.md")}
	switch name {
	case "nothing":
	case "usual":
		c.Findings = hcl.Diagnostics{
			{
				Rule: "MDB201", Slug: "undeclared-reference", Severity: hcl.Error, Summary: `no server "u99" is declared`, Detail: "did you mean server.u9?", Address: "area.user", Range: mark,
				Related: []hcl.Related{
					{Message: `server "u9" is declared here`, Range: hcl.Range{Filename: file, Start: hcl.Pos{Line: 1, Column: 1}, End: hcl.Pos{Line: 1, Column: 4, Byte: 3}}},
					{Message: "was", Range: hcl.Range{Filename: "origin/main:deploy/mdb/main.mdb.hcl", Start: hcl.Pos{Line: 7, Column: 3, Byte: 90}}},
				},
			},
			{Rule: "MDB201", Slug: "undeclared-reference", Severity: hcl.Error, Summary: `no server "u99" is declared`, Address: "area.user", Range: mark},
			{
				Rule: "MDB405", Slug: "duplicate-address", Severity: hcl.Warning, Summary: "over several lines", Help: "one\ntwo",
				Range: hcl.Range{Filename: file, Start: hcl.Pos{Line: 1, Column: 1}, End: hcl.Pos{Line: 3, Column: 2, Byte: len(plainText) - 1}},
			},
			{Rule: "MDB114", Slug: "no-config", Severity: hcl.Error, Summary: "about a whole file", Range: hcl.Range{Filename: file}},
			{Rule: "MDB206", Slug: "undeclared-variable", Severity: hcl.Error, Summary: "about a flag"},
			{Rule: "MDB904", Slug: "partition-removed", Severity: hcl.Error, Summary: "about an earlier version", Range: hcl.Range{Filename: "HEAD~1:main.mdb.hcl", Start: hcl.Pos{Line: 7, Column: 3, Byte: 90}}},
			{Rule: "MDB120", Slug: "unresolved-env", Severity: hcl.Notice, Summary: `env("X") is unset`, Range: mark},
		}
	case "hostile":
		path := write(hostileFile, "servr {\n}\n")
		r := hcl.Range{Filename: path, Start: hcl.Pos{Line: 1, Column: 1}, End: hcl.Pos{Line: 1, Column: 6, Byte: 5}}
		c.Findings = hcl.Diagnostics{
			{
				Rule: "MDB102", Slug: "unknown-name", Severity: hcl.Error, Summary: hostileText, Detail: hostileText + "\nsecond line", Help: hostileText, Address: hostileText, Range: r,
				Related: []hcl.Related{{Message: hostileText, Range: r}, {Message: hostileText, Range: hcl.Range{Filename: hostileText}}},
			},
			{Rule: "MDB101", Slug: "syntax", Severity: hcl.Warning, Summary: strings.Repeat("long é ", 2000), Range: r},
			{Rule: "MDB101", Slug: "syntax", Severity: hcl.Error, Summary: "places beyond the file", Range: hcl.Range{Filename: path, Start: hcl.Pos{Line: 9, Column: 4, Byte: 99}, End: hcl.Pos{Line: 8, Column: 1, Byte: -1}}},
		}
	case "many":
		for i := range 12 {
			r := mark
			r.Start.Line, r.End.Line = i+1, i+1
			c.Findings = append(c.Findings, hcl.Diagnostic{Rule: "MDB405", Slug: "duplicate-address", Severity: hcl.Warning, Summary: "a warning", Range: r})
			c.Findings = append(c.Findings, hcl.Diagnostic{Rule: "MDB304", Slug: "partition-hole", Severity: hcl.Error, Summary: "an error", Range: r})
		}
	default:
		t.Fatalf("no case %q", name)
	}
	return c
}

var formCases = []string{"nothing", "usual", "hostile", "many"}

// Each form of each case is in testdata/forms.
func TestForms(t *testing.T) {
	t.Parallel()
	for _, name := range formCases {
		for _, form := range forms {
			t.Run(name+" "+form, func(t *testing.T) {
				t.Parallel()
				c := formCase(t, name)
				got, err := mdbcheck.Render(form, c)
				require.NoError(t, err)
				checkGolden(t, name+"."+form, got)
				if form == "github" {
					summary, err := os.ReadFile(c.StepSummary)
					require.NoError(t, err)
					checkGolden(t, name+".md", string(summary))
				}
				require.NotContains(t, got, c.Path, "paths of the machine")
				require.True(t, utf8.ValidString(got))
				require.NotContains(t, strings.ReplaceAll(got, "\n", ""), "\r")
				for _, r := range got {
					require.True(t, r == '\n' || !unicode.IsControl(r) && r != '\u202e' && r != '\u2028', "%U", r)
				}
			})
		}
	}
}

func checkGolden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", "forms", name)
	if *update {
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), got, "go test ./cmd/mdbcheck -run TestForms -update writes what is printed now")
}

// One line of the log is one command: nothing of a finding becomes another.
func TestForms_github_has_one_command_a_finding(t *testing.T) {
	t.Parallel()
	command := regexp.MustCompile(`^::(error|warning|notice) file=[^,:]+,line=\d+,endLine=\d+(,col=\d+,endColumn=\d+)?,title=MDB\d+ [a-z-]+::[^\r\n]*$`)
	for _, name := range formCases {
		c := formCase(t, name)
		got, err := mdbcheck.Render("github", c)
		require.NoError(t, err)
		kinds := map[string]int{}
		for line := range strings.Lines(got) {
			line = strings.TrimSuffix(line, "\n")
			if strings.HasPrefix(line, "and ") {
				require.Regexp(t, `^and 2 more (error|warning)s: GitHub shows 10 of a step; its summary has a table$`, line)
				continue
			}
			found := command.FindStringSubmatch(line)
			require.NotNil(t, found, line)
			kinds[found[1]]++
			_, text, _ := strings.Cut(line[2:], "::")
			require.LessOrEqual(t, len(unescape(text)), 4096)
		}
		for kind, severity := range map[string]hcl.Severity{"error": hcl.Error, "warning": hcl.Warning, "notice": hcl.Notice} {
			require.Equal(t, min(10, c.Findings.Count(severity)), kinds[kind], name)
		}
	}
}

// unescape reads the text of a command as the runner does.
func unescape(text string) string {
	return strings.NewReplacer("%25", "%", "%0D", "\r", "%0A", "\n", "%3A", ":", "%2C", ",").Replace(text)
}

func TestForms_github_appends_to_the_summary(t *testing.T) {
	t.Parallel()
	c := formCase(t, "usual")
	require.NoError(t, os.WriteFile(c.StepSummary, []byte("before\n"), 0o600))
	for range 2 {
		_, err := mdbcheck.Render("github", c)
		require.NoError(t, err)
	}
	text, err := os.ReadFile(c.StepSummary)
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(string(text), "before\n### mdbcheck check deploy/mdb: 5 errors, 1 warning, 1 notice\n"), string(text))
	require.Equal(t, 2, strings.Count(string(text), "\n### "))

	c.StepSummary = filepath.Join(c.StepSummary, "x")
	_, err = mdbcheck.Render("github", c)
	require.ErrorContains(t, err, "cannot write the step's summary")
}

// GitHub drops a summary that is too large as a whole.
func TestForms_github_summary_is_bounded(t *testing.T) {
	t.Parallel()
	c := formCase(t, "usual")
	one := c.Findings[0]
	one.Detail = strings.Repeat("<", 900)
	c.Findings = nil
	for range 5000 {
		c.Findings = append(c.Findings, one)
	}
	_, err := mdbcheck.Render("github", c)
	require.NoError(t, err)
	text, err := os.ReadFile(c.StepSummary)
	require.NoError(t, err)
	require.Less(t, len(text), 257<<10)
	require.Regexp(t, `\nand 4\d\d\d more\n\n$`, string(text))
}

func TestForms_sarif_fits_the_published_schema(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/sarif/sarif-schema-2.1.0.json")
	require.NoError(t, err)
	schema := parseSchema(t, text)
	for _, name := range formCases {
		got, err := mdbcheck.Render("sarif", formCase(t, name))
		require.NoError(t, err)
		require.Empty(t, schema.faults(t, []byte(got)), name)
	}
	failing, err := filepath.Glob("../../testdata/rules/*/fail")
	require.NoError(t, err)
	require.NotEmpty(t, failing)
	for _, dir := range failing {
		got := command(mdbcheck.World{}, "check", dir, "-o", "sarif", "--fail-on", "never")
		require.Zero(t, got.status, got.stderr)
		require.Empty(t, schema.faults(t, []byte(got.stdout)), dir)
	}
	require.NotEmpty(t, schema.faults(t, []byte(`{"version": "2.1.0", "runs": [{"results": []}]}`)), "a run without a tool")
}

type sarifLog struct {
	Runs []struct {
		Tool struct {
			Driver struct{ Rules []struct{ ID string } }
		}
		Results []struct {
			RuleID    string
			RuleIndex int
			Locations []struct {
				PhysicalLocation struct {
					ArtifactLocation struct{ URI, URIBaseID string }
					Region           struct{ StartLine, StartColumn, EndLine, EndColumn int }
				}
			}
			PartialFingerprints map[string]string
		}
	}
}

func readSARIF(t *testing.T, text string) sarifLog {
	t.Helper()
	var log sarifLog
	require.NoError(t, json.Unmarshal([]byte(text), &log))
	return log
}

// GitHub refuses a log without results, or with a result that has no place.
func TestForms_sarif_has_what_GitHub_needs(t *testing.T) {
	t.Parallel()
	for _, name := range formCases {
		c := formCase(t, name)
		got, err := mdbcheck.Render("sarif", c)
		require.NoError(t, err)
		require.Contains(t, got, `"results":[`)
		run := readSARIF(t, got).Runs[0]
		require.Len(t, run.Results, len(c.Findings))
		prints := map[string]bool{}
		for _, result := range run.Results {
			require.Equal(t, result.RuleID, run.Tool.Driver.Rules[result.RuleIndex].ID)
			require.Len(t, result.Locations, 1)
			where := result.Locations[0].PhysicalLocation
			require.NotEmpty(t, where.ArtifactLocation.URI)
			require.Equal(t, "%SRCROOT%", where.ArtifactLocation.URIBaseID)
			require.Positive(t, where.Region.StartLine)
			prints[result.PartialFingerprints["mdb/v1"]] = true
		}
		require.Len(t, prints, len(c.Findings), "fingerprints differ")
	}
}

// Columns are those of UTF-16, whatever stands before and is masked.
func TestForms_columns(t *testing.T) {
	t.Parallel()
	got, err := mdbcheck.Render("sarif", formCase(t, "usual"))
	require.NoError(t, err)
	region := readSARIF(t, got).Runs[0].Results[0].Locations[0].PhysicalLocation.Region
	// `  x = [ "é", "日本", "👩‍👧", `: 8 + 5 + 6 + 9 units, the family being two pairs and a joiner.
	require.Equal(t, 29, region.StartColumn)
	require.Equal(t, 39, region.EndColumn)
}

// A mask has as many bytes as the secret, but not as many characters.
func TestForms_columnsBehindAMask(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a.mdb.json")
	require.NoError(t, os.WriteFile(path, []byte(`{"server": {"u1": {"password": "日本語🎉", "nope": 1, "address": "a"}}}`), 0o600))
	got := command(mdbcheck.World{}, "check", path, "-o", "compact")
	require.Contains(t, got.stdout, ":1:41: error MDB102: ")
}

// GitHub would obey a line that begins with a command.
func TestForms_compactBeginsWithNoCommand(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(root, ".git"), 0o755))
	for _, name := range []string{"::error::x.mdb.hcl", "##[error]x.mdb.hcl"} {
		got, err := mdbcheck.Render("compact", mdbcheck.Case{Path: root, Findings: hcl.Diagnostics{
			{Rule: "MDB114", Severity: hcl.Error, Summary: "x", Range: hcl.Range{Filename: filepath.Join(root, name)}},
		}})
		require.NoError(t, err)
		require.Equal(t, "./"+name+":1:1: error MDB114: x\n", got)
	}
}

// A finding is the same one after its line has moved.
func TestForms_fingerprints_outlive_a_move(t *testing.T) {
	t.Parallel()
	prints := func(c mdbcheck.Case) []string {
		got, err := mdbcheck.Render("sarif", c)
		require.NoError(t, err)
		var out []string
		for _, result := range readSARIF(t, got).Runs[0].Results {
			out = append(out, result.PartialFingerprints["mdb/v1"])
		}
		return out
	}
	c := formCase(t, "usual")
	c.Findings[0].Summary += " at a.mdb.hcl:12:1"
	before := prints(c)
	c.Findings[0].Summary = strings.ReplaceAll(c.Findings[0].Summary, ":12:1", ":15:7")
	for i := range c.Findings {
		c.Findings[i].Range.Start.Line += 3
		c.Findings[i].Range.End.Line += 3
	}
	require.Equal(t, before, prints(c))
	c.Findings[0].Address = "area.other"
	require.NotEqual(t, before[0], prints(c)[0])
}

// Failures are what --fail-on counts, so that a green report and the exit status
// agree.
func TestForms_junit_fails_as_the_command_does(t *testing.T) {
	t.Parallel()
	for failOn, want := range map[string]int{"never": 0, "error": 4, "warning": 5, "notice": 6} {
		c := formCase(t, "usual")
		c.FailOn = failOn
		got, err := mdbcheck.Render("junit", c)
		require.NoError(t, err)
		var suites struct {
			Tests    int `xml:"tests,attr"`
			Failures int `xml:"failures,attr"`
			Skipped  int `xml:"skipped,attr"`
			Suites   []struct {
				Cases []struct {
					Failure *struct{} `xml:"failure"`
					Skipped *struct{} `xml:"skipped"`
				} `xml:"testcase"`
			} `xml:"testsuite"`
		}
		require.NoError(t, xml.Unmarshal([]byte(got), &suites))
		tests, failures, skipped := 0, 0, 0
		for _, suite := range suites.Suites {
			for _, test := range suite.Cases {
				tests++
				if test.Failure != nil {
					failures++
				}
				if test.Skipped != nil {
					skipped++
				}
			}
		}
		require.Equal(t, want, failures, failOn)
		require.Equal(t, []int{tests, failures, skipped}, []int{suites.Tests, suites.Failures, suites.Skipped})
		require.Equal(t, failOn != "notice", skipped == 1, "what could not be checked is skipped, unless it fails")
	}
}

// No text breaks a form.
func FuzzForms(f *testing.F) {
	f.Add(hostileText, hostileFile, 3, 5)
	f.Add("", "", 0, 0)
	f.Add("::error::\n::", "::warning file=x::y.mdb.hcl", 1, 1)
	f.Fuzz(func(t *testing.T, text, name string, line, at int) {
		r := hcl.Range{Filename: name, Start: hcl.Pos{Line: line, Column: at, Byte: at}, End: hcl.Pos{Line: line, Column: at + 1, Byte: at + 1}}
		c := mdbcheck.Case{Path: ".", Findings: hcl.Diagnostics{
			{Rule: "MDB101", Slug: "syntax", Severity: hcl.Error, Summary: text, Detail: text, Help: text, Address: text, Range: r, Related: []hcl.Related{{Message: text, Range: r}}},
		}}
		got, err := mdbcheck.Render("compact", c)
		require.NoError(t, err)
		require.Equal(t, 1, strings.Count(got, "\n"))
		require.NotRegexp(t, `^\s*(::|##\[)`, got)

		got, err = mdbcheck.Render("github", c)
		require.NoError(t, err)
		require.Equal(t, 1, strings.Count(got, "\n"))
		require.True(t, strings.HasPrefix(got, "::error file="))

		got, err = mdbcheck.Render("sarif", c)
		require.NoError(t, err)
		require.Len(t, readSARIF(t, got).Runs[0].Results, 1)

		got, err = mdbcheck.Render("junit", c)
		require.NoError(t, err)
		require.NoError(t, xml.Unmarshal([]byte(got), new(struct{})))
	})
}
