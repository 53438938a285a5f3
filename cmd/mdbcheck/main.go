// Command mdbcheck proves that a configuration of mdb is sound, and shows where
// it sends ids and keys. It talks to no server, unless told to.
//
//	mdbcheck check deploy/mdb
//	mdbcheck route --config deploy/mdb area.user 0:1:250122
//	mdbcheck live deploy/mdb
//
// Exit status: 0 nothing at or above --fail-on, 1 something is wrong with the
// configuration, a server or an id, 2 it could not run, 3 a server could not be
// asked.
package main

import (
	"os"

	"github.com/mdbrouter/mdb/cmd/internal/command"
)

func main() {
	os.Exit(run(os.Args[1:], environment{
		stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, lookupEnv: os.LookupEnv,
		stdoutIsTerminal: command.IsTerminal(os.Stdout), stderrIsTerminal: command.IsTerminal(os.Stderr),
	}))
}
