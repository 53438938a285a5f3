package live

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"slices"
	"sync"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/area/pool"
)

// checkService opens a connection to each database as a service does, which
// proves to a service that the database is the shard it should be, and looks at
// what the service's login may do.
func (s *server) checkService(ctx context.Context) error {
	if what := missing(s.spec.Primary); what != "" {
		s.run.unask(s.name, what+" is not set, so services were not tried: set it and run again")
		return nil
	}
	var opens []func() error
	for i := range s.shards {
		opens = append(opens, func() error { return s.open(ctx, s.shards[i].Database, s.run.pools.Shard(s.shards[i])) })
	}
	for _, shard := range s.central {
		opens = append(opens, func() error { return s.open(ctx, shard.Database, s.run.pools.Central(shard)) })
	}
	if err := allOf(opens); err != nil {
		return err
	}
	return s.checkServiceRights(ctx)
}

// connectionsAtOnce is how many connections to one server are opened at once.
const connectionsAtOnce = 4

// allOf calls functions, some at once, until one fails. It gives the first error.
func allOf(list []func() error) error {
	var running sync.WaitGroup
	var mu sync.Mutex // guards next, failed
	var failed error
	next := 0
	take := func() func() error {
		mu.Lock()
		defer mu.Unlock()
		if failed != nil || next == len(list) {
			return nil
		}
		next++
		return list[next-1]
	}
	for range min(connectionsAtOnce, len(list)) {
		running.Go(func() {
			for fn := take(); fn != nil; fn = take() {
				if err := fn(); err != nil {
					mu.Lock()
					failed = cmp.Or(failed, err)
					mu.Unlock()
				}
			}
		})
	}
	running.Wait()
	return failed
}

// open opens and closes one connection of a service. It notes why the database
// refuses, and fails for what concerns the server.
func (s *server) open(ctx context.Context, database string, shard *pool.Shard) error {
	db, err := shard.DB()
	if err != nil {
		return err
	}
	conn, err := db.Conn(ctx)
	if err == nil {
		discard(conn)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case err == nil:
		s.opened[database] = true
		return nil
	case errors.Is(err, area.ErrWrongShard) || errorNumber(err) == 1044:
		s.refused[database] = err
		return nil
	}
	return loginFault("the service's login", err)
}

// checkServiceRights looks at the rights of the service's login.
func (s *server) checkServiceRights(ctx context.Context) error {
	db, err := s.run.pools.Store(s.name, "")
	if err != nil {
		return err
	}
	conn, err := openSession(ctx, db)
	if err != nil {
		return loginFault("the service's login", err)
	}
	defer discard(conn)
	lacking, err := s.checkRights(ctx, conn, "the service's login", s.address(), s.serviceNeeds())
	for database, rights := range lacking {
		s.unread[database] = slices.Contains(rights, "SELECT")
	}
	return err
}

// checkAdmin looks at the rights of the admin's login, where there is one.
func (s *server) checkAdmin(ctx context.Context) error {
	if !s.hasAdmin() {
		return nil
	}
	lacking, err := s.checkRights(ctx, s.conn, "the admin's login", s.address()+".admin", s.adminNeeds())
	for database, rights := range lacking {
		s.unseen[database] = len(rights) == len(adminRights)
	}
	return err
}

// hasAdmin reports whether the admin is another login than the service's.
func (s *server) hasAdmin() bool {
	return s.spec.Primary.Known && s.spec.Primary.DSN.User() != s.spec.Admin.DSN.User()
}

// grantsOf reads the rights of a session's user and its roles.
func grantsOf(ctx context.Context, conn *sql.Conn, mariadb bool) (*grants, error) {
	statement := "SHOW GRANTS"
	if !mariadb {
		var role string
		err := conn.QueryRowContext(ctx, "SELECT CURRENT_ROLE()").Scan(&role)
		if err == nil && role != "" && role != "NONE" {
			statement = "SHOW GRANTS FOR CURRENT_USER() USING " + role
		}
		if err != nil && errorNumber(err) == 0 {
			return nil, err
		}
	}
	g := &grants{}
	err := queryOn(ctx, conn, statement, func(rows *sql.Rows) error {
		var line string // it may hold the hash of a password
		err := rows.Scan(&line)
		g.add(line)
		return err
	})
	return g, err
}
