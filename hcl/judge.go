package hcl

// Judge treats what a tool has found at the servers of the configuration as
// [Check] with Options.Lint treats what it finds in the files: severities come
// from the settings, comments cover findings at their places, and what is left is
// in order. Findings of other rules than MDB8xx pass as they are.
//
// A comment about a rule MDB8xx that covers nothing is reported, if applied says
// that the rule, by its slug, was applied to all that the configuration declares.
//
// It may be called once for a Config; without Options.Lint it only sorts.
func (c *Config) Judge(found Diagnostics, applied func(slug string) bool) (Diagnostics, []Ignored) {
	l := c.linter
	if l == nil {
		return printables(found).sorted(), nil
	}
	var ignored []Ignored
	var kept Diagnostics
	for i := range found {
		d := &found[i]
		r := l.slugs[d.Slug]
		if r == 0 || !r.live() {
			kept = append(kept, *d)
			continue
		}
		if l.ignored(&ignored, d) || l.severities[r] == Off {
			continue
		}
		out := *d
		if s, ok := l.severities[r]; ok {
			out.Severity = s
		}
		kept = append(kept, out)
	}
	sortIgnored(ignored)
	return append(printables(kept), l.unusedLive(applied)...).sorted(), ignored
}

// unusedLive reports the comments about servers that cover nothing.
func (l *linter) unusedLive(applied func(slug string) bool) Diagnostics {
	severity, set := l.severities[ruleUnusedIgnore]
	if !set {
		severity = ruleUnusedIgnore.facts().severity
	}
	if severity == Off {
		return nil
	}
	unused := &findings{}
	for _, i := range l.comments {
		for j := range i.rules {
			r := &i.rules[j]
			if i.ended != "" || r.used || !r.rules[0].live() || !l.appliedAll(r.rules, applied) {
				continue
			}
			d := unused.add(ruleUnusedIgnore, i.at, "ignore of %s has no effect", r.name)
			d.Help, d.Severity = "remove it", severity
		}
	}
	return unused.all()
}

func (l *linter) appliedAll(named []rule, applied func(slug string) bool) bool {
	for _, r := range named {
		if l.severities[r] == Off || !applied(r.facts().slug) {
			return false
		}
	}
	return true
}

func printables(found Diagnostics) Diagnostics {
	out := make(Diagnostics, len(found))
	for i := range found {
		out[i] = found[i].printable()
	}
	return out
}
