package partition

import (
	"math"
	"math/bits"
	"slices"

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
// Range keys have 92 bits, keys of the tree 64: see number. That is enough, and
// exact, for all but odd tables, which are searched by halves.
//
// Where starts are spaced about evenly, as when a partition is appended every so
// many ids, buckets come before the tree.
type index struct {
	era     uint32 // of the last key
	shift   uint8  // how many bits of a number the counter has; 0: there are no numbers
	most    uint64 // the highest counter that they hold
	newest  uint64 // the number of the last key
	size    int    // number of keys, the last included
	buckets buckets
	levels  [][]node        // of the tree, the root first
	keys    []gdid.RangeKey // all, where there are no numbers
}

const fanout = 16

type node [fanout]uint64

// newIndex packs at least one key.
func newIndex(keys []gdid.RangeKey) index {
	last := keys[len(keys)-1]
	x := index{era: last.Era, size: len(keys), shift: uint8(64 - bits.Len32(last.Era))}
	x.most = min(gdid.MaxCounter, math.MaxUint64>>(64-x.shift))
	for _, k := range keys {
		if k.Counter > x.most {
			return index{era: last.Era, size: len(keys), keys: keys}
		}
	}
	numbers := make([]uint64, len(keys))
	for i, k := range keys {
		numbers[i] = x.number(k.Era, k.Counter)
	}
	x.newest = numbers[len(keys)-1]
	x.buckets = newBuckets(numbers)
	older := numbers[:len(keys)-1]
	for _, stride := range strides(len(older)) {
		x.levels = append(x.levels, level(older, stride))
	}
	return x
}

// number gives a range key in 64 bits: the era, up to that of the last key, above
// the counter. A counter that is too high for the bits that are left is cut down to
// the highest that is not. No start is higher, so the number is above the same
// starts as the key.
func (x *index) number(era uint32, counter uint64) uint64 {
	return uint64(era)<<(x.shift&63) | min(counter, x.most)
}

// level packs one level of the tree. Places that no key takes hold one above all
// that are looked for.
func level(numbers []uint64, stride int) []node {
	nodes := make([]node, (len(numbers)+fanout*stride-1)/(fanout*stride))
	for i := range nodes {
		for j := range fanout {
			nodes[i][j] = math.MaxUint64
			if at := (i*fanout + j) * stride; at < len(numbers) {
				nodes[i][j] = numbers[at]
			}
		}
	}
	return nodes
}

// strides returns how many keys each key of a level stands for, the root first.
func strides(keys int) []int {
	s := []int{1}
	for fanout*s[0] < keys {
		s = append([]int{fanout * s[0]}, s...)
	}
	return s
}

// find returns the ordinal of the last key not above the one given.
func (x *index) find(era uint32, counter uint64) int {
	if era > x.era {
		return x.size - 1
	}
	if x.era > 0 {
		if x.shift == 0 {
			return x.search(era, counter)
		}
		counter = x.number(era, counter)
	}
	if counter >= x.newest {
		return x.size - 1
	}
	if i, ok := x.buckets.find(counter); ok {
		return i
	}
	i := 0
	for _, level := range x.levels {
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

// search is find for keys that have no numbers.
func (x *index) search(era uint32, counter uint64) int {
	i, found := slices.BinarySearchFunc(x.keys, gdid.RangeKey{Era: era, Counter: counter}, gdid.RangeKey.Compare)
	if !found {
		i--
	}
	return i
}

// plusAbove returns sum + 1 if key is above number, else sum. It compiles to a
// subtraction and an addition of its borrow.
func plusAbove(sum, key, number uint64) uint64 {
	_, above := bits.Sub64(number, key, 0)
	sum, _ = bits.Add64(sum, 0, above)
	return sum
}
