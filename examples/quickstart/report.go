package main

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/mdbrouter/mdb"
)

// report reads all customers back and prints where each lives. faults are those that
// could not be saved.
func report(ctx context.Context, users *mdb.Area, customers []customer, faults map[mdb.GDID]error, out io.Writer) error {
	fmt.Fprintf(out, "Where each user lives, with all its orders:\n\n")
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "  id\tpartition\tshard\tserver\tdatabase\tname\torders\tspent")
	for _, c := range customers {
		route, err := users.Route(c.id) // pure: it works with all servers down
		if err != nil {
			return err
		}
		fmt.Fprintf(table, "  %v\t%s\t%d\t%s\t%s\t", c.id, route.Partition, route.Shard, route.Server, route.Database)
		if faults[c.id] == nil {
			r, err := load(ctx, users, c.id)
			if err == nil {
				fmt.Fprintf(table, "%s\t%d\t%.2f\n", r.name, r.orders, float64(r.spent)/100)
				continue
			}
			faults[c.id] = err
		}
		fmt.Fprintf(table, "-\t-\t-\n")
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if len(faults) > 0 {
		fmt.Fprintf(out, "\nWhat failed:\n\n")
		for _, c := range customers {
			if err := faults[c.id]; err != nil {
				fmt.Fprintf(out, "  %v: %v\n", c.id, err)
			}
		}
		return fmt.Errorf("%d of %d users could not be reached; the others are not affected", len(faults), len(customers))
	}
	fmt.Fprint(out, next)
	return nil
}

const next = `
What to try next:

  examples/quickstart/topology.mdb.hcl        says all of this: move a start, add a shard, run again
  go run ./cmd/mdbcheck check examples/quickstart
                                              proves that the file is sound
  go run ./cmd/mdbcheck route --config examples/quickstart area.user 0:0:1 0:1:1001
                                              asks where an id lives, without a server
  go run ./examples/quickstart -engine real -pause
                                              real servers: stop one half-way, and see who is hurt
  examples/sqlc, examples/gorm                the same with generated queries and with an ORM
`
