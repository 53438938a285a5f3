package hcl_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/hcl"
)

const rulesPage = "../docs/reference/rules.md"

func TestRules_have_whole_pages(t *testing.T) {
	t.Parallel()
	slugs, texts := map[string]bool{}, map[string]bool{}
	for _, p := range hcl.Rules() {
		require.Regexp(t, `^MDB[1-9]\d\d$`, p.ID)
		require.Regexp(t, `^[a-z]+(-[a-z]+)*$`, p.Slug)
		require.False(t, slugs[p.Slug], "two rules are called %s", p.Slug)
		require.False(t, texts[p.Text], "%s has the text of another", p.ID)
		slugs[p.Slug], texts[p.Text] = true, true
		require.NotEmpty(t, p.Example, p.ID)
		for _, text := range []string{p.Title, p.Text, p.Mend} {
			require.NotEmpty(t, text, p.ID)
			require.Equal(t, strings.TrimSpace(text), text, p.ID)
		}
		require.NotEqual(t, hcl.Off, p.Severity)
		require.False(t, p.Demanded && p.Severity != hcl.Error, "%s is no error, and yet demanded", p.ID)
		if p.ID >= "MDB8" { // MDB8xx need servers, MDB9xx two versions
			continue
		}
		require.DirExists(t, filepath.Join(rulesDir, p.ID), "%s has no cases", p.ID)
	}
	cases, err := os.ReadDir(rulesDir)
	require.NoError(t, err)
	for _, c := range cases {
		pages, _ := hcl.FindRules(c.Name())
		require.NotEmpty(t, pages, "%s has cases and no page", c.Name())
	}
}

// Severities of rules that decide whether a configuration opens are fixed, and
// those of all others may be changed.
func TestLint_Set(t *testing.T) {
	t.Parallel()
	for _, p := range hcl.Rules() {
		for _, name := range []string{p.ID, p.Slug} {
			var l hcl.Lint
			err := l.Set(name + "=off")
			switch {
			case p.ID >= "MDB9", p.Demanded && name == p.Slug:
				require.Error(t, err, name)
				require.Empty(t, l.Rules)
			case p.Demanded && p.ID != "MDB501": // one id, two rules
				require.Error(t, err, name)
			default:
				require.NoError(t, err, name)
				require.Equal(t, map[string]hcl.Severity{name: hcl.Off}, l.Rules)
			}
		}
	}
	var l hcl.Lint
	require.ErrorContains(t, l.Set("MDB313"), "ID=severity")
	require.ErrorContains(t, l.Set("MDB313=loud"), "error, warning, notice or off")
	require.ErrorContains(t, l.Set("no-timeuot=off"), "did you mean no-timeout?")
}

func TestFindRules(t *testing.T) {
	t.Parallel()
	pages, near := hcl.FindRules("mdb304")
	require.Empty(t, near)
	require.Len(t, pages, 1)
	require.Equal(t, "partition-hole", pages[0].Slug)
	pages, _ = hcl.FindRules("no-central")
	require.Len(t, pages, 1)
	pages, _ = hcl.FindRules("MDB501")
	require.Len(t, pages, 2)
	pages, near = hcl.FindRules("partition-hoel")
	require.Empty(t, pages)
	require.Contains(t, near, "partition-hole")
}

// The page of rules is written from the rules. Run with -update to write it anew.
func TestRulesPage_is_current(t *testing.T) {
	t.Parallel()
	checkGolden(t, rulesPage, rulesMarkdown())
}

const rulesIntro = `# The rules of mdbcheck

Written from the rules by ` + "`go test ./hcl -run TestRulesPage -update`" + `; do not edit. ` + "`mdbcheck explain MDB304`" + ` prints one of them,
` + "`mdbcheck rules -o json`" + ` all. Ids and slugs never change and are never used again.

Rules marked *demanded* decide whether a configuration opens: ` + "`mdb.Open`" + ` applies them too, with no settings, no comments and no
clock. Those about servers, MDB8xx, are applied by ` + "`mdbcheck live`" + `; those about the step from one version to another, MDB9xx, by
` + "`mdbcheck breaking`, `lock` and `test`" + `. All others are advice, and are only given for a configuration without errors.

## Other severities

A file ` + "`.mdbcheck.hcl`" + ` beside the configuration gives advice another severity: ` + "`error`, `warning`, `notice` or `off`" + `. The flag
` + "`--rule MDB407=off`" + `, which may be repeated, wins over it.

` + "```hcl" + `
rule "MDB407" {
  severity = "off"
  reason   = "tls ends at the proxies"
}
rule "no-timeout" { severity = "error" }
` + "```" + `

## Ignores

A comment covers findings on its line, or on the next line with code if it stands alone. Where an argument or a block begins on that line,
all of it is covered. Behind two dashes stands the reason; ` + "`until=`" + ` gives the last day.

` + "```hcl" + `
# mdbcheck:ignore MDB313 until=2027-03-31 -- u3 arrives in spring
shards = [server.u1, server.u2, server.u1]
` + "```" + `

` + "`# mdbcheck:ignore-file MDB405 -- one machine for all`" + ` at the top of a file covers the file, as does, in JSON, a property
` + "`\"//\": \"mdbcheck:ignore-file MDB405 -- one machine for all\"`" + `. Several rules may be named, by id or slug. Ignores that cover nothing, have
no reason or have ended are findings themselves: MDB109, MDB110, MDB111.

`

func rulesMarkdown() string {
	var b strings.Builder
	b.WriteString(rulesIntro)
	var fixed []string
	for _, p := range hcl.Rules() {
		if p.Fix != "" {
			fixed = append(fixed, p.ID)
		}
	}
	fmt.Fprintf(&b, "`mdbcheck check --fix` does something about %s, if no id is routed otherwise; their pages say what. The JSON and SARIF outputs\n"+
		"have the same edits.\n\n", strings.Join(fixed, ", "))
	b.WriteString("## All rules\n\n| id | slug | severity | |\n|---|---|---|---|\n")
	for _, p := range hcl.Rules() {
		demanded := ""
		if p.Demanded {
			demanded = ", demanded"
		}
		fmt.Fprintf(&b, "| [%s](#%s-%s) | %s | %s%s | %s |\n", p.ID, strings.ToLower(p.ID), p.Slug, p.Slug, p.Severity, demanded, p.Title)
	}
	for _, p := range hcl.Rules() {
		language := "hcl"
		switch {
		case p.ID >= "MDB9":
			language = "diff"
		case p.ID >= "MDB8": // of servers
			language = "text"
		}
		fmt.Fprintf(&b, "\n## %s %s\n\n*%s: %s.* %s\n\n```%s\n%s\n```\n\nTo mend it: %s.\n", p.ID, p.Slug, p.Severity, p.Title, p.Text, language, p.Example, p.Mend)
		if p.Fix != "" {
			fmt.Fprintf(&b, "\n`check --fix` can: %s.\n", p.Fix)
		}
	}
	return b.String()
}
