package mysqld

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// dialect is how a flavor says what has to do with replication by GTID.
type dialect struct {
	follow   string // the primary's port is its argument
	start    string
	promote  []string
	position string // what the server has applied or written
	wait     string // waits for a position, its argument, and gives 0 when it is reached
}

var dialects = map[Flavor]dialect{
	MariaDB: {
		follow: "CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT=%d, MASTER_USER='root', MASTER_PASSWORD=''," +
			" MASTER_USE_GTID=slave_pos, MASTER_CONNECT_RETRY=1, MASTER_HEARTBEAT_PERIOD=1",
		start:    "START SLAVE",
		promote:  []string{"STOP SLAVE", "RESET SLAVE ALL", "SET GLOBAL read_only=0"},
		position: "SELECT @@GLOBAL.gtid_current_pos",
		wait:     "SELECT MASTER_GTID_WAIT(?)",
	},
	MySQL: {
		follow: "CHANGE REPLICATION SOURCE TO SOURCE_HOST='127.0.0.1', SOURCE_PORT=%d, SOURCE_USER='root', SOURCE_PASSWORD=''," +
			" SOURCE_AUTO_POSITION=1, GET_SOURCE_PUBLIC_KEY=1, SOURCE_CONNECT_RETRY=1, SOURCE_HEARTBEAT_PERIOD=1",
		start:    "START REPLICA",
		promote:  []string{"STOP REPLICA", "RESET REPLICA ALL", "SET GLOBAL read_only=0"},
		position: "SELECT @@GLOBAL.gtid_executed",
		wait:     "SELECT WAIT_FOR_EXECUTED_GTID_SET(?)",
	},
}

// Follow makes the server a read-only replica of primary, from the primary's
// first transaction on. Nothing may have been written to the server before. Root
// may write to a replica; users without its privileges may not.
func (s *Server) Follow(ctx context.Context, primary *Server) error {
	d := dialects[s.binary.Flavor]
	err := s.execAll(ctx, fmt.Sprintf(d.follow, primary.Port()), d.start, "SET GLOBAL read_only=1")
	if err != nil {
		return fmt.Errorf("mysqld: make the server on %s follow the one on %s: %w", s.Addr(), primary.Addr(), err)
	}
	return nil
}

// CatchUp waits until the server has applied everything that primary has
// committed when it is called. If ctx ends first it returns the context's error.
func (s *Server) CatchUp(ctx context.Context, primary *Server) error {
	d := dialects[s.binary.Flavor]
	fail := func(err error) error {
		return fmt.Errorf("mysqld: wait until the server on %s has caught up with the one on %s: %w", s.Addr(), primary.Addr(), err)
	}
	var position string
	if err := primary.db.QueryRowContext(ctx, d.position).Scan(&position); err != nil {
		return fail(err)
	}
	var result sql.NullInt64
	if err := s.db.QueryRowContext(ctx, d.wait, position).Scan(&result); err != nil {
		return fail(err)
	}
	if !result.Valid || result.Int64 != 0 {
		return fail(errors.New("the server does not replicate"))
	}
	return nil
}

// Promote makes a replica an independent server that takes writes, with what it
// has applied so far.
func (s *Server) Promote(ctx context.Context) error {
	if err := s.execAll(ctx, dialects[s.binary.Flavor].promote...); err != nil {
		return fmt.Errorf("mysqld: promote the server on %s: %w", s.Addr(), err)
	}
	return nil
}

func (s *Server) execAll(ctx context.Context, statements ...string) error {
	for _, statement := range statements {
		if _, err := s.db.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}
