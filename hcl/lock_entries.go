package hcl

import (
	"errors"
	"fmt"
	"slices"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/gdid"
	"github.com/mdbrouter/mdb/partition"
)

// entriesOf gives what a lock records of a configuration, in the order in which it
// is declared, partitions ascending.
func entriesOf(cfg *Config) []lockEntry {
	t := cfg.Registry.Topology()
	out := []lockEntry{{Kind: lockNamespace, Name: t.Namespace}}
	for _, a := range cfg.Registry.Areas() {
		for i, p := range a.Table().All() {
			e := lockEntry{Kind: lockPartition, Area: a.Name(), Name: p.Name, Breakpoint: p.Breakpoint, Start: &p.Start, Hash: p.Hash.String()}
			for _, s := range a.PartitionShards(i) {
				e.Shards = append(e.Shards, lockDatabase{s.Server, s.Database})
			}
			out = append(out, e)
		}
	}
	if t.Central != nil {
		e := lockEntry{Kind: lockCentral}
		for _, d := range t.Central.Shards {
			e.Shards = append(e.Shards, lockDatabase(d))
		}
		out = append(out, e)
		for _, x := range t.Central.Indexes {
			out = append(out, lockEntry{
				Kind: lockIndex, Name: x.Name, Briefcase: x.Briefcase, Type: x.Type, Normalize: x.Normalize,
				MaxBytes: x.MaxBytes, Unique: x.Unique, Proof: x.Proof,
			})
		}
	}
	for _, b := range t.Briefcases {
		e := lockEntry{Kind: lockBriefcase, Name: b.Name, Area: b.Area, Key: b.Key}
		for _, table := range b.Tables {
			e.Tables = append(e.Tables, lockTable{table.Parent, table.Name})
		}
		out = append(out, e)
	}
	for _, a := range t.Authorities {
		e := lockEntry{Kind: lockAuthority, Name: a.Name, Number: &a.Number, Files: a.Files}
		if a.Store != nil {
			e.Store = &lockDatabase{a.Store.Server, a.Store.Name}
		}
		out = append(out, e)
	}
	for _, s := range t.Sequences {
		out = append(out, lockEntry{Kind: lockSequence, Name: s.Name})
	}
	return out
}

// complete says what an entry lacks, or has that it should not.
func (e *lockEntry) complete() error {
	lacks := func(what string) error { return fmt.Errorf("an entry of kind %q lacks %q", e.Kind, what) }
	switch e.Kind {
	case lockPartition:
		switch {
		case e.Start == nil:
			return lacks("start")
		case e.Area == "":
			return lacks("area")
		}
	case lockHead:
		switch {
		case e.Head == nil:
			return lacks("head")
		case e.Area == "":
			return lacks("area")
		}
	case lockAuthority:
		if e.Number == nil && !e.Removed {
			return lacks("number")
		}
	case lockNamespace, lockIndex, lockBriefcase, lockSequence:
		if e.Name == "" {
			return lacks("name")
		}
	case lockCentral:
	default:
		return fmt.Errorf("no entry has the kind %q", cut(e.Kind))
	}
	return nil
}

// compile finds the entries in force and what they route.
func (l *Lock) compile() error {
	l.state, l.Heads = map[string]int{}, map[string]gdid.RangeKey{}
	for i := range l.entries {
		e := &l.entries[i]
		if err := e.complete(); err != nil {
			return err
		}
		l.state[e.key()] = i
		if e.Kind == lockHead {
			if old, ok := l.Heads[e.Area]; ok && e.Head.Compare(old) < 0 {
				return fmt.Errorf("the head of area %q falls from %v to %v", e.Area, old, e.Head)
			}
			l.Heads[e.Area] = *e.Head
		}
	}
	t := area.Topology{Hash: partition.Jump1}
	for i := range l.entries {
		e := &l.entries[i]
		if e.Removed || l.state[e.key()] != i {
			continue
		}
		if err := e.addTo(&t); err != nil {
			return err
		}
	}
	if err := offsets(&t); err != nil {
		return err
	}
	registry, err := area.NewRegistry(t)
	if err != nil {
		return fmt.Errorf("its entries make no routing table: %w", err)
	}
	l.cfg = &Config{retired: l.retired(), Path: l.Path, Namespace: t.Namespace, Topology: t, Registry: registry}
	return nil
}

// retired gives the authorities that are no longer in force, the latest first:
// their numbers have been used.
func (l *Lock) retired() []area.Authority {
	var out []area.Authority
	for i, e := range slices.Backward(l.entries) {
		if at := l.state[e.key()]; e.Kind == lockAuthority && !e.Removed && (at != i) {
			var t area.Topology
			if err := e.addTo(&t); err == nil {
				out = append(out, t.Authorities...)
			}
		}
	}
	return out
}

// addTo declares what an entry says.
func (e *lockEntry) addTo(t *area.Topology) error {
	databases := func() []area.Database {
		out := make([]area.Database, len(e.Shards))
		for i := range e.Shards {
			out[i] = area.Database(e.Shards[i])
		}
		return out
	}
	central := func() *area.Central {
		if t.Central == nil {
			t.Central = &area.Central{}
		}
		return t.Central
	}
	switch e.Kind {
	case lockNamespace:
		t.Namespace = e.Name
	case lockPartition:
		hash, err := partition.ParseHash(e.Hash)
		if err != nil {
			return err
		}
		e.addPartition(t, area.PartitionSpec{Name: e.Name, Start: *e.Start, Hash: hash, Shards: databases()})
	case lockCentral:
		central().Shards = databases()
	case lockIndex:
		central().Indexes = append(central().Indexes, area.Index{
			Name: e.Name, Briefcase: e.Briefcase, Type: e.Type, Normalize: e.Normalize, MaxBytes: e.MaxBytes, Unique: e.Unique, Proof: e.Proof,
		})
	case lockBriefcase:
		b := area.Briefcase{Name: e.Name, Area: e.Area, Key: e.Key}
		for _, table := range e.Tables {
			b.Tables = append(b.Tables, area.Table{Name: table.Name, Parent: table.Parent})
		}
		t.Briefcases = append(t.Briefcases, b)
	case lockAuthority:
		a := area.Authority{Name: e.Name, Number: *e.Number, Files: e.Files}
		if e.Store != nil {
			a.Store = &area.Database{Server: e.Store.Server, Name: e.Store.Name}
		}
		t.Authorities = append(t.Authorities, a)
	case lockSequence:
		t.Sequences = append(t.Sequences, area.Sequence{Name: e.Name})
	}
	return nil
}

// addPartition puts a partition into its table, with its absolute start.
func (e *lockEntry) addPartition(t *area.Topology, p area.PartitionSpec) {
	at := slices.IndexFunc(t.Areas, func(a area.Spec) bool { return a.Name == e.Area })
	if at < 0 {
		at = len(t.Areas)
		t.Areas = append(t.Areas, area.Spec{Name: e.Area})
	}
	a := &t.Areas[at]
	if e.Breakpoint == "" {
		a.Partitions = append(a.Partitions, p)
		return
	}
	k := slices.IndexFunc(a.Breakpoints, func(b area.BreakpointSpec) bool { return b.Name == e.Breakpoint })
	if k < 0 {
		k = len(a.Breakpoints)
		a.Breakpoints = append(a.Breakpoints, area.BreakpointSpec{Name: e.Breakpoint, At: p.Start})
	}
	b := &a.Breakpoints[k]
	if p.Start.Compare(b.At) < 0 {
		b.At = p.Start
	}
	b.Partitions = append(b.Partitions, p)
}

// offsets turns the absolute starts within breakpoints into offsets, and puts
// breakpoints into their order.
func offsets(t *area.Topology) error {
	for i := range t.Areas {
		breakpoints := t.Areas[i].Breakpoints
		slices.SortStableFunc(breakpoints, func(a, b area.BreakpointSpec) int { return a.At.Compare(b.At) })
		for j := range breakpoints {
			b := &breakpoints[j]
			for k := range b.Partitions {
				offset, err := b.Partitions[k].Start.Sub(b.At)
				if err != nil {
					return errors.New("a partition starts before its breakpoint")
				}
				b.Partitions[k].Start = offset
			}
		}
	}
	return nil
}
