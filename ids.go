package mdb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/area/pool"
	"github.com/mdbrouter/mdb/gdid/authority"
	"github.com/mdbrouter/mdb/hcl"
)

// Errors of ids, to test with errors.Is.
var (
	// ErrNoSequence is returned for a sequence that the configuration does not
	// declare.
	ErrNoSequence = errors.New("no such sequence")
	// ErrNoAuthority is returned when nothing leased is left and every authority
	// has failed.
	ErrNoAuthority = authority.ErrNoAuthority
	// ErrAuthorityUnfenced is found in an ErrNoAuthority when an authority runs on
	// another server than recorded: see "mdbctl ids fence".
	ErrAuthorityUnfenced = authority.ErrAuthorityUnfenced
)

// IDStats tells how ids of one sequence are made.
type IDStats = authority.Stats

// NewID gives an id of a sequence that nobody else was or will be given. Each area
// has a sequence of its own name; [Area.NewID] is the shorter way to it. It seldom
// waits: ids are leased ahead in blocks. It fails with [ErrNoSequence], with
// [ErrNoAuthority], or with the context's error.
func (r *Router) NewID(ctx context.Context, sequence string) (GDID, error) {
	g, err := r.current.Load().ids.generator(sequence)
	if err != nil {
		return GDID{}, err
	}
	return g.Next(ctx)
}

// NewIDs gives n ids of a sequence, in the order of [GDID.CompareRange], most of
// them with consecutive counters. See [Router.NewID].
func (r *Router) NewIDs(ctx context.Context, sequence string, n int) ([]GDID, error) {
	g, err := r.current.Load().ids.generator(sequence)
	if err != nil {
		return nil, err
	}
	return nextN(ctx, g, n)
}

// NewID gives an id for a new briefcase of the area; see [Router.NewID].
func (a *Area) NewID(ctx context.Context) (GDID, error) { return a.bind().ids.Next(ctx) }

// NewIDs gives n ids for new briefcases of the area; see [Router.NewIDs].
func (a *Area) NewIDs(ctx context.Context, n int) ([]GDID, error) {
	return nextN(ctx, a.bind().ids, n)
}

func nextN(ctx context.Context, g *authority.Generator, n int) ([]GDID, error) {
	batch, err := g.NextN(ctx, n)
	if err != nil {
		return nil, err
	}
	return slices.AppendSeq(make([]GDID, 0, n), batch.All()), nil
}

// IDStats tells how the ids of all sequences are made, in the order of their
// names.
func (r *Router) IDStats() []IDStats {
	ids := r.current.Load().ids
	stats := make([]IDStats, 0, len(ids.generators))
	for _, sequence := range slices.Sorted(maps.Keys(ids.generators)) {
		stats = append(stats, ids.generators[sequence].Stats())
	}
	return stats
}

// ids are the generators of all sequences.
type ids struct {
	generators map[string]*authority.Generator // by sequence
	set        *authority.Set
}

// newIDs gives generators for all sequences of a configuration. It does no I/O.
func newIDs(config *hcl.Config, pools *pool.Pools, opts Options) (*ids, error) {
	set := newSet(config, opts, func(store area.Database, m authority.MySQLConfig) *authority.MySQL {
		db, err := pools.Store(store.Server, store.Name)
		return authority.NewMySQL(orFailing(db, err), m)
	})
	all := &ids{generators: make(map[string]*authority.Generator), set: set}
	sources := make([]authority.Authority, len(set.Stores()))
	for i, store := range set.Stores() {
		sources[i] = store
	}
	for _, s := range sequences(config) {
		g, err := authority.New(s.Name, sources, authority.Options{Block: s.Block, MaxJump: s.MaxJump, Logger: opts.Logger})
		if err != nil {
			return nil, err
		}
		all.generators[s.Name] = g
	}
	return all, nil
}

// generator gives the generator of a sequence.
func (i *ids) generator(sequence string) (*authority.Generator, error) {
	g := i.generators[sequence]
	if g == nil {
		return nil, fmt.Errorf("mdb: new id of sequence %q: %w", sequence, ErrNoSequence)
	}
	return g, nil
}

// close ends all generators, waits for them, and lets go of their authorities.
func (i *ids) close() error {
	var faults []error
	for _, g := range i.generators {
		faults = append(faults, g.Close())
	}
	return errors.Join(append(faults, i.set.Close())...)
}

// sequences gives all sequences of a configuration: those of areas, tuned or not,
// then the others.
func sequences(config *hcl.Config) []area.Sequence {
	all := make([]area.Sequence, len(config.Topology.Areas))
	for i := range config.Topology.Areas {
		all[i].Name = config.Topology.Areas[i].Name
	}
	for _, s := range config.Topology.Sequences {
		i := slices.IndexFunc(all, func(known area.Sequence) bool { return known.Name == s.Name })
		if i < 0 {
			all = append(all, s)
			continue
		}
		all[i] = s
	}
	return all
}

// newSet gives the authorities of a configuration, those in databases as connect
// makes them.
func newSet(config *hcl.Config, opts Options, connect func(area.Database, authority.MySQLConfig) *authority.MySQL) *authority.Set {
	var stores []authority.Store
	for _, a := range config.Topology.Authorities {
		if a.Store != nil {
			stores = append(stores, connect(*a.Store, authority.MySQLConfig{Name: a.Name, Number: a.Number, Namespace: config.Namespace}))
			continue
		}
		files := authority.FilesConfig{Name: a.Name, Number: a.Number, Namespace: config.Namespace}
		for _, path := range a.Files {
			files.Paths = append(files.Paths, besideConfig(config, opts, path))
		}
		stores = append(stores, authority.NewFiles(files))
	}
	return authority.NewSet(stores)
}

// besideConfig gives the path of a file that a configuration names: relative ones
// are beside the configuration, or in the working directory when that is not read
// from the machine's files.
func besideConfig(config *hcl.Config, opts Options, path string) string {
	if opts.FS != nil || filepath.IsAbs(path) {
		return path
	}
	dir := config.Path
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		dir = filepath.Dir(dir)
	}
	return filepath.Join(dir, path)
}

// orFailing gives db, or connections that all fail with err.
func orFailing(db *sql.DB, err error) *sql.DB {
	if err != nil {
		return sql.OpenDB(failing{err})
	}
	return db
}

// failing is a connector to what cannot be reached by this configuration.
type failing struct{ err error }

// Connect fails.
func (f failing) Connect(context.Context) (driver.Conn, error) { return nil, f.err }

// Driver gives none.
func (failing) Driver() driver.Driver { return nil }
