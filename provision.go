package mdb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/area/pool"
	"github.com/mdbrouter/mdb/area/provision"
	"github.com/mdbrouter/mdb/gdid"
	"github.com/mdbrouter/mdb/gdid/authority"
	"github.com/mdbrouter/mdb/hcl"
)

// A Provisioner brings servers to what a configuration declares. It uses the
// admin user of each server.
type Provisioner struct {
	pools  *pool.Pools
	config provision.Config
	ids    *authority.Set
	source *hcl.Config
}

// ProvisionOptions tune [NewProvisioner]. The zero value is ready to use.
type ProvisionOptions struct {
	Options
	// Heads states the head of areas' sequences by the area's label, for
	// appending partitions: no id at or above it exists, nor will be made before
	// the partition is open. Default: the authorities are asked; without any,
	// appending is refused.
	Heads map[string]gdid.RangeKey
	// Recreate has the databases, as SERVER/DATABASE, of shards that are gone for
	// good: they are made anew, empty, and with them go the rows that they had.
	// Default: a shard that is missing in an area that is in use is refused.
	Recreate []string
	// Progress is told each step as it begins and ends, by one goroutine at a
	// time. It must not block.
	Progress func(provision.Event)
}

// Provision creates what the configuration at path declares and the servers lack:
// databases, mdb's own tables and the schema of each area, as "mdbctl provision"
// does. It may be run again at any time, after a crash too, and by several
// processes at once. It refuses databases that are stamped as something else, and
// to append a partition: that takes a [Provisioner] which knows the heads.
func Provision(ctx context.Context, path string, opts Options) error {
	p, err := NewProvisioner(path, ProvisionOptions{Options: opts})
	if err != nil {
		return err
	}
	plan, err := p.Plan(ctx)
	if err == nil {
		err = plan.Apply(ctx)
	}
	if err == nil {
		err = p.CreateSequences(ctx)
	}
	if err := errors.Join(err, p.Close()); err != nil {
		return fmt.Errorf("mdb: provision %s: %w", path, err)
	}
	return nil
}

// NewProvisioner reads the configuration at path. It does no network I/O.
func NewProvisioner(path string, opts ProvisionOptions) (*Provisioner, error) {
	opts.Options = opts.withDefaults()
	config, err := hcl.Load(path, opts.load())
	if err != nil {
		return nil, fmt.Errorf("mdb: open: %w", err)
	}
	pools := newPools(config, opts.Options)
	ids := adminSet(config, pools, opts.Options)
	return &Provisioner{pools: pools, ids: ids, source: config, config: provision.Config{
		Registry: config.Registry,
		Servers:  admins{pools},
		Replicas: replicas{pools},
		Heads:    newHeads(opts.Heads, ids),
		Schema:   func(area string) ([]provision.File, error) { return schema(config, area) },
		Recreate: opts.Recreate,
		Logger:   opts.Logger,
		Progress: opts.Progress,
	}}, nil
}

// Plan compares the configuration with all servers and tells what they lack. It
// changes nothing. It fails with a [provision.RefusedError] that names everything
// in the way.
func (p *Provisioner) Plan(ctx context.Context) (*Plan, error) {
	return provision.NewPlan(ctx, p.config)
}

// Admit lets the server that answers under a label now serve all its databases:
// a container with a new address, a machine that took over its disk.
func (p *Provisioner) Admit(ctx context.Context, server string) (provision.Admission, error) {
	return provision.Admit(ctx, p.config, server)
}

// Registry gives the compiled routing table.
func (p *Provisioner) Registry() *area.Registry { return p.config.Registry }

// Close closes all connections.
func (p *Provisioner) Close() error { return errors.Join(p.ids.Close(), p.pools.Close()) }

// admins gives provisioning its connections.
type admins struct{ pools *pool.Pools }

// Admin is a [provision.Servers].
func (a admins) Admin(ctx context.Context, server string) (*sql.DB, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return a.pools.Admin(server)
}

// replicas gives provisioning its connections to replicas.
type replicas struct{ pools *pool.Pools }

// Replica is a [provision.Replicas].
func (r replicas) Replica(ctx context.Context, server, replica string) (*sql.DB, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return r.pools.Replica(server, replica)
}

func schema(config *hcl.Config, areaName string) ([]provision.File, error) {
	files, err := config.Schema(areaName)
	if err != nil {
		return nil, err
	}
	out := make([]provision.File, len(files))
	for i, f := range files {
		out[i] = provision.File{Name: f.Name, SQL: f.SQL}
	}
	return out, nil
}
