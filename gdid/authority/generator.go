package authority

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/gdid"
)

// A Generator hands out the ids of one sequence. It is safe for concurrent use; a
// process needs one per sequence.
type Generator struct {
	sequence string
	options  Options
	roster   *roster
	pace     pace           // used by the flight alone
	work     sync.WaitGroup // the flight's goroutine
	current  atomic.Pointer[run]

	mu     sync.Mutex // guards the rest
	spare  *run       // fetched, not in use yet
	flight *flight    // the fetch under way
	closed bool
	leased uint64 // ids of all blocks
	asked  uint64 // by the latest lease
	waits  uint64
}

// A flight is one fetch of a block, for everyone who waits for one.
type flight struct {
	done   chan struct{}
	err    error // once done is closed
	cancel context.CancelFunc
}

// New gives a generator of a sequence over its authorities, in the order in which
// they are to be tried. It does no I/O. It fails for options out of bounds, and if
// two authorities have one number, which would make equal ids.
func New(sequence string, authorities []Authority, opts Options) (*Generator, error) {
	names := make(map[uint8]string, len(authorities))
	for _, a := range authorities {
		number := a.Number()
		if number > gdid.MaxAuthority {
			return nil, fmt.Errorf("mdb: authority %s has number %d, which exceeds %d", a.Name(), number, gdid.MaxAuthority)
		}
		if other, taken := names[number]; taken {
			return nil, fmt.Errorf("mdb: authorities %s and %s have one number, %d", other, a.Name(), number)
		}
		names[number] = a.Name()
	}
	opts = opts.withDefaults()
	if err := opts.validate(); err != nil {
		return nil, fmt.Errorf("mdb: generator of sequence %s: %w", sequence, err)
	}
	g := &Generator{sequence: sequence, options: opts, roster: newRoster(sequence, authorities, opts), pace: pace{options: opts}}
	g.current.Store(&run{})
	return g, nil
}

// Next gives an id that nobody else was or will be given. While a block lasts it
// costs one atomic add and neither waits, nor looks at ctx, nor allocates. It
// waits only when a block is used up before the next one is there; then it fails
// with ctx's error, with [ErrNoAuthority] or with [area.ErrClosed].
func (g *Generator) Next(ctx context.Context) (gdid.GDID, error) {
	for {
		r := g.current.Load()
		index := r.drawn.Add(1) - 1
		if index < r.count {
			if index == r.low.Load() {
				g.prefetch(ctx, r)
			}
			return r.id(index), nil
		}
		if err := g.refill(ctx, r, 1); err != nil {
			return gdid.GDID{}, err
		}
	}
}

// prefetch fetches the next block in the background, unless one is there or
// under way.
func (g *Generator) prefetch(ctx context.Context, r *run) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.closed && g.spare == nil && g.flight == nil && g.current.Load() == r {
		g.launch(ctx, 0)
	}
}

// refill brings the next block into use in place of old, and waits for it if it
// must. want is how many ids the caller still needs.
func (g *Generator) refill(ctx context.Context, old *run, want uint64) error {
	f, err := g.turn(ctx, old, want)
	if f == nil {
		return err
	}
	select {
	case <-f.done:
		return f.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// turn brings the spare block into use. Where there is none it gives the flight
// that fetches it.
func (g *Generator) turn(ctx context.Context, old *run, want uint64) (*flight, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case g.closed:
		return nil, fmt.Errorf("mdb: next id of sequence %s: %w", g.sequence, area.ErrClosed)
	case g.current.Load() != old: // another caller was faster
		return nil, nil
	case g.spare != nil:
		g.current.Store(g.spare)
		g.spare = nil
		return nil, nil
	}
	g.waits++
	if g.flight == nil {
		g.launch(ctx, want)
	}
	return g.flight, nil
}

// launch starts the one goroutine that fetches a block. want is how many ids
// callers wait for, 0 in advance. g.mu is held.
func (g *Generator) launch(ctx context.Context, want uint64) {
	// The fetch serves all callers, so it must not end with the context of one.
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	f := &flight{done: make(chan struct{}), cancel: cancel}
	g.flight = f
	drawn := g.leased - g.left()
	g.work.Go(func() {
		defer cancel()
		count := max(g.pace.next(time.Now(), drawn, want > 0), want)
		block, err := g.roster.lease(ctx, count)
		g.land(f, count, block, err)
	})
}

// land ends a flight.
func (g *Generator) land(f *flight, asked uint64, b Block, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.flight, g.asked = nil, asked
	switch {
	case g.closed:
		f.err = fmt.Errorf("mdb: next id of sequence %s: %w", g.sequence, area.ErrClosed)
	case err != nil:
		f.err = err
		g.current.Load().lower()
	default:
		g.leased += b.Count
		g.spare = newRun(b)
	}
	close(f.done)
}

// left tells how many ids are leased and not handed out yet. g.mu is held.
func (g *Generator) left() uint64 {
	left := g.current.Load().left()
	if g.spare != nil {
		left += g.spare.count
	}
	return left
}

// Close ends the generator and waits for its goroutine. What is left of its
// blocks is a gap. Later calls fail with [area.ErrClosed]. Closing twice is
// harmless.
func (g *Generator) Close() error {
	g.mu.Lock()
	if !g.closed {
		g.closed = true
		if g.flight != nil {
			g.flight.cancel()
		}
		g.leased -= g.left()
		g.spare = nil
		g.current.Store(&run{})
	}
	g.mu.Unlock()
	g.work.Wait()
	return nil
}
