package main

import (
	"context"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/mdbrouter/mdb"
	"github.com/mdbrouter/mdb/cmd/internal/command"
)

func newCentralCount(s *settings) *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:   "count [INDEX...]",
		Short: "Count the keys of indexes",
		Long: `Count counts the live and the reserved keys of the indexes, or of those named, over
all CENTRAL shards. It reads every row, on the servers.

-o json prints one object a line: index, live, reserved.

Exit status: 0 done, 1 a server failed, 2 it could not run.`,
		Example: `  mdbctl central count --config deploy/mdb
  mdbctl central count email -o json`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.withCentral(cmd, args, 0, func(ctx context.Context, _ *mdb.Router, indexes []*mdb.Index) error {
				var rows table
				rows.add("INDEX", "LIVE", "RESERVED")
				for _, x := range indexes {
					live, reserved, err := x.Count(ctx)
					if err != nil {
						return failed(err)
					}
					rows.add(x.Name(), strconv.Itoa(live), strconv.Itoa(reserved))
					if output != "json" {
						continue
					}
					line := struct {
						Index    string `json:"index"`
						Live     int    `json:"live"`
						Reserved int    `json:"reserved"`
					}{x.Name(), live, reserved}
					if err := command.WriteJSON(s.env.stdout, line); err != nil {
						return err
					}
				}
				if output == "json" {
					return nil
				}
				return s.writeTable(&rows, true, 0)
			})
		},
	}
	addOutput(cmd, &output, "human", "json")
	return cmd
}
