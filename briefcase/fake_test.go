package briefcase_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"io"
	"sync"
	"testing"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/briefcase"
)

// fakeDB is a driver that keeps what it was asked, for the logic around
// transactions; what servers do is tested on servers.
type fakeDB struct {
	db *sql.DB

	mu     sync.Mutex // guards log, begin, commit
	log    []string
	begin  []error // for the next begins; none when empty
	commit []error // for the next commits
}

func newFakeDB(t *testing.T) *fakeDB {
	t.Helper()
	f := &fakeDB{}
	f.db = sql.OpenDB(f)
	t.Cleanup(func() { _ = f.db.Close() })
	return f
}

// handle gives a briefcase on the fake.
func (f *fakeDB) handle(opts briefcase.Options) *briefcase.Briefcase {
	shard := &area.Shard{Area: "user", Partition: "p1", Index: 2, Server: "u3", Database: "user_p1_2"}
	return briefcase.New(id, shard, f, opts)
}

func (f *fakeDB) DB() (*sql.DB, error)                         { return f.db, nil }
func (f *fakeDB) Connect(context.Context) (driver.Conn, error) { return &fakeConn{f}, nil }
func (f *fakeDB) Driver() driver.Driver                        { return f }
func (f *fakeDB) Open(string) (driver.Conn, error)             { return &fakeConn{f}, nil }

func (f *fakeDB) note(what string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.log = append(f.log, what)
}

func (f *fakeDB) noted() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.log...)
}

func (f *fakeDB) next(list *[]error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(*list) == 0 {
		return nil
	}
	err := (*list)[0]
	*list = (*list)[1:]
	return err
}

type fakeConn struct{ f *fakeDB }

func (c *fakeConn) Prepare(string) (driver.Stmt, error) { return nil, io.ErrUnexpectedEOF }
func (c *fakeConn) Close() error                        { return nil }
func (c *fakeConn) Begin() (driver.Tx, error)           { return nil, io.ErrUnexpectedEOF }

func (c *fakeConn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	what := "begin"
	if opts.ReadOnly {
		what = "begin read only"
	}
	if area.FenceFrom(ctx) == nil {
		what += " without a fence"
	}
	c.f.note(what)
	if err := c.f.next(&c.f.begin); err != nil {
		return nil, err
	}
	return c, nil
}

func (c *fakeConn) Commit() error {
	c.f.note("commit")
	return c.f.next(&c.f.commit)
}

func (c *fakeConn) Rollback() error {
	c.f.note("rollback")
	return nil
}

func (c *fakeConn) ExecContext(_ context.Context, query string, _ []driver.NamedValue) (driver.Result, error) {
	c.f.note(query)
	return driver.RowsAffected(1), nil
}
