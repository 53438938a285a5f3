package authority

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/gdid"
)

// MySQL is an authority that keeps its heads in the table mdb_sequence of a
// database, one row per sequence. It is safe for concurrent use, by any number of
// processes.
//
// A lease is one statement that commits by itself, on connections that are used
// for nothing else: a lease within a caller's transaction would come back when
// that is rolled back. It goes through only on the server that the row names, in
// the era that the row was read with.
type MySQL struct {
	config MySQLConfig
	db     *sql.DB
	sql    statements

	mu     sync.Mutex // guards idle, closed
	idle   []*session
	closed bool
}

// MySQLConfig says which authority a database is.
type MySQLConfig struct {
	Name      string // the authority's label
	Number    uint8  // 0 to [gdid.MaxAuthority]
	Namespace string // of the configuration, with its profile
	// Database holds the table. Default: the default database of the connections.
	Database string
}

const (
	maxIdleSessions = 2
	// maxSessionIdle is how long a connection is kept from the pool unused. After
	// that the pool may renew it.
	maxSessionIdle = 30 * time.Second
	// maxTries is how often a lease is tried when others move the head between
	// reading and writing, which they can only at the end of an era, at a ceiling
	// and when catching up.
	maxTries = 32
)

// NewMySQL gives an authority over connections that must neither be guarded nor
// be in use by others' transactions. It does no I/O. db stays the caller's, to be
// closed after [MySQL.Close].
func NewMySQL(db *sql.DB, config MySQLConfig) *MySQL {
	return &MySQL{config: config, db: db, sql: newStatements(config.Database)}
}

// Name is the authority's label.
func (m *MySQL) Name() string { return m.config.Name }

// Number is the authority's number.
func (m *MySQL) Number() uint8 { return m.config.Number }

// Lease gives a block; see [Authority]. It costs one round trip, and a few more
// on a new connection and where an era ends.
func (m *MySQL) Lease(ctx context.Context, req Request) (Block, error) {
	var block Block
	err := m.with(ctx, "lease", req.Sequence, func(s *session) error {
		var err error
		block, err = s.lease(ctx, m, req)
		return err
	})
	return block, err
}

// Read gives what the authority keeps of a sequence; see [Store].
func (m *MySQL) Read(ctx context.Context, sequence string) (State, error) {
	var state State
	err := m.with(ctx, "read", sequence, func(s *session) error {
		var err error
		state, err = s.read(ctx, s.conn, m.sql.read, m.key(sequence))
		return err
	})
	return state, err
}

// with runs fn with a session. A connection that was kept may have broken
// meanwhile; then fn runs once more with a new one. Running a lease twice is safe:
// the first may be lost, and is then a gap.
func (m *MySQL) with(ctx context.Context, op, sequence string, fn func(*session) error) error {
	s, kept, err := m.take(ctx)
	if err == nil {
		s.answered = false
		err = fn(s)
		if kept && err != nil && s.mayBeStale(ctx, err) {
			m.put(s, err)
			if s, err = m.open(ctx); err == nil {
				err = fn(s)
			}
		}
	}
	if s != nil {
		m.put(s, err)
	}
	if err != nil {
		return &Error{Op: op, Sequence: sequence, Authority: m.config.Name, Err: explain(err)}
	}
	return nil
}

// explain marks the server's answers that mean that nothing was provisioned.
func explain(err error) error {
	if answer, ok := errors.AsType[area.ServerError](err); ok {
		switch answer.Number() {
		case 1049, 1146: // no such database, no such table
			return fmt.Errorf("%w: %w", ErrNotProvisioned, err)
		}
	}
	return err
}

// take gives a kept session, or a new one.
func (m *MySQL) take(ctx context.Context) (s *session, kept bool, err error) {
	m.mu.Lock()
	if m.closed {
		m.mu.Unlock()
		return nil, false, area.ErrClosed
	}
	if n := len(m.idle); n > 0 {
		s = m.idle[n-1]
		m.idle = m.idle[:n-1]
	}
	m.mu.Unlock()
	if s != nil && time.Since(s.used) < maxSessionIdle {
		return s, true, nil
	}
	if s != nil {
		s.close()
	}
	s, err = m.open(ctx)
	return s, false, err
}

// put keeps a session, unless something went wrong with it.
func (m *MySQL) put(s *session, err error) {
	s.used = time.Now()
	m.mu.Lock()
	keep := err == nil && !m.closed && len(m.idle) < maxIdleSessions
	if keep {
		m.idle = append(m.idle, s)
	}
	m.mu.Unlock()
	if !keep {
		s.close()
	}
}

// Close gives the connections back. Later calls fail with [area.ErrClosed].
// Closing twice is harmless.
func (m *MySQL) Close() error {
	m.mu.Lock()
	idle := m.idle
	m.idle, m.closed = nil, true
	m.mu.Unlock()
	for _, s := range idle {
		s.close()
	}
	return nil
}

// key gives the primary key of a sequence's row.
func (m *MySQL) key(sequence string) []any {
	return []any{m.config.Namespace, sequence, m.config.Number}
}

// Create makes the authority hold a sequence, see [Store]. It creates the database
// and the table if need be, and so needs an admin's connections.
func (m *MySQL) Create(ctx context.Context, sequence string, first gdid.RangeKey) error {
	return m.with(ctx, "create", sequence, func(s *session) error { return s.create(ctx, m, sequence, first) })
}

// Change replaces the record of a sequence; see [Store].
func (m *MySQL) Change(ctx context.Context, sequence string, change func(State) (Record, error)) error {
	return m.with(ctx, "change", sequence, func(s *session) error { return s.change(ctx, m, sequence, change) })
}
