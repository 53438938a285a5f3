package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/mdbrouter/mdb"
	"github.com/mdbrouter/mdb/gdid/authority"
)

func newIDs(s *settings) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "ids",
		Short: "Look at and operate the authorities that give ids",
		Long: `Ids works on the sequences of ids: every area has one of its own name, and the
configuration may declare more. Each authority keeps a head for each sequence: the
next counter that it will give.

Exit status: 0 done, 1 it failed or an authority gives no ids, 2 it could not run.`,
		Example: `  mdbctl ids status --config deploy/mdb
  mdbctl ids next user
  mdbctl ids floor user --at-least 0:1_234_568
  mdbctl ids fence user --authority chi --skip 1000000`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newIDsStatus(s), newIDsPeek(s), newIDsNext(s), newIDsFloor(s), newIDsCeiling(s), newIDsFence(s))
	return cmd
}

// idsTimeout is the longest that the commands wait for authorities.
const idsTimeout = 15 * time.Second

// withIDs runs fn with the authorities and with the sequences that were named, or
// all when none was.
func (s *settings) withIDs(cmd *cobra.Command, named []string, fn func(ctx context.Context, p *mdb.Provisioner, sequences []string) error) (err error) {
	path, options, err := s.where(cmd, nil)
	if err != nil {
		return err
	}
	p, err := mdb.NewProvisioner(path, mdb.ProvisionOptions{Options: options})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	sequences := p.Sequences()
	if len(named) > 0 {
		if sequences, err = namedSequences(sequences, named); err != nil {
			return err
		}
	}
	if len(p.Authorities().Stores()) == 0 {
		return errors.New("the configuration declares no authority: add a block authority \"NAME\" { number = 0 ... }")
	}
	ctx, cancel := context.WithTimeout(cmd.Context(), idsTimeout)
	defer cancel()
	return fn(ctx, p, sequences)
}

// namedSequences gives the sequences that were named, written "user", "area.user" or
// "sequence.user".
func namedSequences(sequences, named []string) ([]string, error) {
	var chosen []string
	for _, text := range named {
		name := strings.TrimPrefix(strings.TrimPrefix(text, "area."), "sequence.")
		if !slices.Contains(sequences, name) {
			return nil, fmt.Errorf("no sequence %q: the configuration has %s", name, strings.Join(sequences, ", "))
		}
		chosen = append(chosen, name)
	}
	return chosen, nil
}

// hint says what to do about an error of an authority, or nothing.
func hint(sequence, name string, err error) string {
	switch {
	case errors.Is(err, authority.ErrAuthorityUnfenced), errors.Is(err, authority.ErrWentBack):
		return fmt.Sprintf("when the server that gave its ids before can never come back: mdbctl ids fence %s --authority %s --skip N", sequence, name)
	case errors.Is(err, authority.ErrNotProvisioned):
		return "mdbctl provision begins new sequences at 1; if ids exist already, first: mdbctl ids floor " + sequence + " --at-least ERA:COUNTER"
	case errors.Is(err, authority.ErrLocked):
		return "ask the process that has the files open, or stop it"
	case err != nil:
		return "see with mdbctl ping which servers answer"
	}
	return ""
}
