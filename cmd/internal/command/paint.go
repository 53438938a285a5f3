package command

import "github.com/mdbrouter/mdb/hcl"

// A Paint colours text, or leaves it alone. It has the colours of both programs,
// so that one colour means one thing.
type Paint bool

// NewPaint decides about colour: --color first, then NO_COLOR, CLICOLOR_FORCE and
// TERM=dumb, then whether the stream is a terminal.
func NewPaint(color string, lookupEnv func(string) (string, bool), isTerminal bool) Paint {
	value := func(name string) string {
		text, _ := lookupEnv(name)
		return text
	}
	switch {
	case color != "auto":
		return color == "always"
	case value("NO_COLOR") != "":
		return false
	case value("CLICOLOR_FORCE") != "" && value("CLICOLOR_FORCE") != "0":
		return true
	case value("TERM") == "dumb":
		return false
	}
	return Paint(isTerminal)
}

func (p Paint) with(code, text string) string {
	if !p || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

// Bold is for what text is about.
func (p Paint) Bold(text string) string { return p.with("1", text) }

// Faint is for what stands beside text.
func (p Paint) Faint(text string) string { return p.with("2", text) }

// Red is for what failed or goes away.
func (p Paint) Red(text string) string { return p.with("31", text) }

// Green is for what is well or comes.
func (p Paint) Green(text string) string { return p.with("32", text) }

// Gutter is for what frames an excerpt of a file.
func (p Paint) Gutter(text string) string { return p.with("1;34", text) }

// Severity is for a word that says how bad a finding is.
func (p Paint) Severity(s hcl.Severity, text string) string {
	switch s {
	case hcl.Error:
		return p.with("1;31", text)
	case hcl.Warning:
		return p.with("1;33", text)
	case hcl.Notice:
		return p.with("1;36", text)
	default:
		return text
	}
}
