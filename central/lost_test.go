package central_test

import (
	"database/sql"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/central"
	"github.com/mdbrouter/mdb/gdid"
	"github.com/mdbrouter/mdb/mdbtest/proxy"
)

// Every answer and every request of every operation is lost once. The operation
// succeeds all the same, as if nothing had happened: it finds out what landed.
func TestOperations_lose_answers(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		prepare func(t *testing.T, s *site, p *process, k string) any
		run     func(t *testing.T, p *process, k string, prepared any) error
		want    string // of the key
		also    string // of the key with "new" before it
	}{
		{
			name: "reserve",
			run: func(t *testing.T, p *process, k string, _ any) error {
				t.Helper()
				r, err := p.email().Reserve(t.Context(), k, id(1), 0)
				if err == nil {
					require.True(t, r.Fresh(), "whatever it had to do for it")
				}
				return err
			},
			want: "0:1:1 reserved",
		},
		{
			name: "reserve again",
			prepare: func(t *testing.T, _ *site, p *process, k string) any {
				t.Helper()
				return reserve(t, p.email(), k, id(1), 0)
			},
			run: func(t *testing.T, p *process, k string, first any) error {
				t.Helper()
				r, err := p.email().Reserve(t.Context(), k, id(1), 0)
				if err == nil {
					require.NoError(t, first.(*central.Reservation).Drop(t.Context()), "it does not take it away")
					require.False(t, r.Fresh())
				}
				return err
			},
			want: "0:1:1 reserved",
		},
		{
			name: "take over",
			prepare: func(t *testing.T, s *site, p *process, k string) any {
				t.Helper()
				reserve(t, p.email(), k, id(1), 0)
				s.expire("email")
				return nil
			},
			run: func(t *testing.T, p *process, k string, _ any) error {
				t.Helper()
				_, err := p.email().Reserve(t.Context(), k, id(2), 0)
				return err
			},
			want: "0:1:2 reserved",
		},
		{
			name: "confirm",
			prepare: func(t *testing.T, _ *site, p *process, k string) any {
				t.Helper()
				return reserve(t, p.email(), k, id(1), 0)
			},
			run: func(t *testing.T, _ *process, _ string, r any) error {
				t.Helper()
				return r.(*central.Reservation).Confirm(t.Context())
			},
			want: "0:1:1 live",
		},
		{
			name: "cancel",
			prepare: func(t *testing.T, _ *site, p *process, k string) any {
				t.Helper()
				return reserve(t, p.email(), k, id(1), 0)
			},
			run: func(t *testing.T, _ *process, _ string, r any) error {
				t.Helper()
				return r.(*central.Reservation).Cancel(t.Context())
			},
		},
		{
			name: "settle what was used",
			prepare: func(t *testing.T, _ *site, p *process, k string) any {
				t.Helper()
				r := reserve(t, p.email(), k, next(), 0)
				require.NoError(t, p.create(t.Context(), r))
				return r
			},
			run: func(t *testing.T, _ *process, _ string, r any) error {
				t.Helper()
				used, err := r.(*central.Reservation).Settle(t.Context())
				if err == nil {
					require.True(t, used)
				}
				return err
			},
			want: "live",
		},
		{
			name: "read",
			prepare: func(t *testing.T, _ *site, p *process, k string) any {
				t.Helper()
				own(t, p.email(), k, id(1))
				return nil
			},
			run: func(t *testing.T, p *process, k string, _ any) error {
				t.Helper()
				if _, err := p.email().Lookup(t.Context(), k); err != nil {
					return err
				}
				if _, err := p.email().LookupMany(t.Context(), []any{k, "other"}); err != nil {
					return err
				}
				_, err := p.email().Keys(t.Context(), id(1))
				return err
			},
			want: "0:1:1 live",
		},
		{
			name: "release",
			prepare: func(t *testing.T, _ *site, p *process, k string) any {
				t.Helper()
				own(t, p.email(), k, id(1))
				return nil
			},
			run: func(t *testing.T, p *process, k string, _ any) error {
				t.Helper()
				return p.email().Release(t.Context(), k, id(1))
			},
		},
		{
			name: "change",
			prepare: func(t *testing.T, _ *site, p *process, k string) any {
				t.Helper()
				own(t, p.email(), k, id(1))
				return nil
			},
			run: func(t *testing.T, p *process, k string, _ any) error {
				t.Helper()
				return p.email().Change(t.Context(), k, "new"+k, id(1))
			},
			also: "0:1:1 live",
		},
		{
			name: "sweep",
			prepare: func(t *testing.T, s *site, p *process, k string) any {
				t.Helper()
				require.NoError(t, p.create(t.Context(), reserve(t, p.email(), k, next(), 0)))
				s.expire("email")
				return nil
			},
			run: func(t *testing.T, p *process, _ string, _ any) error {
				t.Helper()
				_, err := p.email().Sweep(t.Context(), central.SweepOptions{})
				if area.Classify(err).Outcome == area.Unknown || area.Classify(err).Advice == area.RefreshServer {
					_, err = p.email().Sweep(t.Context(), central.SweepOptions{}) // a sweep that met a failure is run again
				}
				return err
			},
			want: "live",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, 1)
			p := s.wired()
			for at := 1; ; at++ {
				reached := false
				for _, lose := range []func(*proxy.Proxy, proxy.Match){(*proxy.Proxy).CutReply, (*proxy.Proxy).CutRequest} {
					k := fmt.Sprintf("k%d@%p", at, lose)
					var prepared any
					if tt.prepare != nil {
						prepared = tt.prepare(t, s, p, k)
					}
					p.warm(t)
					hit := p.loseAt(at, lose)
					require.NoError(t, tt.run(t, p, k, prepared), "statement %d", at)
					if !hit.CompareAndSwap(false, true) { // it will not be hit any more
						reached = true
					}
					rows := s.rows("email")
					if tt.want == "live" {
						require.Contains(t, rows[k], " live")
					} else {
						require.Equal(t, tt.want, rows[k], "statement %d", at)
					}
					require.Equal(t, tt.also, rows["new"+k])
					s.exec("c1", "DELETE FROM "+s.prefix+"central_0.mdb_index_email")
				}
				if !reached {
					require.Greater(t, at, 1)
					return
				}
			}
		})
	}
}

var lastID atomic.Uint64

// next gives an id that no other test of the package has.
func next() (owner gdid.GDID) { return id(1_000_000 + lastID.Add(1)) }

// warm opens connections to all shards: losing what is said while one is opened is
// a server that cannot be reached, and no lost answer.
func (p *process) warm(t *testing.T) {
	t.Helper()
	lookup(t, p.email(), "warm")
	require.NoError(t, p.InTx(t.Context(), nil, id(1), func(*sql.Tx) error { return nil }))
}

// loseAt loses the nth statement from now on, on whichever wire it goes. hit tells
// whether it was reached.
func (p *process) loseAt(n int, lose func(*proxy.Proxy, proxy.Match)) (hit *atomic.Bool) {
	hit = &atomic.Bool{}
	var count atomic.Int64
	for _, wire := range p.wires {
		lose(wire, func(code byte, _ []byte) bool {
			if code != proxy.ComQuery || hit.Load() || count.Add(1) != int64(n) {
				return false
			}
			return hit.CompareAndSwap(false, true)
		})
	}
	return hit
}
