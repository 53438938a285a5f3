package hcl

import (
	"errors"
	"fmt"
	"maps"
	"slices"
)

// maxFixes is how often a configuration is checked and mended at most.
const maxFixes = 10

// fixes says what Fix does about the rules that it mends.
var fixes = map[rule]string{
	ruleUnusedIgnore:   "remove the comment, or the names in it that do nothing; one that is misspelt or misplaced is left as it is",
	ruleExpiredIgnore:  "remove the comment, if nothing is left of what it covered",
	ruleDeprecated:     "write the new name",
	ruleNotFormatted:   "write the canonical form",
	ruleAuthorityInKey: "write the key without its authority, where it is plain text",
	ruleStartOrOffset:  "inside a breakpoint, write offset for start, counted from at, where it is plain text",
	ruleUnsorted:       "sort the partitions, where all starts are plain text",
	rulePoolBounds:     "write max_idle as max_open and a max_lifetime of 4m, where they are plain numbers and texts",
}

// mend puts other words in the place of those that a finding is about.
type mend struct {
	span
	was, text string // both may stand in quotes
}

// mending adds an edit that would mend what a finding is about.
func (d *Diagnostic) mending(at Range, was, text string) {
	if at.Filename == d.Range.Filename {
		d.mends = append(d.mends, mend{span{at.Start.Byte, at.End.Byte}, was, text})
	}
}

// Errors of [Fix].
var (
	// ErrWouldRoute is returned when the mended files would route ids otherwise.
	ErrWouldRoute = errors.New("the mended files would route ids otherwise")
	// ErrRoutingUnset is returned when the routing hangs on values that are not set,
	// so that it cannot be held against that of the mended files.
	ErrRoutingUnset = errors.New("the routing hangs on values that are not set")
)

// Fix gives the new texts, by path, of those files of a configuration in which it
// can mend something: range keys with an authority, starts that are meant to be
// offsets, arguments under former names, bounds of pools, comments that cover
// nothing, and the canonical form. See [RulePage]. Findings that are off or
// ignored are left alone.
//
// It writes nothing. It fails rather than give files whose routing has another
// fingerprint; where the files have errors, there is no routing to keep.
func Fix(path string, opts Options) (map[string][]byte, error) {
	read := newSources(opts)
	if opts.Lint == nil {
		opts.Lint = &Lint{}
	}
	overlay := maps.Clone(opts.Overlay)
	if overlay == nil {
		overlay = map[string][]byte{}
	}
	opts.Overlay = overlay
	before, found := Check(path, opts)
	if before.Registry == nil && !found.HasErrors() {
		return nil, ErrRoutingUnset
	}
	changed := map[string][]byte{}
	for range maxFixes {
		texts, err := mended(found, func(name string) ([]byte, error) {
			if text, ok := changed[name]; ok {
				return text, nil
			}
			return read.read(name, maxFile)
		})
		if err != nil {
			return nil, err
		}
		if len(texts) == 0 {
			break
		}
		maps.Copy(changed, texts)
		maps.Copy(overlay, texts)
		_, found = Check(path, opts)
	}
	after, _ := Check(path, opts)
	if !keepsRoutes(before, after) {
		return nil, ErrWouldRoute
	}
	return changed, nil
}

// keepsRoutes reports whether every id that had a route has the same one.
func keepsRoutes(before, after *Config) bool {
	return before.Registry == nil || after.Registry != nil && before.Registry.Fingerprint() == after.Registry.Fingerprint()
}

// mended gives the texts that findings change.
func mended(found Diagnostics, read func(name string) ([]byte, error)) (map[string][]byte, error) {
	mends, form := map[string][]mend{}, map[string]bool{}
	for i := range found {
		d := &found[i]
		mends[d.Range.Filename] = append(mends[d.Range.Filename], d.mends...)
		form[d.Range.Filename] = form[d.Range.Filename] || d.Rule == ruleNotFormatted.id() || d.Rule == ruleUnsorted.id()
	}
	out := map[string][]byte{}
	for name := range mends {
		if len(mends[name]) == 0 && !form[name] {
			continue
		}
		was, err := read(name)
		if err != nil {
			return nil, fmt.Errorf("mend %s: %w", name, err)
		}
		text := edited(was, mends[name])
		if form[name] {
			if canonical, err := Format(name, text); err == nil {
				text = canonical
			}
		}
		if string(text) != string(was) {
			out[name] = text
		}
	}
	return out, nil
}

// edited makes the edits that find the words they are about.
func edited(text []byte, list []mend) []byte {
	l := &layout{text: text, edits: exact(text, list)}
	return l.apply()
}

// exact gives the edits that find the words they are about, in order, each of
// several at one place once.
func exact(text []byte, list []mend) []edit {
	var out []edit
	list = slices.SortedStableFunc(slices.Values(list), func(a, b mend) int { return a.start - b.start })
	end := 0
	for _, m := range list {
		if n := len(out); m.start < end || m.end > len(text) || n > 0 && out[n-1].span == m.span {
			continue
		}
		switch string(text[m.start:m.end]) {
		case m.was:
			out = append(out, edit{m.span, []byte(m.text)})
		case `"` + m.was + `"`:
			out = append(out, edit{span{m.start + 1, m.end - 1}, []byte(m.text)})
		default:
			continue
		}
		end = m.end
	}
	return out
}
