package main

import (
	"io"
	"strings"

	"github.com/mdbrouter/mdb/cmd/internal/command"
	"github.com/mdbrouter/mdb/hcl"
)

// IsWide is isWide.
func IsWide(r rune) bool { return isWide(r) }

// Veil is veil.
func Veil(line string, unknown int) string { return string(veil([]byte(line), unknown)) }

// A World is the environment of a test.
type World struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Env            map[string]string
	Terminal       bool
}

// Run runs one command line.
func Run(args []string, w World) int {
	return run(args, environment{
		stdin: w.Stdin, stdout: w.Stdout, stderr: w.Stderr,
		lookupEnv:        func(name string) (string, bool) { text, ok := w.Env[name]; return text, ok },
		stdoutIsTerminal: w.Terminal, stderrIsTerminal: w.Terminal,
	})
}

// Human renders findings, all of whose files have the same source.
func Human(findings hcl.Diagnostics, source string, color bool) string {
	var b strings.Builder
	r := &report{findings: findings, masked: func(name string) []byte {
		if name == "unread" {
			return nil
		}
		return []byte(source)
	}}
	if err := (human{paint: command.Paint(color)}).write(&b, r); err != nil {
		panic(err)
	}
	return b.String()
}

// JSON renders findings.
func JSON(findings hcl.Diagnostics) string {
	var b strings.Builder
	if err := (jsonReporter{}).write(&b, &report{findings: findings, summary: &summary{Incomplete: []string{}}}); err != nil {
		panic(err)
	}
	return b.String()
}

// ParseTree is parseTree: it gives modes and names.
func ParseTree(content []byte, size int) (modes, names []string, err error) {
	entries, err := parseTree(content, size)
	for _, e := range entries {
		modes, names = append(modes, e.mode), append(names, e.name)
	}
	return modes, names, err
}
