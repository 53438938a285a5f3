package bench_test

import (
	"github.com/google/btree"

	"github.com/mdbrouter/mdb/gdid"
)

// bplus is what a table lookup is held against: a static B+tree of 16 keys of 8
// bytes a node, searched by summing 16 signs, with nothing else in it. It knows
// neither eras nor the newest partition. Keys are below 2^63.
type bplus struct {
	nodes  [][16]uint64
	levels []int
}

func newBplus(keys []uint64) *bplus {
	levels := [][]uint64{keys}
	for len(levels[0]) > 16 {
		var up []uint64
		for i := 0; i < len(levels[0]); i += 16 {
			up = append(up, levels[0][i])
		}
		levels = append([][]uint64{up}, levels...)
	}
	t := &bplus{}
	for _, level := range levels {
		t.levels = append(t.levels, len(t.nodes))
		for i := 0; i < len(level); i += 16 {
			var n [16]uint64
			for j := range n {
				n[j] = 1<<63 - 1
			}
			copy(n[:], level[i:])
			t.nodes = append(t.nodes, n)
		}
	}
	return t
}

func (t *bplus) find(key uint64) int {
	i := 0
	for _, level := range t.levels {
		n := &t.nodes[level+i]
		above := (key-n[0])>>63 + (key-n[1])>>63 + (key-n[2])>>63 + (key-n[3])>>63
		above += (key-n[4])>>63 + (key-n[5])>>63 + (key-n[6])>>63 + (key-n[7])>>63
		above += (key-n[8])>>63 + (key-n[9])>>63 + (key-n[10])>>63 + (key-n[11])>>63
		above += (key-n[12])>>63 + (key-n[13])>>63 + (key-n[14])>>63 + (key-n[15])>>63
		i = i*16 + 15 - int(above)
	}
	return i
}

// google is a google/btree of degree 32 over range keys that descends from the key.
type google struct{ tree *btree.BTreeG[googleItem] }

type googleItem struct {
	start   gdid.RangeKey
	ordinal int
}

func newGoogle(starts []gdid.RangeKey) google {
	g := google{tree: btree.NewG(32, func(a, b googleItem) bool {
		if a.start.Era != b.start.Era {
			return a.start.Era < b.start.Era
		}
		return a.start.Counter < b.start.Counter
	})}
	for i, k := range starts {
		g.tree.ReplaceOrInsert(googleItem{start: k, ordinal: i})
	}
	return g
}

func (g google) find(k gdid.RangeKey) int {
	found := 0
	g.tree.DescendLessOrEqual(googleItem{start: k}, func(i googleItem) bool {
		found = i.ordinal
		return false
	})
	return found
}
