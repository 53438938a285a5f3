// Quickstart starts four MySQL servers, spreads users and their orders over them as
// topology.mdb.hcl says, reads everything back and prints which user lives where.
//
// It needs nothing but Go: the servers run inside the process. The same program
// runs on real ones:
//
//	go run ./examples/quickstart
//	go run ./examples/quickstart -engine real          # mariadbd or mysqld of this machine
//	go run ./examples/quickstart -engine real -pause   # stop a server half-way, and see
//	go run ./examples/quickstart -dsn 'root@tcp(127.0.0.1:3306)/'
package main

import (
	"bufio"
	"context"
	"embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"

	"github.com/mdbrouter/mdb"

	"github.com/mdbrouter/mdb/examples/internal/servers"
)

//go:embed topology.mdb.hcl schema
var topology embed.FS

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdin, os.Stdout)
	stop()
	if errors.Is(err, flag.ErrHelp) {
		os.Exit(2)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "quickstart:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, in io.Reader, out io.Writer) (err error) {
	opts, err := parseFlags(args)
	if err != nil {
		return err
	}
	set, profile, err := opts.start(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, set.Close()) }()
	fmt.Fprintf(out, "%s\n\n", set.About)

	vars, err := set.Vars()
	if err != nil {
		return err
	}
	config := mdb.Options{FS: topology, Vars: vars, Profile: profile}

	// Create the databases, mdb's own tables and the schema. Services leave that to
	// mdbctl provision.
	if err := mdb.Provision(ctx, ".", config); err != nil {
		return err
	}

	// From here on it is what a service does: open, get an area, use briefcases.
	router, err := mdb.Open(ctx, ".", config)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, router.Close()) }()
	users, err := router.Area("user")
	if err != nil {
		return err
	}

	newcomer, err := signUp(ctx, users, "Kim", order{"tea", 350})
	if err != nil {
		return err
	}
	everybody := append(slices.Clone(customers), newcomer)

	faults := make(map[mdb.GDID]error)
	for i, c := range everybody {
		if opts.pause && i == len(customers)/2 {
			if err := pause(ctx, set, in, out); err != nil {
				return err
			}
		}
		// A server that is down fails its own users alone. The others go on.
		if err := c.save(ctx, users); err != nil {
			faults[c.id] = err
		}
	}
	return report(ctx, users, everybody, faults, out)
}

// pause waits for the Enter key.
func pause(ctx context.Context, set *servers.Set, in io.Reader, out io.Writer) error {
	fmt.Fprintf(out, "Half of the users are written. The servers:\n\n")
	for i, server := range set.Servers {
		fmt.Fprintf(out, "  s%d", i+1)
		if server.Addr != "" {
			fmt.Fprintf(out, "  %s, user root, no password", server.Addr)
		}
		if server.PID != 0 {
			fmt.Fprintf(out, ", stop it with: kill -9 %d", server.PID)
		}
		fmt.Fprintln(out)
	}
	fmt.Fprintf(out, "\nLook into them with a mysql client, or stop one. Enter goes on.\n")
	entered := make(chan error, 1)
	go func() {
		_, err := bufio.NewReader(in).ReadString('\n')
		entered <- err
	}()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case err := <-entered:
		if errors.Is(err, io.EOF) {
			return nil
		}
		return err
	}
}
