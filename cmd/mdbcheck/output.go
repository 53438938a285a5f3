package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mdbrouter/mdb/cmd/internal/command"
	"github.com/mdbrouter/mdb/hcl"
)

// The annotations of a command about its outputs.
const (
	// outputsOf has the forms that a command can write, the default first.
	outputsOf = "outputs"

	// severalOutputs marks commands that write several forms in one run, by
	// inEachForm.
	severalOutputs = "several outputs"
)

// findingForms annotate a command that reports findings.
var findingForms = map[string]string{outputsOf: "human compact json sarif github junit", severalOutputs: "yes"}

// streams are the forms made of lines. They may follow each other on one stream;
// any other form is a document and must be alone.
var streams = []string{"human", "compact", "github"}

// An output is one form of what a command says, and where it goes.
type output struct {
	format string
	path   string // "": standard output
}

// formsOf gives the forms that a command can write, the default first.
func formsOf(cmd *cobra.Command) []string {
	if own, ok := cmd.Annotations[outputsOf]; ok {
		return strings.Fields(own)
	}
	return []string{"human", "json"}
}

// parseOutputs reads the values of -o.
func (s *settings) parseOutputs(cmd *cobra.Command) error {
	forms := formsOf(cmd)
	s.outputs = nil
	for _, text := range s.wanted {
		o, err := parseOutput(text, forms)
		if err != nil {
			return err
		}
		s.outputs = append(s.outputs, o)
	}
	if len(s.outputs) == 0 {
		s.outputs = []output{{format: forms[0]}}
	}
	s.output = s.outputs[0].format
	if len(s.outputs) > 1 && cmd.Annotations[severalOutputs] == "" {
		return fmt.Errorf("%s writes one output: give --output once", cmd.CommandPath())
	}
	return apart(s.outputs)
}

func parseOutput(text string, forms []string) (output, error) {
	format, path, hasPath := strings.Cut(text, "=")
	if err := command.OneOf("output", format, forms...); err != nil {
		return output{}, err
	}
	if hasPath && path == "" {
		return output{}, fmt.Errorf("--output=%q has no path after =", text)
	}
	if path == "-" {
		path = ""
	}
	if base := filepath.Base(path); strings.HasSuffix(base, ".hcl") || strings.HasSuffix(base, ".mdb.json") || base == hcl.LockFile {
		return output{}, fmt.Errorf("--output=%q would overwrite a file of the configuration", text)
	}
	return output{format: format, path: path}, nil
}

// apart refuses outputs that would spoil each other.
func apart(outputs []output) error {
	for i, o := range outputs {
		for _, other := range outputs[:i] {
			switch {
			case filepath.Clean(o.path) != filepath.Clean(other.path):
			case o.path != "":
				return fmt.Errorf("--output: %s and %s cannot both be in %q", other.format, o.format, o.path)
			case o.format == other.format:
				return fmt.Errorf("--output: %s is asked for twice", o.format)
			case !slices.Contains(streams, o.format) || !slices.Contains(streams, other.format):
				return fmt.Errorf("--output: %s and %s cannot both be on standard output: give one a path, as %s=PATH", other.format, o.format, o.format)
			}
		}
	}
	return nil
}

// inEachForm calls write once for each output, with settings that send what it
// writes there in that form. One that cannot be written does not keep back the
// others.
func (s *settings) inEachForm(write func() error) error {
	var failed error
	for _, o := range s.outputs {
		failed = errors.Join(failed, s.inForm(o, write))
	}
	return failed
}

func (s *settings) inForm(o output, write func() error) error {
	s.output = o.format
	if o.path == "" {
		return write()
	}
	f, err := os.Create(o.path)
	if err != nil {
		return fmt.Errorf("cannot write the output: %w", err)
	}
	before := s.env
	to := &command.TrackedWriter{Writer: f}
	s.env.stdout, s.env.stdoutIsTerminal = to, command.IsTerminal(f)
	err = write()
	s.env = before
	if lost := errors.Join(to.Err, f.Close()); lost != nil {
		return fmt.Errorf("cannot write the output: %w", lost)
	}
	return err
}

// deliver has a command that writes one output write it where -o says.
func (s *settings) deliver(cmd *cobra.Command) {
	if cmd.RunE == nil || cmd.Annotations[severalOutputs] != "" {
		return
	}
	runE := cmd.RunE
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return s.inForm(s.outputs[0], func() error { return runE(cmd, args) })
	}
}

// completeOutput completes the forms of a command; the shell completes paths.
func completeOutput(cmd *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
	if strings.Contains(typed, "=") {
		return nil, cobra.ShellCompDirectiveDefault
	}
	return formsOf(cmd), cobra.ShellCompDirectiveNoFileComp
}
