package partition

// buckets cut the numbers up to the newest start into stretches of equal width, and
// have for each the last start not above its first number. Where at most one more
// start lies in it, one comparison tells which of the two holds a number.
type buckets struct {
	shift uint8    // a bucket has 1<<shift numbers
	first []uint32 // ordinals of starts, or crowded
	keys  []uint64 // the numbers of all starts
}

const (
	bucketsPerKey = 4       // so that few are crowded
	maxBuckets    = 1 << 14 // so that they stay in a processor's nearest caches

	crowded = 1<<32 - 1 // more than one start lies in the bucket
)

// newBuckets gives no buckets for starts that one node of the tree holds, that are
// too many, or of which more than a quarter lie in crowded buckets.
func newBuckets(keys []uint64) buckets {
	newest := keys[len(keys)-1]
	if len(keys) <= fanout || len(keys)*bucketsPerKey > maxBuckets {
		return buckets{}
	}
	b := buckets{keys: keys}
	for newest>>b.shift >= uint64(len(keys)*bucketsPerKey) {
		b.shift++
	}
	b.first = make([]uint32, newest>>b.shift+1)
	crowd, last := 0, 0 // starts in crowded buckets; the last start not above the bucket's first number
	for i := range b.first {
		for last+1 < len(keys) && keys[last+1] <= uint64(i)<<b.shift {
			last++
		}
		within := 0
		for last+within+1 < len(keys) && keys[last+within+1]>>b.shift == uint64(i) {
			within++
		}
		b.first[i] = uint32(last)
		if within > 1 {
			b.first[i] = crowded
			crowd += within
		}
	}
	if crowd > len(keys)/4 {
		return buckets{}
	}
	return b
}

// find gives the last start not above a number, which is below the newest start's.
// It reports false where the tree must be asked.
func (b *buckets) find(number uint64) (int, bool) {
	i := number >> (b.shift & 63)
	if i >= uint64(len(b.first)) {
		return 0, false
	}
	next := uint64(b.first[i]) + 1
	if next >= uint64(len(b.keys)) {
		return 0, false
	}
	return int(next - plusAbove(0, b.keys[next], number)), true
}
