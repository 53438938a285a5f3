package authority

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/mdbrouter/mdb/gdid"
)

// A roster leases from several authorities, in their order from a rotating start.
// lease is called by one goroutine at a time.
type roster struct {
	sequence string
	options  Options
	start    int           // where the next lease begins
	after    gdid.RangeKey // the highest range key leased

	mu      sync.Mutex // guards members, for stats
	members []member
}

type member struct {
	authority Authority
	breaker   breaker
	own       gdid.RangeKey // the highest range key leased from it
	leases    uint64
	ids       uint64
	failures  uint64
}

func newRoster(sequence string, authorities []Authority, o Options) *roster {
	r := &roster{sequence: sequence, options: o, members: make([]member, len(authorities))}
	for i, a := range authorities {
		r.members[i] = member{authority: a, breaker: breaker{shortest: o.MinBackOff, longest: o.MaxBackOff}}
	}
	if len(authorities) > 0 {
		r.start = rand.IntN(len(authorities)) // so that processes spread
	}
	return r
}

// lease gives a block from the first authority that can. It fails with a
// [*NoAuthorityError], or with ctx's error when that has ended.
func (r *roster) lease(ctx context.Context, count uint64) (Block, error) {
	causes := make([]Cause, len(r.members))
	start := r.start
	r.start++
	for k := range r.members {
		i := (start + k) % len(r.members)
		m := &r.members[i]
		if m.breaker.open(time.Now()) {
			causes[i] = Cause{Authority: m.authority.Name(), Err: m.breaker.cause}
			continue
		}
		block, err := r.try(ctx, m, count)
		if ctx.Err() != nil && err != nil {
			return Block{}, ctx.Err()
		}
		r.note(m, block, err)
		if err == nil {
			return block, nil
		}
		causes[i] = Cause{Authority: m.authority.Name(), Err: err}
	}
	return Block{}, &NoAuthorityError{Sequence: r.sequence, Causes: causes}
}

// try leases from one authority and checks what it gave: a store that gives what
// is not above everything leased so far must not be believed.
func (r *roster) try(ctx context.Context, m *member, count uint64) (Block, error) {
	ctx, cancel := context.WithTimeout(ctx, r.options.LeaseTimeout)
	defer cancel()
	block, err := m.authority.Lease(ctx, Request{Sequence: r.sequence, Count: count, After: r.after, Own: m.own, MaxJump: r.options.MaxJump})
	if err != nil {
		return Block{}, err
	}
	first := gdid.RangeKey{Era: block.Era, Counter: block.First}
	sound := block.Authority == m.authority.Number() && block.Count > 0 && block.Count <= count &&
		block.First <= gdid.MaxCounter && block.Count <= fullHead-block.First
	if !sound || first.Compare(r.after) <= 0 {
		return Block{}, fmt.Errorf("%w: it gave %d ids from %d:%d:%d, after %v was leased", ErrWentBack, block.Count, block.Era, block.Authority, block.First, r.after)
	}
	return block, nil
}

// note keeps what came of a lease.
func (r *roster) note(m *member, b Block, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	log := r.options.Logger.With("sequence", r.sequence, "authority", m.authority.Name())
	if err != nil {
		m.failures++
		m.breaker.fail(time.Now(), err)
		log.Warn("authority failed", "error", err)
		return
	}
	m.leases++
	m.ids += b.Count
	m.own, r.after = b.Last(), b.Last()
	if m.breaker.succeed() {
		log.Info("authority serves again")
	}
}
