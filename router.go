package mdb

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/area/pool"
	"github.com/mdbrouter/mdb/briefcase"
	"github.com/mdbrouter/mdb/hcl"
)

// A Router turns ids into briefcases on the right servers.
type Router struct {
	options Options
	current atomic.Pointer[snapshot]
}

// snapshot is one compiled configuration with its pools. It never changes.
type snapshot struct {
	config   *hcl.Config
	registry *area.Registry
	pools    *pool.Pools
	shards   []*pool.Shard     // by the registry's ordinals
	homes    []*briefcase.Home // likewise
	ids      *ids
	central  *Central
}

// Open reads the configuration at path, a directory of *.mdb.hcl and *.mdb.json
// files or a single file, and gives a router for it. It does no network I/O:
// [Router.Ready] does, and first uses do. A configuration with a mistake does not
// open; the error lists every mistake with its place. A server whose DSN or
// password is not known here fails only when it is used.
func Open(ctx context.Context, path string, opts Options) (*Router, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	opts = opts.withDefaults()
	config, err := hcl.Load(path, opts.load())
	if err != nil {
		return nil, fmt.Errorf("mdb: open: %w", err)
	}
	s, err := newSnapshot(config, opts)
	if err != nil {
		return nil, fmt.Errorf("mdb: open: %w", err)
	}
	r := &Router{options: opts}
	r.current.Store(s)
	return r, nil
}

func newSnapshot(config *hcl.Config, opts Options) (*snapshot, error) {
	s := &snapshot{config: config, registry: config.Registry, pools: newPools(config, opts)}
	shards := config.Registry.Shards()
	s.shards = make([]*pool.Shard, len(shards))
	s.homes = make([]*briefcase.Home, len(shards))
	for i := range shards {
		s.shards[i] = s.pools.Shard(shards[i])
		s.homes[i] = briefcase.NewHome(&shards[i], s.shards[i], briefcase.Options{Retry: opts.Observer.Retry})
	}
	var err error
	if s.ids, err = newIDs(config, s.pools, opts); err != nil {
		return nil, err
	}
	if s.central, err = newCentral(s); err != nil {
		return nil, err
	}
	return s, nil
}

// newPools gives pools for every server of a configuration. Nothing is dialled.
func newPools(config *hcl.Config, opts Options) *pool.Pools {
	var endpoints, admins []pool.Endpoint
	for i := range config.Servers {
		s := &config.Servers[i]
		endpoints = append(endpoints, endpoint(s.Name, s.Primary))
		for _, replica := range s.Replicas {
			endpoints = append(endpoints, endpoint(s.Name, replica))
		}
		admins = append(admins, endpoint(s.Name, s.Admin))
	}
	return pool.New(endpoints, admins, pool.Options{Namespace: config.Namespace, Logger: opts.Logger, Connector: opts.Connector})
}

func endpoint(server string, e hcl.Endpoint) pool.Endpoint {
	return pool.Endpoint{
		Server: server, Replica: e.Name, DSN: e.DSN, Missing: e.Missing,
		MaxOpen: e.MaxOpen, MaxIdle: e.MaxIdle, MaxLifetime: e.MaxLifetime,
	}
}

// Area gives an area by its label, to be kept: resolving it once saves a map
// lookup per call. It fails with [ErrNoArea].
func (r *Router) Area(name string) (*Area, error) {
	s := r.current.Load()
	a, ok := s.registry.Area(name)
	if !ok {
		return nil, &Error{Op: "area", Area: name, Err: ErrNoArea}
	}
	handle := &Area{router: r, name: name}
	handle.bound.Store(&bound{snapshot: s, area: a, ids: s.ids.generators[name]})
	return handle, nil
}

// Briefcase gives the handle of an id by its area's label. It does no I/O.
func (r *Router) Briefcase(areaName string, id GDID) (*Briefcase, error) {
	s := r.current.Load()
	a, ok := s.registry.Area(areaName)
	if !ok {
		return nil, &Error{Op: "route", Area: areaName, ID: id, Err: ErrNoArea}
	}
	ordinal, err := a.Ordinal(id) // as in snapshot.briefcase, which is too large to be inlined
	if err != nil {
		return nil, err
	}
	return s.homes[ordinal].Briefcase(id), nil
}

// Route tells where an id of an area lives. It does no I/O, takes no lock and
// does not allocate.
func (r *Router) Route(areaName string, id GDID) (Route, error) {
	return r.current.Load().registry.Route(areaName, id)
}

// Registry gives the compiled routing table.
func (r *Router) Registry() *area.Registry { return r.current.Load().registry }

// Fingerprint gives the fingerprint of the routing table, to see that a fleet
// runs on one.
func (r *Router) Fingerprint() Fingerprint { return r.Registry().Fingerprint() }

// Close closes all connections and waits for them. Calls that are under way fail
// as their connections go; later ones fail with [ErrClosed]. Closing twice is
// harmless.
func (r *Router) Close() error {
	s := r.current.Load()
	s.central.Close()
	return errors.Join(s.ids.close(), s.pools.Close())
}
