package main

import (
	"fmt"
	"io"
	"sync"

	"github.com/mdbrouter/mdb/area/provision"
)

// progress tells on standard error how far a long work is: on a terminal in one
// line that changes, elsewhere in a line for each thing that is done.
type progress struct {
	w     io.Writer
	lives bool // the line changes

	mu    sync.Mutex // guards what follows and the order of writes
	shown bool       // an unfinished line stands there
}

func newProgress(s *settings) *progress {
	return &progress{w: s.env.stderr, lives: s.env.stderrIsTerminal}
}

const clearLine = "\r\x1b[K"

// now shows what is under way, on a terminal only.
func (p *progress) now(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.lives {
		const width = 100 // a longer line would wrap, and not be cleared
		if runes := []rune(oneLine(text)); len(runes) > width {
			text = string(runes[:width-1]) + "…"
		}
		fmt.Fprint(p.w, clearLine+oneLine(text))
		p.shown = true
	}
}

// line writes a line that stays.
func (p *progress) line(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clear()
	fmt.Fprintln(p.w, text)
}

// end takes away the line that changes.
func (p *progress) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clear()
}

func (p *progress) clear() {
	if p.shown {
		fmt.Fprint(p.w, clearLine)
		p.shown = false
	}
}

// step tells about a step of provisioning.
func (p *progress) step(e provision.Event) {
	text := e.Step.String()
	if e.Step == (provision.Step{}) {
		text = ""
	}
	switch e.State {
	case provision.Ended:
		p.now(fmt.Sprintf("[%d/%d] %s", e.Done, e.Total, text))
		if !p.lives {
			p.line(fmt.Sprintf("[%d/%d] %s", e.Done, e.Total, oneLine(text)))
		}
	case provision.Waits:
		if text != "" {
			text += ": "
		}
		p.line(oneLine("waiting: " + text + e.Note))
	case provision.Began:
		if e.Note != "" {
			text += ": " + e.Note
		}
		p.now(fmt.Sprintf("[%d/%d] %s", e.Done, e.Total, text))
	case provision.Failed: // the error is told at the end
	}
}
