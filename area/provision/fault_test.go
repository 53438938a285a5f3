package provision_test

import (
	"context"
	"database/sql/driver"
	"errors"
	"sync"

	"github.com/go-sql-driver/mysql"

	"github.com/mdbrouter/mdb/area"
)

// faults count the statements of one process over all its connections and end the
// process at one of them: nothing is sent after it.
type faults struct {
	mu    sync.Mutex // guards what follows
	count int        // statements so far
	at    int        // the one to end at; 0: none
	after bool       // it still reaches the server, and only its answer is lost
	dead  bool
}

var errKilled = errors.New("killed")

// hit counts a statement and runs it, or not.
func (f *faults) hit(statement func() error) error {
	f.mu.Lock()
	if f.dead {
		f.mu.Unlock()
		return driver.ErrBadConn
	}
	f.count++
	last := f.count == f.at
	f.dead = last
	f.mu.Unlock()
	if !last {
		return statement()
	}
	if f.after {
		_ = statement()
	}
	return errKilled
}

// connector wraps the driver's: it counts statements, and gives server errors the
// form in which packages that do not know the driver can read them, as pool does.
type connector struct {
	driver.Connector
	faults *faults
}

func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	var conn driver.Conn
	err := c.faults.hit(func() error {
		var err error
		conn, err = c.Connector.Connect(ctx)
		return err
	})
	if err != nil {
		if conn != nil {
			_ = conn.Close()
		}
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
}

func (c *faultyConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (result driver.Result, err error) {
	err = c.faults.hit(func() error {
		result, err = c.mysqlConn.ExecContext(ctx, query, args)
		return err
	})
	return result, converted(err)
}

func (c *faultyConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (rows driver.Rows, err error) {
	err = c.faults.hit(func() error {
		rows, err = c.mysqlConn.QueryContext(ctx, query, args)
		return err
	})
	return rows, converted(err)
}

func (c *faultyConn) BeginTx(ctx context.Context, opts driver.TxOptions) (tx driver.Tx, err error) {
	err = c.faults.hit(func() error {
		tx, err = c.mysqlConn.BeginTx(ctx, opts)
		return err
	})
	if err != nil {
		return nil, err
	}
	return faultyTx{Tx: tx, faults: c.faults}, nil
}

type faultyTx struct {
	driver.Tx
	faults *faults
}

func (t faultyTx) Commit() error { return converted(t.faults.hit(t.Tx.Commit)) }

func (t faultyTx) Rollback() error { return converted(t.faults.hit(t.Tx.Rollback)) }

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
