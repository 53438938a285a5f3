package pool

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"time"

	"github.com/mdbrouter/mdb/area"
)

// rollbackTimeout bounds a rollback, which must go on after the caller's context
// has ended. When it passes the connection is closed, which rolls back too.
const rollbackTimeout = 5 * time.Second

// A tx is an open transaction of a conn.
type tx struct {
	conn     *conn
	ctx      context.Context //nolint:containedctx // Commit has none of its own and waits all the same
	readOnly bool
	fenced   bool  // a fence let it begin
	dead     error // what ended it before its time
}

// BeginTx begins a transaction. On a guarded connection one that may write
// begins only behind the fence that [area.WithFence] put into the context.
func (c *conn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	fence := area.FenceFrom(ctx)
	switch {
	case c.tx != nil:
		return nil, c.wrap("begin", &refusedError{word: "BEGIN", why: "inside a transaction would end it"})
	case c.guarded && fence == nil && !opts.ReadOnly:
		return nil, c.wrap("begin", &refusedError{word: "a transaction that may write", why: "begins behind a fence only"})
	}
	isolation, err := isolationOf(opts.Isolation)
	if err != nil {
		return nil, c.wrap("begin", err)
	}
	t := &tx{conn: c, ctx: ctx, readOnly: opts.ReadOnly}
	if err := c.start(ctx, isolation, opts.ReadOnly); err != nil {
		return nil, c.wrap("begin", err)
	}
	c.tx = t
	if c.guarded && fence != nil {
		if err := fence.Check(ctx, c.fenceQuery); err != nil {
			_ = t.Rollback() //nolint:contextcheck // it has the context, and closes the connection if it fails
			return nil, c.wrap("begin", err)
		}
		t.fenced = true
	}
	return t, nil
}

// Begin is BeginTx without a context.
func (c *conn) Begin() (driver.Tx, error) { return c.BeginTx(context.Background(), driver.TxOptions{}) }

// start sends what begins a transaction. A statement that is killed as it ends may
// fail although it was done, so after a failure the session may stand in a
// transaction, or keep the level for the next one: nobody gets it any more. A
// server that takes no writes says so before.
func (c *conn) start(ctx context.Context, isolation string, readOnly bool) error {
	var err error
	if isolation != "" {
		err = c.send(ctx, "SET TRANSACTION ISOLATION LEVEL "+isolation)
	}
	if err == nil {
		err = c.send(ctx, c.startText(readOnly))
	}
	if err != nil && (isolation != "" || !errors.Is(err, area.ErrReadOnly)) {
		c.broken = true
	}
	return err
}

func (c *conn) startText(readOnly bool) string {
	switch {
	case readOnly:
		return "START TRANSACTION READ ONLY"
	case c.guarded:
		return "START TRANSACTION READ WRITE"
	}
	return "START TRANSACTION"
}

// send runs a statement of our own and converts its error.
func (c *conn) send(ctx context.Context, text string) error {
	if _, err := c.execer.ExecContext(ctx, text, nil); err != nil {
		return c.note(err)
	}
	return nil
}

// fenceQuery is the [area.Query] of fences.
func (c *conn) fenceQuery(ctx context.Context, text string) ([][]any, error) {
	result, err := readAll(ctx, c.queryer, text)
	if err != nil {
		return nil, c.note(err)
	}
	return result, nil
}

func isolationOf(level driver.IsolationLevel) (string, error) {
	switch l := sql.IsolationLevel(level); l {
	case sql.LevelDefault:
		return "", nil
	case sql.LevelReadUncommitted:
		return "READ UNCOMMITTED", nil
	case sql.LevelReadCommitted:
		return "READ COMMITTED", nil
	case sql.LevelRepeatableRead:
		return "REPEATABLE READ", nil
	case sql.LevelSerializable:
		return "SERIALIZABLE", nil
	default:
		return "", fmt.Errorf("isolation level %v is not supported", l)
	}
}

// Commit commits, unless the transaction is dead: then it rolls back and fails
// with [area.ErrTxDead]. When the answer is lost or the context of BeginTx ends
// on the way, the error is an [area.ErrOutcomeUnknown].
func (t *tx) Commit() error {
	c := t.conn
	if c.tx != t {
		return c.wrap("commit", sql.ErrTxDone)
	}
	if t.dead != nil {
		cause := t.dead
		_ = t.Rollback()
		return c.wrap("commit", &deadError{cause: cause})
	}
	_, err := c.execer.ExecContext(t.ctx, "COMMIT", nil)
	if err == nil {
		c.tx = nil
		return nil
	}
	if isContext(err) && c.valid() { // not sent
		_ = t.Rollback()
		return c.wrap("commit", err)
	}
	unknown := c.unanswered(err) && !t.readOnly
	cause := c.note(err)
	if se, ok := errors.AsType[*serverError](cause); ok {
		unknown = !undone(se) && !t.readOnly
	}
	c.tx, c.broken = nil, true // whatever is left of it ends with the connection
	if unknown {
		cause = unknownOutcome(cause)
	}
	return c.wrap("commit", cause)
}

// Rollback rolls back. When the server does not confirm it, the connection is
// closed, which makes the server roll back by itself.
func (t *tx) Rollback() error {
	c := t.conn
	if c.tx != t {
		return c.wrap("rollback", sql.ErrTxDone)
	}
	defer func() { c.tx = nil }()
	if c.broken || !c.valid() {
		c.broken = true
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.ctx), rollbackTimeout)
	defer cancel()
	if err := c.send(ctx, "ROLLBACK"); err != nil {
		c.broken = true
		return c.wrap("rollback", err)
	}
	return nil
}
