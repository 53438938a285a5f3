package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mdbrouter/mdb"
	"github.com/mdbrouter/mdb/cmd/internal/command"
	"github.com/mdbrouter/mdb/hcl"
)

// settings are the flags that all commands share.
type settings struct {
	env environment

	flags command.Flags
}

func (s *settings) addTo(root *cobra.Command) {
	s.flags.AddTo(root)
	root.PersistentPreRunE = func(cmd *cobra.Command, _ []string) error { return s.flags.Validate(cmd) }
}

// addOutput adds --output to a command that has several forms; the first is the
// default.
func addOutput(cmd *cobra.Command, output *string, forms ...string) {
	cmd.Flags().StringVarP(output, "output", "o", forms[0], "form of the output: "+strings.Join(forms, ", "))
	command.Complete(cmd, "output", forms...)
	before := cmd.RunE
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := command.SeeHelp(cmd, command.OneOf("output", *output, forms...)); err != nil {
			return err
		}
		return before(cmd, args)
	}
}

// where gives the path and the options of a command.
func (s *settings) where(cmd *cobra.Command, args []string) (string, mdb.Options, error) {
	path, err := s.flags.Path(cmd, args)
	if err != nil {
		return "", mdb.Options{}, err
	}
	options, err := s.flags.Options()
	return path, mdb.Options{Profile: options.Profile, Vars: options.Vars, VarFiles: options.VarFiles}, err
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
