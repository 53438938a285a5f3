package provision

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/mdbrouter/mdb/area"
)

// lockName names the lock that keeps provisioning processes apart. It covers a
// whole server, whatever the namespace, because databases share their names.
const lockName = "mdb_provision"

// sqlMode is the mode of every session, so that a schema means the same on all
// servers.
const sqlMode = "ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION"

// A session is one connection of the admin user to a server. It is never
// reopened: when it breaks, the lock it held is gone, and so is the right to go on.
type session struct {
	server string
	conn   *sql.Conn
}

func openSession(ctx context.Context, servers Servers, server string) (*session, error) {
	db, err := servers.Admin(ctx, server)
	if err != nil {
		return nil, err
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	return &session{server: server, conn: conn}, nil
}

// close ends the connection itself instead of giving it back to the pool: with it
// go its lock, its transaction and its settings.
func (s *session) close() {
	// Raw returns the very error that makes the pool drop the connection.
	_ = s.conn.Raw(func(any) error { return driver.ErrBadConn })
	_ = s.conn.Close()
}

// lock takes the server's lock and prepares the session for changes. The lock
// ends with the session.
func (s *session) lock(ctx context.Context, wait time.Duration, waits func()) error {
	deadline := time.Now().Add(wait)
	for {
		var got sql.Null[int64]
		err := s.conn.QueryRowContext(ctx, "SELECT GET_LOCK('"+lockName+"', 1)").Scan(&got)
		switch {
		case err != nil:
			return fmt.Errorf("take the lock: %w", err)
		case got.V == 1:
			return s.prepare(ctx)
		case time.Now().After(deadline):
			return ErrLocked
		}
		waits()
	}
}

func (s *session) prepare(ctx context.Context) error {
	if err := s.exec(ctx, "SET SESSION sql_mode = '"+sqlMode+"'"); err != nil {
		return fmt.Errorf("set the mode of the session: %w", err)
	}
	// An engine without this setting waits as long as it likes.
	if err := s.exec(ctx, "SET SESSION innodb_lock_wait_timeout = 1"); err != nil && !fromServer(err) {
		return fmt.Errorf("set the lock wait of the session: %w", err)
	}
	return nil
}

// fromServer reports whether a server answered with the error, so that the
// session goes on.
func fromServer(err error) bool {
	_, ok := errors.AsType[area.ServerError](err)
	return ok
}

// runner is a session's connection or a transaction on it.
type runner interface {
	querier
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

func (s *session) exec(ctx context.Context, query string, args ...any) error {
	_, err := s.conn.ExecContext(ctx, query, args...)
	return err
}

// execCount runs a statement and gives the number of rows that it changed.
func execCount(ctx context.Context, r runner, query string, args ...any) (int64, error) {
	result, err := r.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// inTx runs fn in a transaction of the session. The error of a failed COMMIT
// leaves open whether it landed: the next run reads what is there.
func (s *session) inTx(ctx context.Context, fn func(tx *sql.Tx) error) error {
	tx, err := s.conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := fn(tx); err != nil {
		return errors.Join(err, rollback(tx))
	}
	return tx.Commit()
}

// rollback ends a transaction. A connection that is gone has ended it already.
func rollback(tx *sql.Tx) error {
	err := tx.Rollback()
	if errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrTxDone) || errors.Is(err, sql.ErrConnDone) {
		return nil
	}
	return err
}

// sessions are the locked sessions of all servers.
type sessions map[string]*session

// lockAll locks all servers of the configuration, one after another in the order
// of their names, so that two processes never wait for each other.
func lockAll(ctx context.Context, cfg Config, waits func(server string)) (sessions, error) {
	servers := slices.SortedFunc(slices.Values(cfg.Registry.Topology().Servers), func(a, b area.Server) int { return strings.Compare(a.Name, b.Name) })
	locked := make(sessions, len(servers))
	for _, server := range servers {
		s, err := openSession(ctx, cfg.Servers, server.Name)
		if err == nil {
			locked[server.Name] = s
			err = s.lock(ctx, cfg.LockWait, func() { waits(server.Name) })
		}
		if err != nil {
			locked.close()
			return nil, (area.Error{Op: "provision", Server: server.Name}).Wrap(err)
		}
	}
	return locked, nil
}

func (l sessions) close() {
	for _, s := range l {
		s.close()
	}
}

// read reads all servers over the locked sessions.
func (l sessions) read(ctx context.Context, cfg Config) []ServerState {
	servers := cfg.Registry.Topology().Servers
	states := make([]ServerState, len(servers))
	eachServer(servers, func(i int, server area.Server) {
		states[i] = readServer(ctx, l[server.Name], placed(cfg.Registry, server.Name))
		states[i].Replicas = readReplicas(ctx, cfg, server)
	})
	return states
}
