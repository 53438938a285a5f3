package pool

import (
	"cmp"
	"database/sql"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/mdbrouter/mdb/area/dsn"
)

// An Endpoint is one mysqld as a configuration declares it: the primary of a
// server, or a replica.
type Endpoint struct {
	Server  string  // the server's label
	Replica string  // the replica's label; empty for the primary
	DSN     dsn.DSN // zero: unknown
	Missing string  // what must be set for the DSN to be known
	// MaxOpen is the most connections that the pool of one shard opens, in use
	// and idle together. Default: 32, for admins 8.
	MaxOpen int
	// MaxIdle is the most connections that the pool of one shard keeps idle.
	// Default: MaxOpen.
	MaxIdle int
	// MaxLifetime is the longest that a connection is used. Default: 3 minutes.
	MaxLifetime time.Duration
}

// Defaults of Endpoint.
const (
	defaultMaxOpen      = 32
	defaultAdminMaxOpen = 8
	defaultMaxLifetime  = 3 * time.Minute
	// maxIdleTime is the longest that a connection lies idle.
	maxIdleTime = time.Minute
)

// config gives the driver's configuration for a database, or nil when the DSN is
// unknown. What would break the guard or the rules of repetition is off,
// whatever the DSN says.
func (e *Endpoint) config(database string) *mysql.Config {
	cfg := e.DSN.WithDatabase(database).Config()
	if cfg == nil {
		return nil
	}
	cfg.Timeout = cmp.Or(cfg.Timeout, defaultDialTimeout)
	switch cfg.Net {
	case "tcp", "tcp4", "tcp6", "unix": // others are dialled by what the program registered with the driver
		cfg.DialFunc = dial
	}
	cfg.MultiStatements = false
	cfg.AllowAllFiles = false
	cfg.RejectReadOnly = false
	return cfg
}

// open gives a pool within the endpoint's bounds.
func (e *Endpoint) open(c *connector) *sql.DB {
	db := sql.OpenDB(c)
	maxOpen := cmp.Or(e.MaxOpen, defaultMaxOpen)
	db.SetMaxOpenConns(maxOpen)
	db.SetMaxIdleConns(cmp.Or(e.MaxIdle, maxOpen))
	db.SetConnMaxLifetime(cmp.Or(e.MaxLifetime, defaultMaxLifetime))
	db.SetConnMaxIdleTime(maxIdleTime)
	return db
}
