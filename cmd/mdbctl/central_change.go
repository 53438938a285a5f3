package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/mdbrouter/mdb"
	"github.com/mdbrouter/mdb/cmd/internal/command"
	"github.com/mdbrouter/mdb/gdid"
)

func newCentralReserve(s *settings) *cobra.Command {
	var output string
	var ttl time.Duration
	var confirm bool
	cmd := &cobra.Command{
		Use:   "reserve INDEX KEY ID",
		Short: "Keep a key for an id",
		Long: `Reserve keeps a key for an id, so that nobody else can register it. Lookups do not
find it. After --ttl the reservation lapses, unless a briefcase of that id was
registered with it.

With --confirm the id owns the key for good, as after a registration: for a
briefcase that stands and whose key is missing. Nothing checks that it stands.

-o json prints an object: index, id, state (reserved or live).

Exit status: 0 done, 1 the key is taken or a server failed, 2 it could not run.`,
		Example: `  mdbctl central reserve name admin 0:1:1 --ttl 8760h --config deploy/mdb
  mdbctl central reserve email ann@example.com 0:1:250122 --confirm`,
		Args: cobra.ExactArgs(3),
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.changeKey(cmd, args, output, func(ctx context.Context, x *mdb.Index, k any, id mdb.GDID) (string, error) {
				if confirm {
					return "live", x.Add(ctx, k, id)
				}
				kept, err := x.Reserve(ctx, k, id, ttl)
				if err != nil {
					return "", err
				}
				if kept.Live() {
					return "live", nil
				}
				return "reserved", nil
			})
		},
	}
	cmd.Flags().DurationVar(&ttl, "ttl", time.Hour, "how long to keep it")
	cmd.Flags().BoolVar(&confirm, "confirm", false, "give the key to the id for good")
	addOutput(cmd, &output, "human", "json")
	return cmd
}

func newCentralRelease(s *settings) *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:   "release INDEX KEY ID",
		Short: "Take a key from the id that owns it",
		Long: `Release takes a key from an id, so that anybody may register it. The id must be
named, so that a key that has changed hands meanwhile stays where it is. The
briefcase is not touched: release the keys of one that is deleted last.

-o json prints an object: index, id, state (absent).

Exit status: 0 done, 1 the key is not the id's own or a server failed, 2 it could
not run.`,
		Example: `  mdbctl central release email ann@example.com 0:1:250122 --config deploy/mdb`,
		Args:    cobra.ExactArgs(3),
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.changeKey(cmd, args, output, func(ctx context.Context, x *mdb.Index, k any, id mdb.GDID) (string, error) {
				return "absent", x.Release(ctx, k, id)
			})
		},
	}
	addOutput(cmd, &output, "human", "json")
	return cmd
}

// changeKey runs fn with the index, key and id of the arguments, and tells what
// became of the key.
func (s *settings) changeKey(cmd *cobra.Command, args []string, output string, fn func(ctx context.Context, x *mdb.Index, k any, id mdb.GDID) (string, error)) error {
	return s.withCentral(cmd, args[:1], centralTimeout, func(ctx context.Context, _ *mdb.Router, indexes []*mdb.Index) error {
		x := indexes[0]
		keys, err := s.readKeys(x, args[1:2])
		if err != nil {
			return err
		}
		if len(keys) != 1 {
			return fmt.Errorf("%d keys are given: give one", len(keys))
		}
		id, err := gdid.Parse(args[2])
		if err != nil {
			return err
		}
		state, err := fn(ctx, x, keys[0], id)
		if err != nil {
			return failed(err)
		}
		if output == "json" {
			return command.WriteJSON(s.env.stdout, struct {
				Index string   `json:"index"`
				ID    mdb.GDID `json:"id"`
				State string   `json:"state"`
			}{x.Name(), id, state})
		}
		text := map[string]string{"live": "owns the key now", "reserved": "has the key reserved", "absent": "does not own the key any more"}[state]
		_, err = fmt.Fprintf(s.env.stdout, "%v %s in index %s\n", id, text, x.Name())
		return err
	})
}
