package key

import (
	"fmt"

	"github.com/cespare/xxhash/v2"
)

// Shard returns the CENTRAL shard of an encoded key, an index into the list of
// shards shards: XXH64 with seed 0, then the jump consistent hash of Lamping and
// Veach (2014) over the list. It is frozen. It does not allocate, and costs about
// 5 ns for each doubling of the list. It panics if shards is below 1.
func Shard(encoded []byte, shards int) int {
	if shards < 1 {
		panic(fmt.Sprintf("key: a list of %d shards", shards))
	}
	return jump(xxhash.Sum64(encoded), shards)
}

func jump(hash uint64, buckets int) int {
	bucket, next := int64(-1), int64(0)
	for next < int64(buckets) {
		bucket = next
		hash = hash*2862933555777941757 + 1
		next = int64(float64(bucket+1) * (float64(1<<31) / float64(hash>>33+1)))
	}
	return int(bucket)
}
