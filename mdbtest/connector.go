package mdbtest

import (
	"context"
	"database/sql/driver"
	"fmt"

	"github.com/go-sql-driver/mysql"

	"github.com/mdbrouter/mdb"
)

// serviceUser is who the router is on private servers: a service needs no more
// rights than these, so a test must not have more.
const (
	serviceUser   = "mdbtest_service"
	serviceRights = "SELECT, INSERT, UPDATE, DELETE, EXECUTE, LOCK TABLES"
)

// A connector opens the router's connections to a server of the cluster, in
// place of the one that the configuration declares.
type connector struct {
	cluster *Cluster
	dial    mdb.Dial
	params  *mysql.Config // as declared; never changed
}

// connector is the router's option of that name. The servers need not run yet.
func (c *Cluster) connector(d mdb.Dial, declared driver.Connector) driver.Connector {
	inner := &connector{cluster: c, dial: d}
	if known, ok := declared.(interface{ Config() *mysql.Config }); ok {
		inner.params = known.Config()
	} else {
		c.undeclared.Store(d.Server, struct{}{})
		inner.params = mysql.NewConfig()
		inner.params.InterpolateParams = true
		inner.params.Logger = &mysql.NopLogger{}
	}
	if c.options.Config.Connector == nil {
		return inner
	}
	return c.options.Config.Connector(d, inner)
}

// Connect keeps the declared parameters and replaces who connects whereto.
func (c *connector) Connect(ctx context.Context) (driver.Conn, error) {
	s, ok := c.cluster.server(label(c.dial.Server, c.dial.Replica))
	if !ok {
		return nil, fmt.Errorf("mdbtest: server %s does not run", label(c.dial.Server, c.dial.Replica))
	}
	cfg := c.params.Clone()
	cfg.DBName = c.dial.Database
	cfg.Net, cfg.Addr = s.config.Net, s.config.Addr
	cfg.User, cfg.Passwd = s.config.User, s.config.Passwd
	if s.process != nil && !c.dial.Admin {
		cfg.User, cfg.Passwd = serviceUser, ""
	}
	cfg.TLS, cfg.TLSConfig, cfg.ServerPubKey = s.config.TLS, s.config.TLSConfig, s.config.ServerPubKey
	real, err := mysql.NewConnector(cfg)
	if err != nil {
		return nil, fmt.Errorf("mdbtest: server %s cannot be connected to with the declared parameters", s.label)
	}
	return real.Connect(ctx)
}

// Driver gives the driver beneath.
func (c *connector) Driver() driver.Driver { return mysql.MySQLDriver{} }

// admitService creates the router's user on the private servers.
func (c *Cluster) admitService(ctx context.Context) error {
	for _, s := range c.Router.Registry().Topology().Servers {
		db := c.Server(s.Name).db
		for _, statement := range []string{
			"CREATE USER '" + serviceUser + "'@'%' IDENTIFIED BY ''",
			"GRANT " + serviceRights + " ON *.* TO '" + serviceUser + "'@'%'",
		} {
			if _, err := db.ExecContext(ctx, statement); err != nil {
				return fmt.Errorf("create the user of the service on server %s: %w", s.Name, err)
			}
		}
	}
	return nil
}
