package provision_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/area/provision"
	"github.com/mdbrouter/mdb/gdid"
)

// A process that froze between the fence and its rollback, or somebody who alters a
// table, holds an append up, and does not make it fail half-way or wait for ever.
func TestApply_waits_for_whoever_holds_stripes_or_tables(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name          string
		during        provision.Kind
		hold, release func(p *process) string
	}{
		{
			name: "a stripe of a shard that is to be opened", during: provision.OpenShard,
			hold: func(p *process) string {
				return "SELECT * FROM " + p.database("p1", 0) + ".mdb_fence WHERE stripe = 7 LOCK IN SHARE MODE"
			},
			release: func(*process) string { return "ROLLBACK" },
		},
		{
			name: "a table of a shard that is to end", during: provision.SetEnd,
			hold:    func(p *process) string { return "LOCK TABLES " + p.database("p0", 1) + ".tbl_order WRITE" },
			release: func(*process) string { return "UNLOCK TABLES" },
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := newProcess(t)
			before, after := grown()
			require.NoError(t, p.provision(t.Context(), p.config(before)))
			other, err := p.db("u2").Conn(t.Context())
			require.NoError(t, err)
			defer other.Close()
			run := func(statement string) {
				_, err := other.ExecContext(t.Context(), statement)
				require.NoError(t, err, statement)
			}
			held, waits := false, 0
			cfg := p.config(after)
			cfg.Heads = &fakeHeads{head: gdid.RangeKey{Counter: 1000}}
			cfg.Progress = func(e provision.Event) {
				switch {
				case e.State == provision.Began && e.Step.Kind == tt.during && !held:
					held = true
					run("BEGIN")
					run(tt.hold(p))
				case e.State == provision.Waits && e.Step.Kind == tt.during:
					if waits++; waits == 1 {
						run(tt.release(p))
					}
				}
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			require.NoError(t, p.provision(ctx, cfg))
			require.Positive(t, waits)
		})
	}
}

// A server that took over, or was restored, without the end that its shard had had,
// gets it back, although ids past it exist by then.
func TestApply_ends_a_range_again_whose_end_was_lost(t *testing.T) {
	t.Parallel()
	p := newProcess(t)
	before, after := grown()
	cfg := p.config(before)
	cfg.Schema = smallSchema
	require.NoError(t, p.provision(t.Context(), cfg))
	cfg.Registry, cfg.Heads = p.registry(after), &fakeHeads{head: gdid.RangeKey{Counter: 1000}}
	require.NoError(t, p.provision(t.Context(), cfg))
	want := p.dump()

	p.exec("u2", "UPDATE "+p.database("p0", 1)+".mdb_fence SET end_era = NULL, end_counter = NULL")
	for _, heads := range []provision.Heads{nil, provision.FixedHeads{"user": {Counter: 5000}}} {
		cfg.Heads = heads
		plan, err := provision.NewPlan(t.Context(), cfg)
		require.NoError(t, err)
		require.Len(t, plan.Steps(), 1)
		require.Equal(t, provision.SetEnd, plan.Steps()[0].Kind)
	}

	// What an old process has written past it meanwhile is found, not hidden.
	p.exec("u2", "INSERT INTO "+p.database("p0", 1)+".tbl_user (g_user) VALUES (?)", gdid.MustParse("0:1:4000"))
	var overrun *provision.OverrunError
	require.ErrorAs(t, p.provision(t.Context(), cfg), &overrun)
	p.exec("u2", "DELETE FROM "+p.database("p0", 1)+".tbl_user")

	require.NoError(t, p.provision(t.Context(), cfg))
	require.Equal(t, want, p.dump())

	// An end is not lost while a shard behind it waits to be opened.
	p.exec("u2", "UPDATE "+p.database("p0", 1)+".mdb_fence SET end_era = NULL, end_counter = NULL")
	p.exec("u1", "UPDATE "+p.database("p1", 1)+".mdb_provision SET phase = 2")
	_, err := provision.NewPlan(t.Context(), cfg)
	require.ErrorContains(t, err, "ids below 0:5000 may exist")
}
