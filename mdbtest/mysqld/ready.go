package mysqld

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/go-sql-driver/mysql"
)

// A ForeignError is returned when the server that answers on a port is not the
// one that was started there: a leaked one would be tested instead.
type ForeignError struct {
	Addr    string // where it answers
	DataDir string // its data directory
	PIDFile string // its pid file
}

func (e *ForeignError) Error() string {
	return fmt.Sprintf("mysqld: a foreign server answers on %s, with data directory %s and pid file %s", e.Addr, e.DataDir, e.PIDFile)
}

// A StartError is returned when a server ended instead of answering, or did not
// answer in time.
type StartError struct {
	Addr string
	Log  string // the end of the server's own log
	Err  error  // the context's error, or nil if the process ended by itself
}

func (e *StartError) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("mysqld: the server on %s did not answer: %v; the end of its log:\n%s", e.Addr, e.Err, e.Log)
	}
	return fmt.Sprintf("mysqld: the server on %s ended as it started; the end of its log:\n%s", e.Addr, e.Log)
}

// Unwrap returns the context's error, if that is why.
func (e *StartError) Unwrap() error { return e.Err }

// ready waits until the server answers, and checks that it is ours. The caller
// holds mu.
func (s *Server) ready(ctx context.Context) error {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		err := s.probe(ctx)
		if err == nil {
			return nil
		}
		if _, foreign := errors.AsType[*ForeignError](err); foreign {
			return err
		}
		select {
		case <-s.proc.done:
			return &StartError{Addr: s.Addr(), Log: s.Log()}
		case <-ctx.Done():
			return &StartError{Addr: s.Addr(), Log: s.Log(), Err: ctx.Err()}
		case <-tick.C:
		}
	}
}

// probe asks whoever listens on our port who they are, on a connection of its
// own.
func (s *Server) probe(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	cfg := s.Config()
	cfg.Logger = &mysql.NopLogger{} // a server that is still starting is no news
	connector, err := mysql.NewConnector(cfg)
	if err != nil {
		return err
	}
	db := sql.OpenDB(connector)
	defer db.Close()
	var dataDir, pidFile string
	if err := db.QueryRowContext(ctx, "SELECT @@datadir, @@pid_file").Scan(&dataDir, &pidFile); err != nil {
		return err
	}
	if !samePath(dataDir, s.dir.data()) || !samePath(pidFile, s.dir.pidFile()) {
		return &ForeignError{Addr: s.Addr(), DataDir: dataDir, PIDFile: pidFile}
	}
	return nil
}

func samePath(a, b string) bool { return realPath(a) == realPath(b) }

// realPath resolves what a server may have resolved: symbolic links, and a
// slash at the end.
func realPath(path string) string {
	if dir, err := filepath.EvalSymlinks(filepath.Dir(filepath.Clean(path))); err == nil {
		return filepath.Join(dir, filepath.Base(path))
	}
	return filepath.Clean(path)
}
