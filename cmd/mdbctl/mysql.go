package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"time"

	"github.com/spf13/cobra"

	"github.com/mdbrouter/mdb"
	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/gdid"
	"github.com/mdbrouter/mdb/hcl"
)

type mysqlFlags struct {
	client string
	admin  bool
}

func newMySQL(s *settings) *cobra.Command {
	f := mysqlFlags{}
	cmd := &cobra.Command{
		Use:   "mysql AREA ID [-- ARG...]",
		Short: "Open the mysql client on the shard of an id",
		Long: `Mysql opens the mariadb or mysql client on the shard that an id lives in, as the
user that services are. It first connects itself, so that a database that is not
that shard is refused. Arguments behind -- go to the client.

The password never stands on a command line or in a variable: the client reads it
from a pipe, or where there are none, from a file that only you can read and that is
removed when the client ends.

What is written in the client is not fenced: nothing keeps it off a partition that is
being appended or a briefcase that is being moved. A wrong id in a WHERE touches rows
of other briefcases.

Exit status: that of the client; 1 the shard is not what it should be, 2 it could
not run.`,
		Example: `  mdbctl mysql user 0:1:250122 --config deploy/mdb
  mdbctl mysql area.user 0:1:250122 -- --table -e 'SELECT COUNT(*) FROM tbl_user'`,
		Args: mysqlArgs,
		RunE: func(cmd *cobra.Command, args []string) error { return s.mysql(cmd, args, f) },
	}
	cmd.Flags().BoolVar(&f.admin, "admin", false, "as the admin user")
	cmd.Flags().StringVar(&f.client, "client", "", "the client to run (default: mariadb or mysql, whichever is found)")
	return cmd
}

func mysqlArgs(cmd *cobra.Command, args []string) error {
	own := len(args)
	if dash := cmd.ArgsLenAtDash(); dash >= 0 {
		own = dash
	}
	if own != 2 {
		return fmt.Errorf("give an area and an id, and arguments of the client behind --: there are %d arguments", own)
	}
	return nil
}

func (s *settings) mysql(cmd *cobra.Command, args []string, f mysqlFlags) error {
	cfg, err := s.load(cmd, nil)
	if err != nil {
		return err
	}
	name, err := areaOf(cfg, args[0])
	if err != nil {
		return err
	}
	id, err := gdid.Parse(args[1])
	if err != nil {
		return err
	}
	a, _ := cfg.Registry.Area(name)
	shard, err := a.Shard(id)
	if err != nil {
		return err
	}
	program, err := findClient(f.client)
	if err != nil {
		return err
	}
	if err := s.checkShard(cmd, shard, f.admin); err != nil {
		return failed(err)
	}
	endpoint, err := endpointOf(cfg, shard.Server, f.admin)
	if err != nil {
		return err
	}
	fmt.Fprintf(s.env.stderr, "%v is in shard %s %s: database %s on %s\n", id, shard.Area, shard.Label(), shard.Database, shard.Server)
	return s.runClient(cmd.Context(), program, endpoint, shard.Database, args[2:])
}

func endpointOf(cfg *hcl.Config, name string, admin bool) (hcl.Endpoint, error) {
	server, err := serverOf(cfg, name)
	if err != nil {
		return hcl.Endpoint{}, err
	}
	endpoint := server.Primary
	if admin {
		endpoint = server.Admin
	}
	return endpoint, known(name, endpoint)
}

// findClient gives the path of the client.
func findClient(asked string) (string, error) {
	names := []string{"mariadb", "mysql"}
	if asked != "" {
		names = []string{asked}
	}
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	if asked != "" {
		return "", fmt.Errorf("no client %q found: give the name or path of a mariadb or mysql client", asked)
	}
	return "", errors.New("no client mariadb or mysql found: install mariadb-client or mysql-client, or name one with --client")
}

// checkShard connects to a shard, which fails unless the database is that shard.
func (s *settings) checkShard(cmd *cobra.Command, shard *area.Shard, admin bool) (err error) {
	path, options, err := s.where(cmd, nil)
	if err != nil {
		return err
	}
	router, err := mdb.Open(cmd.Context(), path, options)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, router.Close()) }()
	ctx, cancel := context.WithTimeout(cmd.Context(), 10*time.Second)
	defer cancel()
	own, err := shardOf(router, shard)
	if err != nil {
		return err
	}
	if !admin {
		return own.Ping(ctx)
	}
	return pingAdmin(ctx, own)
}

func shardOf(router *mdb.Router, shard *area.Shard) (*mdb.Shard, error) {
	a, err := router.Area(shard.Area)
	if err != nil {
		return nil, err
	}
	for _, s := range a.Shards() {
		if s.Partition() == shard.Partition && s.Index() == shard.Index {
			return s, nil
		}
	}
	return nil, fmt.Errorf("the configuration changed while it was read: it has no shard %s any more", shard.Label())
}

// pingAdmin connects to a shard as the admin user, which fails unless the database
// is that shard.
func pingAdmin(ctx context.Context, s *mdb.Shard) error {
	db, err := s.Admin(ctx)
	if err != nil {
		return err
	}
	return db.PingContext(ctx)
}

// runClient runs the client and ends with its status. The client gets signals of
// the terminal itself, so the context's end is left to it.
func (s *settings) runClient(ctx context.Context, program string, e hcl.Endpoint, database string, args []string) error {
	credentials, err := newOptionFile(e.DSN.ClientOptions())
	if err != nil {
		return err
	}
	arguments := append([]string{"--defaults-extra-file=" + credentials.path, "--database=" + database}, args...)
	child := exec.CommandContext(context.WithoutCancel(ctx), program, arguments...)
	child.Stdin, child.Stdout, child.Stderr = s.env.stdin, s.env.stdout, s.env.stderr
	child.Env = s.env.environ
	child.ExtraFiles = credentials.inherited
	err = child.Run()
	removed := credentials.remove()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		if status := exit.ExitCode(); status > 0 {
			return errors.Join(&statusError{status: status}, removed)
		}
		return failed(fmt.Errorf("the client ended: %w", err))
	}
	if err != nil {
		return fmt.Errorf("run the client: %w", errors.Join(err, removed))
	}
	return removed
}
