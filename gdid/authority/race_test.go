package authority_test

import (
	"bytes"
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/gdid/authority"
	"github.com/mdbrouter/mdb/mdbtest/proxy"
)

// before runs fn once, right before the next UPDATE reaches the server. It tells
// whether it has.
func before(wire *proxy.Proxy, fn func()) *atomic.Bool {
	var once atomic.Bool
	wire.CutRequest(func(code byte, payload []byte) bool {
		if code == proxy.ComQuery && bytes.HasPrefix(payload, []byte("UPDATE")) && once.CompareAndSwap(false, true) {
			fn()
		}
		return false
	})
	return &once
}

// Whatever happens between reading the row and writing it, the statement sees it.
func TestMySQL_leasesWhileTheRowChanges(t *testing.T) {
	t.Parallel()
	type racer func(ctx context.Context, store authority.Store) error
	other := func(count uint64) racer {
		return func(ctx context.Context, store authority.Store) error {
			_, err := store.Lease(ctx, authority.Request{Sequence: "user", Count: count})
			return err
		}
	}
	change := func(fn func(r *authority.Record)) racer {
		return func(ctx context.Context, store authority.Store) error {
			return store.Change(ctx, "user", func(s authority.State) (authority.Record, error) {
				fn(&s.Record)
				return s.Record, nil
			})
		}
	}
	tests := []struct {
		name    string
		record  authority.Record
		between racer
		want    authority.Block
		err     error
	}{
		{name: "another lease", record: authority.Record{Head: 100}, between: other(7), want: authority.Block{First: 107, Count: 10}},
		{name: "a lease that ends the era", record: authority.Record{Head: full - 10}, between: other(10), want: authority.Block{Era: 1, First: 0, Count: 10}},
		{name: "a lease that leaves less than was there", record: authority.Record{Head: full - 10}, between: other(4), want: authority.Block{First: full - 6, Count: 6}},
		{name: "another era change", record: authority.Record{Head: full}, between: other(4), want: authority.Block{Era: 1, First: 4, Count: 10}},
		{name: "a ceiling", record: authority.Record{Head: 100}, between: change(func(r *authority.Record) { r.Ceiling = key("0:103") }), want: authority.Block{First: 100, Count: 3}},
		{name: "a hold at the head", record: authority.Record{Head: 100}, between: change(func(r *authority.Record) { r.Hold = key("0:100") }), err: authority.ErrCeiling},
		{name: "a lower ceiling", record: authority.Record{Head: 100, Ceiling: key("0:500")}, between: change(func(r *authority.Record) { r.Ceiling = key("0:104") }), want: authority.Block{First: 100, Count: 4}},
		{name: "a ceiling at an era change", record: authority.Record{Head: full}, between: change(func(r *authority.Record) { r.Ceiling = key("1:0") }), err: authority.ErrCeiling},
		{name: "a hold past an era change", record: authority.Record{Head: full}, between: change(func(r *authority.Record) { r.Hold = key("1:3") }), want: authority.Block{Era: 1, First: 0, Count: 3}},
		{name: "a fence", record: authority.Record{Head: 100}, between: change(func(r *authority.Record) { r.Server = "uid:other/7" }), err: authority.ErrAuthorityUnfenced},
		{name: "a fence at an era change", record: authority.Record{Head: full}, between: change(func(r *authority.Record) { r.Server = "uid:other/7" }), err: authority.ErrAuthorityUnfenced},
		{name: "the head going back", record: authority.Record{Head: 100}, between: change(func(r *authority.Record) { r.Head = 40 }), err: authority.ErrWentBack},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			store, direct, wire := newProxiedAndDirect(t)
			put(t, direct, "user", tt.record)
			req := authority.Request{Sequence: "user", Count: 10}
			if tt.record.Head == 100 {
				req.Own, req.After = key("0:99"), key("0:99")
			}
			fired := before(wire, func() {
				if err := tt.between(t.Context(), direct); err != nil {
					t.Error(err)
				}
			})
			got, err := store.Lease(t.Context(), req)
			require.True(t, fired.Load())
			if tt.err != nil {
				require.ErrorIs(t, err, tt.err)
				return
			}
			require.NoError(t, err)
			require.Equal(t, tt.want, got)
		})
	}
}

// No lease comes between reading a record and writing it.
func TestMySQL_Change_keepsLeasesOut(t *testing.T) {
	t.Parallel()
	store, direct, wire := newProxiedAndDirect(t)
	leased := make(chan authority.Block, 1)
	fired := before(wire, func() {
		go func() {
			b, err := direct.Lease(t.Context(), authority.Request{Sequence: "user", Count: 10})
			if err != nil {
				t.Error(err)
			}
			leased <- b
		}()
		select {
		case b := <-leased:
			t.Errorf("a lease came between: %+v", b)
			leased <- b
		case <-time.After(200 * time.Millisecond):
		}
	})
	require.NoError(t, store.Change(t.Context(), "user", func(s authority.State) (authority.Record, error) {
		s.Head = 1000
		return s.Record, nil
	}))
	require.True(t, fired.Load())
	require.Equal(t, authority.Block{First: 1000, Count: 10}, <-leased)
}
