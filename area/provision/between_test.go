package provision_test

import (
	"errors"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/area/provision"
	"github.com/mdbrouter/mdb/gdid"
)

// A partition put between two others, above every id that exists, takes its range
// from the one below it alone. Its ids are refused there, to the last one.
func TestApply_puts_a_partition_between_others(t *testing.T) {
	t.Parallel()
	p := newProcess(t)
	p0, r0 := p0on("u1").partitions[0], breakpoint{name: "b", at: "1:0", partitions: []part{{name: "r0", start: "0:0", servers: []string{"u2"}}}}
	cfg := p.config(layout{partitions: []part{p0}, breakpoints: []breakpoint{r0}})
	cfg.Schema = smallSchema
	require.NoError(t, p.provision(t.Context(), cfg))
	last := gdid.MustParse("0:15:1152921504606846975") // the last id of its era
	try := func(server, partition string, id gdid.GDID) error {
		return insert(t.Context(), p.db(server), p.database(partition, 0), id)
	}
	require.ErrorIs(t, try("u1", "p0", gdid.MustParse("1:0:0")), errEnd)
	require.ErrorIs(t, try("u1", "p0", gdid.MustParse("1:15:0")), errEnd)
	require.NoError(t, try("u1", "p0", gdid.MustParse("0:15:499")))
	untouched := p.rows("u2", "SELECT * FROM "+p.database("r0", 0)+".mdb_fence")

	cfg.Registry = p.registry(layout{partitions: []part{p0, {name: "mid", start: "0:500", servers: []string{"u2", "u1"}}}, breakpoints: []breakpoint{r0}})
	cfg.Heads = &fakeHeads{head: gdid.RangeKey{Counter: 500}} // 499 was the last
	require.NoError(t, p.provision(t.Context(), cfg))
	require.Equal(t, untouched, p.rows("u2", "SELECT * FROM "+p.database("r0", 0)+".mdb_fence"))
	require.NoError(t, try("u1", "p0", gdid.MustParse("0:3:498")))
	require.ErrorIs(t, try("u1", "p0", gdid.MustParse("0:0:500")), errEnd)
	require.ErrorIs(t, try("u1", "p0", last), errEnd)
	require.NoError(t, try("u2", "mid", gdid.MustParse("0:0:500")))
	require.NoError(t, try("u2", "mid", last))
	require.ErrorIs(t, try("u2", "mid", gdid.MustParse("1:0:0")), errEnd)
	require.NoError(t, try("u2", "r0", gdid.MustParse("1:0:0")))

	// The other way round there is no way back.
	cfg.Registry = p.registry(layout{partitions: []part{p0}, breakpoints: []breakpoint{r0}})
	_, err := provision.NewPlan(t.Context(), cfg)
	require.ErrorContains(t, err, "ends only fall")
}

// Two processes append two different partitions, planned before either began: one of
// them wins, and the other has done nothing.
func TestApply_of_two_different_files_at_once(t *testing.T) {
	t.Parallel()
	p := newProcess(t)
	cfg := p.config(p0on("u1", "u2"))
	require.NoError(t, p.provision(t.Context(), cfg))
	heads := &fakeHeads{head: gdid.RangeKey{Counter: 1000}}
	starts := []string{"0:1000", "0:2000"}
	failures := make([]error, len(starts))
	plans := make([]*provision.Plan, len(starts))
	for i, start := range starts {
		q := p.again(&faults{})
		cfg := q.config(layout{partitions: append(p0on("u1", "u2").partitions, part{name: []string{"p1", "other"}[i], start: start, servers: []string{"u2", "u1"}})})
		cfg.Heads = heads
		var err error
		plans[i], err = provision.NewPlan(t.Context(), cfg)
		require.NoError(t, err)
	}
	var running sync.WaitGroup
	for i, plan := range plans {
		running.Go(func() { failures[i] = plan.Apply(t.Context()) })
	}
	running.Wait()
	winner := 0
	if failures[0] != nil {
		winner = 1
	}
	require.NoError(t, failures[winner])
	refused, ok := errors.AsType[*provision.RefusedError](failures[1-winner])
	require.True(t, ok, "%v", failures[1-winner])
	require.ErrorContains(t, refused, "which this configuration does not have")
	require.Nil(t, heads.ceiling)
	require.Equal(t, 1, heads.restored)
	end := gdid.MustParseRangeKey(starts[winner])
	for server, index := range map[string]int{"u1": 0, "u2": 1} {
		require.NoError(t, insert(t.Context(), p.db(server), p.database("p0", index), gdid.MustParse("0:1:999")))
		id, err := gdid.New(end.Era, 1, end.Counter)
		require.NoError(t, err)
		require.ErrorIs(t, insert(t.Context(), p.db(server), p.database("p0", index), id), errEnd)
	}
	require.Len(t, p.dump(), 4, "two databases of each partition that stands")
}
