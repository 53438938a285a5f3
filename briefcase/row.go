package briefcase

import (
	"context"
	"database/sql"
	"database/sql/driver"
)

// FailedRow gives a row whose Scan returns err, for handles that cannot get a
// connection. Only database/sql can make a
// *sql.Row, so it is asked for one on a database that fails to connect.
func FailedRow(ctx context.Context, err error) *sql.Row {
	db := sql.OpenDB(failing{err})
	defer db.Close()
	return db.QueryRowContext(ctx, "")
}

// failing is a connector that gives its error for every connection.
type failing struct{ err error }

// Connect gives the error.
func (f failing) Connect(context.Context) (driver.Conn, error) { return nil, f.err }

// Driver gives a driver that fails too.
func (f failing) Driver() driver.Driver { return f }

// Open gives the error.
func (f failing) Open(string) (driver.Conn, error) { return nil, f.err }
