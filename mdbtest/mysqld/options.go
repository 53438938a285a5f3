package mysqld

import (
	"cmp"
	"log/slog"
	"time"
)

// Options says how servers are run. The zero value is ready to use.
type Options struct {
	// Binary is the path of the mariadbd or mysqld to run. Default: what [Find]
	// finds.
	Binary string

	// Flags are more flags of the server, in the form --name=value. They come
	// last, so they win over the flags of this package. They also take part in
	// the creation of the system tables.
	Flags []string

	// Dir is the directory in which the data directories are made. Default:
	// /dev/shm when it has room, else [os.TempDir].
	Dir string

	// CacheDir keeps the system tables that new servers are copied from, about
	// 10 MB per server version and set of flags. Any number of processes may use
	// one at once. Default: mdb/mysqld in [os.UserCacheDir]; without such a
	// directory nothing is cached, and each Start takes half a second longer.
	CacheDir string

	// StartTimeout is the longest that a server may take to answer. Default: 60s.
	StartTimeout time.Duration

	// Logger gets a line for each server that starts, dies or is removed. Default:
	// none. The servers' own logs are read with [Server.Log].
	Logger *slog.Logger
}

func (o Options) withDefaults() Options {
	o.StartTimeout = cmp.Or(o.StartTimeout, 60*time.Second)
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}
