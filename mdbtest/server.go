package mdbtest

import (
	"context"
	"database/sql"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/mdbrouter/mdb/mdbtest/mysqld"
)

// A Server is one server or replica of the topology. Its methods that take a
// test fail it when they do not succeed, and need [Capabilities].KillServer.
type Server struct {
	label   string
	config  *mysql.Config // administrator, no database
	db      *sql.DB
	process *mysqld.Server // nil for a server that was given by DSN
}

// Label is the server's name in the configuration: "u1", or "u1/b" for replica b
// of u1.
func (s *Server) Label() string { return s.label }

// Addr is the address that the server is really reached at.
func (s *Server) Addr() string { return s.config.Addr }

// DSN returns a data source name for an administrator in a database, "" for
// none.
func (s *Server) DSN(database string) string {
	cfg := s.config.Clone()
	cfg.DBName = database
	return cfg.FormatDSN()
}

// DB is a pool of an administrator's connections without a default database. It
// belongs to the cluster.
func (s *Server) DB() *sql.DB { return s.db }

// Process is the private server behind it, nil for one that was given by DSN.
func (s *Server) Process() *mysqld.Server { return s.process }

// Kill ends the server at once, as a crash does.
func (s *Server) Kill(tb testing.TB) {
	tb.Helper()
	s.do(tb, "kill", func(context.Context) error { return s.process.Kill() })
}

// Stop shuts the server down in an orderly way.
func (s *Server) Stop(tb testing.TB) {
	tb.Helper()
	s.do(tb, "stop", func(ctx context.Context) error { return s.process.Stop(ctx) })
}

// Restart starts the server again on the same address and data; one that still
// runs is killed first.
func (s *Server) Restart(tb testing.TB) {
	tb.Helper()
	s.do(tb, "restart", func(ctx context.Context) error { return s.process.Restart(ctx) })
}

// Pause freezes the server: its connections stay open and nothing answers.
func (s *Server) Pause(tb testing.TB) {
	tb.Helper()
	s.do(tb, "pause", func(ctx context.Context) error { return s.process.Pause(ctx) })
}

// Resume lets a paused server go on.
func (s *Server) Resume(tb testing.TB) {
	tb.Helper()
	s.do(tb, "resume", func(context.Context) error { return s.process.Resume() })
}

// actionTimeout bounds what a test does to a server.
const actionTimeout = time.Minute

func (s *Server) do(tb testing.TB, what string, action func(context.Context) error) {
	tb.Helper()
	if s.process == nil {
		tb.Fatalf("%s server %s: it was given by DSN; the test must require KillServer first", what, s.label)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(tb.Context()), actionTimeout)
	defer cancel()
	if err := action(ctx); err != nil {
		tb.Fatalf("%s server %s: %v", what, s.label, err)
	}
}
