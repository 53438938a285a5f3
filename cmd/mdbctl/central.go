package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/mdbrouter/mdb"
	"github.com/mdbrouter/mdb/central"
)

func newCentral(s *settings) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "central",
		Short: "Look at and mend the indexes that lead from keys to ids",
		Long: `Central works on the indexes of CENTRAL: which id owns a key, which keys an id owns,
and what processes that died have left behind. It always asks the servers, as the
service's user, and obeys the same rules as services do: nothing here can take a
key from its owner but release.

Keys are people's emails and names: no output repeats one unless --keys asks for it.

Exit status: 0 done, 1 it failed, or a key was not found or is taken, 2 it could
not run.`,
		Example: `  mdbctl central lookup email ann@example.com --config deploy/mdb
  mdbctl central sweep --rate 5000
  mdbctl central count -o json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		text := err.Error()
		if strings.HasPrefix(text, "unknown ") { // it may be a key
			text = "unknown flag; write -- before keys that begin with a dash"
		}
		return fmt.Errorf("%s: see %s --help", text, cmd.CommandPath())
	})
	cmd.AddCommand(newCentralLookup(s), newCentralReserve(s), newCentralRelease(s), newCentralSweep(s), newCentralCount(s))
	return cmd
}

// centralTimeout is the longest that commands on single keys wait for servers.
const centralTimeout = 15 * time.Second

// withCentral runs fn with a router and the indexes that were named, "email" or
// "central.email", or all when none was.
func (s *settings) withCentral(cmd *cobra.Command, named []string, limit time.Duration, fn func(ctx context.Context, r *mdb.Router, indexes []*mdb.Index) error) (err error) {
	path, options, err := s.where(cmd, nil)
	if err != nil {
		return err
	}
	router, err := mdb.Open(cmd.Context(), path, options)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, router.Close()) }()
	indexes, err := namedIndexes(router, named)
	if err != nil {
		return err
	}
	ctx, cancel := cmd.Context(), context.CancelFunc(func() {})
	if limit > 0 {
		ctx, cancel = context.WithTimeout(ctx, limit)
	}
	defer cancel()
	return fn(ctx, router, indexes)
}

func namedIndexes(router *mdb.Router, named []string) ([]*mdb.Index, error) {
	all := router.Central().Indexes()
	if len(all) == 0 {
		return nil, errors.New("the configuration declares no index: add a central block with index \"NAME\" { ... }")
	}
	if len(named) == 0 {
		return all, nil
	}
	var known []string
	for _, x := range all {
		known = append(known, x.Name())
	}
	var chosen []*mdb.Index
	for _, text := range named {
		name := strings.TrimPrefix(text, "central.")
		x := router.Central().Index(name)
		if _, err := x.Parse("-"); errors.Is(err, mdb.ErrNoIndex) {
			return nil, fmt.Errorf("no index %q: the configuration has %s", oneLine(name), strings.Join(known, ", "))
		}
		chosen = append(chosen, x)
	}
	return chosen, nil
}

// readKeys gives the keys that are arguments, or lines of standard input where one
// is "-".
func (s *settings) readKeys(x *mdb.Index, args []string) ([]central.Encoded, error) {
	var keys []central.Encoded
	add := func(what string, number int, text string) error {
		k, err := x.Parse(text)
		if err != nil {
			return fmt.Errorf("%s %d is no key of index %s: %w", what, number, x.Name(), err)
		}
		keys = append(keys, k)
		return nil
	}
	for i, arg := range args {
		if arg != "-" {
			if err := add("argument", i+1, arg); err != nil {
				return nil, err
			}
			continue
		}
		if err := eachLine(s.env.stdin, func(number int, text string) error { return add("line", number, text) }); err != nil {
			return nil, err
		}
	}
	return keys, nil
}

// eachLine calls fn for each line that is not empty.
func eachLine(r io.Reader, fn func(number int, text string) error) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 64<<10)
	for number := 1; lines.Scan(); number++ {
		if text := strings.TrimSuffix(lines.Text(), "\r"); text != "" {
			if err := fn(number, text); err != nil {
				return err
			}
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("read standard input: %w", err)
	}
	return nil
}
