package live

import (
	"cmp"
	"context"
	"database/sql/driver"
	"errors"
	"sync"
	"time"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/area/pool"
	"github.com/mdbrouter/mdb/hcl"
)

// Options tune [Check]. The zero value is ready to use.
type Options struct {
	// Timeout is how long one server is asked, and one replica. Default: 30
	// seconds.
	Timeout time.Duration
	// Parallel is how many servers and replicas are asked at once. Default: 8.
	Parallel int
	// Instances is how many processes of the services there are, for MDB821.
	// Default: it is not checked.
	Instances int
	// Sample is how many rows are looked at in each table or index of a shard.
	// Zero: none.
	Sample int
	// Runway is the time before the end of a partition from which on MDB816 warns.
	// Default: 30 days.
	Runway time.Duration
	// History is a file of heads, from which MDB816 takes the rate of the last days
	// and to which the heads are appended. Default: there is none.
	History string
	// Lag is how late a replica may be. Default: 30 seconds.
	Lag time.Duration
	// Now gives the time. Default: time.Now.
	Now func() time.Time
	// Progress is told how far it is, by one goroutine at a time. It must not
	// block.
	Progress func(Progress)
	// Connector may wrap what opens connections; see [pool.Options].
	Connector func(d pool.Dial, c driver.Connector) driver.Connector
}

// Defaults of Options.
const (
	DefaultTimeout  = 30 * time.Second
	DefaultParallel = 8
	DefaultSample   = 1000 // of commands: the zero value of Sample asks for none
	DefaultRunway   = 30 * 24 * time.Hour
	DefaultLag      = 30 * time.Second
)

func (o Options) withDefaults() Options {
	o.Timeout = cmp.Or(o.Timeout, DefaultTimeout)
	o.Parallel = cmp.Or(o.Parallel, DefaultParallel)
	o.Runway = cmp.Or(o.Runway, DefaultRunway)
	o.Lag = cmp.Or(o.Lag, DefaultLag)
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Progress == nil {
		o.Progress = func(Progress) {}
	}
	return o
}

// run is one check under way.
type run struct {
	cfg      *hcl.Config
	registry *area.Registry
	pools    *pool.Pools
	admins   *pool.Pools // reach replicas as the admin
	opts     Options
	replicas []*replica
	// displaced are the servers whose addresses lead to others, as MDB803 and MDB807
	// report.
	displaced map[string]bool
	history   *history // nil without a file of heads
	veil      veil

	mu       sync.Mutex // guards findings, unasked, seen
	findings hcl.Diagnostics
	unasked  []Unasked
	seen     map[giver]seenID

	telling  sync.Mutex // guards progress, and that one goroutine tells it
	progress Progress
}

// Check asks every server of cfg and gives what is wrong with them. cfg must have
// a compiled registry, and is best read by [hcl.Check] with Options.Lint, which
// says what settings and comments do to findings; Check may be called once for
// it. It fails only when ctx ends, or without a registry; servers that fail are
// part of the report.
func Check(ctx context.Context, cfg *hcl.Config, opts Options) (*Report, error) {
	if cfg.Registry == nil {
		return nil, errors.New("live: the configuration has no routing table")
	}
	r := &run{cfg: cfg, registry: cfg.Registry, opts: opts.withDefaults(), veil: newVeil(cfg.SecretNames())}
	if opts.History != "" {
		var err error
		if r.history, err = openHistory(opts.History, cfg.Namespace, r.opts.Now()); err != nil {
			return nil, err
		}
	}
	r.openPools()
	// Connections that hang end badly.
	defer func() { _, _ = r.pools.Close(), r.admins.Close() }()
	declared := r.newServers()
	defer closeAll(declared)
	r.askAll(ctx, r.inquiries(declared))
	all := answered(declared)
	r.compareServers(all)
	r.compareSchemas(all)
	r.askSequences(ctx, all)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return r.report(declared), nil
}

// compareServers applies the rules that hold servers against each other.
func (r *run) compareServers(all []*server) {
	r.compareIdentities(all)
	r.compareStamps(all)
	r.compareReplicas(all)
	r.compareSettings(all)
}

// askSequences applies the rules about ids, within the time limit of one server.
func (r *run) askSequences(ctx context.Context, all []*server) {
	bounded, cancel := context.WithTimeout(ctx, r.opts.Timeout)
	defer cancel()
	r.tell(func(p *Progress) { p.Waiting = []string{"authorities"} })
	defer r.tell(func(p *Progress) { p.Waiting = nil })
	if err := r.sequences(bounded, all); err != nil && ctx.Err() == nil {
		r.unask("authorities", r.reason(err))
	}
}
