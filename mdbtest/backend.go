package mdbtest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/mdbrouter/mdb/mdbtest/mysqld"
)

// label names a replica of a server, or the server itself.
func label(server, replica string) string {
	if replica == "" {
		return server
	}
	return server + "/" + replica
}

// startServers gives every server and replica of the topology a real server.
func (c *Cluster) startServers(ctx context.Context) error {
	var labels []string
	for _, s := range c.Router.Registry().Topology().Servers {
		labels = append(labels, s.Name)
		for _, r := range s.Replicas {
			labels = append(labels, label(s.Name, r.Name))
		}
	}
	if len(c.options.DSNs) > 0 {
		return c.useDSNs(labels)
	}
	processes, err := mysqld.Start(ctx, len(labels), c.options.Servers)
	if err != nil {
		return err
	}
	c.processes = processes
	for i, p := range processes.Servers {
		s, err := newServer(labels[i], p.Config())
		if err != nil {
			return err
		}
		s.process = p
		c.servers = append(c.servers, s)
	}
	if err := c.eachReplica(func(primary, replica *Server) error {
		return replica.process.Follow(ctx, primary.process)
	}); err != nil {
		return err
	}
	return c.admitService(ctx)
}

// catchUp waits until the replicas of private servers have what is provisioned.
func (c *Cluster) catchUp(ctx context.Context) error {
	if c.processes == nil {
		return nil
	}
	return c.eachReplica(func(primary, replica *Server) error {
		return replica.process.CatchUp(ctx, primary.process)
	})
}

func (c *Cluster) eachReplica(do func(primary, replica *Server) error) error {
	for _, s := range c.Router.Registry().Topology().Servers {
		for _, r := range s.Replicas {
			if err := do(c.Server(s.Name), c.Server(label(s.Name, r.Name))); err != nil {
				return err
			}
		}
	}
	return nil
}

// useDSNs gives the labels the servers of the options. An error names no DSN.
func (c *Cluster) useDSNs(labels []string) error {
	if len(c.options.DSNs) < len(labels) {
		return fmt.Errorf("%d data source names are given, the topology needs %d, for %q", len(c.options.DSNs), len(labels), labels)
	}
	for i, name := range labels {
		cfg, err := mysql.ParseDSN(c.options.DSNs[i])
		if err != nil {
			return fmt.Errorf("data source name %d, for server %s, is malformed", i+1, name)
		}
		cfg.DBName = ""
		s, err := newServer(name, cfg)
		if err != nil {
			return err
		}
		c.servers = append(c.servers, s)
	}
	return nil
}

func newServer(label string, cfg *mysql.Config) (*Server, error) {
	// Tests kill servers and cut connections: the driver's complaints are no news.
	cfg.Logger = &mysql.NopLogger{}
	connector, err := mysql.NewConnector(cfg)
	if err != nil {
		return nil, fmt.Errorf("server %s: its data source name cannot be used", label)
	}
	return &Server{label: label, config: cfg, db: sql.OpenDB(connector)}, nil
}

// listDatabases notes the databases of the topology. On servers given by DSN
// none of them may exist: they would be dropped in the end.
func (c *Cluster) listDatabases(ctx context.Context) error {
	registry := c.Router.Registry()
	topology := registry.Topology()
	var all []database
	for _, s := range registry.Shards() {
		all = append(all, database{c.Server(s.Server), s.Area, s.Database})
	}
	if topology.Central != nil {
		for _, s := range topology.Central.Shards {
			all = append(all, database{server: c.Server(s.Server), name: s.Name})
		}
	}
	for _, a := range topology.Authorities {
		if a.Store != nil {
			all = append(all, database{server: c.Server(a.Store.Server), name: a.Store.Name})
		}
	}
	if c.processes == nil {
		if err := c.refuseExisting(ctx, all); err != nil {
			return err
		}
	}
	c.databases = all
	return nil
}

func (c *Cluster) refuseExisting(ctx context.Context, all []database) error {
	for _, s := range c.servers {
		existing, err := names(ctx, s.db, "SHOW DATABASES")
		if err != nil {
			return fmt.Errorf("list the databases on server %s: %w", s.label, err)
		}
		for _, d := range all {
			if d.server == s && slices.Contains(existing, d.name) {
				return fmt.Errorf("database %s exists on server %s, which was given by DSN; "+
					"only databases that mdbtest creates are used, and those it drops: drop this one or use another server", d.name, s.label)
			}
		}
	}
	return nil
}

// dropDatabases removes what was created on servers given by DSN.
func (c *Cluster) dropDatabases(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, actionTimeout)
	defer cancel()
	var errs []error
	for _, d := range c.databases {
		if _, err := d.server.db.ExecContext(ctx, "DROP DATABASE IF EXISTS "+quote(d.name)); err != nil {
			errs = append(errs, fmt.Errorf("drop database %s on server %s: %w", d.name, d.server.label, err))
		}
	}
	c.databases = nil
	return errors.Join(errs...)
}

// findCapabilities says what private servers can do, and asks others.
func (c *Cluster) findCapabilities(ctx context.Context) (Capabilities, error) {
	if c.processes != nil {
		return Capabilities{RowLocks: true, Replication: true, Durable: true, KillServer: true, OwnSysvars: true}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	caps := Capabilities{RowLocks: true}
	seen := map[*Server]bool{}
	for _, d := range c.databases {
		if d.area == "" || seen[d.server] {
			continue
		}
		seen[d.server] = true
		locks, err := rowLocks(ctx, d.server.db, d.name)
		if err != nil {
			return Capabilities{}, fmt.Errorf("try the row locks of server %s: %w", d.server.label, err)
		}
		caps.RowLocks = caps.RowLocks && locks
	}
	return caps, nil
}
