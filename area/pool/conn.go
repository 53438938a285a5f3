package pool

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"

	"github.com/mdbrouter/mdb/area"
)

// A conn is a connection whose identity was checked. Like every driver.Conn it
// is used by one goroutine at a time. It stands between database/sql and the
// driver with all that the driver can do, and gives nobody the connection
// beneath, not even through sql.Conn.Raw.
type conn struct {
	inner     driver.Conn
	execer    driver.ExecerContext
	queryer   driver.QueryerContext
	preparer  driver.ConnPrepareContext
	checker   driver.NamedValueChecker // these may be nil
	resetter  driver.SessionResetter
	validator driver.Validator

	facts   area.Error // what errors say beside their cause
	guarded bool
	mode    sqlMode

	tx     *tx  // the open transaction, or nil
	broken bool // never to be used again

	cache statementCache
	rows  rows // the open result; a connection has one at a time
}

var (
	_ driver.Conn               = (*conn)(nil)
	_ driver.ExecerContext      = (*conn)(nil)
	_ driver.QueryerContext     = (*conn)(nil)
	_ driver.ConnPrepareContext = (*conn)(nil)
	_ driver.ConnBeginTx        = (*conn)(nil)
	_ driver.SessionResetter    = (*conn)(nil)
	_ driver.Validator          = (*conn)(nil)
	_ driver.NamedValueChecker  = (*conn)(nil)
	_ driver.Pinger             = (*conn)(nil)
)

var (
	errLimited  = errors.New("the driver's connection or statement takes no context")
	errRowsOpen = errors.New("the rows of an earlier query on this connection are still open; close them first")
)

func newConn(inner driver.Conn, facts area.Error) (*conn, error) {
	c := &conn{inner: inner, facts: facts}
	var ok [3]bool
	c.execer, ok[0] = inner.(driver.ExecerContext)
	c.queryer, ok[1] = inner.(driver.QueryerContext)
	c.preparer, ok[2] = inner.(driver.ConnPrepareContext)
	if ok != [3]bool{true, true, true} {
		return nil, errLimited
	}
	c.checker, _ = inner.(driver.NamedValueChecker)
	c.resetter, _ = inner.(driver.SessionResetter)
	c.validator, _ = inner.(driver.Validator)
	c.rows.conn = c
	return c, nil
}

// ready reports whether a statement can be sent at all.
func (c *conn) ready(op string) error {
	if c.rows.inner == nil && (c.tx == nil || c.tx.dead == nil) {
		return nil
	}
	return c.unready(op)
}

func (c *conn) unready(op string) error {
	if c.rows.inner != nil {
		return c.wrap(op, errRowsOpen)
	}
	return c.wrap(op, &deadError{cause: c.tx.dead})
}

// admit decides whether a statement may run now.
func (c *conn) admit(op, text string) error {
	if err := c.ready(op); err != nil || !c.guarded {
		return err
	}
	st := c.cache.classify(text, c.mode)
	if st.kind == read {
		return nil
	}
	if err := st.admits(c.tx); err != nil {
		return c.wrap(op, err)
	}
	return nil
}

// wrap adds the facts of the connection to an error.
func (c *conn) wrap(op string, err error) error {
	facts := c.facts
	facts.Op = op
	return facts.Wrap(err)
}

// fail converts an error of the driver and notes what it means for the
// transaction. The values that database/sql compares stay what they are.
func (c *conn) fail(op string, err error) error {
	switch err {
	case nil, driver.ErrSkip, driver.ErrRemoveArgument, io.EOF: //nolint:errorlint // database/sql compares these with ==
		return err
	}
	return c.wrap(op, c.note(err))
}

// note converts an error of the driver and remembers what it has ended.
func (c *conn) note(err error) error {
	cause := convert(err, c.writable())
	ends := false
	if se, ok := errors.AsType[*serverError](cause); ok {
		ends = endsTx(se)
	} else if isLost(err) || !c.valid() {
		ends, c.broken = true, true
	}
	if ends && c.tx != nil && c.tx.dead == nil {
		c.tx.dead = cause
	}
	return cause
}

// writable reports whether it is not by our own doing that the session cannot
// write.
func (c *conn) writable() bool {
	if c.tx != nil {
		return !c.tx.readOnly
	}
	return !c.guarded
}

// valid reports whether the driver still trusts the connection.
func (c *conn) valid() bool {
	return c.validator == nil || c.validator.IsValid()
}

// QueryContext runs a statement that the guard admits.
func (c *conn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	if err := c.admit("query", query); err != nil {
		return nil, err
	}
	inner, err := c.queryer.QueryContext(ctx, query, args)
	if err != nil {
		return nil, c.failStatement("query", query, err)
	}
	return c.wrapRows(inner), nil
}

// ExecContext runs a statement that the guard admits.
func (c *conn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if err := c.admit("exec", query); err != nil {
		return nil, err
	}
	result, err := c.execer.ExecContext(ctx, query, args)
	if err != nil {
		return nil, c.failStatement("exec", query, err)
	}
	return result, nil
}

// failStatement is fail for a statement that may have been sent. Outside a
// transaction, where an unguarded connection may write, an answer that never
// came leaves the outcome open.
func (c *conn) failStatement(op, text string, err error) error {
	failed := c.fail(op, err)
	if c.guarded || c.tx != nil || !c.unanswered(err) || classify(text, c.mode).kind == read {
		return failed
	}
	return c.wrap(op, unknownOutcome(convert(err, true)))
}

// unanswered reports whether a statement was sent, and err stands for the answer
// that did not come. Nothing was sent before driver.ErrBadConn, nor when the
// context ended and the connection is whole.
func (c *conn) unanswered(err error) bool {
	switch {
	case errors.Is(err, driver.ErrSkip), errors.Is(err, driver.ErrBadConn):
		return false
	case isContext(err):
		return !c.valid()
	}
	return isLost(err) || !c.valid()
}

// CheckNamedValue lets the driver convert arguments.
func (c *conn) CheckNamedValue(value *driver.NamedValue) error {
	if c.checker == nil {
		return driver.ErrSkip
	}
	return c.checker.CheckNamedValue(value)
}

// Ping asks the server for a sign of life.
func (c *conn) Ping(ctx context.Context) error {
	if p, ok := c.inner.(driver.Pinger); ok {
		return c.fail("ping", p.Ping(ctx))
	}
	return nil
}

// ResetSession is called before the connection is lent out again.
func (c *conn) ResetSession(ctx context.Context) error {
	if c.broken || c.tx != nil {
		return driver.ErrBadConn
	}
	if c.resetter == nil {
		return nil
	}
	return c.resetter.ResetSession(ctx)
}

// IsValid reports whether the connection may be lent out again. One whose
// transaction is still open may not.
func (c *conn) IsValid() bool { return !c.broken && c.tx == nil && c.valid() }

// Close closes the connection. That the server went away before is no failure.
func (c *conn) Close() error {
	c.broken = true
	if err := c.inner.Close(); err != nil && !isLost(err) {
		return err
	}
	return nil
}
