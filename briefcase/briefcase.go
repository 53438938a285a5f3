package briefcase

import (
	"context"
	"database/sql"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/gdid"
)

// A DB gives the connections to one shard. DB is called once per statement or
// transaction, must be fast and safe for concurrent use, and fails for a server
// that cannot be used or after Close.
type DB interface {
	DB() (*sql.DB, error)
}

// A Briefcase is all rows of one id, in all tables of an area. Any number of
// goroutines may use one; there is nothing to close.
type Briefcase struct {
	id   gdid.GDID
	home *Home
}

// A Home is a shard as the briefcases that live in it use it. It never changes.
type Home struct {
	shard *area.Shard
	db    DB
	retry func(Retry)
}

// Options tune a Briefcase. The zero value is ready to use.
type Options struct {
	// Retry is told before InTx runs a transaction again. It must not block.
	Retry func(Retry)
}

// A Retry tells that a transaction failed without a trace and runs again.
type Retry struct {
	ID      gdid.GDID
	Shard   *area.Shard
	Attempt int   // of the run that failed, from 1
	Err     error // why it failed
}

// NewHome gives the home of all briefcases that live in shard. It does no I/O.
func NewHome(shard *area.Shard, db DB, opts Options) *Home {
	return &Home{shard: shard, db: db, retry: opts.Retry}
}

// Briefcase gives the handle of an id that lives here; nothing checks that it
// does before a transaction begins. It does no I/O and allocates the handle only.
func (h *Home) Briefcase(id gdid.GDID) *Briefcase { return &Briefcase{id: id, home: h} }

// New gives the handle of the briefcase id, which lives in shard, with a home of its
// own. It does no I/O.
func New(id gdid.GDID, shard *area.Shard, db DB, opts Options) *Briefcase {
	return NewHome(shard, db, opts).Briefcase(id)
}

// ID gives the briefcase's id.
func (b *Briefcase) ID() gdid.GDID { return b.id }

// Route tells where the briefcase lives.
func (b *Briefcase) Route() area.Route {
	s := b.home.shard
	return area.Route{Area: s.Area, Partition: s.Partition, Shard: s.Index, Server: s.Server, Database: s.Database, RangeKey: b.id.RangeKey()}
}

// QueryContext runs a read outside a transaction, unfenced. Statements that write
// or lock are refused with [area.ErrStatementRefused]. The caller must close the
// rows.
func (b *Briefcase) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	db, err := b.home.db.DB()
	if err != nil {
		return nil, b.wrap("query", err)
	}
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, b.wrap("query", err)
	}
	return rows, nil
}

// QueryRowContext runs a read of at most one row outside a transaction, unfenced.
// Its errors come with Scan.
func (b *Briefcase) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	db, err := b.home.db.DB()
	if err != nil {
		return FailedRow(ctx, b.wrap("query", err))
	}
	return db.QueryRowContext(ctx, query, args...)
}

// PrepareContext prepares a statement on the shard. A prepared read runs anywhere;
// a prepared write runs within a transaction only, through [sql.Tx.StmtContext].
// The caller must close the statement.
func (b *Briefcase) PrepareContext(ctx context.Context, query string) (*sql.Stmt, error) {
	db, err := b.home.db.DB()
	if err != nil {
		return nil, b.wrap("prepare", err)
	}
	stmt, err := db.PrepareContext(ctx, query)
	if err != nil {
		return nil, b.wrap("prepare", err)
	}
	return stmt, nil
}

// ExecContext runs one write in a fenced transaction of its own, and again when
// it failed without a trace, as [Briefcase.InTx] does. It costs four round trips:
// begin, fence, statement, commit.
func (b *Briefcase) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	var result sql.Result
	err := b.run(ctx, "exec", nil, func(tx *sql.Tx) error {
		var err error
		if result, err = tx.ExecContext(ctx, query, args...); err != nil {
			return b.wrap("exec", err)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return result, nil
}

// wrap adds the facts of the briefcase to an error.
func (b *Briefcase) wrap(op string, err error) error {
	s := b.home.shard
	return area.Error{Op: op, Area: s.Area, ID: b.id, Shard: s.Label(), Server: s.Server}.Wrap(err)
}
