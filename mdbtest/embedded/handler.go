package embedded

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/dolthub/go-mysql-server/server"
	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/vitess/go/mysql"
	"github.com/dolthub/vitess/go/sqltypes"
	querypb "github.com/dolthub/vitess/go/vt/proto/query"
)

// handler stands before the engine's own handler and puts the statements of all
// connections of a server in an order that the engine can bear.
//
// The methods for one connection are never called concurrently.
type handler struct {
	mysql.Handler
	sessions *server.SessionManager
	gate     *gate
	open     *sync.WaitGroup // one for each accepted connection
}

// session is what the handler knows of one connection. It is kept in the
// connection's ClientData.
type session struct {
	holds    bool // the gate's slot
	readOnly bool // the open transaction
}

var _ mysql.Handler = (*handler)(nil)

// NewConnection starts the state of a connection.
func (h *handler) NewConnection(c *mysql.Conn) {
	c.ClientData = &session{}
	h.Handler.NewConnection(c)
}

// ConnectionClosed drops the transaction that the connection left open.
func (h *handler) ConnectionClosed(c *mysql.Conn) {
	defer h.open.Done()
	defer h.release(c.ClientData.(*session))
	h.Handler.ConnectionClosed(c)
}

// ComResetConnection drops the open transaction with the rest of the session.
func (h *handler) ComResetConnection(c *mysql.Conn) error {
	s := c.ClientData.(*session)
	s.readOnly = false
	defer h.release(s)
	return h.Handler.ComResetConnection(c)
}

// ComQuery runs a statement sent as text.
func (h *handler) ComQuery(ctx context.Context, c *mysql.Conn, query string, callback mysql.ResultSpoolFn) error {
	_, err := h.run(ctx, c, query, callback, func(callback mysql.ResultSpoolFn) (string, error) {
		return "", h.Handler.ComQuery(ctx, c, query, callback)
	})
	return err
}

// ComMultiQuery runs the first of several statements and returns the others.
func (h *handler) ComMultiQuery(ctx context.Context, c *mysql.Conn, query string, callback mysql.ResultSpoolFn) (string, error) {
	return h.run(ctx, c, query, callback, func(callback mysql.ResultSpoolFn) (string, error) {
		return h.Handler.ComMultiQuery(ctx, c, query, callback)
	})
}

// ComStmtExecute runs a prepared statement.
func (h *handler) ComStmtExecute(ctx context.Context, c *mysql.Conn, prepare *mysql.PrepareData, callback func(*sqltypes.Result) error) error {
	spool := func(result *sqltypes.Result, _ bool) error { return callback(result) }
	_, err := h.run(ctx, c, prepare.PrepareStmt, spool, func(spool mysql.ResultSpoolFn) (string, error) {
		return "", h.Handler.ComStmtExecute(ctx, c, prepare, func(result *sqltypes.Result) error {
			return spool(result, false)
		})
	})
	return err
}

// ComPrepare analyses a statement, which reads the tables it names.
func (h *handler) ComPrepare(ctx context.Context, c *mysql.Conn, query string, prepare *mysql.PrepareData) ([]*querypb.Field, error) {
	s := c.ClientData.(*session)
	sqlCtx, err := h.sessions.NewContextWithQuery(ctx, c, query)
	if err != nil {
		return nil, clientError(err)
	}
	if sqlCtx.GetIgnoreAutoCommit() {
		if err := h.acquire(sqlCtx, s); err != nil {
			return nil, err
		}
	} else {
		h.gate.mu.RLock()
		defer h.gate.mu.RUnlock()
	}
	fields, err := h.Handler.ComPrepare(ctx, c, query, prepare)
	return fields, clientError(err)
}

// run executes a statement in its place in the order.
func (h *handler) run(ctx context.Context, c *mysql.Conn, query string, callback mysql.ResultSpoolFn,
	execute func(mysql.ResultSpoolFn) (string, error),
) (remainder string, err error) {
	s := c.ClientData.(*session)
	sqlCtx, err := h.sessions.NewContextWithQuery(ctx, c, query)
	if err != nil {
		return "", clientError(err)
	}
	// The engine ends transactions in several ways: look at what is left.
	defer func() {
		err = clientError(err)
		if !sqlCtx.GetIgnoreAutoCommit() {
			sqlCtx.SetTransaction(nil)
			h.release(s)
		}
	}()

	stmt := parse(query)
	open := sqlCtx.GetIgnoreAutoCommit()
	if (stmt.kind == write || stmt.kind == other) && h.readOnly(sqlCtx, s, open) {
		return "", errReadOnly()
	}
	switch stmt.kind {
	case free:
		return execute(callback)
	case set:
		return h.set(sqlCtx, s, stmt, open, execute, callback)
	case begin:
		return h.begin(sqlCtx, s, stmt, execute, callback)
	case end:
		return h.end(s, execute, callback)
	case other:
		return h.alone(ctx, c, sqlCtx, s, open, execute, callback)
	case read, write:
	}
	if stmt.lastInsertID {
		callback = fillInsertID(sqlCtx, callback)
	}
	if open {
		if err := h.acquire(sqlCtx, s); err != nil {
			return "", err
		}
		return execute(callback)
	}
	if stmt.kind == read {
		return h.readCommitted(execute, callback)
	}
	if err := h.acquire(sqlCtx, s); err != nil {
		return "", err
	}
	h.gate.mu.Lock()
	defer h.gate.mu.Unlock()
	return execute(callback)
}

// readCommitted runs a read outside a transaction. Its rows are kept until the read
// is over, so that a client that is slow to take them does not hold up commits.
func (h *handler) readCommitted(execute func(mysql.ResultSpoolFn) (string, error), callback mysql.ResultSpoolFn) (string, error) {
	type batch struct {
		result *sqltypes.Result
		more   bool
	}
	var batches []batch
	remainder, err := func() (string, error) {
		h.gate.mu.RLock()
		defer h.gate.mu.RUnlock()
		return execute(func(result *sqltypes.Result, more bool) error {
			batches = append(batches, batch{copyResult(result), more})
			return nil
		})
	}()
	if err != nil {
		return remainder, err
	}
	for _, b := range batches {
		if err := callback(b.result, b.more); err != nil {
			return remainder, err
		}
	}
	return remainder, nil
}

// copyResult copies the values too: the engine uses their memory again.
func copyResult(result *sqltypes.Result) *sqltypes.Result {
	kept := *result
	kept.Rows = make([][]sqltypes.Value, len(result.Rows))
	for i, row := range result.Rows {
		kept.Rows[i] = make([]sqltypes.Value, len(row))
		for j, value := range row {
			kept.Rows[i][j] = sqltypes.MakeTrusted(value.Type(), slices.Clone(value.Raw()))
		}
	}
	return &kept
}

// begin opens a transaction. It takes the slot with its first statement that reads
// or writes, as InnoDB takes its locks and its snapshot.
func (h *handler) begin(ctx *sql.Context, s *session, stmt statement,
	execute func(mysql.ResultSpoolFn) (string, error), callback mysql.ResultSpoolFn,
) (string, error) {
	if stmt.snapshot {
		if err := h.acquire(ctx, s); err != nil {
			return "", err
		}
	}
	remainder, err := h.end(s, execute, callback) // commits the one before
	if err != nil {
		return remainder, err
	}
	if !stmt.snapshot {
		h.release(s)
	}
	s.readOnly = stmt.readOnly || !stmt.readWrite && sessionReadOnly(ctx)
	return remainder, nil
}

// end commits or rolls back: the moment in which tables are swapped in.
func (h *handler) end(s *session, execute func(mysql.ResultSpoolFn) (string, error), callback mysql.ResultSpoolFn) (string, error) {
	if s.holds {
		h.gate.mu.Lock()
		defer h.gate.mu.Unlock()
	}
	return execute(callback)
}

// alone runs a statement that commits the open transaction and shares nothing.
func (h *handler) alone(ctx context.Context, c *mysql.Conn, sqlCtx *sql.Context, s *session, open bool,
	execute func(mysql.ResultSpoolFn) (string, error), callback mysql.ResultSpoolFn,
) (string, error) {
	if err := h.acquire(sqlCtx, s); err != nil {
		return "", err
	}
	h.gate.mu.Lock()
	defer h.gate.mu.Unlock()
	if open {
		discard := func(*sqltypes.Result, bool) error { return nil }
		if err := h.Handler.ComQuery(ctx, c, "COMMIT", discard); err != nil {
			return "", err
		}
	}
	return execute(callback)
}

// set runs SET and refuses what the handler could not keep in order.
func (h *handler) set(ctx *sql.Context, s *session, stmt statement, open bool,
	execute func(mysql.ResultSpoolFn) (string, error), callback mysql.ResultSpoolFn,
) (string, error) {
	if open && stmt.tables {
		if err := h.acquire(ctx, s); err != nil {
			return "", err
		}
	}
	var last func() error
	remainder, err := execute(func(result *sqltypes.Result, more bool) error {
		last = func() error { return callback(result, more) }
		return nil
	})
	if err != nil {
		return remainder, err
	}
	if value, err := ctx.GetSessionVariable(ctx, sql.AutoCommitSessionVar); err != nil {
		return remainder, err
	} else if on, err := sql.ConvertToBool(ctx, value); err != nil || !on {
		return "", errNoAutocommit()
	}
	if last == nil {
		return remainder, fmt.Errorf("embedded: SET gave no result")
	}
	return remainder, last()
}

// acquire takes the slot for a connection that does not hold it.
func (h *handler) acquire(ctx *sql.Context, s *session) error {
	if s.holds {
		return nil
	}
	value, err := ctx.GetSessionVariable(ctx, lockWaitVariable)
	if err != nil {
		return err
	}
	seconds, ok := value.(int64)
	if !ok {
		return fmt.Errorf("embedded: %s is a %T", lockWaitVariable, value)
	}
	if err := h.gate.acquire(time.Duration(seconds) * time.Second); err != nil {
		return err
	}
	s.holds = true
	return nil
}

func (h *handler) release(s *session) {
	if s.holds {
		s.holds = false
		h.gate.release()
	}
}

// readOnly reports whether a write must be refused. The engine would crash on it.
func (h *handler) readOnly(ctx *sql.Context, s *session, open bool) bool {
	if open {
		return s.readOnly
	}
	return sessionReadOnly(ctx)
}

func sessionReadOnly(ctx *sql.Context) bool {
	value, err := ctx.GetSessionVariable(ctx, readOnlyVariable)
	if err != nil {
		return false
	}
	on, err := sql.ConvertToBool(ctx, value)
	return err == nil && on
}

// fillInsertID puts the argument of LAST_INSERT_ID into the answer of an UPDATE,
// where the engine leaves it out.
func fillInsertID(ctx *sql.Context, callback mysql.ResultSpoolFn) mysql.ResultSpoolFn {
	before := ctx.GetLastQueryInfoInt(sql.LastInsertId)
	return func(result *sqltypes.Result, more bool) error {
		after := ctx.GetLastQueryInfoInt(sql.LastInsertId)
		if result.InsertID == 0 && (after != before || result.RowsAffected > 0) {
			result.InsertID = uint64(after)
		}
		return callback(result, more)
	}
}
