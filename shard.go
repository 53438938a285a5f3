package mdb

import (
	"context"
	"database/sql"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/briefcase"
)

// A Shard is one database of an area, for work that is not about one id: reads
// over all briefcases in it, and its schema.
type Shard struct {
	snapshot *snapshot
	shard    *area.Shard
}

func (s *snapshot) shard(shard *area.Shard) *Shard { return &Shard{snapshot: s, shard: shard} }

// Area gives the label of the area.
func (s *Shard) Area() string { return s.shard.Area }

// Partition gives the label of the partition.
func (s *Shard) Partition() string { return s.shard.Partition }

// Index gives the shard's position in its partition.
func (s *Shard) Index() int { return s.shard.Index }

// Server gives the label of the server.
func (s *Shard) Server() string { return s.shard.Server }

// Database gives the name of the database.
func (s *Shard) Database() string { return s.shard.Database }

// String names the shard: "user p1/2 on u3".
func (s *Shard) String() string {
	return s.shard.Area + " " + s.shard.Label() + " on " + s.shard.Server
}

// QueryContext runs a read on the shard, unfenced. The caller must close the rows.
func (s *Shard) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	db, err := s.snapshot.shards[s.shard.Ordinal].DB()
	if err != nil {
		return nil, s.wrap("query", err)
	}
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, s.wrap("query", err)
	}
	return rows, nil
}

// QueryRowContext runs a read of at most one row on the shard, unfenced. Its
// errors come with Scan.
func (s *Shard) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	db, err := s.snapshot.shards[s.shard.Ordinal].DB()
	if err != nil {
		return briefcase.FailedRow(ctx, s.wrap("query", err))
	}
	return db.QueryRowContext(ctx, query, args...)
}

// Ping opens a connection, or takes an idle one, and checks that it answers. A
// new connection proves that the database is this shard.
func (s *Shard) Ping(ctx context.Context) error {
	db, err := s.snapshot.shards[s.shard.Ordinal].DB()
	if err != nil {
		return s.wrap("ping", err)
	}
	return s.wrap("ping", db.PingContext(ctx))
}

// Admin gives connections of the server's admin user to the shard's database, for
// changes of its schema only: they are checked for identity but neither guarded
// nor fenced. They belong to the router; do not close them.
func (s *Shard) Admin(ctx context.Context) (*sql.DB, error) {
	if err := ctx.Err(); err != nil {
		return nil, s.wrap("admin", err)
	}
	db, err := s.snapshot.pools.AdminShard(*s.shard)
	if err != nil {
		return nil, s.wrap("admin", err)
	}
	return db, nil
}

func (s *Shard) wrap(op string, err error) error {
	return area.Error{Op: op, Area: s.shard.Area, Shard: s.shard.Label(), Server: s.shard.Server}.Wrap(err)
}
