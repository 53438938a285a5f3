package pool

import (
	"database/sql"
	"sync/atomic"
)

// A Shard is the pool of one shard, of an area or of CENTRAL.
type Shard struct {
	pools   *Pools
	key     key
	guarded bool
	db      atomic.Pointer[sql.DB]
}

// DB gives the pool, which belongs to the Pools; do not close it. It opens the
// pool when first called, without I/O, and costs one atomic load afterwards. It
// fails with [area.ErrUnavailable] when the DSN is unknown and with
// [area.ErrClosed] after Close.
func (s *Shard) DB() (*sql.DB, error) {
	if db := s.db.Load(); db != nil {
		return db, nil
	}
	return s.open()
}

func (s *Shard) open() (*sql.DB, error) {
	db, err := s.pools.database(s.key, s.guarded)
	if err != nil {
		return nil, err
	}
	s.publish(db)
	return db, nil
}

// publish lets DB find the pool, unless the pools were closed meanwhile.
func (s *Shard) publish(db *sql.DB) {
	s.pools.mu.Lock()
	defer s.pools.mu.Unlock()
	if !s.pools.closed {
		s.db.Store(db)
	}
}
