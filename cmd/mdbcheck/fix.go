package main

import (
	"fmt"
	"maps"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"github.com/mdbrouter/mdb/hcl"
)

// fix mends the files of the configuration that cmd is about.
func (s *settings) fix(cmd *cobra.Command, args []string) error {
	path, err := s.flags.Path(cmd, args)
	if err != nil {
		return err
	}
	options, err := s.options()
	if err != nil {
		return err
	}
	texts, err := hcl.Fix(path, options)
	if err != nil {
		return fmt.Errorf("--fix: nothing is written: %w", err)
	}
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		before, err := os.ReadFile(name)
		if err != nil {
			return fmt.Errorf("--fix: cannot read %s: %w", name, err)
		}
		if err := rewrite(name, before, texts[name]); err != nil {
			return fmt.Errorf("--fix: cannot write %s: %w", name, err)
		}
		if _, err := fmt.Fprintln(s.env.stderr, "fixed", oneLine(name)); err != nil {
			return err
		}
	}
	return nil
}
