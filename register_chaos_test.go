package mdb_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
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
	calm := c.trouble(t)
	var running sync.WaitGroup
	for w := range 4 {
		running.Go(func() {
			for n := range 25 {
				c.play(t.Context(), userID(1000*(w+1)+n), rand.IntN(4))
			}
		})
	}
	running.Wait()
	calm()
	t.Logf("%d acknowledged, %d taken, %d other errors, %d deleted", c.acked.Load(), c.taken.Load(), c.failed.Load(), c.deleted.Load())
	require.Empty(t, c.faults)
	require.Positive(t, c.acked.Load())

	c.settle(t)
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

// The same for briefcases that move from key to key.
func TestChange_tells_the_truth_under_kills(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	c := &contest{site: s, router: s.openCentral(t)}
	const users = 4
	for n := range users {
		require.NoError(t, register(t.Context(), c.router, userID(n+1), n+1))
	}
	calm := c.trouble(t)
	var running sync.WaitGroup
	for n := range users {
		proofs := make(map[string]func(tx *sql.Tx) error)
		for m := range users + 3 {
			proofs[userEmail(m+1)] = moveTo(t, c.router, userID(n+1), userEmail(m+1))
		}
		running.Go(func() { c.wander(t.Context(), userID(n+1), userEmail(n+1), proofs) })
	}
	running.Wait()
	calm()
	t.Logf("%d acknowledged, %d taken, %d other errors", c.acked.Load(), c.taken.Load(), c.failed.Load())
	require.Empty(t, c.faults)
	require.Positive(t, c.acked.Load())
	c.settle(t)
	emails := s.indexed(t, "email")
	require.Len(t, emails, users, "each has one email")
	for email, owner := range emails {
		b, err := c.router.Find(t.Context(), "email", email)
		require.NoError(t, err, "and its briefcase knows that")
		require.Equal(t, owner, b.ID().String()+" live")
	}
}

func userEmail(n int) string { return fmt.Sprintf("user%d@example.com", n) }

// A contest is many who want the same keys.
type contest struct {
	site   *site
	router *mdb.Router

	acked, taken, failed, deleted atomic.Int64

	mu       sync.Mutex // guards what follows
	outcomes map[mdb.GDID]error
	faults   []string
}

// trouble kills what runs on the servers, lets reservations expire and sweeps, until
// calm is called.
func (c *contest) trouble(t *testing.T) (calm func()) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	kills := make([]<-chan int, 0, 3)
	for _, shard := range []struct {
		server   int
		database string
	}{{0, "central_0"}, {0, "central_1"}, {1, "user_p0_0"}} {
		kills = append(kills, killer(ctx, t, c.site.cluster.Servers[shard.server].DB(), c.site.prefix+shard.database))
	}
	var beside sync.WaitGroup
	beside.Go(func() { c.expire(ctx) })
	beside.Go(func() { c.sweep(ctx) })
	return func() {
		stop()
		beside.Wait()
		killed := 0
		for _, n := range kills {
			killed += <-n
		}
		t.Logf("%d killed", killed)
	}
}

// settle sweeps until nothing is reserved: a statement whose sender is gone may still
// arrive.
func (c *contest) settle(t *testing.T) {
	t.Helper()
	for deadline := time.Now().Add(40 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		c.site.expire(t)
		sweep(t, c.router)
		left := 0
		for _, index := range []string{"email", "name"} {
			for _, owner := range c.site.indexed(t, index) {
				if strings.HasSuffix(owner, " reserved") {
					left++
				}
			}
		}
		if left == 0 {
			return
		}
		require.True(t, time.Now().Before(deadline), "%d keys stay reserved", left)
	}
}

// wander changes the email of a user again and again, among those that functions are
// given for. One that was acknowledged, or refused as taken, is the only one.
func (c *contest) wander(ctx context.Context, id mdb.GDID, at string, move map[string]func(tx *sql.Tx) error) {
	for range 25 {
		to := userEmail(1 + rand.IntN(len(move)))
		err := c.router.Change(ctx, "email", id, at, to, move[to])
		for err != nil && !errors.Is(err, mdb.ErrTaken) {
			c.failed.Add(1)
			if errors.Is(err, mdb.ErrNotFound) {
				c.fault("%v has lost %s: %v", id, at, err)
				return
			}
			err = c.router.Change(ctx, "email", id, at, to, move[to])
		}
		if err == nil {
			c.acked.Add(1)
			at = to
		} else {
			c.taken.Add(1)
		}
		c.owns(ctx, id, at)
	}
}

// owns finds fault if the servers say that an email is not the user's own.
func (c *contest) owns(ctx context.Context, id mdb.GDID, email string) {
	found, err := c.router.Central().Index("email").Fresh().Lookup(ctx, email)
	if err == nil && found != id || errors.Is(err, mdb.ErrNotFound) {
		c.fault("%s was acknowledged to be of %v, and then %v is found: %v", email, id, found, err)
	}
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
		c.owns(ctx, id, userEmail(n))
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
