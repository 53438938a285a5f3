package authority_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/gdid"
	"github.com/mdbrouter/mdb/gdid/authority"
)

// eachStore runs a test for both kinds of stores, which must behave alike.
func eachStore(t *testing.T, test func(t *testing.T, store authority.Store)) {
	t.Helper()
	t.Run("MySQL", func(t *testing.T) {
		t.Parallel()
		cluster, prefix := servers.Get(t)
		test(t, newMySQL(t, cluster.Servers[0].Addr(), prefix+"ids", 3))
	})
	t.Run("Files", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		test(t, newFiles(t, 3, filepath.Join(dir, "ids", "a"), filepath.Join(dir, "ids", "b")))
	})
}

func key(text string) gdid.RangeKey { return gdid.MustParseRangeKey(text) }

func create(tb testing.TB, store authority.Store, sequence, first string) {
	tb.Helper()
	require.NoError(tb, store.Create(tb.Context(), sequence, key(first)))
}

// put writes a record as it is.
func put(tb testing.TB, store authority.Store, sequence string, r authority.Record) {
	tb.Helper()
	require.NoError(tb, store.Change(tb.Context(), sequence, func(s authority.State) (authority.Record, error) {
		r.Server = s.Here
		return r, nil
	}))
}

func read(tb testing.TB, store authority.Store, sequence string) authority.State {
	tb.Helper()
	state, err := store.Read(tb.Context(), sequence)
	require.NoError(tb, err)
	return state
}

const (
	full    = gdid.MaxCounter + 1 // the head of a spent era
	lastEra = math.MaxUint32
)

func TestStore_Lease(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		record  authority.Record
		request authority.Request
		want    authority.Block
		err     error
	}{
		{name: "from the head", record: authority.Record{Head: 1}, request: authority.Request{Count: 10}, want: authority.Block{First: 1, Count: 10}},
		{name: "above what was leased elsewhere", record: authority.Record{Head: 50}, request: authority.Request{Count: 10, After: key("0:99"), MaxJump: 50}, want: authority.Block{First: 100, Count: 10}},
		{name: "no jump for what is below", record: authority.Record{Head: 500}, request: authority.Request{Count: 10, After: key("0:99")}, want: authority.Block{First: 500, Count: 10}},
		{name: "no jump beyond the bound", record: authority.Record{Head: 50}, request: authority.Request{Count: 10, After: key("0:99"), MaxJump: 49}, err: authority.ErrTooFarBehind},
		{name: "its own lease forgotten", record: authority.Record{Head: 50}, request: authority.Request{Count: 10, After: key("0:50"), Own: key("0:50"), MaxJump: 1e6}, err: authority.ErrWentBack},
		{name: "its own lease forgotten by an era", record: authority.Record{Head: 50}, request: authority.Request{Count: 10, After: key("1:0"), Own: key("1:0"), MaxJump: 1e6}, err: authority.ErrWentBack},
		{name: "its own lease known to the last", record: authority.Record{Head: 51}, request: authority.Request{Count: 10, After: key("0:50"), Own: key("0:50")}, want: authority.Block{First: 51, Count: 10}},
		{name: "below the ceiling", record: authority.Record{Head: 90, Ceiling: key("0:100")}, request: authority.Request{Count: 10}, want: authority.Block{First: 90, Count: 10}},
		{name: "cut at the ceiling", record: authority.Record{Head: 95, Ceiling: key("0:100")}, request: authority.Request{Count: 10}, want: authority.Block{First: 95, Count: 5}},
		{name: "at the ceiling", record: authority.Record{Head: 100, Ceiling: key("0:100")}, request: authority.Request{Count: 1}, err: authority.ErrCeiling},
		{name: "a jump over the ceiling", record: authority.Record{Head: 90, Ceiling: key("0:100")}, request: authority.Request{Count: 1, After: key("0:99"), MaxJump: 100}, err: authority.ErrCeiling},
		{name: "a jump to just below the ceiling", record: authority.Record{Head: 90, Ceiling: key("0:100")}, request: authority.Request{Count: 9, After: key("0:98"), MaxJump: 100}, want: authority.Block{First: 99, Count: 1}},
		{name: "the lower of two bounds", record: authority.Record{Head: 90, Ceiling: key("0:100"), Hold: key("0:92")}, request: authority.Request{Count: 9}, want: authority.Block{First: 90, Count: 2}},
		{name: "the lower of two bounds, the other way", record: authority.Record{Head: 90, Ceiling: key("0:92"), Hold: key("0:100")}, request: authority.Request{Count: 9}, want: authority.Block{First: 90, Count: 2}},
		{name: "at a hold", record: authority.Record{Head: 92, Hold: key("0:92")}, request: authority.Request{Count: 9}, err: authority.ErrCeiling},
		{name: "a ceiling of a later era", record: authority.Record{Head: 90, Ceiling: key("1:5")}, request: authority.Request{Count: 9}, want: authority.Block{First: 90, Count: 9}},
		{name: "a ceiling of an earlier era", record: authority.Record{Era: 2, Head: 90, Ceiling: key("1:1000")}, request: authority.Request{Count: 9}, err: authority.ErrCeiling},
		{name: "to the last counter", record: authority.Record{Head: full - 10}, request: authority.Request{Count: 10}, want: authority.Block{First: full - 10, Count: 10}},
		{name: "cut at the end of the era", record: authority.Record{Head: full - 3}, request: authority.Request{Count: 10}, want: authority.Block{First: full - 3, Count: 3}},
		{name: "the next era after the last counter", record: authority.Record{Head: full}, request: authority.Request{Count: 10, Own: key("0:1152921504606846975"), After: key("0:1152921504606846975")}, want: authority.Block{Era: 1, First: 0, Count: 10}},
		{name: "the next era behind others", record: authority.Record{Head: full - 5}, request: authority.Request{Count: 10, After: key("1:41"), MaxJump: 47}, want: authority.Block{Era: 1, First: 42, Count: 10}},
		{name: "no era change beyond the bound", record: authority.Record{Head: full - 5}, request: authority.Request{Count: 10, After: key("1:41"), MaxJump: 46}, err: authority.ErrTooFarBehind},
		{name: "no era change at a ceiling", record: authority.Record{Head: full, Ceiling: key("1:0")}, request: authority.Request{Count: 10}, err: authority.ErrCeiling},
		{name: "an era change below a ceiling", record: authority.Record{Head: full, Ceiling: key("1:3")}, request: authority.Request{Count: 10}, want: authority.Block{Era: 1, First: 0, Count: 3}},
		{name: "an era change up to a hold", record: authority.Record{Head: full, Hold: key("1:1")}, request: authority.Request{Count: 10}, want: authority.Block{Era: 1, First: 0, Count: 1}},
		{name: "the last id of all", record: authority.Record{Era: lastEra, Head: full - 1}, request: authority.Request{Count: 10}, want: authority.Block{Era: lastEra, First: full - 1, Count: 1}},
		{name: "nothing after the last id of all", record: authority.Record{Era: lastEra, Head: full}, request: authority.Request{Count: 10}, err: authority.ErrExhausted},
		{name: "nothing after the last id of all elsewhere", record: authority.Record{Era: lastEra, Head: 5}, request: authority.Request{Count: 10, After: gdid.MaxRangeKey, MaxJump: math.MaxUint64}, err: authority.ErrExhausted},
	}
	eachStore(t, func(t *testing.T, store authority.Store) {
		t.Helper()
		create(t, store, "user", "0:1")
		for _, tt := range tests {
			// Twice: by way of reading the row, and with the era known.
			for _, warm := range []string{"", ", known era"} {
				t.Run(tt.name+warm, func(t *testing.T) {
					if warm != "" {
						put(t, store, "user", authority.Record{Era: tt.record.Era, Head: 1})
						_, _ = store.Lease(t.Context(), authority.Request{Sequence: "user", Count: 1})
					}
					put(t, store, "user", tt.record)
					tt.request.Sequence = "user"
					got, err := store.Lease(t.Context(), tt.request)
					after := read(t, store, "user")
					if tt.err != nil {
						require.ErrorIs(t, err, tt.err)
						tt.record.Server = after.Server
						require.Equal(t, tt.record, after.Record, "a refusal changes nothing")
						return
					}
					require.NoError(t, err)
					tt.want.Authority = 3
					require.Equal(t, tt.want, got)
					require.Equal(t, got.Era, after.Era)
					require.Equal(t, got.First+got.Count, after.Head, "what was given lies below the head")
				})
			}
		}
	})
}

// One statement of SQL and the rule in Go must agree on every record and request.
func TestMySQL_leasesByTheRule(t *testing.T) {
	t.Parallel()
	cluster, prefix := servers.Get(t)
	mysql := newMySQL(t, cluster.Servers[0].Addr(), prefix+"ids", 3)
	create(t, mysql, "user", "0:1")
	random := rand.New(rand.NewPCG(7, 11))
	counter := func() uint64 {
		edges := []uint64{0, 1, 2, 10, 11, 12, full - 12, full - 11, full - 2, full - 1}
		return edges[random.IntN(len(edges))]
	}
	bound := func() gdid.RangeKey {
		if random.IntN(2) == 0 {
			return gdid.RangeKey{}
		}
		return gdid.RangeKey{Era: random.Uint32N(4), Counter: counter()}
	}
	for range 1500 {
		r := authority.Record{Era: random.Uint32N(3), Head: counter() + 1, Ceiling: bound(), Hold: bound()}
		req := authority.Request{Sequence: "user", Count: 1 + random.Uint64N(12), After: bound(), MaxJump: random.Uint64N(30)}
		if random.IntN(3) == 0 {
			req.MaxJump = full
		}
		if !req.After.IsZero() && random.IntN(2) == 0 {
			req.Own = gdid.RangeKey{Era: req.After.Era, Counter: req.After.Counter / 2}
		}
		put(t, mysql, "user", r)
		want, wantErr := authority.Grant(r, 3, req)
		got, err := mysql.Lease(t.Context(), req)
		require.Equal(t, want, got, "record %+v, request %+v: %v, %v", r, req, wantErr, err)
		require.Equal(t, wantErr == nil, err == nil, "record %+v, request %+v: %v, %v", r, req, wantErr, err)
		for _, class := range []error{authority.ErrCeiling, authority.ErrWentBack, authority.ErrTooFarBehind, authority.ErrExhausted} {
			require.Equal(t, errors.Is(wantErr, class), errors.Is(err, class), "record %+v, request %+v: %v, %v", r, req, wantErr, err)
		}
	}
}

func TestStore_leasesOfManyClientsNeverOverlap(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, store authority.Store) {
		t.Helper()
		// The end of an era lies in the middle of what they lease.
		require.NoError(t, store.Create(t.Context(), "user", gdid.RangeKey{Era: 6, Counter: full - 700}))
		ids := newLedger()
		var leasing sync.WaitGroup
		for worker := range 8 {
			leasing.Go(func() {
				for i := range 40 {
					b, err := store.Lease(t.Context(), authority.Request{Sequence: "user", Count: 1 + uint64(worker+i)%9})
					if err != nil {
						t.Error(err)
						return
					}
					for c := range b.Count {
						id, err := gdid.New(b.Era, b.Authority, b.First+c)
						if err != nil {
							t.Error(err)
							return
						}
						ids.add(id)
					}
				}
			})
		}
		leasing.Wait()
		ids.requireSound(t, 8*40)
		state := read(t, store, "user")
		require.EqualValues(t, 7, state.Era, "the era was changed under way")
		end := gdid.RangeKey{Era: state.Era, Counter: state.Head}
		given, err := end.Sub(gdid.RangeKey{Era: 6, Counter: full - 700})
		require.NoError(t, err)
		require.EqualValues(t, len(ids.seen), given.Counter, "nothing was skipped at the end of the era")
	})
}

func TestStore_withoutTheSequence(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, store authority.Store) {
		t.Helper()
		for range 2 {
			_, err := store.Lease(t.Context(), authority.Request{Sequence: "user", Count: 1})
			require.ErrorIs(t, err, authority.ErrNotProvisioned)
			var facts *authority.Error
			require.ErrorAs(t, err, &facts)
			require.Equal(t, "user", facts.Sequence)
			require.Equal(t, store.Name(), facts.Authority)
			_, err = store.Read(t.Context(), "user")
			require.ErrorIs(t, err, authority.ErrNotProvisioned)
			require.ErrorIs(t, store.Change(t.Context(), "user", nil), authority.ErrNotProvisioned)
			create(t, store, "other", "0:1") // now the database or file is there
		}
	})
}

func TestStore_Create_leavesWhatIsThere(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, store authority.Store) {
		t.Helper()
		create(t, store, "user", "0:1")
		_, err := store.Lease(t.Context(), authority.Request{Sequence: "user", Count: 41})
		require.NoError(t, err)
		create(t, store, "user", "0:1")
		require.EqualValues(t, 42, read(t, store, "user").Head)
		create(t, store, "order", "2:7")
		order := read(t, store, "order")
		require.EqualValues(t, 2, order.Era)
		require.EqualValues(t, 7, order.Head)
	})
}

func TestStore_Change(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, store authority.Store) {
		t.Helper()
		create(t, store, "user", "0:1")
		refused := errors.New("no")
		err := store.Change(t.Context(), "user", func(s authority.State) (authority.Record, error) {
			s.Head = 99
			return s.Record, refused
		})
		require.ErrorIs(t, err, refused)
		require.EqualValues(t, 1, read(t, store, "user").Head)
		want := authority.Record{Era: 4, Head: 100, Ceiling: key("5:6"), Hold: key("4:0")}
		put(t, store, "user", want)
		want.Server = read(t, store, "user").Here
		require.Equal(t, want, read(t, store, "user").Record)
		put(t, store, "user", authority.Record{Era: 4, Head: 100})
		require.Zero(t, read(t, store, "user").Ceiling)
	})
}

func TestStore_afterClose(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, store authority.Store) {
		t.Helper()
		create(t, store, "user", "0:1")
		require.NoError(t, store.Close())
		_, err := store.Lease(t.Context(), authority.Request{Sequence: "user", Count: 1})
		require.Error(t, err)
		require.NoError(t, store.Close(), "closing twice is harmless")
	})
}

func TestStore_aContextThatEnded(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, store authority.Store) {
		t.Helper()
		create(t, store, "user", "0:1")
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := store.Lease(ctx, authority.Request{Sequence: "user", Count: 1})
		require.ErrorIs(t, err, context.Canceled)
		_, err = store.Lease(t.Context(), authority.Request{Sequence: "user"})
		require.Error(t, err, "no ids were asked for")
	})
}
