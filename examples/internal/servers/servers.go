// Package servers gives the examples the servers they run on.
package servers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/mdbrouter/mdb/mdbtest/embedded"
	"github.com/mdbrouter/mdb/mdbtest/mysqld"
)

// The engines that [Start] knows.
const (
	Embedded = "embedded" // inside this process
	Real     = "real"     // mariadbd or mysqld, found on this machine
)

// A Set is some servers. Close stops those that [Start] started.
type Set struct {
	// About says in a line what the servers are.
	About string
	// Servers never changes.
	Servers []Server

	stop []func() error
}

// A Server is one server of a set.
type Server struct {
	DSN  string // without a database; may hold a password
	Addr string // empty for a server that was given by its DSN
	PID  int    // of a server's process that Start started, else 0
}

// Start starts n empty servers of an engine, on loopback. The caller closes them,
// and their data is gone then.
func Start(ctx context.Context, engine string, n int) (*Set, error) {
	switch engine {
	case Embedded:
		return startEmbedded(n)
	case Real:
		return startReal(ctx, n)
	}
	return nil, fmt.Errorf("no engine %q; there are %q and %q", engine, Embedded, Real)
}

// Given is a set of servers that run already.
func Given(dsns []string) *Set {
	set := &Set{About: fmt.Sprintf("%d servers given by -dsn", len(dsns))}
	for _, dsn := range dsns {
		set.Servers = append(set.Servers, Server{DSN: dsn})
	}
	return set
}

func startEmbedded(n int) (*Set, error) {
	set := &Set{About: "embedded engine: demo only, not durable"}
	for range n {
		server, err := embedded.Start(embedded.Options{})
		if err != nil {
			return nil, errors.Join(err, set.Close())
		}
		set.stop = append(set.stop, server.Close)
		set.Servers = append(set.Servers, Server{DSN: server.DSN(), Addr: server.Addr()})
	}
	return set, nil
}

func startReal(ctx context.Context, n int) (*Set, error) {
	cluster, err := mysqld.Start(ctx, n, mysqld.Options{})
	if err != nil {
		return nil, err
	}
	set := &Set{stop: []func() error{cluster.Close}}
	for _, server := range cluster.Servers {
		set.About = "private servers: " + server.Binary().Version
		set.Servers = append(set.Servers, Server{DSN: server.DSN(""), Addr: server.Addr(), PID: server.PID()})
	}
	return set, nil
}

// Vars gives the configurations of the examples their variable "dsns".
func (s *Set) Vars() (map[string]string, error) {
	dsns := make([]string, len(s.Servers))
	for i, server := range s.Servers {
		dsns[i] = noTemplates.Replace(server.DSN)
	}
	list, err := json.Marshal(dsns)
	if err != nil {
		return nil, err
	}
	return map[string]string{"dsns": string(list)}, nil
}

// noTemplates escapes what HCL would take for a template within a string.
var noTemplates = strings.NewReplacer("${", "$${", "%{", "%%{")

// Close stops the servers and removes their data.
func (s *Set) Close() error {
	var errs []error
	for _, stop := range s.stop {
		errs = append(errs, stop())
	}
	return errors.Join(errs...)
}
