package main

import (
	"context"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/mdbrouter/mdb/gdid"
)

// A World is the environment of a test.
type World struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Env            map[string]string
	Terminal       bool
}

// Run runs one command line.
func Run(ctx context.Context, args []string, w World) int {
	environ := os.Environ()
	for name, value := range w.Env {
		environ = append(environ, name+"="+value)
	}
	return run(ctx, args, environment{
		stdin: w.Stdin, stdout: w.Stdout, stderr: w.Stderr, environ: environ,
		lookupEnv:       func(name string) (string, bool) { text, ok := w.Env[name]; return text, ok },
		stdinIsTerminal: w.Terminal, stdoutIsTerminal: w.Terminal, stderrIsTerminal: w.Terminal,
	})
}

// Commands are the names of all commands.
func Commands() []string {
	var names []string
	for _, c := range newRoot(environment{}).Commands() {
		names = append(names, c.Name())
	}
	slices.Sort(names)
	return names
}

// OptionText is the text of an option file.
func OptionText(options map[string]string) string { return optionText(options) }

// PrivateFile writes an option file where there are no pipes, and gives its path
// and how to remove it.
func PrivateFile(text string) (path string, remove func() error, err error) {
	f, err := newPrivateFile(text)
	if err != nil {
		return "", nil, err
	}
	return f.path, f.remove, nil
}

// ParseHeads is parseHeads.
func ParseHeads(list []string) (map[string]gdid.RangeKey, error) { return parseHeads(list) }

// Sanitise is sanitise.
func Sanitise(text string) string { return sanitise(text) }

// Prefixed writes chunks of output behind a prefix.
func Prefixed(prefix string, chunks ...string) string {
	var out strings.Builder
	run := &eachRun{out: &out, progress: &progress{w: io.Discard}}
	p := &prefixed{run: run, prefix: prefix}
	for _, c := range chunks {
		if _, err := io.WriteString(p, c); err != nil {
			panic(err)
		}
	}
	if err := p.flush(); err != nil {
		panic(err)
	}
	return out.String()
}

// NextStep is nextStep.
func NextStep(err error) string { return nextStep(err) }
