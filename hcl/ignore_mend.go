package hcl

import (
	"bytes"
	"slices"
	"strings"
	"unicode"
)

// unused takes note of a name that does nothing, and of the finding that says so.
func (i *ignore) unused(d *Diagnostic, name string) *Diagnostic {
	i.idle, i.about = append(i.idle, name), append(i.about, d)
	return d
}

// mendUnused lets the findings about names that do nothing take them out, or the
// whole comment if it has no others.
func (i *ignore) mendUnused() {
	if len(i.about) == 0 {
		return
	}
	f := i.file
	head, ok := i.head(f)
	if !ok {
		return
	}
	var kept, ends []string
	idle := map[string]bool{}
	for _, name := range i.idle {
		idle[name] = true
	}
	words := wordsIn(f.text, head)
	for _, w := range words {
		switch word := string(f.text[w.start:w.end]); {
		case strings.HasPrefix(word, untilWord):
			ends = append(ends, word)
		case !idle[word]:
			kept = append(kept, word)
		}
	}
	at, text := i.whole(f), ""
	if len(kept) > 0 {
		separator := " "
		if bytes.ContainsRune(f.text[head.start:head.end], ',') {
			separator = ", "
		}
		at = span{words[0].start, words[len(words)-1].end}
		text = strings.Join(append([]string{strings.Join(kept, separator)}, ends...), " ")
	}
	if at.end == at.start {
		return
	}
	mends := []mend{{at, string(f.text[at.start:at.end]), text}}
	for _, d := range i.about {
		d.mends = mends
	}
}

// head gives the bytes of an ignore between its first word and its reason. It
// reports false for a text with escapes.
func (i *ignore) head(f *file) (span, bool) {
	start, end := i.at.Start.Byte, i.at.End.Byte
	if f.json {
		end = endOfString(f.text, start-1) - 1 // the place is that of the word
	}
	text := f.text[start:end]
	word := ignoreWord
	if bytes.Contains(text, []byte(ignoreFileWord)) {
		word = ignoreFileWord
	}
	at := bytes.Index(text, []byte(word))
	if at < 0 || f.json && bytes.IndexByte(text, '\\') >= 0 {
		return span{}, false
	}
	head := span{start + at + len(word), end}
	if bytes.HasPrefix(text, []byte("/*")) {
		head.end -= len("*/")
	}
	if reason := bytes.Index(f.text[head.start:head.end], []byte(" --")); reason >= 0 {
		head.end = head.start + reason
	}
	return head, true
}

// wordsIn gives the words of a stretch, which spaces and commas divide.
func wordsIn(text []byte, in span) []span {
	var out []span
	for i := in.start; i < in.end; {
		end := i
		for end < in.end && text[end] != ',' && !unicode.IsSpace(rune(text[end])) {
			end++
		}
		if end > i {
			out = append(out, span{i, end})
		}
		i = end + 1
	}
	return out
}

// whole gives what is taken out of a file if an ignore goes.
func (i *ignore) whole(f *file) span {
	if f.json {
		return propertyAround(f.text, i.at.Start.Byte)
	}
	return commentAround(f.text, span{i.at.Start.Byte, i.at.End.Byte})
}

// commentAround gives the lines of a comment that has them for itself, otherwise
// the comment and the space on one side of it.
func commentAround(text []byte, at span) span {
	start := at.start - len(trailingBlanks(text[:at.start]))
	end := at.end + len(text[at.end:]) - len(bytes.TrimLeft(text[at.end:], " \t\r"))
	alone := start == 0 || text[start-1] == '\n'
	switch {
	case alone && end == len(text):
		return span{start, end}
	case alone && text[end] == '\n':
		end++
		if start == 0 || emptyLines(text[:start]) > 0 { // or empty lines would meet
			end += len(text[end:]) - len(bytes.TrimLeft(text[end:], "\r\n"))
		}
		return span{start, end}
	case alone:
		return span{at.start, end}
	}
	return span{start, at.end}
}

// emptyLines counts the empty lines that a text ends with.
func emptyLines(text []byte) int {
	ends := text[len(bytes.TrimRight(text, "\r\n")):]
	return bytes.Count(ends, []byte("\n")) - 1
}

func trailingBlanks(text []byte) []byte { return text[len(bytes.TrimRight(text, " \t")):] }

// propertyAround gives a property "//" of JSON whose string is at a byte, with the
// comma that goes with it. It gives nothing for a string in a list.
func propertyAround(text []byte, at int) span {
	quote := bytes.LastIndexByte(text[:at], '"')
	if quote < 0 {
		return span{}
	}
	out := span{quote, endOfString(text, quote)}
	before, isValue := bytes.CutSuffix(bytes.TrimRight(text[:quote], " \t\r\n"), []byte(":"))
	before, isComment := bytes.CutSuffix(bytes.TrimRight(before, " \t\r\n"), []byte(`"//"`))
	if !isValue || !isComment {
		return span{}
	}
	out.start = len(before)
	rest := bytes.TrimLeft(text[out.end:], " \t\r\n")
	if after, ok := bytes.CutPrefix(rest, []byte(",")); ok {
		out.end = len(text) - len(bytes.TrimLeft(after, " \t\r\n"))
		return out
	}
	if first, ok := bytes.CutSuffix(bytes.TrimRight(before, " \t\r\n"), []byte(",")); ok {
		out.start = len(first)
	}
	return out
}

// mendExpired lets a finding about an ignore that has ended take it out, if
// nothing is left of what it covered.
func (l *linter) mendExpired(i *ignore, d *Diagnostic) {
	if i.misspelt || slices.ContainsFunc(i.rules, func(r ignoredRule) bool { return slices.ContainsFunc(r.rules, l.unjudged) }) {
		return
	}
	if l.left(i) {
		return
	}
	for _, r := range i.rules {
		i.unused(d, r.name)
	}
}
