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
	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/cmd/internal/command"
)

func newAdmit(s *settings) *cobra.Command {
	var output string
	var timeout time.Duration
	cmd := &cobra.Command{
		Use:   "admit SERVER",
		Short: "Let a server that was replaced serve its shards",
		Long: `Admit writes the identity of the server that now answers under a label into all
shards that stand on it, so that services accept it: after a move to another
machine, the promotion of a replica, a container with a new address, or a new label.

Admit a server only when the old one can never come back under load: two servers
that both take writes lose data. It refuses a server where a database is stamped as
anything else than the configuration says.

Exit status: 0 done, 1 refused or failed, 2 it could not run.`,
		Example: `  mdbctl admit u3 --config deploy/mdb`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			path, options, err := s.where(cmd, nil)
			if err != nil {
				return err
			}
			p, err := mdb.NewProvisioner(path, mdb.ProvisionOptions{Options: options})
			if err != nil {
				return err
			}
			if server := args[0]; !slices.ContainsFunc(p.Registry().Topology().Servers, func(s area.Server) bool { return s.Name == server }) {
				return errors.Join(fmt.Errorf("no server %q: the configuration has %s", server, serverNames(p.Registry())), p.Close())
			}
			ctx, cancel := context.WithTimeout(cmd.Context(), timeout)
			defer cancel()
			done, err := p.Admit(ctx, args[0])
			if err := errors.Join(err, p.Close()); err != nil {
				return failed(err)
			}
			if output == "json" {
				return command.WriteJSON(s.env.stdout, done)
			}
			_, err = fmt.Fprintf(s.env.stdout, "%s is %s now, for %s\n", done.Server, sanitise(done.Identity), counted(len(done.Databases), "database"))
			for _, replica := range done.Replicas {
				_, _ = fmt.Fprintf(s.env.stdout, "replica %s may serve them too\n", sanitise(replica.Identity))
			}
			return err
		},
	}
	cmd.Flags().DurationVar(&timeout, "timeout", time.Minute, "the longest to wait")
	addOutput(cmd, &output, "human", "json")
	return cmd
}

func serverNames(r *area.Registry) string {
	var names []string
	for _, s := range r.Topology().Servers {
		names = append(names, s.Name)
	}
	return strings.Join(names, ", ")
}
