package main

import (
	"cmp"
	"slices"
	"strings"

	"github.com/mdbrouter/mdb/hcl"
)

// ruleFacts is what the forms for programs say of a rule.
type ruleFacts struct {
	id, slug string
	severity hcl.Severity
	title    string // may be empty
	text     string // may be empty
	mend     string // may be empty
}

// rules gives the rules that the report is about, in the order of their ids: all
// of the command, and those that found something.
func (r *report) rules() []ruleFacts {
	var out []ruleFacts
	known := map[string]bool{}
	for _, page := range r.catalogue {
		if known[page.ID] {
			continue // one of two rules with one id
		}
		out = append(out, ruleFacts{id: page.ID, slug: page.Slug, severity: page.Severity, title: page.Title, text: page.Text, mend: page.Mend})
		known[page.ID] = true
	}
	for i := range r.findings {
		d := &r.findings[i]
		if !known[d.Rule] {
			out = append(out, ruleFacts{id: d.Rule, slug: d.Slug, severity: d.Severity})
			known[d.Rule] = true
		}
	}
	slices.SortStableFunc(out, func(a, b ruleFacts) int { return cmp.Or(len(a.id)-len(b.id), strings.Compare(a.id, b.id)) })
	return out
}

// summary gives the rule in a few words.
func (f *ruleFacts) summary() string {
	return cmp.Or(f.title, strings.ReplaceAll(f.slug, "-", " "))
}
