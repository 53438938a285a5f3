package live_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/cmd/mdbcheck/internal/live"
)

// shardsOf gives the shards of an area with partitions p0, p1, ... of so many
// shards.
func shardsOf(counts ...int) []area.Shard {
	var all []area.Shard
	for p, n := range counts {
		for i := range n {
			all = append(all, area.Shard{Area: "user", Partition: fmt.Sprintf("p%d", p), Index: i, Count: n, Ordinal: 100 + len(all)})
		}
	}
	return all
}

func TestWhere(t *testing.T) {
	t.Parallel()
	many := make([]int, 40)
	for i := range many {
		many[i] = 2
	}
	tests := []struct {
		name   string
		counts []int
		meant  string // labels
		read   int    // 0: all
		want   string
	}{
		{"the only shard", []int{1}, "p0/0", 0, "in the shard of area user"},
		{"one of two", []int{2}, "p0/1", 0, "in p0/1 of area user"},
		{"all", []int{2, 3}, "p0/0 p0/1 p1/0 p1/1 p1/2", 0, "in all 5 shards of area user"},
		{"all that were read", []int{2, 3}, "p0/0 p1/0 p1/1", 3, "in all 3 shards of area user that were read"},
		{"the one that was read", []int{2, 3}, "p1/0", 1, "in p1/0 of area user"},
		{"rows of shards", []int{4, 3}, "p0/0 p0/1 p0/2 p0/3 p1/2", 0, "in p0/0-3, p1/2 of area user"},
		{"rows with a gap", []int{5}, "p0/0 p0/1 p0/3", 0, "in p0/0-1, p0/3 of area user"},
		{"two whole partitions", []int{2, 2, 1}, "p0/0 p0/1 p1/0 p1/1", 0, "in p0/0-1, p1/0-1 of area user"},
		{"three whole partitions", []int{2, 1, 2, 3}, "p0/0 p0/1 p1/0 p2/0 p2/1 p3/1", 0, "in p0 to p2, p3/1 of area user"},
		{
			"more than anybody reads", many, "odd", 0,
			"in p0/1, p1/1, p2/1, p3/1, p4/1, p5/1, p6/1, p7/1, p8/1, p9/1, p10/1, p11/1 and 28 more shards of area user",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			all := shardsOf(tt.counts...)
			var meant []area.Shard
			for i := range all {
				label := all[i].Label()
				if strings.Contains(" "+tt.meant+" ", " "+label+" ") || tt.meant == "odd" && all[i].Index == 1 {
					meant = append(meant, all[i])
				}
			}
			read := tt.read
			if read == 0 {
				read = len(all)
			}
			require.Equal(t, tt.want, live.Where(all, meant, read))
		})
	}
}

func TestDifference_words(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 300)
	tests := []struct {
		name string
		d    live.Difference
		want string
	}{
		{
			"the order of columns, where it differs",
			live.Difference{Subject: "column order", Here: "id, a, c, b, made", There: "id, a, b, c, made", Shards: []int{1}, Like: 3},
			"column order: behind a c, b here, b, c in the other 3 shards",
		},
		{
			"the order of many columns",
			live.Difference{Subject: "column order", Here: "j, a, b, c, d, e, f, g, h, i", There: "a, b, c, d, e, f, g, h, i, j", Shards: []int{1}, Like: 3},
			"column order: j, a, b, c, d, e, f, g and 2 more here, a, b, c, d, e, f, g, h and 2 more in the other 3 shards",
		},
		{
			"what the table itself is",
			live.Difference{Subject: "table", Here: "MyISAM", There: "InnoDB", Shards: []int{1}, Like: 3},
			"MyISAM here, InnoDB in the other 3 shards",
		},
		{
			"long texts, where they differ",
			live.Difference{Subject: "trigger t", Here: long + "a", There: long + "b", Shards: []int{1}, Like: 3},
			"trigger t: ..." + strings.Repeat("x", 30) + "a here, ..." + strings.Repeat("x", 30) + "b in the other 3 shards",
		},
		{
			"a long text that differs early",
			live.Difference{Subject: "trigger t", Here: "a" + long, There: "b", Shards: []int{1}, Like: 3},
			"trigger t: a" + strings.Repeat("x", 119) + "... here, b in the other 3 shards",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tt.want, tt.d.Words(4))
		})
	}
}
