package mysqld

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/go-sql-driver/mysql"
)

const loopback = "127.0.0.1"

// portAttempts is how many ports a new server tries.
const portAttempts = 5

// firstStart makes a server in dir with the system tables of a template and
// starts it. It tries another port when the first is taken, which happens only
// where [reservePort] cannot hold one.
func firstStart(ctx context.Context, b Binary, opts Options, dir serverDir, sp *spawner, template string) (*Server, error) {
	var err error
	for range portAttempts {
		var s *Server
		s, err = newServer(b, opts, dir, sp)
		if err != nil {
			return nil, err
		}
		err = s.first(ctx, template)
		if err == nil {
			return s, nil
		}
		if closing := s.Close(); closing != nil {
			return nil, errors.Join(err, closing)
		}
		if !portTaken(err) {
			return nil, err
		}
	}
	return nil, err
}

// portTaken reports whether a server did not start because of its port.
func portTaken(err error) bool {
	if _, foreign := errors.AsType[*ForeignError](err); foreign {
		return true
	}
	start, ok := errors.AsType[*StartError](err)
	return ok && strings.Contains(start.Log, "Bind on TCP/IP port")
}

// newServer makes a server that does not run yet.
func newServer(b Binary, opts Options, dir serverDir, sp *spawner) (*Server, error) {
	p, err := reservePort()
	if err != nil {
		return nil, err
	}
	// Live servers of one machine differ by port; an identity must differ too.
	s := &Server{binary: b, options: opts, dir: dir, id: uint32(p.number), port: p, spawner: sp}
	cfg := s.Config()
	cfg.Logger = &mysql.NopLogger{} // tests kill servers: a broken connection is no news
	connector, err := mysql.NewConnector(cfg)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("mysqld: %w", err), p.release())
	}
	s.db = sql.OpenDB(connector)
	return s, nil
}

// first fills the data directory from a template and starts the server.
func (s *Server) first(ctx context.Context, template string) error {
	if err := copyTree(template, s.dir.data()); err != nil {
		return fmt.Errorf("mysqld: copy the system tables: %w", err)
	}
	if err := os.MkdirAll(s.dir.tmp(), 0o700); err != nil {
		return fmt.Errorf("mysqld: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.start(ctx, nil)
}
