package command

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// SeeHelp gives a complaint about usage its next step. Of nil it makes nil.
func SeeHelp(cmd *cobra.Command, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w: see %s --help", err, cmd.CommandPath())
}

// GuideArgs gives what commands, and those below them, complain of their arguments
// its next step.
func GuideArgs(cmds ...*cobra.Command) {
	for _, cmd := range cmds {
		if args := cmd.Args; args != nil {
			cmd.Args = func(cmd *cobra.Command, given []string) error { return SeeHelp(cmd, args(cmd, given)) }
		}
		GuideArgs(cmd.Commands()...)
	}
}

// OneOf demands that the value of a flag is one of those allowed.
func OneOf(flag, value string, allowed ...string) error {
	if slices.Contains(allowed, value) {
		return nil
	}
	return fmt.Errorf("--%s=%q is not one of %s", flag, value, strings.Join(allowed, ", "))
}

// Complete has the shell offer values for a flag of cmd. It panics if cmd has no
// such flag, or the flag completes already.
func Complete(cmd *cobra.Command, flag string, values ...string) {
	if err := cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic(err)
	}
}
