package main

import (
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/mdbrouter/mdb/cmd/internal/command"
)

// isHidden reports characters that must not reach a terminal as they are, since
// it would obey them or show something else.
func isHidden(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == 0x2028 || r == 0x2029 || r == unicode.ReplacementChar
}

// sanitise makes text safe to print. It keeps line breaks.
func sanitise(text string) string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && isHidden(r) {
			return unicode.ReplacementChar
		}
		return r
	}, text)
}

// oneLine makes text safe to print and free of line breaks.
func oneLine(text string) string { return strings.ReplaceAll(sanitise(text), "\n", " ") }

// paint decides about colour on a stream.
func (s *settings) paint(isTerminal bool) command.Paint {
	return command.NewPaint(s.flags.Color, s.env.lookupEnv, isTerminal)
}

// A table is columns of text, aligned.
type table struct{ rows [][]string }

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

// write prints the table. style may colour a cell, after it was measured.
func (t *table) write(w io.Writer, style func(row, column int, cell string) string) error {
	var widths []int
	for _, row := range t.rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], len([]rune(cell)))
		}
	}
	for r, row := range t.rows {
		var line strings.Builder
		for i, cell := range row {
			text := cell
			if style != nil {
				text = style(r, i, cell)
			}
			line.WriteString(text)
			if i < len(row)-1 {
				line.WriteString(strings.Repeat(" ", widths[i]-len([]rune(cell))+2))
			}
		}
		if _, err := fmt.Fprintln(w, strings.TrimRight(line.String(), " ")); err != nil {
			return err
		}
	}
	return nil
}
