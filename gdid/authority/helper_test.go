package authority_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/gdid"
	"github.com/mdbrouter/mdb/gdid/authority"
)

// A source is an authority in memory that can be slow, fail and forget.
type source struct {
	name   string
	number uint8

	mu       sync.Mutex
	head     gdid.RangeKey
	delay    time.Duration
	err      error
	requests []authority.Request
}

func newSource(name string, number uint8) *source {
	return &source{name: name, number: number, head: gdid.RangeKey{Counter: 1}}
}

func (s *source) Name() string  { return s.name }
func (s *source) Number() uint8 { return s.number }

func (s *source) Lease(ctx context.Context, req authority.Request) (authority.Block, error) {
	s.mu.Lock()
	s.requests = append(s.requests, req)
	delay, err := s.delay, s.err
	s.mu.Unlock()
	if delay > 0 {
		select {
		case <-time.After(delay):
		case <-ctx.Done():
			return authority.Block{}, ctx.Err()
		}
	}
	if err != nil {
		return authority.Block{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.head.Compare(req.After) <= 0 && s.err == nil {
		s.head = gdid.RangeKey{Era: req.After.Era, Counter: req.After.Counter + 1}
	}
	b := authority.Block{Authority: s.number, Era: s.head.Era, First: s.head.Counter, Count: req.Count}
	s.head.Counter += req.Count
	return b, nil
}

func (s *source) set(delay time.Duration, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.delay, s.err = delay, err
}

func (s *source) asked() []authority.Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]authority.Request(nil), s.requests...)
}

func newGenerator(tb testing.TB, opts authority.Options, sources ...authority.Authority) *authority.Generator {
	tb.Helper()
	g, err := authority.New("user", sources, opts)
	require.NoError(tb, err)
	tb.Cleanup(func() { require.NoError(tb, g.Close()) })
	return g
}

// A ledger is the oracle: it holds every id ever handed out.
type ledger struct {
	mu   sync.Mutex
	seen map[gdid.GDID]struct{}
	err  error
}

func newLedger() *ledger { return &ledger{seen: make(map[gdid.GDID]struct{})} }

func (l *ledger) add(ids ...gdid.GDID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, id := range ids {
		if id.IsZero() {
			l.err = fmt.Errorf("the zero id was handed out")
		}
		if _, twice := l.seen[id]; twice {
			l.err = fmt.Errorf("id %v was handed out twice", id)
		}
		l.seen[id] = struct{}{}
	}
}

func (l *ledger) requireSound(tb testing.TB, atLeast int) {
	tb.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	require.NoError(tb, l.err)
	require.GreaterOrEqual(tb, len(l.seen), atLeast)
}

func next(tb testing.TB, g *authority.Generator) gdid.GDID {
	tb.Helper()
	id, err := g.Next(tb.Context())
	require.NoError(tb, err)
	return id
}
