package authority_test

import (
	"slices"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/gdid"
	"github.com/mdbrouter/mdb/gdid/authority"
)

func TestGenerator_NextN(t *testing.T) {
	t.Parallel()
	run := func(first string, count int) authority.Run {
		return authority.Run{First: gdid.MustParse(first), Count: count}
	}
	tests := []struct {
		name   string
		drawn  int // before
		n      int
		want   []authority.Run
		leases int
	}{
		{name: "within a block", n: 5, want: []authority.Run{run("0:3:1", 5)}, leases: 1},
		{name: "over the half of a block", drawn: 3, n: 4, want: []authority.Run{run("0:3:4", 4)}, leases: 2},
		{name: "up to the half of a block", drawn: 3, n: 2, want: []authority.Run{run("0:3:4", 2)}, leases: 1},
		{name: "a whole block", n: 10, want: []authority.Run{run("0:3:1", 10)}, leases: 2},
		{name: "across the end of a block", drawn: 8, n: 5, want: []authority.Run{run("0:3:9", 2), run("0:3:11", 3)}, leases: 2},
		{name: "more than a block holds", n: 25, want: []authority.Run{run("0:3:1", 25)}, leases: 2},
		{name: "a tail, a spare block and the rest in one", drawn: 8, n: 40, want: []authority.Run{run("0:3:9", 2), run("0:3:11", 10), run("0:3:21", 28)}, leases: 4},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				chi := newSource("chi", 3)
				g := newGenerator(t, authority.Options{Block: 10}, chi)
				for range tt.drawn {
					next(t, g)
				}
				synctest.Wait()
				batch, err := g.NextN(t.Context(), tt.n)
				require.NoError(t, err)
				synctest.Wait()
				require.Equal(t, tt.want, slices.Collect(batch.Runs()))
				require.Equal(t, tt.n, batch.Len())
				ids := slices.Collect(batch.All())
				require.Len(t, ids, tt.n)
				require.True(t, slices.IsSortedFunc(ids, gdid.GDID.CompareRange))
				require.Len(t, chi.asked(), tt.leases)
			})
		})
	}
}

func TestGenerator_NextN_refusesAbsurdNumbers(t *testing.T) {
	t.Parallel()
	g := newGenerator(t, authority.Options{}, newSource("chi", 0))
	for _, n := range []int{-1, 0, authority.MaxBatch + 1} {
		_, err := g.NextN(t.Context(), n)
		require.Error(t, err)
	}
}

func TestBatch_stopsWhenTheCallerDoes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGenerator(t, authority.Options{Block: 2}, newSource("chi", 0))
		next(t, g)
		batch, err := g.NextN(t.Context(), 9)
		require.NoError(t, err)
		for range batch.Runs() {
			break
		}
		seen := 0
		for range batch.All() {
			if seen++; seen == 3 {
				break
			}
		}
		require.Equal(t, 3, seen)
		require.Empty(t, slices.Collect(authority.Batch{}.All()))
	})
}
