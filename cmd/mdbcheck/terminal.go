package main

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// zeroWidthJoiner holds emoji and some scripts together.
const zeroWidthJoiner = '\u200d'

// A cell is what one character of a source line becomes on a terminal.
type cell struct {
	text  string
	width int // columns
	at    int // byte of the line
}

// cells lays a line out: tabs become spaces, and whatever a terminal would obey,
// hide or reorder becomes something to look at.
func cells(line []byte) []cell {
	out := make([]cell, 0, len(line))
	joined := false // to the character before
	for at := 0; at < len(line); {
		r, size := utf8.DecodeRune(line[at:])
		c := cell{at: at}
		c.text, c.width = shown(r, size)
		if joined || isEmojiModifier(r) {
			c.width = 0
		}
		joined = r == zeroWidthJoiner
		out = append(out, c)
		at += size
	}
	return out
}

// shown gives the text that stands for a character, and its width in columns.
func shown(r rune, size int) (string, int) {
	switch {
	case r == utf8.RuneError && size == 1:
		return "\ufffd", 1
	case r == '\t':
		return "    ", 4
	case r < 0x20:
		return string('\u2400' + r), 1
	case r == 0x7f:
		return "\u2421", 1
	case isHidden(r):
		text := fmt.Sprintf("<U+%04X>", r)
		return text, len(text)
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return string(r), 0
	case isWide(r):
		return string(r), 2
	}
	return string(r), 1
}

// isHidden reports characters that must not reach a terminal as they are:
// controls, what changes the direction or the lines of text, and what is
// invisible though it takes part in names.
func isHidden(r rune) bool {
	switch {
	case unicode.IsControl(r), r == 0x2028, r == 0x2029:
		return true
	case r == zeroWidthJoiner, r == 0x200C:
		return false
	}
	return unicode.Is(unicode.Cf, r)
}

// sanitise makes text safe to print. It keeps line breaks.
func sanitise(text string) string {
	if !strings.ContainsFunc(text, isHidden) && utf8.ValidString(text) {
		return text
	}
	var b strings.Builder
	for i, line := range strings.Split(text, "\n") {
		if i > 0 {
			b.WriteByte('\n')
		}
		for _, c := range cells([]byte(line)) {
			b.WriteString(c.text)
		}
	}
	return b.String()
}

// oneLine makes text safe to print and free of line breaks.
func oneLine(text string) string {
	return sanitise(strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' }), " "))
}

// isEmojiModifier reports the skin tones, which colour the emoji before them and
// take no room.
func isEmojiModifier(r rune) bool { return 0x1F3FB <= r && r <= 0x1F3FF }
