package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/mdbrouter/mdb/hcl"
)

// maxSummary is how many bytes of a step's summary a run takes: GitHub drops a
// summary of more than 1 MiB, and several runs may share one.
const maxSummary = 256 << 10

// appendSummary adds a table of findings to the summary of a step, the worst
// first.
func appendSummary(path string, r *report, where *places) error {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("cannot write the step's summary: %w", err)
	}
	_, err = f.WriteString(stepSummary(r, where))
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return fmt.Errorf("cannot write the step's summary: %w", err)
	}
	return nil
}

// stepSummary gives the findings as Markdown.
func stepSummary(r *report, where *places) string {
	var b strings.Builder
	fmt.Fprintf(&b, "### mdbcheck %s: %s, %s, %s\n\n", markdown(r.command+" "+where.path("")),
		count(r.findings.Count(hcl.Error), "error"), count(r.findings.Count(hcl.Warning), "warning"), count(r.findings.Count(hcl.Notice), "notice"))
	if len(r.findings) == 0 {
		return b.String()
	}
	b.WriteString("| severity | rule | place | finding |\n|---|---|---|---|\n")
	left := len(r.findings)
	for _, severity := range []hcl.Severity{hcl.Error, hcl.Warning, hcl.Notice} {
		for i := range r.findings {
			d := &r.findings[i]
			if d.Severity != severity {
				continue
			}
			row := summaryRow(d, where)
			if b.Len()+len(row) > maxSummary {
				fmt.Fprintf(&b, "\nand %d more\n", left)
				return b.String() + "\n"
			}
			b.WriteString(row)
			left--
		}
	}
	return b.String() + "\n"
}

func summaryRow(d *hcl.Diagnostic, where *places) string {
	at := where.region(d.Range)
	place := markdown(where.path(d.Range.Filename))
	if d.Range.Start.Line > 0 {
		place += fmt.Sprintf(":%d:%d", at.line, at.column)
	}
	text := markdown(strings.Join(append([]string{oneLine(d.Summary)}, remark(d)...), "\n"))
	return fmt.Sprintf("| %v | %s %s | %s | %s |\n", d.Severity, d.Rule, d.Slug, place, text)
}

// markdown escapes text for a cell of a table. Entities, unlike backslashes, mean
// nothing to any extension of Markdown.
func markdown(text string) string {
	var b strings.Builder
	for _, r := range sanitise(text) {
		switch r {
		case '\n', '\r':
			b.WriteString("<br>")
		case '&', '<', '>', '|', '`', '*', '_', '[', ']', '~', '$', '@', '#', '\\':
			fmt.Fprintf(&b, "&#%d;", r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
