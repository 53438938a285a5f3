package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/mdbrouter/mdb"
)

func newIDsNext(s *settings) *cobra.Command {
	var output string
	var count int
	cmd := &cobra.Command{
		Use:   "next SEQUENCE",
		Short: "Take new ids",
		Long: `Next takes ids of a sequence that nobody else was or will be given, and prints one a
line: as text, hex, sql (a literal for a BINARY(12) column) or json.

Exit status: 0 done, 1 no authority gave ids, 2 it could not run.`,
		Example: `  mdbctl ids next user --config deploy/mdb
  mdbctl ids next user -n 10 -o sql`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.withIDs(cmd, args, func(ctx context.Context, p *mdb.Provisioner, sequences []string) error {
				batch, err := p.Authorities().Take(ctx, sequences[0], count)
				if err != nil {
					return failed(err)
				}
				for id := range batch.All() {
					if err := writeID(s, output, id); err != nil {
						return err
					}
				}
				return nil
			})
		},
	}
	cmd.Flags().IntVarP(&count, "count", "n", 1, "how many ids")
	addOutput(cmd, &output, "text", "hex", "sql", "json")
	return cmd
}
