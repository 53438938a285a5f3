package pool

import (
	"cmp"
	"database/sql"
	"database/sql/driver"
	"errors"
	"log/slog"
	"sync"

	"github.com/go-sql-driver/mysql"

	"github.com/mdbrouter/mdb/area"
)

// A Dial says for which database a connector opens connections.
type Dial struct {
	Server   string // the server's label
	Replica  string // the replica's label; empty for the primary
	Database string // empty for none
	Admin    bool   // as the admin user
}

// Options tune [New]. The zero value is ready to use.
type Options struct {
	// Namespace is what every database must be stamped with.
	Namespace string
	// Logger gets what the driver reports, at debug level. Default: nothing is
	// logged.
	Logger *slog.Logger
	// Connector may wrap or replace the innermost connector, below the check of
	// identity and the guard. c is nil where the DSN is unknown, otherwise its
	// method Config() *mysql.Config gives the driver's configuration; a nil answer
	// makes the database unavailable. Its connections must implement
	// [driver.QueryerContext], [driver.ExecerContext] and
	// [driver.ConnPrepareContext], and answer the checks as a server does. It is
	// called once per database, and for each Ping, from any goroutine.
	Connector func(d Dial, c driver.Connector) driver.Connector
}

// Pools are the connections to all servers of one configuration. Nothing is
// dialled before it is used. Pools must be closed.
type Pools struct {
	options   Options
	endpoints map[string]*Endpoint // primaries by server
	replicas  map[Dial]*Endpoint   // by server and replica
	admins    map[string]*Endpoint // by server

	mu     sync.Mutex // guards shards, open, closed
	shards map[key]*Shard
	open   map[key]*sql.DB
	closed bool
}

// A key tells pools apart. Without shard and central there is no check of
// identity.
type key struct {
	dial    Dial
	shard   area.Shard
	central area.CentralShard
}

// New gives pools for servers. Replicas are only asked who they are, for now. It
// does no I/O.
func New(endpoints, admins []Endpoint, opts Options) *Pools {
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	p := &Pools{
		options:   opts,
		endpoints: make(map[string]*Endpoint, len(endpoints)),
		replicas:  make(map[Dial]*Endpoint),
		admins:    make(map[string]*Endpoint, len(admins)),
		shards:    make(map[key]*Shard),
		open:      make(map[key]*sql.DB),
	}
	for _, e := range endpoints {
		if e.Replica == "" {
			p.endpoints[e.Server] = &e
		} else {
			p.replicas[Dial{Server: e.Server, Replica: e.Replica}] = &e
		}
	}
	for _, e := range admins {
		e.MaxOpen = cmp.Or(e.MaxOpen, defaultAdminMaxOpen)
		p.admins[e.Server] = &e
	}
	return p
}

// Shard gives the pool of a shard, the same one for equal shards. It does no
// I/O.
func (p *Pools) Shard(s area.Shard) *Shard {
	s.Ordinal = 0 // the place in a registry is no part of what a shard is
	return p.handle(key{dial: Dial{Server: s.Server, Database: s.Database}, shard: s}, true)
}

// handle gives the Shard of a key, the same one for equal keys.
func (p *Pools) handle(k key, guarded bool) *Shard {
	p.mu.Lock()
	defer p.mu.Unlock()
	found := p.shards[k]
	if found == nil {
		found = &Shard{pools: p, key: k, guarded: guarded}
		p.shards[k] = found
	}
	return found
}

// Admin gives connections of a server's admin user, without a default database,
// guard or check of identity. The pool belongs to p; do not close it.
func (p *Pools) Admin(server string) (*sql.DB, error) {
	return p.database(key{dial: Dial{Server: server, Admin: true}}, false)
}

// Replica gives connections of the service's user to a replica, without a default
// database, guard or check of identity, for asking who it is. The pool belongs to
// p; do not close it.
func (p *Pools) Replica(server, replica string) (*sql.DB, error) {
	return p.database(key{dial: Dial{Server: server, Replica: replica}}, false)
}

// AdminDatabase is Admin with a default database.
func (p *Pools) AdminDatabase(server, database string) (*sql.DB, error) {
	return p.database(key{dial: Dial{Server: server, Database: database, Admin: true}}, false)
}

// AdminShard gives connections of the admin user to a shard's database. They are
// checked for identity and not guarded. The pool belongs to p; do not close it.
func (p *Pools) AdminShard(s area.Shard) (*sql.DB, error) {
	s.Ordinal = 0
	return p.database(key{dial: Dial{Server: s.Server, Database: s.Database, Admin: true}, shard: s}, false)
}

// Close closes all pools. Connections that are in use close when they are given
// back. Closing twice does nothing.
func (p *Pools) Close() error {
	p.mu.Lock()
	dbs := p.open
	p.open = nil
	p.closed = true
	for _, s := range p.shards {
		s.db.Store(nil)
	}
	p.mu.Unlock()
	var faults []error
	for _, db := range dbs {
		faults = append(faults, db.Close())
	}
	return errors.Join(faults...)
}

// database gives the pool of a key, opened if need be.
func (p *Pools) database(k key, guarded bool) (*sql.DB, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	facts := k.facts()
	if p.closed {
		return nil, facts.Wrap(area.ErrClosed)
	}
	if db := p.open[k]; db != nil {
		return db, nil
	}
	c, err := p.connector(k, guarded)
	if err != nil {
		return nil, facts.Wrap(err)
	}
	db := p.endpoint(k.dial).open(c)
	p.open[k] = db
	return db, nil
}

// endpoint gives the endpoint of a server, or nil.
func (p *Pools) endpoint(d Dial) *Endpoint {
	switch {
	case d.Admin:
		return p.admins[d.Server]
	case d.Replica != "":
		return p.replicas[Dial{Server: d.Server, Replica: d.Replica}]
	}
	return p.endpoints[d.Server]
}

// connector gives what opens the connections of a key.
func (p *Pools) connector(k key, guarded bool) (*connector, error) {
	e := p.endpoint(k.dial)
	if e == nil {
		return nil, &unavailableError{text: "the configuration has no such server"}
	}
	c := &connector{facts: k.facts(), guarded: guarded, timeout: defaultDialTimeout + handshakeTimeout}
	switch {
	case k.shard != (area.Shard{}):
		c.claim = &claim{namespace: p.options.Namespace, shard: k.shard}
	case k.central != (area.CentralShard{}):
		c.claim = newCentralClaim(p.options.Namespace, k.central)
	}
	if cfg := e.config(k.dial.Database); cfg != nil {
		cfg.Logger = driverLog{logger: p.options.Logger, server: k.dial.Server}
		c.timeout = cfg.Timeout + handshakeTimeout
		inner, err := mysql.NewConnector(cfg)
		if err != nil { // its text may show parameters
			return nil, &unavailableError{text: "the driver refuses the DSN; is its TLS configuration or server key registered with the driver?"}
		}
		c.inner = &declared{Connector: inner, config: cfg}
	}
	if p.options.Connector != nil {
		c.inner = p.options.Connector(k.dial, c.inner)
	}
	if c.inner == nil {
		missing := "it is not set"
		if e.Missing != "" {
			missing = e.Missing + " is not set"
		}
		return nil, &unavailableError{text: "its DSN is unknown: " + missing}
	}
	return c, nil
}

// facts gives what errors of a key's connections say beside their cause.
func (k key) facts() area.Error {
	facts := area.Error{Op: "connect", Server: k.dial.Server}
	if k.shard != (area.Shard{}) {
		facts.Area, facts.Shard = k.shard.Area, k.shard.Label()
	}
	if k.central != (area.CentralShard{}) {
		facts.Shard = k.central.Label() // whoever asks CENTRAL names the index
	}
	return facts
}
