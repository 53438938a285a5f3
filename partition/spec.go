package partition

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/mdbrouter/mdb/gdid"
)

// A Partition is a run of range keys and how its ids are spread over shards.
type Partition struct {
	// Name is the partition's label. The table only keeps it.
	Name string
	// Breakpoint is the label of the breakpoint whose table has the partition,
	// empty in the first table. [New] fills it from [Breakpoint.Name].
	Breakpoint string
	// Start is the first range key. In a [Breakpoint] it is the offset that counts
	// from At; in a [Table] it is always absolute.
	Start gdid.RangeKey
	// Hash picks the shard of an id.
	Hash Hash
	// Shards is the number of shards, from 1 to [MaxShards].
	Shards int
}

// A Breakpoint is a range key from which on a range table of its own serves.
type Breakpoint struct {
	Name       string
	At         gdid.RangeKey
	Partitions []Partition // in any order; Start is the offset from At
}

// A Spec is what a [Table] is built of, in the order in which it was written.
type Spec struct {
	Partitions  []Partition  // the first table, in any order; Start is absolute
	Breakpoints []Breakpoint // ascending
}

// A FaultKind is a rule that a [Spec] can break.
type FaultKind uint8

// The rules, each with what it says of the fields of a [Fault] beyond Breakpoint
// and Partition.
const (
	// NoPartitions: the first table has none. Breakpoint and Partition are -1.
	NoPartitions FaultKind = iota + 1
	// EmptyBreakpoint: the breakpoint has no partitions. Partition is -1.
	EmptyBreakpoint
	// BreakpointOrder: the breakpoint does not lie after the one written before it,
	// whose index is Other; or it is the first and lies at 0:0, then Other is -1.
	// Partition is -1 and Key is the breakpoint's At.
	BreakpointOrder
	// InvalidKey: Key, the partition's Start or, with Partition -1, the
	// breakpoint's At, has a counter of more than 60 bits.
	InvalidKey
	// Overflow: At plus the offset Key lies past the last range key.
	Overflow
	// DuplicateStart: the partition starts where partition Other of the same table,
	// written before it, starts. Key is that start, absolute.
	DuplicateStart
	// Hole: no partition serves the ids from the begin of the table up to Key, the
	// absolute start of its lowest partition, which is Partition.
	Hole
	// Unreachable: the partition's absolute start Key lies at or after the next
	// breakpoint, whose index is Other.
	Unreachable
	// NoShards: the partition has less than one shard.
	NoShards
	// InvalidHash: the partition's Hash is none of the shard functions.
	InvalidHash
	// TooManyShards: the partition has more than [MaxShards].
	TooManyShards
)

// A Fault is one mistake in a [Spec], by index into it. Breakpoint is -1 for the
// first table, Partition is -1 where the fault is of a whole table or breakpoint,
// and Other is -1 where its kind says nothing of it. Key is the zero key where the
// kind says nothing of it.
type Fault struct {
	Kind       FaultKind
	Breakpoint int
	Partition  int
	Other      int
	Key        gdid.RangeKey
}

// A SpecError has every mistake that [New] found, in the order in which the spec
// was written.
type SpecError struct {
	Faults []Fault
	spec   Spec
}

// Error has one line per fault.
func (e *SpecError) Error() string {
	lines := make([]string, len(e.Faults))
	for i, f := range e.Faults {
		lines[i] = "partition: " + e.Describe(f)
	}
	return strings.Join(lines, "\n")
}

// Describe says in one line what one of the error's faults is, with the names of
// the spec.
func (e *SpecError) Describe(f Fault) string {
	partition, other := e.partition(f.Breakpoint, f.Partition), e.partition(f.Breakpoint, f.Other)
	switch f.Kind {
	case NoPartitions:
		return "there are no partitions"
	case EmptyBreakpoint:
		return e.breakpoint(f.Breakpoint) + " has no partitions"
	case BreakpointOrder:
		if f.Other < 0 {
			return fmt.Sprintf("%s is at %v, want a key above 0:0", e.breakpoint(f.Breakpoint), f.Key)
		}
		return fmt.Sprintf("%s is at %v, want a key above that of %s", e.breakpoint(f.Breakpoint), f.Key, e.breakpoint(f.Other))
	case InvalidKey:
		if f.Partition < 0 {
			return fmt.Sprintf("%s: the counter of %v exceeds 60 bits", e.breakpoint(f.Breakpoint), f.Key)
		}
		return fmt.Sprintf("%s: the counter of %v exceeds 60 bits", partition, f.Key)
	case Overflow:
		return fmt.Sprintf("%s: offset %v leads past %v", partition, f.Key, gdid.MaxRangeKey)
	case DuplicateStart:
		return fmt.Sprintf("%s starts at %v, as does %s", partition, f.Key, other)
	case Hole:
		return fmt.Sprintf("no partition serves the ids before %v, where %s starts", f.Key, partition)
	case Unreachable:
		return fmt.Sprintf("%s starts at %v, at or after %s", partition, f.Key, e.breakpoint(f.Other))
	case NoShards:
		return partition + " has no shards"
	case InvalidHash:
		return partition + " has no shard function"
	case TooManyShards:
		return fmt.Sprintf("%s has more than %d shards", partition, MaxShards)
	default:
		return fmt.Sprintf("fault %d of %s", f.Kind, partition)
	}
}

func (e *SpecError) breakpoint(i int) string {
	if i < 0 || i >= len(e.spec.Breakpoints) {
		return "the first table"
	}
	return fmt.Sprintf("breakpoint %q", e.spec.Breakpoints[i].Name)
}

func (e *SpecError) partition(breakpoint, i int) string {
	partitions := e.spec.Partitions
	if breakpoint >= 0 && breakpoint < len(e.spec.Breakpoints) {
		partitions = e.spec.Breakpoints[breakpoint].Partitions
	}
	if i < 0 || i >= len(partitions) {
		return "a partition"
	}
	return fmt.Sprintf("partition %q", partitions[i].Name)
}

// sortFaults puts faults in the order of the spec; within one place, of kinds.
func sortFaults(faults []Fault) {
	slices.SortStableFunc(faults, func(a, b Fault) int {
		return cmp.Or(
			cmp.Compare(a.Breakpoint, b.Breakpoint),
			cmp.Compare(a.Partition, b.Partition),
			cmp.Compare(a.Kind, b.Kind),
			cmp.Compare(a.Other, b.Other),
		)
	})
}
