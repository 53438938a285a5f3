package provision_test

import (
	"context"
	"database/sql/driver"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/area/provision"
	"github.com/mdbrouter/mdb/gdid"
	"github.com/mdbrouter/mdb/mdbtest/mysqld"
)

// A server that dies at a statement comes back with what it had committed, and the
// next run goes on from there.
func TestApply_goes_on_after_the_server_died(t *testing.T) {
	t.Parallel()
	cluster := mysqld.ForTest(t, 1, mysqld.Options{})
	server := cluster.Servers[0]
	start := func(f *faults) *process {
		p := processOn(t, cluster.Prefix(), map[string]*mysqld.Server{"u1": server})
		p.faults = f
		return p
	}
	before := layout{servers: []string{"u1"}, partitions: p0on("u1").partitions}
	after := layout{servers: before.servers, partitions: append(p0on("u1").partitions, part{name: "p1", start: "0:1000", servers: []string{"u1"}})}
	finish := func(p *process) error {
		cfg := p.config(after)
		cfg.Heads = provision.FixedHeads{"user": {Counter: 1000}}
		return p.provision(t.Context(), cfg)
	}
	grow := func(p *process) error {
		if err := p.provision(t.Context(), p.config(before)); err != nil {
			return err
		}
		return finish(p)
	}
	var counted faults
	whole := start(&counted)
	require.NoError(t, grow(whole))
	want := whole.dump()
	whole.drop()

	for k := 7; k <= counted.count; k += 9 {
		p := start(&faults{at: k, kill: server.Kill})
		require.Error(t, grow(p), "the server died at statement %d", k)
		p.close()
		require.NoError(t, server.Restart(t.Context()))
		again := start(&faults{})
		again.prefix = p.prefix
		require.NoError(t, finish(again), "again after the server died at statement %d", k)
		require.Equal(t, want, again.dump(), "the server died at statement %d", k)
		again.drop()
	}
}

// Apply gives up soon after its context ends, and leaves no lock and no statement
// behind.
func TestApply_stops_with_its_context(t *testing.T) {
	t.Parallel()
	var events atomic.Int64
	p := newProcess(t)
	before, after := grown()
	require.NoError(t, p.provision(t.Context(), p.config(before)))
	cfg := p.config(after)
	cfg.Heads = &fakeHeads{head: gdid.RangeKey{Counter: 1000}}
	for k := int64(1); ; k++ {
		ctx, cancel := context.WithCancel(t.Context())
		events.Store(0)
		q := p.again(&faults{})
		cfg.Servers = q
		cfg.Progress = func(provision.Event) {
			if events.Add(1) == k {
				cancel()
			}
		}
		plan, err := provision.NewPlan(ctx, cfg)
		require.NoError(t, err)
		if plan.Empty() {
			cancel()
			break
		}
		began := time.Now()
		err = plan.Apply(ctx)
		done := ctx.Err() == nil
		cancel()
		q.close()
		if done {
			require.NoError(t, err)
			break
		}
		require.Less(t, time.Since(began), 20*time.Second)
		if err != nil { // the last event comes when everything is done
			require.ErrorIs(t, err, context.Canceled, "cancelled at event %d", k)
		}
		for server := range p.servers {
			require.Eventually(t, func() bool {
				return p.rows(server, fmt.Sprintf("SELECT COUNT(*) FROM information_schema.processlist WHERE command = 'Query' AND info LIKE '%%%s%%' AND id <> CONNECTION_ID()", p.prefix))[0] == "0"
			}, 10*time.Second, time.Millisecond)
		}
	}
	plan, err := provision.NewPlan(t.Context(), cfg)
	require.NoError(t, err)
	require.True(t, plan.Empty())
}

// A driver that closes its connection as the context ends lets the statements after
// it fail for that; the reason is still the context.
func TestApply_blames_the_context_for_connections_that_it_closed(t *testing.T) {
	t.Parallel()
	f := &faults{}
	p := newProcess(t).again(f)
	ctx, cancel := context.WithCancel(t.Context())
	cfg := p.config(p0on("u1", "u2"))
	cfg.Progress = func(provision.Event) {
		cancel()
		f.mu.Lock()
		defer f.mu.Unlock()
		f.dead = true
	}
	plan, err := provision.NewPlan(ctx, cfg)
	require.NoError(t, err)
	err = plan.Apply(ctx)
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorIs(t, err, driver.ErrBadConn)
}
