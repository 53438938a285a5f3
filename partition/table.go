// Package partition says which partition of an area holds an id, and which shard
// of that partition.
//
// A [Table] is the range table of one area. It is built from a [Spec]: the
// partitions of the first table and, for each [Breakpoint], those of the table
// that starts over there. A [Hash] picks the shard within a partition.
//
// A Table never changes after [New] returned it, so any number of goroutines may
// use one without locking. To change routing, build another Table. Partitions are
// numbered by ordinal, ascending by start, so that callers can keep what they
// know of each in a slice of their own.
package partition

import (
	"iter"

	"github.com/google/btree"

	"github.com/mdbrouter/mdb/gdid"
)

// A Table maps every range key to the partition that holds it. It is immutable.
type Table struct {
	index      index                // the starts, compiled for lookups
	partitions []Partition          // ascending by start
	sources    []Source             // parallel to partitions
	tree       *btree.BTreeG[entry] // the starts, to walk
}

// A Source is where a partition stood in the [Spec] of its table.
type Source struct {
	Breakpoint int // index into Spec.Breakpoints, -1 for the first table
	Partition  int // index into the partitions there
}

// Find returns the ordinal of the partition that holds the key. Every key has
// one; a counter above gdid.MaxCounter counts as that. It does not allocate.
func (t *Table) Find(k gdid.RangeKey) int {
	return t.index.find(k.Era, k.Counter)
}

// FindID returns the ordinal of the partition that holds the id, in which the
// authority takes no part. It does not allocate.
func (t *Table) FindID(id gdid.GDID) int { return t.index.find(id.Era(), id.Counter()) }

// Len returns the number of partitions, at least 1.
func (t *Table) Len() int { return len(t.partitions) }

// Partition returns the partition of an ordinal, with its absolute start. It
// panics unless 0 <= i < Len.
func (t *Table) Partition(i int) Partition { return t.partitions[i] }

// Source returns where the partition of an ordinal stood in the spec. It panics
// unless 0 <= i < Len.
func (t *Table) Source(i int) Source { return t.sources[i] }

// End returns the key at which the partition of an ordinal ends, which is the
// start of the next and no longer its own. It reports false for the last
// partition, which has no end. It panics unless 0 <= i < Len.
func (t *Table) End(i int) (gdid.RangeKey, bool) {
	if i == len(t.partitions)-1 {
		return gdid.RangeKey{}, false
	}
	return t.partitions[i+1].Start, true
}

// All yields ordinals and partitions, ascending.
func (t *Table) All() iter.Seq2[int, Partition] {
	return func(yield func(int, Partition) bool) {
		i := 0
		t.tree.Ascend(func(entry) bool {
			i++
			return yield(i-1, t.partitions[i-1])
		})
	}
}
