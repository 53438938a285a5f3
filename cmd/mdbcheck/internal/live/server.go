package live

import (
	"context"
	"database/sql"
	"fmt"
	"sync"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/area/pool"
	"github.com/mdbrouter/mdb/area/provision"
	"github.com/mdbrouter/mdb/hcl"
)

// A server is one declared server being asked over one session.
type server struct {
	run  *run
	name string // the label
	spec *hcl.Server
	// conn is a session of the admin's login (the primary's own without an admin
	// block): read only, without a default database, its statements limited in
	// time. It is open until the check ends.
	conn *sql.Conn
	vars map[string]string // of the session, by their names in lower case
	// state is what was found on the server.
	state provision.ServerState
	// tables are those of the databases that the configuration places here, by the
	// name under which the server keeps the database.
	tables map[string][]table
	keys   []*sampledIndex // of the indexes in the CENTRAL shards here
	// shards and central are those that the configuration places here.
	shards  []area.Shard
	central []area.CentralShard
	stores  []area.Authority // whose store is here

	databases map[string]bool // the names of all that the login may see
	unusable  string          // a setting under which neither services nor provisioning work
	mu        sync.Mutex      // guards refused, opened
	// refused has why a service cannot use its databases, opened those that one has
	// opened, by the name in the configuration.
	refused map[string]error
	opened  map[string]bool
	unread  map[string]bool // those that MDB822 says the service may not read
	unseen  map[string]bool // those on which MDB822 says the admin has no right

	done bool // everything was asked
}

// newServers gives the servers of the configuration in its order, and notes their
// replicas.
func (r *run) newServers() []*server {
	all := make([]*server, len(r.cfg.Servers))
	byName := make(map[string]*server, len(all))
	for i := range all {
		spec := &r.cfg.Servers[i]
		all[i] = &server{run: r, name: spec.Name, spec: spec, tables: map[string][]table{}, refused: map[string]error{}, opened: map[string]bool{}, unread: map[string]bool{}, unseen: map[string]bool{}}
		byName[spec.Name] = all[i]
		for _, replica := range spec.Replicas {
			r.replicas = append(r.replicas, newReplica(all[i], replica))
		}
	}
	for _, shard := range r.registry.Shards() {
		if s := byName[shard.Server]; s != nil {
			s.shards = append(s.shards, shard)
		}
	}
	if c := r.registry.Central(); c != nil {
		for _, shard := range c.ShardList() {
			if s := byName[shard.Server]; s != nil {
				s.central = append(s.central, shard)
			}
		}
	}
	for _, a := range r.registry.Topology().Authorities {
		if a.Store != nil && byName[a.Store.Server] != nil {
			s := byName[a.Store.Server]
			s.stores = append(s.stores, a)
		}
	}
	return all
}

// address names the server's declaration.
func (s *server) address() string { return "server." + s.name }

// find adds a finding; see [run.find].
func (s *server) find(rule, address string, f finding) { s.run.find(rule, address, f) }

// used reports whether the configuration places anything here.
func (s *server) used() bool { return len(s.shards)+len(s.central)+len(s.stores) > 0 }

// partitionAddress names the declaration of the partition of a shard.
func partitionAddress(s *area.Shard) string { return "area." + s.Area + ".partition." + s.Partition }

// centralAddress names where CENTRAL's shards are listed.
const centralAddress = "central.shards"

// openPools makes connections possible; none is opened yet.
func (r *run) openPools() {
	var endpoints, replicas, admins []pool.Endpoint
	for i := range r.cfg.Servers {
		s := &r.cfg.Servers[i]
		endpoints = append(endpoints, endpointOf(s.Name, s.Primary))
		for _, replica := range s.Replicas {
			endpoints = append(endpoints, endpointOf(s.Name, replica))
			replicas = append(replicas, endpointOf(s.Name, asAdmin(s, replica)))
		}
		admins = append(admins, endpointOf(s.Name, s.Admin))
	}
	opts := pool.Options{Namespace: r.cfg.Namespace, Connector: r.opts.Connector}
	r.pools, r.admins = pool.New(endpoints, admins, opts), pool.New(replicas, nil, opts)
}

// asAdmin gives a replica as its server's admin reaches it: accounts are
// replicated too.
func asAdmin(s *hcl.Server, replica hcl.Endpoint) hcl.Endpoint {
	if !s.Admin.Known || !replica.Known {
		return replica
	}
	if d, err := s.Admin.DSN.WithAddress(replica.DSN.Address()); err == nil {
		replica.DSN = d
	}
	return replica
}

func endpointOf(server string, e hcl.Endpoint) pool.Endpoint {
	return pool.Endpoint{
		Server: server, Replica: e.Name, DSN: e.DSN, Missing: e.Missing,
		MaxOpen: e.MaxOpen, MaxIdle: e.MaxIdle, MaxLifetime: e.MaxLifetime,
	}
}

// missing says what is not set for an endpoint, or nothing.
func missing(e hcl.Endpoint) string {
	switch {
	case e.Known:
		return ""
	case e.Missing == "":
		return "its DSN"
	}
	return e.Missing
}

// ask asks a server everything that one server can tell.
func (s *server) ask(ctx context.Context) error {
	if err := s.connect(ctx); err != nil {
		return err
	}
	for _, step := range []func(context.Context) error{
		s.readVariables,
		s.readDatabases,
		s.readState,
		s.checkAdmin,
		s.checkService,
		s.readTables,
		s.sample,
	} {
		if err := step(ctx); err != nil {
			return &midwayError{err}
		}
	}
	s.done = true
	return nil
}

// readState reads the stamps of the databases.
func (s *server) readState(ctx context.Context) error {
	if s.unusable != "" {
		return &unusableError{setting: s.unusable}
	}
	s.state = provision.ReadServer(ctx, s.run.registry, s.name, s.conn)
	if isDenied(s.state.Err) {
		s.find("MDB822", s.address()+".admin", finding{
			summary: s.adminLogin() + " may not read mdb's own tables on " + s.name,
			detail:  "what the databases are cannot be told", help: grantHelp("SELECT"),
		})
	}
	return s.state.Err
}

// An unusableError is returned for a server that MDB819 reports.
type unusableError struct{ setting string }

// Error names the setting.
func (e *unusableError) Error() string {
	return fmt.Sprintf("its %s is not what mdb relies on, so its databases were not read", e.setting)
}

// adminLogin names the login of the session.
func (s *server) adminLogin() string {
	if s.hasAdmin() {
		return "the admin's login"
	}
	return "the service's login"
}

// readDatabases lists the databases that the login may see.
func (s *server) readDatabases(ctx context.Context) error {
	s.databases = map[string]bool{}
	return s.query(ctx, "SELECT schema_name FROM information_schema.schemata", func(rows *sql.Rows) error {
		var name string
		err := rows.Scan(&name)
		s.databases[name] = true
		return err
	})
}

// query calls scan for each row of an answer.
func (s *server) query(ctx context.Context, query string, scan func(*sql.Rows) error) error {
	return queryOn(ctx, s.conn, query, scan)
}

// queryOn calls scan for each row of an answer of a connection.
func queryOn(ctx context.Context, conn *sql.Conn, query string, scan func(*sql.Rows) error) error {
	rows, err := conn.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// answered gives the servers that were asked everything.
func answered(all []*server) []*server {
	var done []*server
	for _, s := range all {
		if s.done {
			done = append(done, s)
		}
	}
	return done
}

func closeAll(all []*server) {
	for _, s := range all {
		if s.conn != nil {
			_ = s.conn.Close()
		}
	}
}
