package live

import (
	"context"
	"database/sql"
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
	// tables are those of the databases that the configuration places here.
	tables map[string][]table
	// shards and central are those that the configuration places here.
	shards  []area.Shard
	central []area.CentralShard

	done bool // everything was asked
}

// address names the server's declaration.
func (s *server) address() string { return "server." + s.name }

// find adds a finding; see [run.find].
func (s *server) find(rule, address string, f finding) { s.run.find(rule, address, f) }

// partitionAddress names the declaration of the partition of a shard.
func partitionAddress(s *area.Shard) string { return "area." + s.Area + ".partition." + s.Partition }

func newPools(cfg *hcl.Config, opts Options) *pool.Pools {
	var endpoints, admins []pool.Endpoint
	for i := range cfg.Servers {
		s := &cfg.Servers[i]
		endpoints = append(endpoints, endpointOf(s.Name, s.Primary))
		for _, replica := range s.Replicas {
			endpoints = append(endpoints, endpointOf(s.Name, replica))
		}
		admins = append(admins, endpointOf(s.Name, s.Admin))
	}
	return pool.New(endpoints, admins, pool.Options{Namespace: cfg.Namespace, Connector: opts.Connector})
}

func endpointOf(server string, e hcl.Endpoint) pool.Endpoint {
	return pool.Endpoint{
		Server: server, Replica: e.Name, DSN: e.DSN, Missing: e.Missing,
		MaxOpen: e.MaxOpen, MaxIdle: e.MaxIdle, MaxLifetime: e.MaxLifetime,
	}
}

// newServers gives the servers of the configuration in its order.
func (r *run) newServers() []*server {
	all := make([]*server, len(r.cfg.Servers))
	byName := make(map[string]*server, len(all))
	for i := range all {
		spec := &r.cfg.Servers[i]
		all[i] = &server{run: r, name: spec.Name, spec: spec, tables: map[string][]table{}}
		byName[spec.Name] = all[i]
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
	return all
}

// eachServer calls ask for all servers, several at once, each under the time
// limit, and waits for all.
func (r *run) eachServer(ctx context.Context, all []*server, ask func(*server, context.Context) error) {
	slots := make(chan struct{}, r.opts.Parallel)
	var running sync.WaitGroup
	for _, s := range all {
		slots <- struct{}{}
		running.Go(func() {
			defer func() { <-slots }()
			bounded, cancel := context.WithTimeout(ctx, r.opts.Timeout)
			defer cancel()
			err := ask(s, bounded)
			s.done = err == nil
			if err != nil {
				r.unask(s.name, "it failed")
			}
		})
	}
	running.Wait()
}

// ask asks a server everything that one server can tell.
func (s *server) ask(ctx context.Context) error {
	if err := s.connect(ctx); err != nil {
		return err
	}
	for _, step := range []func(context.Context) error{
		s.readState,
		s.readTables,
		s.sample,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// connect opens the session.
func (s *server) connect(ctx context.Context) error {
	db, err := s.run.pools.Admin(s.name)
	if err != nil {
		return err
	}
	if s.conn, err = db.Conn(ctx); err != nil {
		return err
	}
	_, err = s.conn.ExecContext(ctx, "SET SESSION TRANSACTION READ ONLY")
	return err
}

// readState reads the stamps of the databases.
func (s *server) readState(ctx context.Context) error {
	s.state = provision.ReadServer(ctx, s.run.registry, s.name, s.conn)
	return s.state.Err
}

// query calls scan for each row of an answer.
func (s *server) query(ctx context.Context, query string, args []any, scan func(*sql.Rows) error) error {
	rows, err := s.conn.QueryContext(ctx, query, args...)
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
