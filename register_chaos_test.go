package mdb_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb"
)

// Few keys are registered and released by many, while connections and statements on
// all servers are killed, reservations expire before their time and sweeps run. In
// the end each briefcase has its keys and each key its briefcase, and nothing that
// was said about a registration was wrong.
func TestRegister_tells_the_truth_under_kills(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	c := &contest{site: s, router: s.openCentral(t), outcomes: make(map[mdb.GDID]error)}
	ctx, stop := context.WithCancel(t.Context())
	kills := make([]<-chan int, 0, 3)
	for _, shard := range []struct {
		server   int
		database string
	}{{0, "central_0"}, {0, "central_1"}, {1, "user_p0_0"}} {
		kills = append(kills, killer(ctx, t, s.cluster.Servers[shard.server].DB(), s.prefix+shard.database))
	}
	var beside sync.WaitGroup
	beside.Go(func() { c.expire(ctx) })
	beside.Go(func() { c.sweep(ctx) })

	var running sync.WaitGroup
	for w := range 4 {
		running.Go(func() {
			for n := range 25 {
				c.play(t.Context(), userID(1000*(w+1)+n), rand.IntN(4))
			}
		})
	}
	running.Wait()
	stop()
	beside.Wait()
	killed := 0
	for _, n := range kills {
		killed += <-n
	}
	t.Logf("%d killed; %d acknowledged, %d taken, %d other errors, %d deleted", killed, c.acked.Load(), c.taken.Load(), c.failed.Load(), c.deleted.Load())
	require.Empty(t, c.faults)
	require.Positive(t, c.acked.Load())

	s.expire(t)
	sweep(t, c.router)
	standing := s.briefcases(t)
	for id, err := range c.outcomes {
		switch {
		case err == nil:
			require.True(t, standing[id.String()], "%v was acknowledged and not deleted", id)
		case mdb.Classify(err).Outcome == mdb.NotApplied:
			require.False(t, standing[id.String()], "%v: %v", id, err)
		}
	}
	s.ledger(t, nil)
}

// A contest is many who want the same keys.
type contest struct {
	site   *site
	router *mdb.Router

	acked, taken, failed, deleted atomic.Int64

	mu       sync.Mutex // guards what follows
	outcomes map[mdb.GDID]error
	faults   []string
}

func (c *contest) fault(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.faults = append(c.faults, fmt.Sprintf(format, args...))
}

// play registers a briefcase, perhaps again and again, and perhaps deletes it.
func (c *contest) play(ctx context.Context, id mdb.GDID, n int) {
	var err error
	unsure := false // an earlier call may have landed
	for range 1 + rand.IntN(6) {
		err = c.register(ctx, id, n)
		if err == nil || errors.Is(err, mdb.ErrTaken) {
			break
		}
		c.failed.Add(1)
		unsure = unsure || mdb.Classify(err).Outcome == mdb.Unknown
	}
	switch {
	case errors.Is(err, mdb.ErrTaken):
		c.taken.Add(1)
	case err != nil && unsure: // what the last call says of itself is no news of those before
		err = mdb.ErrOutcomeUnknown
	case err == nil:
		c.acked.Add(1)
		if found, err := c.router.Central().Index("email").Fresh().Lookup(ctx, fmt.Sprintf("user%d@example.com", n)); err == nil && found != id || errors.Is(err, mdb.ErrNotFound) {
			c.fault("%v was acknowledged, and then %v is found: %v", id, found, err)
		}
		if rand.IntN(20) > 0 {
			c.remove(ctx, id, n)
			return
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.outcomes[id] = err
}

func (c *contest) register(ctx context.Context, id mdb.GDID, n int) error {
	if rand.IntN(3) == 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, rand.N(60*time.Millisecond))
		defer cancel()
	}
	keys := emailAndName(n)
	insert := insertUser(ctx, c.router, id, keys[0].Value)
	return c.router.Register(ctx, id, keys, func(tx *sql.Tx) error {
		if err := insert(tx); err != nil {
			return err
		}
		time.Sleep(rand.N(10 * time.Millisecond)) // so that others come in between
		return nil
	})
}

// remove deletes a briefcase and releases its keys, however often it takes.
func (c *contest) remove(ctx context.Context, id mdb.GDID, n int) {
	c.until(func() error {
		b, err := c.router.Briefcase("user", id)
		if err != nil {
			return err
		}
		if _, err := b.ExecContext(ctx, "DELETE FROM tbl_user WHERE g_user = ?", id); err != nil {
			return err
		}
		var left int // one that was killed may claim that it found nothing
		if err := b.QueryRowContext(ctx, "SELECT COUNT(*) FROM tbl_user WHERE g_user = ?", id).Scan(&left); err != nil || left == 0 {
			return err
		}
		return errors.New("still there")
	})
	for _, k := range emailAndName(n) {
		c.until(func() error {
			err := c.router.Central().Index(k.Index).Release(ctx, k.Value, id)
			if errors.Is(err, mdb.ErrNotFound) {
				return nil
			}
			return err
		})
	}
	c.deleted.Add(1)
}

func (c *contest) until(step func() error) {
	for {
		if step() == nil {
			return
		}
	}
}

// expire makes reservations expire, as a server does whose clock jumps.
func (c *contest) expire(ctx context.Context) {
	for ctx.Err() == nil {
		for shard := range 2 {
			for _, index := range []string{"email", "name"} {
				table := fmt.Sprintf("%scentral_%d.mdb_index_%s", c.site.prefix, shard, index)
				_, _ = c.site.cluster.Servers[0].DB().ExecContext(ctx, "UPDATE "+table+" SET expires = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND WHERE state = 1")
			}
		}
		time.Sleep(rand.N(30 * time.Millisecond))
	}
}

func (c *contest) sweep(ctx context.Context) {
	for ctx.Err() == nil {
		for _, x := range c.router.Central().Indexes() {
			_, _ = x.Sweep(ctx, mdb.SweepOptions{Page: 2})
		}
		time.Sleep(rand.N(30 * time.Millisecond))
	}
}
