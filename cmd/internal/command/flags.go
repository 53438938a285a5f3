// Package command is what mdbcheck and mdbctl share as programs: the flags that
// say which configuration is meant and with what variables, when and how output
// is coloured, and how a complaint about usage ends.
//
// It holds what must be the same in both, and nothing of any single command. A
// [Paint] and the functions may be used by any goroutine, [Flags] and a
// [TrackedWriter] by one at a time.
package command

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mdbrouter/mdb/hcl"
)

// colours are the values of --color.
var colours = []string{"auto", "always", "never"}

// Flags are those that every command of a program has.
type Flags struct {
	Config  string // directory or file of the configuration
	Profile string // "": none
	Color   string // auto, always or never, once Validate has returned nil

	vars     []string // as given, NAME=VALUE
	varFiles []string
}

// AddTo adds the flags to root, for it and all its commands.
func (f *Flags) AddTo(root *cobra.Command) {
	flags := root.PersistentFlags()
	flags.StringVarP(&f.Config, "config", "c", ".", "directory or file of the configuration")
	flags.StringVar(&f.Profile, "profile", "", "profile to apply")
	flags.StringArrayVar(&f.vars, "var", nil, "set a variable, as NAME=VALUE; may be repeated; secrets: --var-file or the environment")
	flags.StringArrayVar(&f.varFiles, "var-file", nil, "file of variables, one NAME = VALUE a line, or JSON; may be repeated")
	flags.StringVar(&f.Color, "color", colours[0], "colours: auto, always or never")
	Complete(root, "color", colours...)
}

// Validate demands a --color that there is. The other flags are judged where they
// are used.
func (f *Flags) Validate(cmd *cobra.Command) error {
	return SeeHelp(cmd, OneOf("color", f.Color, colours...))
}

// Path is where the configuration is: the first of args, which cmd was given, or
// --config. It fails unless there is something to read.
func (f *Flags) Path(cmd *cobra.Command, args []string) (string, error) {
	path := f.Config
	if len(args) > 0 {
		if cmd.Flags().Changed("config") && f.Config != args[0] {
			return "", fmt.Errorf("two configurations, %q and --config=%q: give one", args[0], f.Config)
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

// Options are what package hcl is told: the profile, the variables, and the
// version that required_version is held against. An error never has the value of
// a variable.
func (f *Flags) Options() (hcl.Options, error) {
	vars := make(map[string]string, len(f.vars))
	for i, text := range f.vars {
		name, value, ok := strings.Cut(text, "=")
		if !ok || name == "" {
			// The text may be a secret that lost its name: it is not shown.
			return hcl.Options{}, fmt.Errorf("--var number %d has no NAME=: write --var NAME=VALUE", i+1)
		}
		vars[strings.TrimSpace(name)] = value
	}
	for _, file := range f.varFiles {
		if _, err := os.Stat(file); err != nil {
			return hcl.Options{}, fmt.Errorf("cannot read the file of --var-file: %w", err)
		}
	}
	return hcl.Options{Profile: f.Profile, Vars: vars, VarFiles: f.varFiles, Version: hcl.Version}, nil
}
