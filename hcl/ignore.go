package hcl

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"time"
	"unicode"

	hclv2 "github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// The words that a comment begins with to cover findings.
const (
	ignoreWord     = "mdbcheck:ignore"
	ignoreFileWord = "mdbcheck:ignore-file"
	untilWord      = "until="
)

// ignore is one comment that covers findings:
//
//	# mdbcheck:ignore MDB313 until=2027-03-31 -- why
type ignore struct {
	at     hclv2.Range
	covers span // of the file
	rules  []ignoredRule
	reason string
	ended  string // the last day, when that is over

	file     *file
	idle     []string      // names that do nothing
	about    []*Diagnostic // what says so
	misspelt bool          // a name is that of no rule
}

// ignoredRule is one name in an ignore, and the rules that have it.
type ignoredRule struct {
	rules []rule
	name  string // as it is written
	used  bool
	in    *ignore
}

// ignores takes the findings that comments cover out of what was found, and
// reports comments that do nothing, say nothing or have ended.
func (l *linter) ignores() {
	l.unset = slices.ContainsFunc(l.found.list, func(d *Diagnostic) bool { return d.Rule == ruleUnresolved.id() })
	var all []*ignore
	for _, f := range l.files {
		if bytes.Contains(f.text, []byte(ignoreWord)) {
			all = append(all, l.ignoresOf(f)...)
		}
	}
	l.comments = all
	kept := l.found.list[:0:0]
	for j, i := range l.cover(l.found.list) {
		d := l.found.list[j]
		if i == nil {
			kept = append(kept, d)
		} else if r := l.slugs[d.Slug]; l.severities[r] != Off {
			l.cfg.Ignored = append(l.cfg.Ignored, l.ignoredBy(i, d))
		}
	}
	l.found.list = kept
	sortIgnored(l.cfg.Ignored)
	for _, i := range all {
		l.judge(i)
	}
}

func sortIgnored(list []Ignored) {
	slices.SortFunc(list, func(a, b Ignored) int {
		return cmp.Or(strings.Compare(a.Range.Filename, b.Range.Filename), cmp.Compare(a.Range.Start.Byte, b.Range.Start.Byte), strings.Compare(a.Rule, b.Rule))
	})
}

// ignored reports whether a comment covers a finding, which is then added to a
// list. Of several comments each that covers it is of use.
func (l *linter) ignored(to *[]Ignored, d *Diagnostic) bool {
	i := l.cover([]*Diagnostic{d})[0]
	if i != nil && l.severities[l.slugs[d.Slug]] != Off {
		*to = append(*to, l.ignoredBy(i, d))
	}
	return i != nil
}

// ignoredBy gives a finding that a comment covers.
func (l *linter) ignoredBy(i *ignore, d *Diagnostic) Ignored {
	out := Ignored{Diagnostic: d.printable(), Reason: printable(i.reason), Ignore: rangeOf(i.at)}
	out.Severity = cmp.Or(l.severities[l.slugs[d.Slug]], out.Severity)
	return out
}

// judge reports what is wrong with an ignore, now that it is known what it does.
func (l *linter) judge(i *ignore) {
	defer i.mendUnused()
	if len(i.rules) == 0 {
		return
	}
	names := make([]string, len(i.rules))
	for j := range i.rules {
		names[j] = i.rules[j].name
	}
	if i.reason == "" {
		d := l.found.add(ruleUnexplainedIgnore, i.at, "ignore of %s has no reason", listOf(names))
		d.Help = "write it behind two dashes: # " + ignoreWord + " " + strings.Join(names, " ") + " -- why"
	}
	if i.ended != "" {
		d := l.found.add(ruleExpiredIgnore, i.at, "ignore of %s ended %s", listOf(names), i.ended)
		d.Help = "mend what it covers, or give it another end"
		l.mendExpired(i, d)
		return
	}
	for _, r := range i.rules {
		if !r.used && !l.unjudged(r.rules[0]) {
			i.unused(l.found.add(ruleUnusedIgnore, i.at, "ignore of %s has no effect", r.name), r.name).Help = "remove it"
		}
	}
}

// unjudged reports whether a rule is off, or could not be applied to all for
// want of what is unset, so that a comment may be of use where it is set.
func (l *linter) unjudged(r rule) bool {
	if l.severities[r] == Off || l.incomplete || l.found.full() {
		return true
	}
	if r.live() {
		return true // by the files alone
	}
	aboutServers := r/100 == 4 || r == ruleUnusedServer || r == ruleAuthorityOnShard || r == ruleUnresolved
	return aboutServers && l.unset
}

// ignoresOf gives the ignores of a file.
func (l *linter) ignoresOf(f *file) []*ignore {
	if f.json {
		return l.ignoresOfJSON(f)
	}
	body, _ := f.body.(*hclsyntax.Body)
	tokens, _ := hclsyntax.LexConfig(f.text, f.name, hclv2.InitialPos)
	code := codeLinesOf(tokens, body)
	var all []*ignore
	began := false // there was more than comments
	for k := range tokens {
		t := &tokens[k]
		if t.Type != hclsyntax.TokenComment {
			began = began || t.Type != hclsyntax.TokenNewline && t.Type != hclsyntax.TokenEOF
			continue
		}
		text, whole, ok := directive(string(t.Bytes))
		if !ok {
			continue
		}
		i := &ignore{file: f, at: trimmed(t), covers: span{0, len(f.text) + 1}}
		switch {
		case !whole:
			i.covers = code.coverage(tokens, k)
		case began:
			l.found.add(ruleUnusedIgnore, i.at, "%s has no effect here", ignoreFileWord).Help = "write it at the top of the file"
			continue
		}
		l.read(i, text)
		all = append(all, i)
	}
	return all
}

// directive takes apart a comment. whole says that it is about its file.
func directive(comment string) (text string, whole, ok bool) {
	text = strings.TrimSpace(comment)
	switch {
	case strings.HasPrefix(text, "#"):
		text = text[1:]
	case strings.HasPrefix(text, "//"):
		text = text[2:]
	default:
		text = strings.TrimSuffix(strings.TrimPrefix(text, "/*"), "*/")
	}
	text = strings.TrimSpace(text)
	word, _, _ := strings.Cut(text, " ")
	word = strings.TrimSpace(word)
	if word != ignoreWord && word != ignoreFileWord {
		return "", false, false
	}
	return strings.TrimSpace(text[len(word):]), word == ignoreFileWord, true
}

// trimmed gives the place of a comment without the end of its line.
func trimmed(t *hclsyntax.Token) hclv2.Range {
	at := t.Range
	text := bytes.TrimRight(t.Bytes, "\r\n")
	if at.End.Line == at.Start.Line+1 && len(text) < len(t.Bytes) {
		at.End = hclv2.Pos{Line: at.Start.Line, Column: at.Start.Column + len([]rune(string(text))), Byte: at.Start.Byte + len(text)}
	}
	return at
}

// ignoresOfJSON gives the ignores in properties named "//", which are about their
// file.
func (l *linter) ignoresOfJSON(f *file) []*ignore {
	dec, places := json.NewDecoder(bytes.NewReader(f.text)), newRuler(f.text)
	var all []*ignore
	comment := false
	for {
		t, err := dec.Token()
		if err != nil {
			return all
		}
		text, isText := t.(string)
		if isText && text == "//" {
			comment = true
			continue
		}
		if rest, _, ok := directive("#" + text); comment && isText && ok {
			end := int(dec.InputOffset())
			start := places.pos(max(0, bytes.LastIndex(f.text[:end], []byte(ignoreWord))))
			at := hclv2.Range{Filename: f.name, Start: hclv2.Pos(start), End: hclv2.Pos{Line: start.Line, Column: start.Column + 1, Byte: start.Byte + 1}}
			i := &ignore{file: f, at: at, covers: span{0, len(f.text) + 1}}
			l.read(i, rest)
			all = append(all, i)
		}
		comment = false
	}
}

// read takes apart what stands behind the word: rules, until=, and the reason
// behind two dashes.
func (l *linter) read(i *ignore, text string) {
	head, reason, _ := strings.Cut(" "+text, " --")
	i.reason = oneLine(reason)
	for _, word := range strings.FieldsFunc(head, func(r rune) bool { return r == ',' || unicode.IsSpace(r) }) {
		if day, ok := strings.CutPrefix(word, untilWord); ok {
			l.until(i, day)
			continue
		}
		if named, known := adjustableRules(word); len(named) == 0 {
			d := l.found.add(ruleUnusedIgnore, i.at, "ignore of %s has no effect", quote(word))
			if l.looked++; l.looked <= maxNear || known {
				_, err := adjustable(word)
				d.Detail = err.Error()
			}
			if known {
				i.unused(d, word)
			} else {
				i.misspelt = true // what it is meant to cover is for its author to say
			}
		} else if r := named[0]; r == ruleUnusedIgnore || r == ruleUnexplainedIgnore || r == ruleExpiredIgnore || r == ruleBadSettings {
			i.unused(l.found.add(ruleUnusedIgnore, i.at, "ignore of %s has no effect", word), word).Detail = "rules about ignores and settings are not covered by comments"
		} else {
			i.rules = append(i.rules, ignoredRule{rules: named, name: word})
		}
	}
	if strings.TrimSpace(head) == "" {
		i.unused(l.found.add(ruleUnusedIgnore, i.at, "the ignore names no rule"), "").Help = "write # " + ignoreWord + " MDB313 -- why"
	}
}

// until takes the last day of an ignore.
func (l *linter) until(i *ignore, day string) {
	if _, err := time.Parse(time.DateOnly, day); err != nil {
		d := l.found.add(ruleExpiredIgnore, i.at, "until=%s is no date", printable(cut(day)))
		d.Help = "write until=2027-03-31, the last day"
		return
	}
	if today := l.opts.Lint.Today; !today.IsZero() && today.Format(time.DateOnly) > day {
		i.ended = day
	}
}
