package pool

import (
	"context"
	"database/sql/driver"
)

// A stmt is a prepared statement. Each execution is decided anew.
type stmt struct {
	conn    *conn
	inner   driver.Stmt
	execer  driver.StmtExecContext
	queryer driver.StmtQueryContext
	text    string
}

var (
	_ driver.StmtExecContext   = (*stmt)(nil)
	_ driver.StmtQueryContext  = (*stmt)(nil)
	_ driver.NamedValueChecker = (*stmt)(nil)
)

func newStmt(c *conn, inner driver.Stmt, text string) (driver.Stmt, error) {
	s := &stmt{conn: c, inner: inner, text: text}
	var ok [2]bool
	s.execer, ok[0] = inner.(driver.StmtExecContext)
	s.queryer, ok[1] = inner.(driver.StmtQueryContext)
	if ok != [2]bool{true, true} {
		_ = inner.Close()
		return nil, c.wrap("prepare", errLimited)
	}
	return s, nil
}

// ExecContext runs the statement if the guard admits it now.
func (s *stmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	if err := s.conn.admit("exec", s.text); err != nil {
		return nil, err
	}
	result, err := s.execer.ExecContext(ctx, args)
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
	inner, err := s.queryer.QueryContext(ctx, args)
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

// NumInput is the number of placeholders.
func (s *stmt) NumInput() int { return s.inner.NumInput() }

// Close frees the statement on the server.
func (s *stmt) Close() error { return s.inner.Close() }
