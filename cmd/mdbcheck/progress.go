package main

import (
	"fmt"
	"strings"

	"github.com/mdbrouter/mdb/cmd/mdbcheck/internal/live"
)

// progress tells on a terminal how far a long work is, on standard error, in one
// line that changes. Elsewhere it is silent.
type progress struct {
	settings *settings
	shown    bool // an unfinished line stands there
}

func newProgress(s *settings) *progress { return &progress{settings: s} }

const (
	clearLine = "\r\x1b[K"

	// maxProgress is how many columns the line has; a longer one would wrap, and
	// not be cleared.
	maxProgress = 79
)

// asked shows how many servers were asked and which are waited for.
func (p *progress) asked(now live.Progress) {
	if !p.settings.env.stderrIsTerminal {
		return
	}
	line := fmt.Sprintf("asked %d of %d", now.Done, now.Total)
	if len(now.Waiting) > 0 {
		line += ", waiting for " + strings.Join(now.Waiting, ", ")
	}
	if runes := []rune(oneLine(line)); len(runes) > maxProgress {
		line = string(runes[:maxProgress-1]) + "…"
	}
	fmt.Fprint(p.settings.env.stderr, clearLine+oneLine(line))
	p.shown = true
}

// end takes the line away.
func (p *progress) end() {
	if p.shown {
		fmt.Fprint(p.settings.env.stderr, clearLine)
	}
}
