package central

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/central/key"
	"github.com/mdbrouter/mdb/gdid"
)

// A DB gives the connections to one CENTRAL shard. DB is called once per
// statement, must be fast and safe for concurrent use, and fails for a server
// that cannot be used or after Close.
type DB interface {
	DB() (*sql.DB, error)
}

// Briefcases reach the briefcases that an index leads to.
type Briefcases interface {
	// InTx runs fn in a fenced transaction on the shard of the briefcase id, and
	// again after failures that left no trace.
	InTx(ctx context.Context, index *area.Index, id gdid.GDID, fn func(tx *sql.Tx) error) error
}

// A Placer is a [Briefcases] that knows where a briefcase is without any I/O. A
// sweep then asks a server that does not answer once for each page of rows, and not
// once for each reservation.
type Placer interface {
	// Server gives the label of the server of the briefcase id, or "".
	Server(index *area.Index, id gdid.GDID) string
}

// A Config says what [New] is made of. Spec, Shards and Briefcases must be set.
type Config struct {
	// Spec is what the configuration declares.
	Spec *area.Central
	// Shards are the connections to the shards of Spec, in index order.
	Shards []DB
	// Briefcases settle what became of reservations that expired.
	Briefcases Briefcases
}

// A Central has the indexes of one configuration. It must be closed.
type Central struct {
	indexes []*Index
	shards  []*shard
	clock   *clock // nil without a cache
}

// A shard is one CENTRAL shard.
type shard struct {
	place  area.CentralShard
	db     DB
	label  string
	layout string        // the number that every write checks, as text
	pause  uint32        // in ticks, see isDown
	writes atomic.Uint64 // how often this process wrote to it, as far as caches must know

	silence silence

	// askAgain is the tick from which a lookup may try the shard again after it
	// failed; 0: it works. Only stale_if_error looks at it.
	askAgain atomic.Uint32
}

// New gives the indexes of a configuration. It does no I/O. It fails if an index
// has a type, normaliser or length that does not exist.
func New(cfg Config) (*Central, error) {
	list := cfg.Spec.ShardList()
	if len(list) == 0 || len(list) != len(cfg.Shards) {
		return nil, fmt.Errorf("central: %d connections for %d shards", len(cfg.Shards), len(list))
	}
	c := &Central{clock: newClock(cfg.Spec.Cache)}
	for i := range list {
		s := &shard{place: list[i], db: cfg.Shards[i], label: list[i].Label(), layout: strconv.FormatUint(list[i].Layout, 10)}
		s.silence.born = time.Now()
		if c.clock != nil {
			s.pause = c.clock.ticks(retryPause)
		}
		c.shards = append(c.shards, s)
	}
	var faults []error
	for i := range cfg.Spec.Indexes {
		x, err := newIndex(c, &cfg.Spec.Indexes[i], cfg)
		if err != nil {
			faults = append(faults, fmt.Errorf("central: index %q: %w", cfg.Spec.Indexes[i].Name, err))
			continue
		}
		c.indexes = append(c.indexes, x)
	}
	if c.clock != nil {
		c.clock.turn(c.forget)
	}
	if err := errors.Join(faults...); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// Index gives an index by its name. One that is not declared fails every call
// with [ErrNoIndex].
func (c *Central) Index(name string) *Index {
	i := slices.IndexFunc(c.indexes, func(x *Index) bool { return x.spec.Name == name })
	if i < 0 {
		return unknownIndex(name)
	}
	return c.indexes[i]
}

// Indexes gives all indexes in the order they are declared. The caller must not
// change the slice.
func (c *Central) Indexes() []*Index { return c.indexes }

// Close forgets what is cached and ends the clock of the cache. The connections
// are not touched. Closing twice is harmless.
func (c *Central) Close() {
	c.clock.stop()
	c.forget()
}

// forget forgets what all caches remember.
func (c *Central) forget() {
	for _, x := range c.indexes {
		x.cache.forget()
	}
}

// newIndex compiles one index.
func newIndex(c *Central, spec *area.Index, cfg Config) (*Index, error) {
	codec, err := key.New(key.Spec{Type: spec.Type, Normalize: spec.Normalize, MaxBytes: spec.MaxBytes})
	if err != nil {
		return nil, err
	}
	x := &Index{
		spec: spec, codec: codec, text: codec.Type() == "string", shards: c.shards, briefcases: cfg.Briefcases,
		title: "central." + spec.Name, table: "`" + spec.Table() + "`", cache: newCache(cfg.Spec.Cache, c.clock),
		known: make([]atomic.Bool, len(c.shards)),
	}
	if !spec.Unique {
		x.cache = nil // it has no single answer to remember
	}
	x.absent = x.fail("lookup", nil, area.ErrNotFound)
	fresh := *x
	fresh.bypass, fresh.fresh = true, &fresh
	x.fresh = &fresh
	return x, nil
}
