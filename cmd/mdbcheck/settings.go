package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mdbrouter/mdb/cmd/internal/command"
	"github.com/mdbrouter/mdb/hcl"
)

// settings are the flags that all commands share.
type settings struct {
	env environment

	flags   command.Flags
	wanted  []string       // the values of -o
	outputs []output       // at least one
	output  string         // the form to write now
	lock    hcl.LockDemand // of check
	lint    *hcl.Lint      // of check
}

func (s *settings) addTo(root *cobra.Command) {
	s.flags.AddTo(root)
	root.PersistentFlags().StringArrayVarP(&s.wanted, "output", "o", nil, "form of the output, as `FORMAT[=PATH]`: human or json, unless the command says otherwise")
	if err := root.RegisterFlagCompletionFunc("output", completeOutput); err != nil {
		panic(err) // the flag was added above
	}
	root.PersistentPreRunE = func(cmd *cobra.Command, _ []string) error {
		if err := s.parseOutputs(cmd); err != nil {
			return command.SeeHelp(cmd, err)
		}
		return s.flags.Validate(cmd)
	}
}

// paint decides about colour on a stream.
func (s *settings) paint(isTerminal bool) command.Paint {
	return command.NewPaint(s.flags.Color, s.env.lookupEnv, isTerminal)
}

// options are what package hcl is told.
func (s *settings) options() (hcl.Options, error) {
	options, err := s.flags.Options()
	options.Getenv, options.Lock, options.Lint = s.env.lookupEnv, s.lock, s.lint
	return options, err
}

// load checks the configuration that cmd is about.
func (s *settings) load(cmd *cobra.Command, args []string) (*hcl.Config, hcl.Diagnostics, error) {
	path, err := s.flags.Path(cmd, args)
	if err != nil {
		return nil, nil, err
	}
	options, err := s.options()
	if err != nil {
		return nil, nil, err
	}
	cfg, found := hcl.Check(path, options)
	return cfg, found, nil
}

// routing loads the configuration for a command that needs its routing table,
// and says on stderr why there is none.
func (s *settings) routing(cmd *cobra.Command, args []string) (*hcl.Config, error) {
	cfg, found, err := s.load(cmd, args)
	if err != nil {
		return nil, err
	}
	if err := s.opens(cmd, cfg, found); err != nil {
		return nil, err
	}
	return cfg, nil
}

// opens says on stderr why a configuration has no routing table.
func (s *settings) opens(cmd *cobra.Command, cfg *hcl.Config, found hcl.Diagnostics) error {
	if found.HasErrors() {
		var mistakes hcl.Diagnostics
		for _, d := range found {
			if d.Severity == hcl.Error {
				mistakes = append(mistakes, d)
			}
		}
		r := &report{findings: mistakes, masked: maskedOnce(cfg)}
		if err := (human{paint: s.paint(s.env.stderrIsTerminal)}).write(s.env.stderr, r); err != nil {
			return err
		}
		fmt.Fprintf(s.env.stderr, "%s to mend first: %s needs a configuration without any\n", count(len(mistakes), "error"), cmd.CommandPath())
		return errFindings
	}
	if cfg.Registry == nil {
		lines := []string{"the routing table hangs on values that are not set"}
		for _, d := range found {
			if d.Rule == ruleUnresolved {
				lines = append(lines, "  "+oneLine(d.Summary)+at(d.Range))
			}
		}
		lines = append(lines, "set them in the environment, or with --var or --var-file")
		return errors.New(strings.Join(lines, "\n"))
	}
	return nil
}
