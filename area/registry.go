package area

import (
	"errors"
	"fmt"
	"slices"

	"github.com/mdbrouter/mdb/gdid"
	"github.com/mdbrouter/mdb/partition"
)

// A Registry is a compiled topology: it turns an id into a shard. It never
// changes.
type Registry struct {
	topology    Topology
	areas       []*Area
	names       names
	shards      []Shard // of all areas, by ordinal
	routes      []Route // of the same, without the range key
	fingerprint Fingerprint
}

// A Shard is one database of one partition of one area.
type Shard struct {
	Area       string
	Partition  string
	Breakpoint string // empty in the first range table
	Index      int    // position in the partition's list of shards
	Count      int    // how many shards the partition has
	Hash       partition.Hash
	Start      gdid.RangeKey // absolute start of the partition
	Server     string        // the server's label
	Database   string
	Ordinal    int // position in Registry.Shards
}

// Label names a shard within its area: "p1/2".
func (s *Shard) Label() string { return fmt.Sprintf("%s/%d", s.Partition, s.Index) }

// A Route says where one id lives.
type Route struct {
	Area      string
	Partition string
	Shard     int // index within the partition
	Server    string
	Database  string
	RangeKey  gdid.RangeKey
}

// An Area is one compiled area. It never changes.
type Area struct {
	name   string
	table  *partition.Table
	parts  []part  // by the table's ordinals
	shards []Shard // of all areas; parts point into it
	routes []Route // likewise
	first  int     // ordinal of the area's first shard
	last   int     // one past the ordinal of its last shard
}

type part struct {
	hash  partition.Hash
	count int
	first int // ordinal of shard 0
}

// NewRegistry compiles a topology. It reports every fault it finds, joined; a
// topology that package hcl has checked has none.
func NewRegistry(t Topology) (*Registry, error) {
	r := &Registry{topology: t, names: newNames(len(t.Areas))}
	var faults []error
	for i := range t.Areas {
		spec := &t.Areas[i]
		if r.names.find(spec.Name) != nil {
			faults = append(faults, fmt.Errorf("area: %q is declared twice", spec.Name))
			continue
		}
		a, err := r.compile(spec)
		if err != nil {
			faults = append(faults, fmt.Errorf("area %q: %w", spec.Name, err))
			continue
		}
		r.areas = append(r.areas, a)
		r.names.add(a)
	}
	if t.Central != nil {
		faults = append(faults, checkCentral(t.Central))
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	for _, a := range r.areas {
		a.shards, a.routes = r.shards, r.routes
	}
	r.fingerprint = fingerprint(r)
	return r, nil
}

// compile builds the range table of one area and appends its shards.
func (r *Registry) compile(spec *Spec) (*Area, error) {
	table, err := partition.New(spec.table(r.topology.Hash))
	if err != nil {
		return nil, err
	}
	a := &Area{name: spec.Name, table: table, parts: make([]part, table.Len()), first: len(r.shards)}
	for i := range a.parts {
		p := table.Partition(i)
		source := spec.source(table.Source(i))
		a.parts[i] = part{hash: p.Hash, count: p.Shards, first: len(r.shards)}
		for index, db := range source.Shards {
			r.shards = append(r.shards, Shard{
				Area: spec.Name, Partition: p.Name, Breakpoint: p.Breakpoint, Index: index, Count: p.Shards, Hash: p.Hash,
				Start: p.Start, Server: db.Server, Database: db.Name, Ordinal: len(r.shards),
			})
			r.routes = append(r.routes, Route{Area: spec.Name, Partition: p.Name, Shard: index, Server: db.Server, Database: db.Name})
		}
	}
	a.last = len(r.shards)
	return a, nil
}

// table gives the range table's own description of an area.
func (s *Spec) table(hash partition.Hash) partition.Spec {
	t := partition.Spec{Partitions: partitionsOf(s.Partitions, hash)}
	for i := range s.Breakpoints {
		b := &s.Breakpoints[i]
		t.Breakpoints = append(t.Breakpoints, partition.Breakpoint{Name: b.Name, At: b.At, Partitions: partitionsOf(b.Partitions, hash)})
	}
	return t
}

// source gives the declaration that a compiled partition came from.
func (s *Spec) source(from partition.Source) *PartitionSpec {
	if from.Breakpoint < 0 {
		return &s.Partitions[from.Partition]
	}
	return &s.Breakpoints[from.Breakpoint].Partitions[from.Partition]
}

func partitionsOf(specs []PartitionSpec, hash partition.Hash) []partition.Partition {
	out := make([]partition.Partition, len(specs))
	for i := range specs {
		p := &specs[i]
		h := p.Hash
		if h == 0 {
			h = hash
		}
		out[i] = partition.Partition{Name: p.Name, Start: p.Start, Hash: h, Shards: len(p.Shards)}
	}
	return out
}

func checkCentral(c *Central) error {
	if len(c.Shards) == 0 {
		return errors.New("area: central has no shards")
	}
	var faults []error
	seen := make(map[string]bool, len(c.Indexes))
	for i := range c.Indexes {
		name := c.Indexes[i].Name
		if seen[name] {
			faults = append(faults, fmt.Errorf("area: index %q is declared twice", name))
		}
		seen[name] = true
	}
	return errors.Join(faults...)
}

// Route gives the place of an id in an area. It does no I/O, takes no lock and
// does not allocate, unless it fails: with [ErrNoArea] or [ErrZeroGDID] in an
// [Error].
func (r *Registry) Route(area string, id gdid.GDID) (route Route, err error) {
	a := r.names.find(area)
	if a == nil {
		return Route{}, &Error{Op: "route", Area: area, ID: id, Err: ErrNoArea}
	}
	ordinal, err := a.Ordinal(id)
	if err != nil {
		return Route{}, err
	}
	route = r.routes[ordinal]
	route.RangeKey = id.RangeKey()
	return route, nil
}

// Area gives a compiled area. It reports false for an area that is not declared.
func (r *Registry) Area(name string) (*Area, bool) {
	a := r.names.find(name)
	return a, a != nil
}

// Areas gives all areas in the order they were declared. The caller must not
// change the slice.
func (r *Registry) Areas() []*Area { return r.areas }

// Shards gives the shards of all areas by ordinal: area by area, partition by
// partition in ascending order, then by index. The caller must not change it.
func (r *Registry) Shards() []Shard { return r.shards }

// Topology gives what the registry was compiled from. The caller must not
// change what it points to.
func (r *Registry) Topology() Topology { return r.topology }

// Namespace gives the name that is stamped into every database.
func (r *Registry) Namespace() string { return r.topology.Namespace }

// Central gives the declaration of CENTRAL, or nil.
func (r *Registry) Central() *Central { return r.topology.Central }

// Index gives the declaration of an index of CENTRAL.
func (r *Registry) Index(name string) (Index, bool) {
	if r.topology.Central == nil {
		return Index{}, false
	}
	i := slices.IndexFunc(r.topology.Central.Indexes, func(x Index) bool { return x.Name == name })
	if i < 0 {
		return Index{}, false
	}
	return r.topology.Central.Indexes[i], true
}

// Name gives the area's label.
func (a *Area) Name() string { return a.name }

// Table gives the area's range table, whose ordinals [Area.PartitionShards]
// takes.
func (a *Area) Table() *partition.Table { return a.table }

// Shards gives the area's shards, partition by partition in ascending order. The
// caller must not change the slice.
func (a *Area) Shards() []Shard { return a.shards[a.first:a.last] }

// PartitionShards gives the shards of one partition in index order, by the
// ordinal of its range table. The caller must not change the slice.
func (a *Area) PartitionShards(ordinal int) []Shard {
	p := &a.parts[ordinal]
	return a.shards[p.first : p.first+p.count]
}

// Route gives the place of an id; see [Registry.Route].
func (a *Area) Route(id gdid.GDID) (route Route, err error) {
	ordinal, err := a.Ordinal(id)
	if err != nil {
		return Route{}, err
	}
	route = a.routes[ordinal]
	route.RangeKey = id.RangeKey()
	return route, nil
}

// Shard gives the shard that an id lives in. It does no I/O, takes no lock and
// does not allocate, unless id is zero: [ErrZeroGDID] in an [Error].
func (a *Area) Shard(id gdid.GDID) (*Shard, error) {
	ordinal, err := a.Ordinal(id)
	if err != nil {
		return nil, err
	}
	return &a.shards[ordinal], nil
}

// Ordinal gives the place in [Registry.Shards] of the shard that an id lives in;
// see [Area.Shard].
func (a *Area) Ordinal(id gdid.GDID) (int, error) {
	if id.IsZero() {
		return 0, a.zeroID()
	}
	p := &a.parts[a.table.FindID(id)]
	return p.first + p.hash.Shard(id, p.count), nil
}

func (a *Area) zeroID() error { return &Error{Op: "route", Area: a.name, Err: ErrZeroGDID} }
