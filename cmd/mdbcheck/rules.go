package main

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/mdbrouter/mdb/cmd/internal/command"
	"github.com/mdbrouter/mdb/hcl"
)

// The rules that check does not apply begin with these.
const (
	breakingRules = "MDB9"
	serverRules   = "MDB8"
)

// checkRules are the rules that check applies.
func checkRules() []hcl.RulePage {
	return slices.DeleteFunc(hcl.Rules(), func(p hcl.RulePage) bool { return p.ID >= serverRules })
}

// addRule adds --rule for the rules that a command applies.
func addRule(cmd *cobra.Command, to *[]string, applied func() []hcl.RulePage) {
	cmd.Flags().StringArrayVar(to, "rule", nil, "give a rule another severity: `ID=SEVERITY`, SEVERITY may be off; may be repeated")
	complete := func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		var ids []string
		for _, p := range applied() {
			if !p.Demanded {
				ids = append(ids, cobra.CompletionWithDesc(p.ID+"=", p.Slug))
			}
		}
		return ids, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	}
	if err := cmd.RegisterFlagCompletionFunc("rule", complete); err != nil {
		panic(err) // the flag was added above
	}
}

// lintOf gives what the values of --rule ask for.
func lintOf(rules []string, today time.Time) (*hcl.Lint, error) {
	lint := &hcl.Lint{Today: today}
	for _, text := range rules {
		if err := lint.Set(text); err != nil {
			return nil, fmt.Errorf("--rule: %w", err)
		}
	}
	return lint, nil
}

// jsonRules is what rules and explain write as JSON. Its keys are a promise.
type jsonRules struct {
	FormatVersion string     `json:"format_version"`
	Rules         []jsonRule `json:"rules"`
}

type jsonRule struct {
	ID       string `json:"id"`
	Slug     string `json:"slug"`
	Severity string `json:"severity"`
	Demanded bool   `json:"demanded"`
	Title    string `json:"title"`
	Text     string `json:"text"`
	Example  string `json:"example"`
	Mend     string `json:"mend"`
	Fix      string `json:"fix"`
}

func rulesJSON(pages []hcl.RulePage) jsonRules {
	out := jsonRules{FormatVersion: "1.1", Rules: []jsonRule{}}
	for _, p := range pages {
		out.Rules = append(out.Rules, jsonRule{p.ID, p.Slug, p.Severity.String(), p.Demanded, p.Title, p.Text, p.Example, p.Mend, p.Fix})
	}
	return out
}

func newRules(s *settings) *cobra.Command {
	return &cobra.Command{
		Use:   "rules",
		Short: "List the rules",
		Long: `Rules prints the id, slug, severity and title of every rule. Those marked demanded
decide whether a configuration opens; they cannot be changed. The severity of all
others but MDB9xx can be set by --rule of check, and in a file .mdbcheck.hcl beside
the configuration:

  rule "MDB407" {
    severity = "off"             # error, warning, notice or off
    reason   = "tls ends at the proxies"
  }

-o json prints one object: format_version, and rules, a list of id, slug,
severity, demanded, title, text, example, mend, fix (what check --fix does about
it, or "").

Exit status: 0, or 2 if the output cannot be written.`,
		Example: `  mdbcheck rules
  mdbcheck rules -o json`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if s.output == "json" {
				return command.WriteJSON(s.env.stdout, rulesJSON(hcl.Rules()))
			}
			out := bufio.NewWriter(s.env.stdout)
			for _, p := range hcl.Rules() {
				severity := p.Severity.String()
				if p.Demanded {
					severity += ", demanded"
				}
				fmt.Fprintf(out, "%s  %-28s %-16s %s\n", p.ID, p.Slug, severity, p.Title)
			}
			return out.Flush()
		},
	}
}

func newExplain(s *settings) *cobra.Command {
	return &cobra.Command{
		Use:   "explain ID...",
		Short: "Explain rules",
		Long: `Explain prints the page of each rule named: what it is about, why, an example and
how to mend it. A rule is named by its id or its slug.

-o json prints the same object as mdbcheck rules -o json, with these rules alone.

Exit status: 0, or 2 if there is no such rule or the output cannot be written.`,
		Example: `  mdbcheck explain MDB304
  mdbcheck explain partition-hole no-timeout`,
		Args: cobra.MinimumNArgs(1),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			var ids []string
			for _, p := range hcl.Rules() {
				ids = append(ids, cobra.CompletionWithDesc(p.ID, p.Slug))
			}
			return ids, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error { return runExplain(s, args) },
	}
}

func runExplain(s *settings, names []string) error {
	var pages []hcl.RulePage
	for _, name := range names {
		found, near := hcl.FindRules(name)
		if len(found) == 0 {
			if len(near) > 0 {
				return fmt.Errorf("no rule %q: did you mean %s?", name, strings.Join(near, " or "))
			}
			return fmt.Errorf("no rule %q: see mdbcheck rules", name)
		}
		pages = append(pages, found...)
	}
	if s.output == "json" {
		return command.WriteJSON(s.env.stdout, rulesJSON(pages))
	}
	out := bufio.NewWriter(s.env.stdout)
	p := s.paint(s.env.stdoutIsTerminal)
	for i := range pages {
		if i > 0 {
			fmt.Fprintln(out)
		}
		explain(out, p, &pages[i])
	}
	return out.Flush()
}

// explain writes the page of a rule.
func explain(w io.Writer, p command.Paint, page *hcl.RulePage) {
	fmt.Fprintf(w, "%s %s\n%s\n\n", p.Severity(page.Severity, page.Severity.String()+"["+page.ID+"]"), p.Bold(page.Slug), page.Title)
	fmt.Fprintf(w, "%s\n\n", wrap(page.Text))
	for line := range strings.Lines(page.Example) {
		fmt.Fprintf(w, "    %s\n", strings.TrimRight(line, "\n"))
	}
	fmt.Fprintf(w, "\n%s %s\n", p.Bold("to mend it:"), wrap(page.Mend))
	if page.Fix != "" {
		fmt.Fprintf(w, "%s %s\n", p.Bold("check --fix can:"), wrap(page.Fix))
	}
	switch {
	case page.Demanded:
		fmt.Fprintln(w, "\nServices refuse a configuration that breaks this rule; its severity is fixed.")
	case !strings.HasPrefix(page.ID, breakingRules):
		fmt.Fprintf(w, "\nIts severity is set by --rule %s=off, or in .mdbcheck.hcl.\n", page.ID)
	}
}
