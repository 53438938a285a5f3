package pool

import (
	"context"
	"database/sql/driver"
)

// A stmt is a prepared statement. Each execution is decided anew.
type stmt struct {
	conn  *conn
	inner driver.Stmt // nil: not prepared on the server yet
	text  string
}

var (
	_ driver.StmtExecContext   = (*stmt)(nil)
	_ driver.StmtQueryContext  = (*stmt)(nil)
	_ driver.NamedValueChecker = (*stmt)(nil)
)

// PrepareContext prepares any statement that may run somewhere; whether it may
// run here is decided each time it does. Some servers do not even prepare a write
// in a session that may only read: there it is prepared when it first runs, and a
// mistake in it is found then.
func (c *conn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	if err := c.ready("prepare"); err != nil {
		return nil, err
	}
	s := &stmt{conn: c, text: query}
	if c.guarded {
		st := c.cache.classify(query, c.mode)
		if st.kind == refused {
			return nil, c.wrap("prepare", st.refusal())
		}
		if runsNow := st.admits(c.tx) == nil; !runsNow {
			return s, nil
		}
	}
	if err := s.prepare(ctx); err != nil {
		return nil, err
	}
	return s, nil
}

// Prepare is PrepareContext without a context.
func (c *conn) Prepare(query string) (driver.Stmt, error) {
	return c.PrepareContext(context.Background(), query)
}

// prepare prepares the statement on the server, unless it is.
func (s *stmt) prepare(ctx context.Context) error {
	if s.inner != nil {
		return nil
	}
	inner, err := s.conn.preparer.PrepareContext(ctx, s.text)
	if err != nil {
		return s.conn.fail("prepare", err)
	}
	s.inner = inner
	return nil
}

// ExecContext runs the statement if the guard admits it now.
func (s *stmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	if err := s.conn.admit("exec", s.text); err != nil {
		return nil, err
	}
	if err := s.prepare(ctx); err != nil {
		return nil, err
	}
	execer, ok := s.inner.(driver.StmtExecContext)
	if !ok {
		return nil, s.conn.wrap("exec", errLimited)
	}
	result, err := execer.ExecContext(ctx, args)
	if err != nil {
		return nil, s.conn.failStatement("exec", s.text, err)
	}
	return result, nil
}

// QueryContext runs the statement if the guard admits it now.
func (s *stmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	if err := s.conn.admit("query", s.text); err != nil {
		return nil, err
	}
	if err := s.prepare(ctx); err != nil {
		return nil, err
	}
	queryer, ok := s.inner.(driver.StmtQueryContext)
	if !ok {
		return nil, s.conn.wrap("query", errLimited)
	}
	inner, err := queryer.QueryContext(ctx, args)
	if err != nil {
		return nil, s.conn.failStatement("query", s.text, err)
	}
	return s.conn.wrapRows(inner), nil
}

// Exec is ExecContext without a context.
func (s *stmt) Exec(args []driver.Value) (driver.Result, error) {
	return s.ExecContext(context.Background(), named(args))
}

// Query is QueryContext without a context.
func (s *stmt) Query(args []driver.Value) (driver.Rows, error) {
	return s.QueryContext(context.Background(), named(args))
}

func named(args []driver.Value) []driver.NamedValue {
	out := make([]driver.NamedValue, len(args))
	for i, v := range args {
		out[i] = driver.NamedValue{Ordinal: i + 1, Value: v}
	}
	return out
}

// CheckNamedValue lets the driver convert arguments.
func (s *stmt) CheckNamedValue(value *driver.NamedValue) error {
	if checker, ok := s.inner.(driver.NamedValueChecker); ok {
		return checker.CheckNamedValue(value)
	}
	return s.conn.CheckNamedValue(value)
}

// NumInput is the number of placeholders, or -1 before it is known.
func (s *stmt) NumInput() int {
	if s.inner == nil {
		return -1
	}
	return s.inner.NumInput()
}

// Close frees the statement on the server.
func (s *stmt) Close() error {
	if s.inner == nil {
		return nil
	}
	return s.inner.Close()
}
