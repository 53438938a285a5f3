package mysqld

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/go-sql-driver/mysql"
)

// ErrClosed is returned by what was closed.
var ErrClosed = errors.New("mysqld: the servers are closed")

// A Server is one server process and its data directory. The process may come
// and go, by [Server.Kill], [Server.Stop] and [Server.Restart]; the address and
// the data stay until [Server.Close]. All methods are safe for concurrent use.
type Server struct {
	binary  Binary
	options Options
	dir     serverDir
	id      uint32
	port    *port
	spawner *spawner
	db      *sql.DB

	mu     sync.Mutex // guards proc, closed; held while the process starts or ends
	proc   *process   // nil or dead: not running
	closed bool
}

// Addr is the host:port that the server listens on while it runs. It never
// changes.
func (s *Server) Addr() string { return net.JoinHostPort(loopback, strconv.Itoa(s.Port())) }

// Port is the TCP port of the server on 127.0.0.1. It never changes.
func (s *Server) Port() int { return s.port.number }

// ID is the server's @@server_id. No two live servers of one machine have the
// same.
func (s *Server) ID() uint32 { return s.id }

// Binary says which program the server runs.
func (s *Server) Binary() Binary { return s.binary }

// DataDir is the server's data directory.
func (s *Server) DataDir() string { return s.dir.data() }

// Config returns a new driver configuration for root, without a password and
// without a default database.
func (s *Server) Config() *mysql.Config {
	cfg := mysql.NewConfig()
	cfg.User, cfg.Net, cfg.Addr = "root", "tcp", s.Addr()
	return cfg
}

// DSN returns the data source name for root in a database, "" for none. It
// holds no secret: root has no password.
func (s *Server) DSN(database string) string {
	cfg := s.Config()
	cfg.DBName = database
	return cfg.FormatDSN()
}

// DB is a pool of root connections without a default database, for a test's own
// statements. It belongs to the server and survives restarts.
func (s *Server) DB() *sql.DB { return s.db }

// Running reports whether the process is alive. A paused process is.
func (s *Server) Running() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.running()
}

func (s *Server) running() bool { return s.proc != nil && s.proc.alive() }

// PID is the process id of the server, 0 if it does not run.
func (s *Server) PID() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.running() {
		return 0
	}
	return s.proc.pid
}

// Log returns the end of the server's own log, at most 4 KB.
func (s *Server) Log() string {
	log, err := os.ReadFile(s.dir.log())
	if err != nil {
		return ""
	}
	return string(tail(log))
}

// Kill ends the process at once, as kill -9 or a crash does, and waits until it
// is gone. What was committed stays on disk. A server that does not run is left
// alone.
func (s *Server) Kill() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.kill()
}

func (s *Server) kill() error {
	if !s.running() {
		return nil
	}
	if err := s.proc.kill(); err != nil {
		return fmt.Errorf("mysqld: kill the server on %s: %w", s.Addr(), err)
	}
	return nil
}

// Stop asks the server to shut down and waits until it is gone. When ctx ends
// first it is killed, and Stop returns the context's error. A server that does
// not run is left alone.
func (s *Server) Stop(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.running() {
		return nil
	}
	if err := s.proc.terminate(); err != nil {
		return fmt.Errorf("mysqld: stop the server on %s: %w", s.Addr(), err)
	}
	select {
	case <-s.proc.done:
		return nil
	case <-ctx.Done():
		return errors.Join(fmt.Errorf("mysqld: stop the server on %s: %w", s.Addr(), ctx.Err()), s.kill())
	}
}

// Pause stops the process without ending it, as SIGSTOP does: connections stay
// open and nothing answers. It returns when no thread of it runs any more.
func (s *Server) Pause(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.running() {
		return fmt.Errorf("mysqld: pause the server on %s: it does not run", s.Addr())
	}
	if err := s.proc.pause(); err != nil {
		return fmt.Errorf("mysqld: pause the server on %s: %w", s.Addr(), err)
	}
	if err := waitPaused(ctx, s.proc.pid); err != nil {
		return fmt.Errorf("mysqld: pause the server on %s: %w", s.Addr(), err)
	}
	return nil
}

// Resume lets a paused process go on.
func (s *Server) Resume() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.running() {
		return fmt.Errorf("mysqld: resume the server on %s: it does not run", s.Addr())
	}
	if err := s.proc.resume(); err != nil {
		return fmt.Errorf("mysqld: resume the server on %s: %w", s.Addr(), err)
	}
	return nil
}

// Restart starts the server again on the same port, data and identity, and
// returns when it answers. A running process is killed first; call Stop before
// for an orderly end. The flags are for this run only and win over all others.
func (s *Server) Restart(ctx context.Context, flags ...string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return ErrClosed
	}
	if err := s.kill(); err != nil {
		return err
	}
	return s.start(ctx, flags)
}

// Close kills the process and gives up its port, connections and data. Closing
// twice does nothing.
func (s *Server) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	err := errors.Join(s.kill(), s.port.release(), os.RemoveAll(string(s.dir)))
	_ = s.db.Close() // connections to a killed server end badly
	s.options.Logger.Debug("server removed", "addr", s.Addr())
	return err
}

// start runs the program and waits until it answers as ourselves. The caller
// holds mu.
func (s *Server) start(ctx context.Context, flags []string) error {
	ctx, cancel := context.WithTimeout(ctx, s.options.StartTimeout)
	defer cancel()
	begin := time.Now()
	args := serverFlags(s.binary.Flavor, s.dir, s.Port(), s.id)
	args = append(args, s.options.Flags...)
	args = append(args, flags...)
	proc, err := startProcess(ctx, s.spawner, s.dir.log(), s.binary.Path, args)
	if err != nil {
		return fmt.Errorf("mysqld: %w", err)
	}
	s.proc = proc
	if err := s.ready(ctx); err != nil {
		return errors.Join(err, s.kill())
	}
	s.options.Logger.Debug("server ready", "addr", s.Addr(), "pid", proc.pid, "took", time.Since(begin))
	return nil
}
