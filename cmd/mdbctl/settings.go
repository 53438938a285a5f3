package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mdbrouter/mdb"
	"github.com/mdbrouter/mdb/hcl"
)

// settings are the flags that all commands share.
type settings struct {
	env environment

	config   string
	profile  string
	vars     []string
	varFiles []string
	color    string
}

func (s *settings) addTo(root *cobra.Command) {
	flags := root.PersistentFlags()
	flags.StringVarP(&s.config, "config", "c", ".", "directory or file of the configuration")
	flags.StringVar(&s.profile, "profile", "", "profile to apply")
	flags.StringArrayVar(&s.vars, "var", nil, "set a variable, as NAME=VALUE; may be repeated; for secrets use --var-file or the environment")
	flags.StringArrayVar(&s.varFiles, "var-file", nil, "file of variables, one NAME = VALUE a line, or JSON; may be repeated")
	flags.StringVar(&s.color, "color", "auto", "colours: auto, always or never")
	complete(root, "color", "auto", "always", "never")
	root.PersistentPreRunE = func(cmd *cobra.Command, _ []string) error {
		return oneOf(cmd, "color", s.color, "auto", "always", "never")
	}
}

// addOutput adds --output to a command that has several forms; the first is the
// default.
func addOutput(cmd *cobra.Command, output *string, forms ...string) {
	cmd.Flags().StringVarP(output, "output", "o", forms[0], "form of the output: "+strings.Join(forms, ", "))
	complete(cmd, "output", forms...)
	before := cmd.RunE
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := oneOf(cmd, "output", *output, forms...); err != nil {
			return err
		}
		return before(cmd, args)
	}
}

func complete(cmd *cobra.Command, flag string, values ...string) {
	if err := cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic(err) // the flag was added by the caller
	}
}

func oneOf(cmd *cobra.Command, flag, value string, allowed ...string) error {
	if slices.Contains(allowed, value) {
		return nil
	}
	return fmt.Errorf("--%s=%q is not one of %s: see %s --help", flag, value, strings.Join(allowed, ", "), cmd.CommandPath())
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

// options are what package mdb is told.
func (s *settings) options() (mdb.Options, error) {
	vars := make(map[string]string, len(s.vars))
	for i, text := range s.vars {
		name, value, ok := strings.Cut(text, "=")
		if !ok || name == "" {
			// The text may be a secret that lost its name: it is not shown.
			return mdb.Options{}, fmt.Errorf("--var number %d has no NAME=: write --var NAME=VALUE", i+1)
		}
		vars[strings.TrimSpace(name)] = value
	}
	for _, file := range s.varFiles {
		if _, err := os.Stat(file); err != nil {
			return mdb.Options{}, fmt.Errorf("cannot read the file of --var-file: %w", err)
		}
	}
	return mdb.Options{Profile: s.profile, Vars: vars, VarFiles: s.varFiles}, nil
}

// where gives the path and the options of a command.
func (s *settings) where(cmd *cobra.Command, args []string) (string, mdb.Options, error) {
	path, err := s.path(cmd, args)
	if err != nil {
		return "", mdb.Options{}, err
	}
	options, err := s.options()
	return path, options, err
}

// load reads the configuration itself, for commands that hand out how servers are
// reached.
func (s *settings) load(cmd *cobra.Command, args []string) (*hcl.Config, error) {
	path, options, err := s.where(cmd, args)
	if err != nil {
		return nil, err
	}
	return hcl.Load(path, hcl.Options{Profile: options.Profile, Vars: options.Vars, VarFiles: options.VarFiles, Version: mdb.Version})
}

// areaOf gives the label of an area that is written "user" or "area.user".
func areaOf(cfg *hcl.Config, text string) (string, error) {
	name := strings.TrimPrefix(text, "area.")
	if _, ok := cfg.Registry.Area(name); ok {
		return name, nil
	}
	var known []string
	for _, a := range cfg.Registry.Areas() {
		known = append(known, a.Name())
	}
	return "", fmt.Errorf("no area %q: the configuration has %s", name, strings.Join(known, ", "))
}

// serverOf gives how a server is reached.
func serverOf(cfg *hcl.Config, name string) (hcl.Server, error) {
	i := slices.IndexFunc(cfg.Servers, func(s hcl.Server) bool { return s.Name == name })
	if i < 0 {
		return hcl.Server{}, fmt.Errorf("no server %q in the configuration", name)
	}
	return cfg.Servers[i], nil
}

// known fails for an endpoint whose DSN hangs on something that is not set.
func known(server string, e hcl.Endpoint) error {
	if e.Known {
		return nil
	}
	return fmt.Errorf("how to reach server %s is not known here: %s is not set", server, e.Missing)
}
