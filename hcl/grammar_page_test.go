package hcl

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const grammarPage = "../docs/reference/configuration.md"

// The page of blocks and arguments is written from the grammar. Run with -update
// to write it anew.
func TestGrammarPage_is_current(t *testing.T) {
	t.Parallel()
	page := grammarMarkdown()
	if f := flag.Lookup("update"); f != nil && f.Value.String() == "true" {
		require.NoError(t, os.WriteFile(grammarPage, []byte(page), 0o644))
	}
	got, err := os.ReadFile(grammarPage)
	require.NoError(t, err)
	require.Equal(t, page, string(got), "run: go test ./hcl -run TestGrammarPage -update")
}

// kindNames say what an argument holds, as a reader of the page needs it.
var kindNames = map[kind]string{
	kindText: "text", kindFlag: "true or false", kindWhole: "whole number", kindDuration: `duration, "10m"`,
	kindKey: `range key, "0:250_000"`, kindHash: "name of a shard function", kindTemplate: "text with `${...}`, once per shard",
	kindServer: "`server.NAME`", kindArea: "`area.NAME`", kindBriefcase: "`briefcase.NAME`", kindDatabase: "`database(server.NAME, \"...\")`",
	kindShards: "list of servers and databases", kindTexts: "list of text", kindParams: "object of text, numbers, true and false",
	kindType: "type", kindAny: "any expression",
}

func grammarMarkdown() string {
	var b strings.Builder
	b.WriteString("# Blocks and arguments\n\nWritten from the grammar by `go test ./hcl -run TestGrammarPage -update`; do not edit.\n\n")
	fmt.Fprintf(&b, "%s\n", grammar[rootBlock].doc)
	seen := map[string]bool{}
	var write func(name string, parents []string)
	write = func(name string, parents []string) {
		spec := grammar[name]
		if seen[name] {
			return
		}
		seen[name] = true
		head := name
		if spec.label != "" {
			head += " \"" + strings.ToUpper(spec.label) + "\""
		}
		fmt.Fprintf(&b, "\n## %s\n\n%s", head, spec.doc)
		if len(parents) > 0 {
			fmt.Fprintf(&b, " Inside %s.", strings.Join(parents, ", "))
		}
		if spec.once {
			b.WriteString(" At most one.")
		}
		b.WriteString("\n")
		if len(spec.args) > 0 {
			b.WriteString("\n| argument | holds | default | |\n|---|---|---|---|\n")
		}
		for _, a := range spec.args {
			def := a.def
			if a.required {
				def = "required"
			}
			fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", a.name, kindNames[a.kind], def, strings.ReplaceAll(a.doc, "|", `\|`))
		}
		for _, inner := range spec.blocks {
			write(inner, parentsOf(inner))
		}
	}
	for _, name := range grammar[rootBlock].blocks {
		write(name, parentsOf(name))
	}
	return b.String()
}

// parentsOf gives the blocks that a block may stand in, in the grammar's order.
func parentsOf(name string) []string {
	var parents []string
	var visit func(outer string, seen map[string]bool)
	visit = func(outer string, seen map[string]bool) {
		if seen[outer] {
			return
		}
		seen[outer] = true
		for _, inner := range grammar[outer].blocks {
			if inner == name && outer != rootBlock {
				parents = append(parents, "`"+outer+"`")
			}
			visit(inner, seen)
		}
	}
	visit(rootBlock, map[string]bool{})
	return parents
}
