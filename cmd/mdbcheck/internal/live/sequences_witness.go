package live

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/area/pool"
	"github.com/mdbrouter/mdb/gdid/authority"
	"github.com/mdbrouter/mdb/hcl"
)

// A witness is one authority that can be asked, without changing anything.
type witness struct {
	name   string
	number uint8
	place  string // "on server c1", "in files"
	server string // its label; empty in files
	added  bool   // only the last of several versions declares it
	read   func(ctx context.Context, sequence string) (authority.State, error)
}

// witnesses are authorities, and what must be closed after them.
type witnesses struct {
	all     []*witness
	closers []func() error
}

func (w *witnesses) close() {
	for _, c := range slices.Backward(w.closers) {
		_ = c() // nothing was written
	}
}

// identity tells witnesses apart: equal ones keep the same heads.
type identity struct {
	namespace string
	number    uint8
	where     string // an address and a database, or paths
}

// A connectors may wrap what opens connections; see [pool.Options].
type connectors func(d pool.Dial, c driver.Connector) driver.Connector

// witnessesOf gives the authorities of all versions, each once. wrap may be nil.
func witnessesOf(versions []Version, wrap connectors) *witnesses {
	out := &witnesses{}
	known := make(map[identity]*witness)
	newest := versions[len(versions)-1]
	for i, v := range versions {
		if len(v.Config.Servers) == 0 { // a lock knows no addresses
			v.Config = lentServers(v.Config, newest.Config)
		}
		var pools *pool.Pools
		for _, a := range v.Config.Topology.Authorities {
			id := identityOf(&v, &a)
			if known[id] != nil {
				continue
			}
			w := &witness{name: a.Name, number: a.Number, added: i > 0 && i == len(versions)-1}
			known[id] = w
			out.all = append(out.all, w)
			if a.Store == nil {
				w.place, w.read = "in files", filesOf(&v, &a).Peek
				continue
			}
			w.place, w.server = "on server "+a.Store.Server, a.Store.Server
			if fault := v.unreachable(a.Store.Server, wrap); fault != "" {
				w.read = func(context.Context, string) (authority.State, error) { return authority.State{}, fault }
				continue
			}
			if pools == nil {
				pools = readers(v.Config, wrap)
				out.closers = append(out.closers, pools.Close)
			}
			db, err := pools.Store(a.Store.Server, a.Store.Name)
			if err != nil {
				w.read = func(context.Context, string) (authority.State, error) { return authority.State{}, err }
				continue
			}
			store := authority.NewMySQL(db, authority.MySQLConfig{Name: a.Name, Number: a.Number, Namespace: v.Config.Namespace})
			out.closers = append(out.closers, store.Close)
			w.read = store.Read
		}
	}
	return out
}

// A wordedError is an error whose text shows nothing of the environment.
type wordedError string

// Error gives the text.
func (e wordedError) Error() string { return string(e) }

// unreachable says why a server cannot even be dialled, or nothing.
func (v *Version) unreachable(server string, wrap connectors) wordedError {
	s, ok := v.server(server)
	switch {
	case !ok:
		return "no version declares how the server is reached"
	case missing(s.Primary) != "" && wrap == nil:
		return wordedError(missing(s.Primary) + " is not set")
	}
	return ""
}

// server gives a server by its label.
func (v *Version) server(name string) (*hcl.Server, bool) {
	i := slices.IndexFunc(v.Config.Servers, func(s hcl.Server) bool { return s.Name == name })
	if i < 0 {
		return nil, false
	}
	return &v.Config.Servers[i], true
}

// lentServers gives a configuration without servers those of another.
func lentServers(to, from *hcl.Config) *hcl.Config {
	lent := *to
	lent.Servers = from.Servers
	return &lent
}

func identityOf(v *Version, a *area.Authority) identity {
	id := identity{namespace: v.Config.Namespace, number: a.Number}
	if a.Store == nil {
		id.where = "files " + strings.Join(pathsOf(v, a), "\n")
		return id
	}
	id.where = "label " + a.Store.Server
	if s, ok := v.server(a.Store.Server); ok && s.Primary.Known {
		id.where = s.Primary.DSN.Network() + " " + s.Primary.DSN.Address()
	}
	id.where += "\n" + a.Store.Name
	return id
}

func filesOf(v *Version, a *area.Authority) *authority.Files {
	return authority.NewFiles(authority.FilesConfig{Name: a.Name, Number: a.Number, Namespace: v.Config.Namespace, Paths: pathsOf(v, a)})
}

func pathsOf(v *Version, a *area.Authority) []string {
	paths := make([]string, len(a.Files))
	for i, path := range a.Files {
		if paths[i] = path; !filepath.IsAbs(path) {
			paths[i] = filepath.Join(v.Dir, path)
		}
	}
	return paths
}

// readers gives pools whose sessions cannot write.
func readers(cfg *hcl.Config, wrap connectors) *pool.Pools {
	var endpoints []pool.Endpoint
	for i := range cfg.Servers {
		endpoints = append(endpoints, endpointOf(cfg.Servers[i].Name, cfg.Servers[i].Primary))
	}
	return pool.New(endpoints, nil, pool.Options{Namespace: cfg.Namespace, Connector: func(d pool.Dial, c driver.Connector) driver.Connector {
		if wrap != nil {
			c = wrap(d, c)
		}
		if c == nil {
			return nil
		}
		return readOnly{c}
	}})
}

// readOnly makes all sessions of a connector unable to write.
type readOnly struct{ driver.Connector }

// Connect opens a connection whose session refuses to write.
func (r readOnly) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := r.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	execer, ok := conn.(driver.ExecerContext)
	if !ok {
		return nil, errors.Join(fmt.Errorf("a connection of type %T runs no statements", conn), conn.Close())
	}
	if _, err := execer.ExecContext(ctx, "SET SESSION TRANSACTION READ ONLY", nil); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}
