package pool

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/mdbrouter/mdb/area"
)

const (
	// defaultDialTimeout bounds the dialling where the DSN has no timeout.
	defaultDialTimeout = 5 * time.Second
	// handshakeTimeout bounds what follows the dialling: authentication and the
	// check of identity, against a server that accepts and never answers.
	handshakeTimeout = 5 * time.Second
)

// A connector opens connections of one database that are ready to be lent out:
// dialled, checked, restricted.
type connector struct {
	inner   driver.Connector
	timeout time.Duration // of an opening as a whole
	facts   area.Error
	claim   proof // nil: no check of identity
	guarded bool
}

// A proof says whether a new connection leads to the database that it should.
type proof interface {
	// check reads what the database and the server are, and gives the mode that
	// the session's texts are quoted in.
	check(ctx context.Context, queryer driver.QueryerContext) (sqlMode, error)
	// unprovisioned explains errors for what provisioning creates.
	unprovisioned(err error) error
}

// An unavailableError is returned when a server cannot be reached. It is an
// [area.ErrUnavailable], and not a deadline unless the caller's own has passed:
// the same call may succeed in a moment.
type unavailableError struct {
	text  string
	cause error // may be nil
}

// Error says what was met.
func (e *unavailableError) Error() string { return area.ErrUnavailable.Error() + ": " + e.text }

// Unwrap gives the class and the cause.
func (e *unavailableError) Unwrap() []error {
	if e.cause == nil {
		return []error{area.ErrUnavailable}
	}
	return []error{area.ErrUnavailable, e.cause}
}

// Connect opens a connection. Its errors are never driver.ErrBadConn, which
// would make database/sql try again at once.
func (c *connector) Connect(ctx context.Context) (driver.Conn, error) {
	opened, err := c.open(ctx)
	if err != nil {
		facts := c.facts
		facts.Op = "connect"
		return nil, facts.Wrap(err)
	}
	return opened, nil
}

// Driver gives the driver beneath.
func (c *connector) Driver() driver.Driver { return c.inner.Driver() }

func (c *connector) open(ctx context.Context) (*conn, error) {
	began := time.Now()
	bounded, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	inner, err := c.inner.Connect(bounded)
	if err != nil {
		return nil, c.dialError(ctx, err, began)
	}
	opened, err := newConn(inner, c.facts)
	if err == nil {
		err = c.prepare(bounded, opened)
	}
	if err != nil {
		_ = inner.Close()
		return nil, c.dialError(ctx, err, began)
	}
	return opened, nil
}

// prepare checks a new connection and restricts its session.
func (c *connector) prepare(ctx context.Context, opened *conn) error {
	if c.claim != nil {
		mode, err := c.claim.check(ctx, opened.queryer)
		if err != nil {
			return err
		}
		opened.mode = mode
	}
	if c.guarded {
		// Only a transaction that says so itself may write now, whatever a
		// statement calls.
		if _, err := opened.execer.ExecContext(ctx, "SET SESSION TRANSACTION READ ONLY", nil); err != nil {
			return err
		}
		opened.guarded = true
	}
	return nil
}

// dialError sorts what went wrong while a connection was opened, which began then.
// ctx is the caller's.
func (c *connector) dialError(ctx context.Context, err error, began time.Time) error {
	var identity *area.IdentityError
	var unprovisioned *UnprovisionedError
	switch {
	case errors.As(err, &identity), errors.As(err, &unprovisioned), errors.Is(err, errLimited):
		return err
	case ctx.Err() != nil:
		return &unavailableError{text: "no connection before the caller's context ended", cause: ctx.Err()}
	}
	if me, ok := errors.AsType[*mysql.MySQLError](err); ok {
		if c.claim != nil && isMissing(me.Number) {
			return c.claim.unprovisioned(err)
		}
		return convert(err, false)
	}
	switch {
	case isContext(err): // a timeout of ours, or of the dialler, which is shorter
		return &unavailableError{text: fmt.Sprintf("no connection within %v", time.Since(began).Round(100*time.Millisecond))}
	case errors.Is(err, driver.ErrBadConn), errors.Is(err, mysql.ErrInvalidConn):
		return &unavailableError{text: "the connection broke while it was opened"}
	}
	return &unavailableError{text: err.Error(), cause: err}
}

// driverLog passes what the driver prints on to a logger.
type driverLog struct {
	logger *slog.Logger
	server string
}

// Print logs at debug level: the errors reach the callers too.
func (l driverLog) Print(v ...any) {
	l.logger.Debug("driver", "server", l.server, "text", fmt.Sprint(v...))
}

var _ mysql.Logger = driverLog{}
