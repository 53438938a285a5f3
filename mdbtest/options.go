package mdbtest

import (
	"io/fs"
	"os"
	"strings"

	"github.com/mdbrouter/mdb"
	"github.com/mdbrouter/mdb/mdbtest/mysqld"
)

// EnvDSN is the environment variable with the data source names of servers to
// use in place of private ones, separated by spaces. Their users must be allowed
// to create databases.
const EnvDSN = "MDBTEST_DSN"

// Options say how a topology is put on servers. The zero value is ready to use.
type Options struct {
	// Config says how the configuration is read and opened. Its Connector, if
	// any, is called with what reaches the cluster's servers.
	Config mdb.Options

	// Schema has SQL files that are applied to new shards after those that the
	// configuration names: *.sql in the directory named like an area to every
	// shard of that area, *.sql at the top to every shard there is; in the order
	// of their names, the top ones first. Default: none.
	Schema fs.FS

	// Servers says how private servers are run.
	Servers mysqld.Options

	// DSNs are data source names of servers to use in place of private ones, one
	// for every server and replica of the topology. Only databases that are not
	// there yet are created, and those are dropped by Close. Default: those in
	// MDBTEST_DSN, if it is set.
	DSNs []string

	// Skip lets a test that cannot run here be skipped instead of failed: when no
	// server program is installed, or the servers lack what the test requires.
	Skip bool
}

func (o Options) withDefaults() Options {
	if o.DSNs == nil {
		o.DSNs = strings.Fields(os.Getenv(EnvDSN))
	}
	return o
}
