package hcl

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// Lint tunes the rules that [Load] does not demand. The zero value is ready to
// use. Rules that Load demands, and those about the step from one version to
// another, cannot be changed.
//
// Severities come from Rules, else from the file .mdbcheck.hcl beside the
// configuration, else from the rule.
type Lint struct {
	// Rules gives severities by the id or the slug of a rule.
	Rules map[string]Severity
	// Today is held against the ends of ignores. Zero: none has ended.
	Today time.Time
}

// Set adds "ID=severity" to Rules, where ID may be a slug and severity may be
// error, warning, notice or off. The error says what is wrong with the text.
func (l *Lint) Set(text string) error {
	name, word, ok := strings.Cut(text, "=")
	if !ok {
		return fmt.Errorf("%s is not of the form ID=severity", quote(text))
	}
	if _, err := adjustable(name); err != nil {
		return err
	}
	severity, ok := severityNamed(word)
	if !ok {
		return fmt.Errorf("severity %s of rule %s: use error, warning, notice or off", quote(word), name)
	}
	if l.Rules == nil {
		l.Rules = map[string]Severity{}
	}
	l.Rules[name] = severity
	return nil
}

func severityNamed(word string) (Severity, bool) {
	for _, s := range []Severity{Error, Warning, Notice, Off} {
		if s.String() == word {
			return s, true
		}
	}
	return 0, false
}

// adjustable gives the rules of an id or slug whose severity may be changed: more
// than one where several rules have one id.
func adjustable(name string) ([]rule, error) {
	found, known := adjustableRules(name)
	if len(found) > 0 {
		return found, nil
	}
	for _, p := range BreakingRules() {
		if p.ID == name || p.Slug == name {
			return nil, fmt.Errorf("rule %s is about the step from one version to another; what is meant is accepted by its fingerprint", name)
		}
	}
	if known {
		return nil, fmt.Errorf("rule %s is what every service demands of its configuration; its severity is fixed", name)
	}
	err := fmt.Errorf("there is no rule %s", quote(name))
	if near := nearRule(name); near != "" {
		err = fmt.Errorf("%w; %s", err, near)
	}
	return nil, err
}

// rulesByName has the rules of each id and slug, those of the step from one
// version to another as none.
var rulesByName = sync.OnceValue(func() map[string][]rule {
	out := map[string][]rule{}
	for _, r := range slices.Sorted(maps.Keys(rules)) {
		out[r.id()] = append(out[r.id()], r)
		out[r.facts().slug] = append(out[r.facts().slug], r)
	}
	for _, p := range BreakingRules() {
		out[p.ID], out[p.Slug] = nil, nil
	}
	return out
})

// adjustableRules gives the rules of an id or slug whose severity may be changed,
// and whether there is such a rule at all.
func adjustableRules(name string) (adjustable []rule, known bool) {
	all, known := rulesByName()[name]
	for _, r := range all {
		if !r.demanded() {
			adjustable = append(adjustable, r)
		}
	}
	return adjustable, known
}

func nearRule(name string) string {
	var slugs []string
	for r := range rules {
		if !r.demanded() {
			slugs = append(slugs, r.facts().slug)
		}
	}
	return didYouMean(suggest(name, slugs))
}

// An Ignored is a finding that a comment covers.
type Ignored struct {
	Diagnostic
	// Reason is what the comment says, or "".
	Reason string
	// Ignore is where the comment stands.
	Ignore Range
}

// linter applies the rules that are mdbcheck's alone. They may trust the model:
// it has no errors. What is not known is not judged.
type linter struct {
	*compiler
	files      []*file
	severities map[rule]Severity
	slugs      map[string]rule
	comments   []*ignore
	starts     map[ruleInFile][]int // where findings begin that no comment covers
	looked     int                  // for how many rules that are none
	unset      bool                 // something that the files need is not set
}

// lints are the rules that look at the model, each a function.
var lints = []func(*linter){
	(*linter).deprecated,
	(*linter).notFormatted,
	(*linter).unusedServers,
	(*linter).unusedNames,
	(*linter).sameServer,
	(*linter).unsorted,
	(*linter).lastEra,
	(*linter).skew,
	(*linter).labelNames,
	(*linter).manyShards,
	(*linter).dsnDatabases,
	(*linter).duplicateAddresses,
	(*linter).transport,
	(*linter).poolBounds,
	(*linter).replicaZones,
	(*linter).noCentral,
	(*linter).notNormalised,
	(*linter).cacheTTL,
	(*linter).fewCentral,
	(*linter).noIndexPath,
	(*linter).emptyAreas,
	(*linter).singleAuthority,
	(*linter).authorityOnShard,
	(*linter).blockSize,
	(*linter).noAuthority,
}

// lint adds to what the compiler has found. While there are errors it applies
// severities alone: half of what it would say would be about those errors.
func lint(c *compiler, files []*file, read *sources, masks *masks) {
	l := &linter{compiler: c, files: files, severities: map[rule]Severity{}, slugs: map[string]rule{}}
	for r, known := range rules {
		l.slugs[known.slug] = r
	}
	l.settings(read, masks)
	l.cfg.linter = l
	if !l.found.errors() {
		for _, check := range lints {
			check(l)
		}
		l.ignores()
	}
	l.found.overflow()
	l.found.list = slices.DeleteFunc(l.found.list, func(d *Diagnostic) bool {
		if s, ok := l.severities[l.slugs[d.Slug]]; ok {
			d.Severity = s
		}
		return d.Severity == Off
	})
}

// settings takes the severities of the settings file, then those of the options.
func (l *linter) settings(read *sources, masks *masks) {
	if s := readSettings(read, l.found); s != nil {
		masks.files[s.name] = s.source
		maps.Copy(l.severities, s.severities)
	}
	for name, severity := range l.opts.Lint.Rules {
		named, err := adjustable(name)
		if err != nil {
			l.found.add(ruleBadSettings, l.start(), "%v", err)
			continue
		}
		for _, r := range named {
			l.severities[r] = severity
		}
	}
}

// fileNamed gives the file at a path, one of the linter's.
func (l *linter) fileNamed(name string) *file {
	return l.files[slices.IndexFunc(l.files, func(f *file) bool { return f.name == name })]
}
