package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mdbrouter/mdb/hcl"
)

// settings are the flags that all commands share.
type settings struct {
	env environment

	config   string
	wanted   []string // the values of -o
	outputs  []output // at least one
	output   string   // the form to write now
	profile  string
	vars     []string
	varFiles []string
	color    string
	lock     hcl.LockDemand // of check
	lint     *hcl.Lint      // of check
}

func (s *settings) addTo(root *cobra.Command) {
	flags := root.PersistentFlags()
	flags.StringVarP(&s.config, "config", "c", ".", "directory or file of the configuration")
	flags.StringArrayVarP(&s.wanted, "output", "o", nil, "form of the output, as `FORMAT[=PATH]`: human or json, unless the command says otherwise")
	flags.StringVar(&s.profile, "profile", "", "profile to apply")
	flags.StringArrayVar(&s.vars, "var", nil, "set a variable, as NAME=VALUE; may be repeated")
	flags.StringArrayVar(&s.varFiles, "var-file", nil, "file of variables, one NAME = VALUE a line, or JSON; may be repeated")
	flags.StringVar(&s.color, "color", "auto", "colours: auto, always or never")
	colors := cobra.FixedCompletions([]string{"auto", "always", "never"}, cobra.ShellCompDirectiveNoFileComp)
	for name, complete := range map[string]cobra.CompletionFunc{"output": completeOutput, "color": colors} {
		if err := root.RegisterFlagCompletionFunc(name, complete); err != nil {
			panic(err) // the flag was added above
		}
	}
	root.PersistentPreRunE = func(cmd *cobra.Command, _ []string) error {
		if err := s.parseOutputs(cmd); err != nil {
			return fmt.Errorf("%w: see %s --help", err, cmd.CommandPath())
		}
		if err := oneOf("color", s.color, "auto", "always", "never"); err != nil {
			return fmt.Errorf("%w: see %s --help", err, cmd.CommandPath())
		}
		return nil
	}
}

func oneOf(flag, value string, allowed ...string) error {
	if slices.Contains(allowed, value) {
		return nil
	}
	return fmt.Errorf("--%s=%q is not one of %s", flag, value, strings.Join(allowed, ", "))
}

// path is where the configuration is: the argument of the command, or --config.
func (s *settings) path(cmd *cobra.Command, args []string) (string, error) {
	path := s.config
	if len(args) > 0 {
		if cmd.Flags().Changed("config") && s.config != args[0] {
			return "", fmt.Errorf("two configurations, %q and --config=%q: give one", args[0], s.config)
		}
		path = args[0]
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("no file or directory %q: give the directory that holds the *.mdb.hcl files", path)
	} else if err != nil {
		return "", fmt.Errorf("cannot read the configuration: %w", err)
	}
	return path, nil
}

// options are what package hcl is told.
func (s *settings) options() (hcl.Options, error) {
	vars := make(map[string]string, len(s.vars))
	for i, text := range s.vars {
		name, value, ok := strings.Cut(text, "=")
		if !ok || name == "" {
			// The text may be a secret that lost its name: it is not shown.
			return hcl.Options{}, fmt.Errorf("--var number %d has no NAME=: write --var NAME=VALUE", i+1)
		}
		vars[strings.TrimSpace(name)] = value
	}
	for _, file := range s.varFiles {
		if _, err := os.Stat(file); err != nil {
			return hcl.Options{}, fmt.Errorf("cannot read the file of --var-file: %w", err)
		}
	}
	return hcl.Options{Profile: s.profile, Vars: vars, VarFiles: s.varFiles, Getenv: s.env.lookupEnv, Version: hcl.Version, Lock: s.lock, Lint: s.lint}, nil
}

// load checks the configuration that cmd is about.
func (s *settings) load(cmd *cobra.Command, args []string) (*hcl.Config, hcl.Diagnostics, error) {
	path, err := s.path(cmd, args)
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
