package mdbtest

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
)

// Reset empties every table of every shard but those of mdb itself, whose names
// start with mdb_, as if the cluster had just been started; ids that were issued
// are not issued again. It takes a few milliseconds for tables without rows, and
// fails the test if somebody holds a lock for two seconds.
//
// A table that has no rows is left as it is, so an AUTO_INCREMENT column may go
// on where it was.
func (c *Cluster) Reset(tb testing.TB) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(tb.Context()), actionTimeout)
	defer cancel()
	if err := c.reset(ctx); err != nil {
		tb.Fatalf("reset the cluster: %v", err)
	}
}

// reset works on all servers at once, one connection each.
func (c *Cluster) reset(ctx context.Context) error {
	errs := make([]error, len(c.servers))
	var running sync.WaitGroup
	for i, s := range c.servers {
		var own []string
		for _, d := range c.databases {
			if d.server == s {
				own = append(own, d.name)
			}
		}
		if len(own) > 0 {
			running.Go(func() { errs[i] = s.empty(ctx, own) })
		}
	}
	running.Wait()
	return errors.Join(errs...)
}

func (s *Server) empty(ctx context.Context, databases []string) error {
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("server %s: %w", s.label, err)
	}
	defer discard(conn)
	// Without foreign keys the order of the tables does not matter.
	for _, set := range []string{"foreign_key_checks = 0", "lock_wait_timeout = 2", "innodb_lock_wait_timeout = 2"} {
		if _, err := conn.ExecContext(ctx, "SET SESSION "+set); err != nil {
			return fmt.Errorf("server %s: %w", s.label, err)
		}
	}
	for _, name := range databases {
		if err := emptyDatabase(ctx, conn, name); err != nil {
			return fmt.Errorf("database %s on server %s: %w", name, s.label, err)
		}
	}
	return nil
}

// discard closes a connection for good: its session has settings of ours.
func discard(conn *sql.Conn) {
	_ = conn.Raw(func(any) error { return driver.ErrBadConn })
	conn.Close()
}

func emptyDatabase(ctx context.Context, conn *sql.Conn, name string) error {
	// What is not a table has another type; what has history too, and cannot be
	// truncated.
	const query = "SELECT CONCAT(IF(table_type = 'SYSTEM VERSIONED', 'DELETE FROM ', 'TRUNCATE TABLE '), '/', table_name)" +
		" FROM information_schema.tables WHERE table_schema = ? AND table_type NOT IN ('VIEW', 'SYSTEM VIEW', 'SEQUENCE')"
	tables, err := names(ctx, conn, query, name)
	if err != nil {
		return err
	}
	for _, line := range tables {
		statement, table, _ := strings.Cut(line, "/")
		if strings.HasPrefix(table, "mdb_") {
			continue
		}
		target := quote(name) + "." + quote(table)
		rows, err := names(ctx, conn, "SELECT 1 FROM "+target+" LIMIT 1")
		if err != nil {
			return fmt.Errorf("table %s: %w", table, err)
		}
		if len(rows) == 0 {
			continue
		}
		if _, err := conn.ExecContext(ctx, statement+target); err != nil {
			return fmt.Errorf("table %s: %w", table, err)
		}
	}
	return nil
}
