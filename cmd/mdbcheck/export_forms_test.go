package main

import (
	"strings"

	"github.com/mdbrouter/mdb/cmd/internal/command"
	"github.com/mdbrouter/mdb/hcl"
)

// A Case is what a form is made of.
type Case struct {
	Findings    hcl.Diagnostics
	Path        string // of the configuration
	FailOn      string
	StepSummary string // path
}

// Render writes a case in a form.
func Render(form string, c Case) (string, error) {
	s := &settings{output: form, flags: command.Flags{Color: "never"}, env: environment{lookupEnv: func(name string) (string, bool) {
		return c.StepSummary, name == "GITHUB_STEP_SUMMARY" && c.StepSummary != ""
	}}}
	var b strings.Builder
	err := s.reporter().write(&b, &report{
		findings: c.Findings, masked: maskedFile, path: c.Path, command: "check", failOn: c.FailOn,
		catalogue: []hcl.RulePage{
			{ID: "MDB101", Slug: "syntax", Severity: hcl.Error, Title: "text that does not parse", Text: "Why [x](y) and {0}.", Mend: "mend it"},
			{ID: "MDB304", Slug: "partition-hole", Severity: hcl.Error, Title: "ids without a partition"},
		},
		summary: &summary{Files: 1, Incomplete: []string{}},
	})
	return b.String(), err
}

// Diff is what writeDiff prints, without colour.
func Diff(before, after string) string {
	var b strings.Builder
	if err := writeDiff(&b, false, "a", []byte(before), []byte(after)); err != nil {
		panic(err)
	}
	return b.String()
}

// Rewrite is rewrite.
func Rewrite(path, before, after string) error {
	return rewrite(path, []byte(before), []byte(after))
}
