package provision_test

import (
	"context"
	"database/sql/driver"
	"errors"
	"sync"

	"github.com/go-sql-driver/mysql"

	"github.com/mdbrouter/mdb/area"
)

// faults count the statements of one process that can change something, over all
// its connections, and break at one of them: either the process dies before the
// statement is sent, and sends nothing more; or the statement lands, its answer is
// lost, and the connection is gone while the process lives on. Reads need no cut:
// nothing has changed since the write before.
type faults struct {
	mu    sync.Mutex   // guards what follows
	count int          // statements so far
	at    int          // the one to break at; 0: none
	lost  bool         // its answer is lost, instead of the process
	kill  func() error // what to kill before it, instead
	hits  bool         // it was reached
	dead  bool         // the process
}

var errBroken = errors.New("broken by the test")

// write counts a statement that may change something, on a connection or
// elsewhere, and runs it or not.
func (f *faults) write(c *faultyConn, statement func() error) error {
	f.mu.Lock()
	f.count++
	hit := f.count == f.at
	f.hits = f.hits || hit
	f.dead = f.dead || hit && !f.lost && f.kill == nil
	dead := f.dead || c != nil && c.dead
	if c != nil {
		c.dead = c.dead || hit
	}
	f.mu.Unlock()
	switch {
	case hit && f.kill != nil:
		return errors.Join(errBroken, f.kill())
	case hit && f.lost:
		_ = statement()
		return errBroken
	case hit:
		return errBroken
	case dead:
		return driver.ErrBadConn
	}
	return statement()
}

// read runs any other statement, if process and connection live.
func (f *faults) read(c *faultyConn, statement func() error) error {
	f.mu.Lock()
	dead := f.dead || c != nil && c.dead
	f.mu.Unlock()
	if dead {
		return driver.ErrBadConn
	}
	return statement()
}

// connector wraps the driver's: it counts statements, and gives server errors the
// form in which packages that do not know the driver can read them, as pool does.
type connector struct {
	driver.Connector
	faults *faults
}

func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	var conn driver.Conn
	err := c.faults.read(nil, func() (err error) {
		conn, err = c.Connector.Connect(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &faultyConn{mysqlConn: conn.(mysqlConn), faults: c.faults}, nil
}

type mysqlConn interface {
	driver.Conn
	driver.ExecerContext
	driver.QueryerContext
	driver.ConnBeginTx
	driver.NamedValueChecker
	driver.SessionResetter
	driver.Validator
}

type faultyConn struct {
	mysqlConn
	faults *faults
	dead   bool // guarded by the mutex of faults
}

func (c *faultyConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (result driver.Result, err error) {
	err = c.faults.write(c, func() error {
		result, err = c.mysqlConn.ExecContext(ctx, query, args)
		return err
	})
	return result, converted(err)
}

func (c *faultyConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (rows driver.Rows, err error) {
	err = c.faults.read(c, func() error {
		rows, err = c.mysqlConn.QueryContext(ctx, query, args)
		return err
	})
	return rows, converted(err)
}

func (c *faultyConn) BeginTx(ctx context.Context, opts driver.TxOptions) (tx driver.Tx, err error) {
	err = c.faults.read(c, func() error {
		tx, err = c.mysqlConn.BeginTx(ctx, opts)
		return err
	})
	if err != nil {
		return nil, err
	}
	return faultyTx{Tx: tx, conn: c}, nil
}

type faultyTx struct {
	driver.Tx
	conn *faultyConn
}

func (t faultyTx) Commit() error { return converted(t.conn.faults.write(t.conn, t.Tx.Commit)) }

func (t faultyTx) Rollback() error { return converted(t.conn.faults.read(t.conn, t.Tx.Rollback)) }

type serverError struct{ err *mysql.MySQLError }

var _ area.ServerError = serverError{}

func (e serverError) Error() string    { return e.err.Error() }
func (e serverError) Number() uint16   { return e.err.Number }
func (e serverError) SQLState() string { return string(e.err.SQLState[:]) }

func converted(err error) error {
	if e, ok := errors.AsType[*mysql.MySQLError](err); ok {
		return serverError{e}
	}
	return err
}
