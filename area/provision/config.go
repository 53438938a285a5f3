package provision

import (
	"cmp"
	"context"
	"database/sql"
	"log/slog"
	"time"

	"github.com/mdbrouter/mdb/area"
)

// Servers gives the connections that provisioning works with.
type Servers interface {
	// Admin gives connections of the admin user to the primary of a server,
	// without a default database, unguarded. It may be called many times and
	// does no I/O.
	Admin(ctx context.Context, server string) (*sql.DB, error)
}

// Replicas gives connections to declared replicas, to read who they are. Any user
// will do.
type Replicas interface {
	Replica(ctx context.Context, server, replica string) (*sql.DB, error)
}

// A File is one file of an area's schema: statements that end with ";".
type File struct {
	Name string
	SQL  string
}

// A Config says what to provision, and with what. Registry and Servers must be
// set.
type Config struct {
	Registry *area.Registry
	Servers  Servers
	// Replicas admits declared replicas to the shards of their server. Default:
	// they are admitted by [Admit] later.
	Replicas Replicas
	// Heads is asked where a partition is appended. Default: appending is
	// refused.
	Heads Heads
	// Schema gives the files of an area's schema in the order to run them.
	// Default: no area has a schema.
	Schema func(area string) ([]File, error)
	// Recreate has the databases, as SERVER/DATABASE, of shards that are gone for
	// good: they are made anew, empty, although their partition is in use. Default:
	// that is refused.
	Recreate []string
	// Logger gets a line for each step. Default: nothing is logged.
	Logger *slog.Logger
	// Progress is told each step as it begins and ends. It is called by one
	// goroutine at a time and must not block.
	Progress func(Event)
	// LockWait is the longest to wait for another process that provisions the
	// same server. Default: 1 minute.
	LockWait time.Duration
	// SealWait is the longest to wait, per shard, for writers that keep stripes
	// locked, of a partition's predecessor or of its own. Default: 1 minute.
	SealWait time.Duration
}

func (c Config) withDefaults() Config {
	if c.Schema == nil {
		c.Schema = func(string) ([]File, error) { return nil, nil }
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Progress == nil {
		c.Progress = func(Event) {}
	}
	c.LockWait = cmp.Or(c.LockWait, time.Minute)
	c.SealWait = cmp.Or(c.SealWait, time.Minute)
	return c
}
