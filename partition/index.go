package partition

import (
	"math"
	"math/bits"

	"github.com/mdbrouter/mdb/gdid"
)

// An index finds the last of some ascending range keys that is not above a given
// one. The first key is 0:0, so there always is one.
//
// The last key is looked at first, since nearly all new ids lie beyond it. The
// others form a static B+tree, packed level by level, the root first, without
// pointers. Each node has 16 keys, the lowest of each of its 16 children, so the
// ordinal of a child is 16 times that of the node plus the position of the last
// key not above the one given. Positions are counted, not searched: no branch
// depends on a key, so a lookup takes the same time whatever the starts are.
//
// Where all keys of the tree are of era 0, as nearly always, nodes have 8-byte
// keys. Otherwise they have 12-byte keys, which take about half as long again.
type index struct {
	last   gdid.RangeKey
	newest uint64         // counter of last if that is of era 0, else above all counters
	size   int            // number of keys, the last included
	narrow [][]narrowNode // by level, the root first
	wide   [][]wideNode   // empty if the tree is narrow
}

const fanout = 16

type narrowNode [fanout]uint64

type wideNode struct {
	counter [fanout]uint64
	era     [fanout]uint32
}

// newIndex packs at least one key. Places of a node that no key takes hold one
// above all valid ones.
func newIndex(keys []gdid.RangeKey) index {
	x := index{last: keys[len(keys)-1], newest: math.MaxUint64, size: len(keys)}
	if x.last.Era == 0 {
		x.newest = x.last.Counter
	}
	keys = keys[:len(keys)-1]
	narrow := true
	for _, k := range keys {
		narrow = narrow && k.Era == 0
	}
	for _, stride := range strides(len(keys)) {
		if narrow {
			x.narrow = append(x.narrow, narrowLevel(keys, stride))
		} else {
			x.wide = append(x.wide, wideLevel(keys, stride))
		}
	}
	return x
}

func narrowLevel(keys []gdid.RangeKey, stride int) []narrowNode {
	nodes := make([]narrowNode, nodesOf(len(keys), stride))
	for i := range nodes {
		for j := range fanout {
			nodes[i][j] = place(keys, (i*fanout+j)*stride).Counter
		}
	}
	return nodes
}

func wideLevel(keys []gdid.RangeKey, stride int) []wideNode {
	nodes := make([]wideNode, nodesOf(len(keys), stride))
	for i := range nodes {
		for j := range fanout {
			k := place(keys, (i*fanout+j)*stride)
			nodes[i].era[j], nodes[i].counter[j] = k.Era, k.Counter
		}
	}
	return nodes
}

// nodesOf returns how many nodes a level needs.
func nodesOf(keys, stride int) int { return (keys + fanout*stride - 1) / (fanout * stride) }

// place returns a key, or past the last one a key above all valid ones.
func place(keys []gdid.RangeKey, i int) gdid.RangeKey {
	if i < len(keys) {
		return keys[i]
	}
	return gdid.RangeKey{Era: math.MaxUint32, Counter: math.MaxUint64}
}

// strides returns how many keys each key of a level stands for, the root first.
func strides(keys int) []int {
	s := []int{1}
	for fanout*s[0] < keys {
		s = append([]int{fanout * s[0]}, s...)
	}
	return s
}

// find returns the ordinal of the last key not above the one given, whose counter
// must be valid.
func (x *index) find(era uint32, counter uint64) int {
	if len(x.wide) > 0 || era > 0 {
		return x.findAny(era, counter)
	}
	if counter >= x.newest {
		return x.size - 1
	}
	i := 0
	for _, level := range x.narrow {
		n := &level[i]
		a, b := plusAbove(0, n[1], counter), plusAbove(0, n[2], counter)
		a, b = plusAbove(a, n[3], counter), plusAbove(b, n[4], counter)
		a, b = plusAbove(a, n[5], counter), plusAbove(b, n[6], counter)
		a, b = plusAbove(a, n[7], counter), plusAbove(b, n[8], counter)
		a, b = plusAbove(a, n[9], counter), plusAbove(b, n[10], counter)
		a, b = plusAbove(a, n[11], counter), plusAbove(b, n[12], counter)
		a, b = plusAbove(a, n[13], counter), plusAbove(b, n[14], counter)
		i = i*fanout + fanout - 1 - int(plusAbove(a, n[15], counter)+b)
	}
	return i
}

// plusAbove returns sum + 1 if key is above counter, else sum. It compiles to a
// subtraction and an addition of its borrow.
func plusAbove(sum, key, counter uint64) uint64 {
	_, above := bits.Sub64(counter, key, 0)
	sum, _ = bits.Add64(sum, 0, above)
	return sum
}

// findAny is find for keys of any era. In nodes of 12-byte keys it first lets keys
// 4, 8 and 12 choose a quarter, then the three keys inside the quarter its end.
func (x *index) findAny(era uint32, counter uint64) int {
	if above(x.last.Era, x.last.Counter, era, counter) == 0 {
		return x.size - 1
	}
	if len(x.wide) == 0 {
		// Only the last key is above era 0, and this one is below it.
		return x.size - 2
	}
	i := 0
	for _, level := range x.wide {
		n := &level[i]
		q := 12 - 4*(n.above(4, era, counter)+n.above(8, era, counter)+n.above(12, era, counter))
		i = i*fanout + int(q+3-(n.above(q+1, era, counter)+n.above(q+2, era, counter)+n.above(q+3, era, counter)))
	}
	return i
}

// above is above for key i of the node.
func (n *wideNode) above(i uint64, era uint32, counter uint64) uint64 {
	i &= fanout - 1
	return above(n.era[i], n.counter[i], era, counter)
}

// above is 1 if the first key is above the second, else 0: the borrow of a 96-bit
// subtraction.
func above(era1 uint32, counter1 uint64, era2 uint32, counter2 uint64) uint64 {
	_, borrow := bits.Sub64(counter2, counter1, 0)
	_, borrow = bits.Sub64(uint64(era2), uint64(era1), borrow)
	return borrow
}
