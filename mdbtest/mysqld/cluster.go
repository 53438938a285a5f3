package mysqld

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
)

// A Cluster is a set of servers that were started together. It is safe for
// concurrent use.
type Cluster struct {
	// Servers never changes after Start.
	Servers []*Server

	run     *runDir
	spawner *spawner
	closing sync.Once
	closed  error
	prefix  atomic.Uint64
}

// Start runs n servers and returns when all of them answer, after half a second
// or less for n = 4; the first Start of a server version and flags on a machine
// takes half a second more. When one server fails, none is left running.
//
// The servers live until [Cluster.Close] or the end of the process; ctx bounds
// the start alone.
func Start(ctx context.Context, n int, opts Options) (_ *Cluster, err error) {
	if n < 1 {
		return nil, fmt.Errorf("mysqld: start %d servers: at least 1 is needed", n)
	}
	opts = opts.withDefaults()
	binary, err := opts.binary(ctx)
	if err != nil {
		return nil, err
	}
	base := opts.Dir
	if base == "" {
		base = placeFor(n)
	}
	base, err = filepath.Abs(base)
	if err != nil {
		return nil, fmt.Errorf("mysqld: %w", err)
	}
	run, err := newRunDir(base)
	if err != nil {
		return nil, err
	}
	c := &Cluster{run: run, spawner: newSpawner()}
	defer func() {
		if err != nil {
			err = errors.Join(err, c.Close())
		}
	}()
	from, err := template(ctx, binary, opts.Flags, opts.CacheDir, run.path)
	if err != nil {
		return nil, err
	}
	c.Servers, err = startAll(n, func(i int) (*Server, error) {
		return firstStart(ctx, binary, opts, serverDir(filepath.Join(run.path, strconv.Itoa(i))), c.spawner, from)
	})
	if err != nil {
		return nil, err
	}
	return c, nil
}

func (o Options) binary(ctx context.Context) (Binary, error) {
	if o.Binary == "" {
		return Find(ctx)
	}
	return inspect(ctx, o.Binary)
}

// startAll calls start n times at once. It returns the servers that started,
// and the errors of the others.
func startAll(n int, start func(i int) (*Server, error)) ([]*Server, error) {
	servers, errs := make([]*Server, n), make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { servers[i], errs[i] = start(i) })
	}
	wg.Wait()
	started := slices.DeleteFunc(servers, func(s *Server) bool { return s == nil })
	return started, errors.Join(errs...)
}

// each calls do for all servers at once and returns all their errors.
func (c *Cluster) each(do func(*Server) error) error {
	errs := make([]error, len(c.Servers))
	var wg sync.WaitGroup
	for i, s := range c.Servers {
		wg.Go(func() { errs[i] = do(s) })
	}
	wg.Wait()
	return errors.Join(errs...)
}

// Close kills all servers and removes their data. Closing twice does nothing.
func (c *Cluster) Close() error {
	c.closing.Do(func() {
		err := c.each((*Server).Close)
		c.spawner.close()
		c.closed = errors.Join(err, c.run.remove())
	})
	return c.closed
}

// Prefix returns a prefix for database names that no other call on this cluster
// returns, such as "t7_", so that tests can share the servers.
func (c *Cluster) Prefix() string {
	return "t" + strconv.FormatUint(c.prefix.Add(1), 10) + "_"
}

// Drop drops the databases whose names start with prefix on all servers that
// run.
func (c *Cluster) Drop(ctx context.Context, prefix string) error {
	return c.each(func(s *Server) error {
		if !s.Running() {
			return nil
		}
		return s.drop(ctx, prefix)
	})
}

func (s *Server) drop(ctx context.Context, prefix string) error {
	names, err := s.databases(ctx)
	if err != nil {
		return fmt.Errorf("mysqld: list the databases on %s: %w", s.Addr(), err)
	}
	for _, name := range names {
		if !strings.HasPrefix(name, prefix) {
			continue
		}
		if _, err := s.db.ExecContext(ctx, "DROP DATABASE IF EXISTS `"+strings.ReplaceAll(name, "`", "``")+"`"); err != nil {
			return fmt.Errorf("mysqld: drop database %s on %s: %w", name, s.Addr(), err)
		}
	}
	return nil
}

func (s *Server) databases(ctx context.Context) ([]string, error) {
	rows, err := s.db.QueryContext(ctx, "SHOW DATABASES")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return names, rows.Err()
}
