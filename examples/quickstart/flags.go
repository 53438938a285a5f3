package main

import (
	"context"
	"errors"
	"flag"
	"fmt"

	"github.com/mdbrouter/mdb/examples/internal/servers"
)

// serverCount is how many servers topology.mdb.hcl has.
const serverCount = 4

type options struct {
	engine string
	dsns   []string
	pause  bool
}

func parseFlags(args []string) (options, error) {
	var opts options
	flags := flag.NewFlagSet("quickstart", flag.ContinueOnError)
	flags.StringVar(&opts.engine, "engine", servers.Embedded, "where the servers come from: embedded in this process, or real, started from the machine's mariadbd or mysqld")
	flags.Func("dsn", "a server that runs already, as user:password@tcp(host:port)/; once for all shards on one server, or four times. Its databases quickstart_user_* stay", func(dsn string) error {
		opts.dsns = append(opts.dsns, dsn)
		return nil
	})
	flags.BoolVar(&opts.pause, "pause", false, "wait for the Enter key half-way, to look into the servers or stop one")
	if err := flags.Parse(args); err != nil {
		return options{}, err
	}
	if flags.NArg() > 0 {
		return options{}, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	return opts, nil
}

// start gives the servers, and the profile of the topology that fits them.
func (o options) start(ctx context.Context) (set *servers.Set, profile string, err error) {
	switch len(o.dsns) {
	case 0:
		set, err = servers.Start(ctx, o.engine, serverCount)
		return set, "", err
	case 1:
		only := o.dsns[0]
		return servers.Given([]string{only, only, only, only}), "solo", nil
	case serverCount:
		return servers.Given(o.dsns), "", nil
	}
	return nil, "", errors.New("-dsn: give it once or four times")
}
