package mdbtest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/mdbrouter/mdb"
	"github.com/mdbrouter/mdb/mdbtest/mysqld"
)

// A Cluster is a topology on real servers. It is safe for concurrent use.
type Cluster struct {
	// Router reaches the cluster's servers. It belongs to the cluster.
	Router *mdb.Router

	options   Options
	servers   []*Server // as in the configuration, each before its replicas
	processes *mysqld.Cluster
	databases []database
	caps      Capabilities

	undeclared sync.Map // labels of servers whose DSN the configuration does not tell here
}

// A database is one that the topology names.
type database struct {
	server *Server
	area   string // "" for one of CENTRAL or of an authority
	name   string
}

// Start puts the topology of the configuration at path on servers for one test,
// and closes everything when the test ends. The test fails if that does not
// succeed; with Options.Skip it is skipped if no server program is installed.
func Start(tb testing.TB, path string, opts Options) *Cluster {
	tb.Helper()
	return start(tb, opts, func() (*Cluster, error) { return Open(tb.Context(), path, opts) })
}

func start(tb testing.TB, opts Options, open func() (*Cluster, error)) *Cluster {
	tb.Helper()
	c, err := open()
	if opts.Skip && errors.Is(err, mysqld.ErrNotFound) {
		tb.Skip(err)
	}
	if err != nil {
		tb.Fatal(err)
	}
	if servers := c.undeclaredServers(); len(servers) > 0 {
		tb.Logf("the DSNs of servers %q are not known here: their parameters are the driver's defaults", servers)
	}
	tb.Cleanup(func() {
		if err := c.Close(); err != nil {
			tb.Error(err)
		}
	})
	return c
}

// undeclaredServers are those whose DSN hangs on something that is not set.
func (c *Cluster) undeclaredServers() []string {
	var labels []string
	c.undeclared.Range(func(server, _ any) bool {
		labels = append(labels, server.(string))
		return true
	})
	slices.Sort(labels)
	return labels
}

// Open is Start without a test, for TestMain. The caller closes the cluster.
func Open(ctx context.Context, path string, opts Options) (_ *Cluster, err error) {
	c := &Cluster{options: opts.withDefaults()}
	defer func() {
		if err != nil {
			err = fmt.Errorf("mdbtest: open %s: %w", path, err)
			err = errors.Join(err, c.close(context.WithoutCancel(ctx)))
		}
	}()
	config := c.options.Config
	config.Connector = c.connector
	c.Router, err = mdb.Open(ctx, path, config)
	if err != nil {
		return nil, err
	}
	if err := c.startServers(ctx); err != nil {
		return nil, err
	}
	if err := c.listDatabases(ctx); err != nil {
		return nil, err
	}
	if err := mdb.Provision(ctx, path, config); err != nil {
		return nil, err
	}
	if err := c.applySchema(ctx); err != nil {
		return nil, err
	}
	if err := c.catchUp(ctx); err != nil {
		return nil, err
	}
	c.caps, err = c.findCapabilities(ctx)
	return c, err
}

// Close closes the router and ends the private servers, or drops the databases
// that were created on servers given by DSN. Closing twice does nothing.
func (c *Cluster) Close() error { return c.close(context.Background()) }

func (c *Cluster) close(ctx context.Context) error {
	var errs []error
	if c.Router != nil {
		_ = c.Router.Close() // connections to servers that were killed end badly
	}
	if c.processes == nil {
		errs = append(errs, c.dropDatabases(ctx))
	}
	for _, s := range c.servers {
		_ = s.db.Close() // as above
	}
	if c.processes != nil {
		errs = append(errs, c.processes.Close())
	}
	return errors.Join(errs...)
}

// Server returns the server with a label of the configuration: "u1", or "u1/b"
// for replica b of u1. It panics if there is none.
func (c *Cluster) Server(label string) *Server {
	if s, ok := c.server(label); ok {
		return s
	}
	panic(fmt.Sprintf("mdbtest: the configuration has no server %q", label))
}

func (c *Cluster) server(label string) (*Server, bool) {
	for _, s := range c.servers {
		if s.label == label {
			return s, true
		}
	}
	return nil, false
}

// Servers returns all servers in the order of the configuration, each before its
// replicas.
func (c *Cluster) Servers() []*Server { return slices.Clone(c.servers) }

// DSN returns a data source name for an administrator in a database of a server,
// "" for none; with the Server and Database of a [mdb.Route], the shard of an id.
// It panics if there is no such server.
func (c *Cluster) DSN(server, database string) string { return c.Server(server).DSN(database) }
