package hcl

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// page is what a rule's page says besides its id, slug and severity.
type page struct{ title, text, example, mend string }

// chapters are the pages of all rules but those about the step from one version to
// another.
func chapters() []map[rule]page {
	return []map[rule]page{filePages, namePages, routingPages, serverPages, centralPages, briefcasePages, idPages, livePages}
}

// Rules gives the pages of all rules, about a configuration, about servers and
// about the step from one version to another, in the order of their ids.
func Rules() []RulePage {
	all := BreakingRules()
	for _, chapter := range chapters() {
		for r, p := range chapter {
			known := r.facts()
			all = append(all, RulePage{
				ID: r.id(), Slug: known.slug, Severity: known.severity, Demanded: r.demanded(),
				Title: p.title, Text: p.text, Example: p.example, Mend: p.mend, Fix: fixes[r],
			})
		}
	}
	slices.SortFunc(all, func(a, b RulePage) int {
		return cmp.Or(strings.Compare(a.ID, b.ID), cmp.Compare(a.Severity, b.Severity), strings.Compare(a.Slug, b.Slug))
	})
	return all
}

// FindRules gives the pages of an id or a slug: more than one where rules of
// different severities have one id. For a name that no rule has it gives the
// slugs that are near it.
func FindRules(name string) (pages []RulePage, near []string) {
	slugs := map[string]bool{}
	for _, p := range Rules() {
		if strings.EqualFold(p.ID, name) || strings.EqualFold(p.Slug, name) {
			pages = append(pages, p)
		}
		slugs[p.Slug] = true
	}
	if len(pages) > 0 {
		return pages, nil
	}
	return nil, suggest(name, slices.Sorted(maps.Keys(slugs)))
}
