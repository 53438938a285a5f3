// Command mdbctl operates the servers of a configuration of mdb: it provisions
// them, asks who they are, opens a client or runs a command on their shards.
//
//	mdbctl provision deploy/mdb
//	mdbctl ping deploy/mdb
//
// Exit status: 0 done, 1 it failed or something is wrong, 2 it could not run,
// 3 provision has steps left that it was not told to take.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/mdbrouter/mdb/cmd/internal/command"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	status := run(ctx, os.Args[1:], environment{
		stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, lookupEnv: os.LookupEnv, environ: os.Environ(),
		stdinIsTerminal: command.IsTerminal(os.Stdin), stdoutIsTerminal: command.IsTerminal(os.Stdout), stderrIsTerminal: command.IsTerminal(os.Stderr),
	})
	stop()
	os.Exit(status)
}
