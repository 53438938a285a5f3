package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/mdbrouter/mdb/cmd/internal/command"
)

// The exit statuses. The mysql command gives that of the client.
const (
	exitOK     = 0 // done
	exitFailed = 1 // it failed, or something is wrong with a server
	exitNotRun = 2 // usage, a configuration that does not open, output that cannot be written
	exitLeft   = 3 // provision has steps left that it was not told to take
)

// An environment is all that run knows of the world, so that tests can give it
// another.
type environment struct {
	stdin            io.Reader
	stdout, stderr   io.Writer
	lookupEnv        func(string) (string, bool)
	environ          []string // of child processes, NAME=VALUE
	stdinIsTerminal  bool
	stdoutIsTerminal bool
	stderrIsTerminal bool
}

// A statusError ends the program with a status of its own. Without Err everything
// has been said already.
type statusError struct {
	status int
	err    error
}

// Error gives the cause.
func (e *statusError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit status %d", e.status)
	}
	return e.err.Error()
}

// Unwrap gives the cause.
func (e *statusError) Unwrap() error { return e.err }

// failed marks an error of what was done, in contrast to one of usage.
func failed(err error) error {
	if err == nil {
		return nil
	}
	return &statusError{status: exitFailed, err: err}
}

// run runs one command line and returns the exit status.
func run(ctx context.Context, args []string, env environment) int {
	stdout := &command.TrackedWriter{Writer: env.stdout}
	env.stdout = stdout
	root := newRoot(env) //nolint:contextcheck // commands get the context from ExecuteContext
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if stdout.Err != nil && (err == nil || errors.Is(err, stdout.Err)) {
		fmt.Fprintln(env.stderr, "mdbctl: cannot write the output:", sanitise(stdout.Err.Error()))
		return exitNotRun
	}
	if err == nil {
		return exitOK
	}
	status := exitNotRun
	if own, ok := errors.AsType[*statusError](err); ok {
		if status = own.status; own.err == nil {
			return status
		}
	}
	fmt.Fprintln(env.stderr, "mdbctl:", sanitise(err.Error()))
	if next := nextStep(err); next != "" {
		fmt.Fprintln(env.stderr, "next:", next)
	}
	return status
}

func newRoot(env environment) *cobra.Command {
	s := &settings{env: env}
	root := &cobra.Command{
		Use:   "mdbctl",
		Short: "Operate the servers of a configuration of mdb",
		Long: `mdbctl works on the servers that a configuration of mdb declares: a directory with
*.mdb.hcl and *.mdb.json, or one such file. mdbcheck checks a configuration
without a server; mdbctl refuses one that mdbcheck finds errors in.

Exit status: 0 done, 1 it failed or something is wrong, 2 it could not run,
3 provision has steps left that it was not told to take.`,
		Example: `  mdbctl provision deploy/mdb
  mdbctl ping deploy/mdb
  mdbctl mysql user 0:1:250122 --config deploy/mdb
  mdbctl each user --config deploy/mdb -- sh -c 'goose -dir migrations mysql "$MDB_DSN" up'`,
		Args:          cobra.NoArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SuggestionsMinimumDistance = 2
	root.SetIn(env.stdin)
	root.SetOut(env.stdout)
	root.SetErr(env.stderr)
	root.SetFlagErrorFunc(command.SeeHelp)
	s.addTo(root)
	root.AddCommand(newProvision(s), newPing(s), newAdmit(s), newMySQL(s), newID(s), newIDs(s), newCentral(s), newEach(s), newTargets(s), newVersion(s))
	command.GuideArgs(root)
	return root
}
