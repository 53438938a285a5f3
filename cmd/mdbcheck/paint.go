package main

import "github.com/mdbrouter/mdb/hcl"

// A paint colours text, or leaves it alone.
type paint bool

// paint decides about colour: --color first, then NO_COLOR, CLICOLOR_FORCE and
// TERM=dumb, then whether the stream is a terminal.
func (s *settings) paint(isTerminal bool) paint {
	value := func(name string) string {
		text, _ := s.env.lookupEnv(name)
		return text
	}
	switch {
	case s.color != "auto":
		return s.color == "always"
	case value("NO_COLOR") != "":
		return false
	case value("CLICOLOR_FORCE") != "" && value("CLICOLOR_FORCE") != "0":
		return true
	case value("TERM") == "dumb":
		return false
	}
	return paint(isTerminal)
}

func (p paint) with(code, text string) string {
	if !p || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func (p paint) bold(text string) string   { return p.with("1", text) }
func (p paint) gutter(text string) string { return p.with("1;34", text) }

func (p paint) severity(s hcl.Severity, text string) string {
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
