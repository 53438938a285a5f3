package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/mdbrouter/mdb/cmd/internal/command"
)

// The exit statuses.
const (
	exitOK       = 0 // nothing at or above --fail-on
	exitFindings = 1 // something is wrong with the configuration, or with an id
	exitNotRun   = 2 // usage, a path that cannot be read, output that cannot be written
	exitUnasked  = 3 // live could not ask a server
)

const exitHelp = `Exit status: 0 nothing found, 1 something found, 2 could not run.`

// An environment is all that run knows of the world, so that tests can give it
// another.
type environment struct {
	stdin            io.Reader
	stdout, stderr   io.Writer
	lookupEnv        func(string) (string, bool)
	stdoutIsTerminal bool
	stderrIsTerminal bool
}

// errFindings ends a command with status 1, when it has said why already.
var errFindings = errors.New("there are findings")

// run runs one command line and returns the exit status.
func run(args []string, env environment) int {
	stdout := &command.TrackedWriter{Writer: env.stdout}
	env.stdout = stdout
	root := newRoot(env)
	root.SetArgs(args)
	err := root.Execute()
	switch {
	case stdout.Err != nil:
		fmt.Fprintln(env.stderr, "mdbcheck: cannot write the output:", sanitise(stdout.Err.Error()))
		return exitNotRun
	case errors.Is(err, errFindings):
		return exitFindings
	case errors.Is(err, errUnasked):
		return exitUnasked
	case err != nil:
		fmt.Fprintln(env.stderr, "mdbcheck:", sanitise(err.Error()))
		return exitNotRun
	}
	return exitOK
}

func newRoot(env environment) *cobra.Command {
	s := &settings{env: env}
	check := checkFlags{}
	root := &cobra.Command{
		Use:   "mdbcheck [PATH]",
		Short: "Prove that a configuration of mdb is sound, and show where it sends ids",
		Long: `mdbcheck reads a configuration of mdb, a directory with *.mdb.hcl and *.mdb.json
or one such file, and says what is wrong with it. It talks to no server, unless
live or breaking --head-from live is asked to.
Without a command it checks; a path that has the name of a command is written as
./check.

` + exitHelp,
		Example: `  mdbcheck deploy/mdb
  mdbcheck check deploy/mdb --fail-on warning -o json
  mdbcheck route --config deploy/mdb area.user 0:1:250122
  mdbcheck show deploy/mdb --profile solo
  mdbcheck live deploy/mdb`,
		Args:          onePath,
		Annotations:   findingForms,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.RunE = func(cmd *cobra.Command, args []string) error { return runCheck(s, cmd, check, args) }
	root.SuggestionsMinimumDistance = 2
	root.SetIn(env.stdin)
	root.SetOut(env.stdout)
	root.SetErr(env.stderr)
	root.SetFlagErrorFunc(command.SeeHelp)
	s.addTo(root)
	check.addTo(root)
	root.AddCommand(newCheck(s), newLive(s), newBreaking(s), newLock(s), newTest(s), newGraph(s), newFmt(s), newShow(s), newRoute(s), newExplain(s), newRules(s), newVersion(s))
	command.GuideArgs(root.Commands()...)
	for _, cmd := range root.Commands() {
		s.deliver(cmd)
	}
	return root
}

// onePath demands a path at most, and tells commands that do not exist from paths.
func onePath(cmd *cobra.Command, given []string) error {
	if len(given) == 0 || len(given) == 1 && exists(given[0]) {
		return nil
	}
	if near := cmd.SuggestionsFor(given[0]); len(near) > 0 && !exists(given[0]) {
		return fmt.Errorf("no command, file or directory %q: did you mean mdbcheck %s?", given[0], near[0])
	}
	if len(given) > 1 {
		return fmt.Errorf("%q is no command, and one path is checked at a time: see mdbcheck --help", given[0])
	}
	return nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
