package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/mdbrouter/mdb"
	"github.com/mdbrouter/mdb/gdid"
	"github.com/mdbrouter/mdb/gdid/authority"
)

func newIDsFloor(s *settings) *cobra.Command {
	var output, least string
	cmd := &cobra.Command{
		Use:   "floor SEQUENCE --at-least ERA:COUNTER",
		Short: "Move a sequence past ids that exist already",
		Long: `Floor moves every authority so far that its next id has at least this era and
counter, and begins the sequence there where it does not exist yet. It never moves
one back. Use it to take over ids that were made elsewhere: with the greatest of
them plus 1.

-o json prints what mdbctl ids status does, without a rate.

Exit status: 0 done, 1 refused or failed, 2 it could not run.`,
		Example: `  mdbctl ids floor user --at-least 0:1_234_568 --config deploy/mdb`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			key, err := keyFlag("at-least", least)
			if err != nil {
				return err
			}
			return s.changeIDs(cmd, args, output, func(ctx context.Context, set *authority.Set, sequence string) error {
				if err := set.Create(ctx, sequence, key); err != nil {
					return err
				}
				return set.Floor(ctx, sequence, key)
			})
		},
	}
	cmd.Flags().StringVar(&least, "at-least", "", "era and counter that the next id has at least")
	addOutput(cmd, &output, "human", "json")
	return cmd
}

func newIDsCeiling(s *settings) *cobra.Command {
	var output, at string
	var lift, restore bool
	cmd := &cobra.Command{
		Use:   "ceiling SEQUENCE --at ERA:COUNTER | --lift | --restore",
		Short: "Keep a sequence below an era and counter",
		Long: `Ceiling keeps every authority from giving ids at or past this era and counter, until
it is lifted. It is refused if one is past it, or cannot be asked. Appending a
partition holds a sequence by itself, beside the ceiling; --restore takes such a hold
away that was left behind, which is safe only when no mdbctl provision runs.

-o json prints what mdbctl ids status does, without a rate.

Exit status: 0 done, 1 refused or failed, 2 it could not run.`,
		Example: `  mdbctl ids ceiling user --at 0:500_000 --config deploy/mdb
  mdbctl ids ceiling user --lift --config deploy/mdb`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var key gdid.RangeKey
			if at != "" {
				var err error
				if key, err = keyFlag("at", at); err != nil {
					return err
				}
				if key.IsZero() {
					return errors.New("--at=0:0 is below every id: give --lift to take a ceiling away")
				}
			}
			return s.changeIDs(cmd, args, output, func(ctx context.Context, set *authority.Set, sequence string) error {
				if restore {
					return set.RestoreCeilings(ctx, sequence)
				}
				return set.Ceiling(ctx, sequence, key)
			})
		},
	}
	cmd.Flags().StringVar(&at, "at", "", "era and counter that no id reaches")
	cmd.Flags().BoolVar(&lift, "lift", false, "take the ceiling away")
	cmd.Flags().BoolVar(&restore, "restore", false, "take away what appending a partition left behind")
	cmd.MarkFlagsOneRequired("at", "lift", "restore")
	cmd.MarkFlagsMutuallyExclusive("at", "lift", "restore")
	addOutput(cmd, &output, "human", "json")
	return cmd
}

func newIDsFence(s *settings) *cobra.Command {
	var output, name string
	var opts authority.FenceOptions
	cmd := &cobra.Command{
		Use:   "fence SEQUENCE... --authority NAME --skip N",
		Short: "Let an authority give ids from the server it runs on now",
		Long: `Fence moves an authority, within the era, to the greatest of its own recorded head
and those of all other authorities, plus N, and records the server that answers now
as the one that gives its ids: after a failover, a clone or a restored backup.

N must exceed what the authority can have given without recording it here: the lag
of the replica, or the age of the backup, times the ids a second, with plenty to
spare; ids cost nothing. The server that gave the ids before must be gone for good.

It is refused if another authority cannot be asked. A new era would leave all
partitions but the last behind, so --new-era is refused unless the counter is spent.

-o json prints what mdbctl ids status does, without a rate.

Exit status: 0 done, 1 refused or failed, 2 it could not run.`,
		Example: `  mdbctl ids fence user order --authority chi --skip 1000000 --config deploy/mdb`,
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.changeIDs(cmd, args, output, func(ctx context.Context, set *authority.Set, sequence string) error {
				_, err := set.Fence(ctx, sequence, name, opts)
				return err
			})
		},
	}
	cmd.Flags().StringVar(&name, "authority", "", "label of the authority")
	cmd.Flags().Uint64Var(&opts.Skip, "skip", 0, "how many ids it may have given unrecorded")
	cmd.Flags().BoolVar(&opts.NewEra, "new-era", false, "go on in the next era, when this one is spent")
	for _, flag := range []string{"authority", "skip"} {
		if err := cmd.MarkFlagRequired(flag); err != nil {
			panic(err) // the flag was added above
		}
	}
	addOutput(cmd, &output, "human", "json")
	return cmd
}

// changeIDs changes the sequences that were named and shows how they are then.
func (s *settings) changeIDs(cmd *cobra.Command, args []string, output string, change func(context.Context, *authority.Set, string) error) error {
	return s.withIDs(cmd, args, func(ctx context.Context, p *mdb.Provisioner, sequences []string) error {
		for _, sequence := range sequences {
			if err := change(ctx, p.Authorities(), sequence); err != nil {
				return failed(err)
			}
		}
		lines, err := idsStatus(ctx, cmd.Context(), p, sequences, 0)
		if err != nil {
			return err
		}
		return s.writeIDs(output, lines, false)
	})
}

func keyFlag(flag, text string) (gdid.RangeKey, error) {
	key, err := gdid.ParseRangeKey(text)
	if err != nil {
		return gdid.RangeKey{}, fmt.Errorf("--%s=%q is not ERA:COUNTER, such as 0:1_234_568", flag, text)
	}
	return key, nil
}
