package partition

import (
	"slices"
	"sort"

	"github.com/google/btree"

	"github.com/mdbrouter/mdb/gdid"
)

// degree of the tree: the fastest to build and walk, by measurement.
const degree = 32

// entry is one partition in the tree, ordered by its absolute start.
type entry struct {
	start  gdid.RangeKey
	source Source
}

func before(a, b entry) bool { return a.start.Compare(b.start) < 0 }

// builder collects the partitions of a spec in one tree, and its faults.
type builder struct {
	spec   Spec
	order  []int // of the breakpoints, ascending
	tree   *btree.BTreeG[entry]
	faults []Fault
}

// New builds the table of a spec: it flattens the offsets of breakpoints into
// absolute starts and sorts them. If the spec has faults it returns a
// [*SpecError] that holds all of them. The table keeps no reference to the spec.
func New(spec Spec) (*Table, error) {
	b := builder{spec: spec, order: ordered(spec.Breakpoints), tree: btree.NewG(degree, before)}
	b.checkOrder()
	b.addTable(-1, gdid.RangeKey{}, spec.Partitions)
	for i, p := range spec.Breakpoints {
		b.addTable(i, p.At, p.Partitions)
	}
	if len(b.faults) > 0 {
		sortFaults(b.faults)
		return nil, &SpecError{Faults: b.faults, spec: spec}
	}
	return newTable(spec, b.tree), nil
}

func (b *builder) fault(kind FaultKind, breakpoint, partition, other int, key gdid.RangeKey) {
	b.faults = append(b.faults, Fault{Kind: kind, Breakpoint: breakpoint, Partition: partition, Other: other, Key: key})
}

// checkOrder demands that breakpoints ascend strictly from above 0:0.
func (b *builder) checkOrder() {
	last := -1
	for i, p := range b.spec.Breakpoints {
		switch {
		case !p.At.Valid():
			b.fault(InvalidKey, i, -1, -1, p.At)
			continue
		case last < 0 && p.At.IsZero():
			b.fault(BreakpointOrder, i, -1, -1, p.At)
		case last >= 0 && p.At.Compare(b.spec.Breakpoints[last].At) <= 0:
			b.fault(BreakpointOrder, i, -1, last, p.At)
		}
		last = i
	}
}

// ordered returns the indexes of the valid breakpoints, ascending by key.
func ordered(breakpoints []Breakpoint) []int {
	order := make([]int, 0, len(breakpoints))
	for i, p := range breakpoints {
		if p.At.Valid() {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return breakpoints[a].At.Compare(breakpoints[b].At) })
	return order
}

// next returns the index of the lowest breakpoint above a key, or -1.
func (b *builder) next(key gdid.RangeKey) int {
	i := sort.Search(len(b.order), func(i int) bool { return b.spec.Breakpoints[b.order[i]].At.Compare(key) > 0 })
	if i == len(b.order) {
		return -1
	}
	return b.order[i]
}

// addTable puts the partitions of one range table, which begins at a key, into
// the tree.
func (b *builder) addTable(breakpoint int, at gdid.RangeKey, partitions []Partition) {
	if len(partitions) == 0 {
		kind := EmptyBreakpoint
		if breakpoint < 0 {
			kind = NoPartitions
		}
		b.fault(kind, breakpoint, -1, -1, gdid.RangeKey{})
		return
	}
	if !at.Valid() {
		return
	}
	// A tree of its own, so that a mistaken breakpoint is not blamed for the
	// starts of another table.
	table := btree.NewG(degree, before)
	end := b.next(at)
	whole := true // no start of the table is unknown
	for i, p := range partitions {
		if p.Shards < 1 {
			b.fault(NoShards, breakpoint, i, -1, gdid.RangeKey{})
		}
		if p.Shards > MaxShards {
			b.fault(TooManyShards, breakpoint, i, -1, gdid.RangeKey{})
		}
		if !p.Hash.Valid() {
			b.fault(InvalidHash, breakpoint, i, -1, gdid.RangeKey{})
		}
		if !p.Start.Valid() {
			b.fault(InvalidKey, breakpoint, i, -1, p.Start)
			whole = false
			continue
		}
		start, err := at.Add(p.Start)
		if err != nil {
			b.fault(Overflow, breakpoint, i, -1, p.Start)
			continue
		}
		if end >= 0 && start.Compare(b.spec.Breakpoints[end].At) >= 0 {
			b.fault(Unreachable, breakpoint, i, end, start)
		}
		e := entry{start: start, source: Source{Breakpoint: breakpoint, Partition: i}}
		if first, ok := table.Get(e); ok {
			b.fault(DuplicateStart, breakpoint, i, first.source.Partition, start)
			continue
		}
		table.ReplaceOrInsert(e)
	}
	if first, ok := table.Min(); ok && whole && first.start != at {
		b.fault(Hole, breakpoint, first.source.Partition, -1, first.start)
	}
	table.Ascend(func(e entry) bool {
		b.tree.ReplaceOrInsert(e)
		return true
	})
}

// newTable compiles a tree without faults.
func newTable(spec Spec, tree *btree.BTreeG[entry]) *Table {
	t := &Table{
		tree:       tree,
		partitions: make([]Partition, 0, tree.Len()),
		sources:    make([]Source, 0, tree.Len()),
	}
	starts := make([]gdid.RangeKey, 0, tree.Len())
	tree.Ascend(func(e entry) bool {
		p := Partition{}
		if e.source.Breakpoint < 0 {
			p = spec.Partitions[e.source.Partition]
			p.Breakpoint = ""
		} else {
			b := spec.Breakpoints[e.source.Breakpoint]
			p = b.Partitions[e.source.Partition]
			p.Breakpoint = b.Name
		}
		p.Start = e.start
		t.partitions = append(t.partitions, p)
		t.sources = append(t.sources, e.source)
		starts = append(starts, e.start)
		return true
	})
	t.index = newIndex(starts)
	return t
}
