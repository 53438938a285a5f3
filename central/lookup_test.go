package central_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/central"
	"github.com/mdbrouter/mdb/gdid"
	"github.com/mdbrouter/mdb/mdbtest/mysqld"
)

func TestLookupMany_keeps_the_order(t *testing.T) {
	t.Parallel()
	s := newSite(t, 5)
	x := s.process().email()
	var keys []any
	var want []gdid.GDID
	for n := range uint64(40) {
		k := fmt.Sprintf("user%d@example.com", n)
		owner := gdid.GDID{}
		if n%3 != 0 {
			owner = id(n)
			own(t, x, k, owner)
		}
		keys, want = append(keys, strings.ToUpper(k)), append(want, owner)
	}
	reserve(t, x, "reserved@example.com", id(7), 0)
	keys, want = append(keys, "reserved@example.com", keys[1], keys[1]), append(want, gdid.GDID{}, want[1], want[1])
	for _, index := range []*central.Index{x, x.Fresh(), s.process().email()} {
		got, err := index.LookupMany(t.Context(), keys)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	got, err := x.LookupMany(t.Context(), nil)
	require.NoError(t, err)
	require.Empty(t, got)
}

func TestLookupMany_in_pieces(t *testing.T) {
	t.Parallel()
	p := newSite(t, 1).wired()
	var keys []any
	for n := range 2500 {
		keys = append(keys, fmt.Sprintf("user%d@example.com", n))
	}
	own(t, p.email(), keys[2400], id(5))
	p.wires["c1"].Reset()
	got, err := p.email().LookupMany(t.Context(), keys)
	require.NoError(t, err)
	require.Equal(t, id(5), got[2400])
	require.Equal(t, 3, p.wires["c1"].Requests(), "one query for each thousand")
}

func TestLookup_costs_one_round_trip(t *testing.T) {
	t.Parallel()
	p := newSite(t, 1).wired()
	require.Zero(t, lookup(t, p.email(), "nobody@example.com"))
	wire := p.wires["c1"]
	count := func(fn func()) int {
		wire.Reset()
		fn()
		return wire.Requests()
	}
	require.Equal(t, 1, count(func() { lookup(t, p.email(), "ann@example.com") }))
	var r *central.Reservation
	require.Equal(t, 1, count(func() { r = reserve(t, p.email(), "ann@example.com", id(1), 0) }))
	require.Equal(t, 1, count(func() { require.NoError(t, r.Confirm(t.Context())) }))
	require.Equal(t, 2, count(func() { require.NoError(t, p.email().Release(t.Context(), "ann@example.com", id(1))) }))
	require.Equal(t, 1, count(func() { _, _ = p.email().LookupAll(t.Context(), "ann@example.com") }))
}

func TestIndex_not_unique(t *testing.T) {
	t.Parallel()
	s := newSite(t, 3)
	x := s.process().central.Index("phone")
	require.NoError(t, x.Add(t.Context(), "123", id(3)))
	require.NoError(t, x.Add(t.Context(), " 123 ", id(1)))
	require.NoError(t, x.Add(t.Context(), "123", id(1)), "it has it already")
	require.NoError(t, x.Add(t.Context(), "124", id(1)))

	all, err := x.LookupAll(t.Context(), "123")
	require.NoError(t, err)
	require.Equal(t, []gdid.GDID{id(1), id(3)}, all)
	_, err = x.Lookup(t.Context(), "123")
	require.ErrorIs(t, err, central.ErrNotUnique)
	_, err = x.LookupMany(t.Context(), []any{"123"})
	require.ErrorIs(t, err, central.ErrNotUnique)

	keys, err := x.Keys(t.Context(), id(1))
	require.NoError(t, err)
	require.ElementsMatch(t, []string{"123", "124"}, texts(x, keys))

	require.NoError(t, x.Remove(t.Context(), "123", id(1)))
	require.NoError(t, x.Remove(t.Context(), "123", id(1)), "it is gone already")
	require.NoError(t, x.Remove(t.Context(), "125", id(1)))
	all, err = x.LookupAll(t.Context(), "123")
	require.NoError(t, err)
	require.Equal(t, []gdid.GDID{id(3)}, all)
	all, err = x.LookupAll(t.Context(), "125")
	require.NoError(t, err)
	require.Empty(t, all)

	email := s.process().email()
	require.ErrorIs(t, email.Remove(t.Context(), "a@b", id(1)), central.ErrUnique)
	own(t, email, "a@b", id(1))
	all, err = email.LookupAll(t.Context(), "a@b")
	require.NoError(t, err)
	require.Equal(t, []gdid.GDID{id(1)}, all)
}

func texts(x *central.Index, keys []central.Encoded) []string {
	var list []string
	for _, k := range keys {
		list = append(list, x.Text(k))
	}
	slices.Sort(list)
	return list
}

func TestKeys_can_be_used_as_keys(t *testing.T) {
	t.Parallel()
	s := newSite(t, 3)
	p := s.process()
	owner := id(9)
	for index, keys := range map[string][]any{"email": {"a@b", "c@d"}, "number": {-5, 7}, "long": {[]byte{0}, bytes.Repeat([]byte{255}, 3072)}, "tag": {bytes.Repeat([]byte{254}, 3060)}} {
		x := p.central.Index(index)
		for _, k := range keys {
			require.NoError(t, x.Add(t.Context(), k, owner))
		}
		reserve(t, x, encodable(x, "reserved"), owner, 0)
		found, err := x.Keys(t.Context(), owner)
		require.NoError(t, err)
		require.Len(t, found, len(keys), "what is only reserved is not there")
		for _, k := range found {
			ids, err := x.LookupAll(t.Context(), k)
			require.NoError(t, err)
			require.Equal(t, []gdid.GDID{owner}, ids)
			require.NoError(t, x.Release(t.Context(), k, owner))
		}
		found, err = x.Keys(t.Context(), owner)
		require.NoError(t, err)
		require.Empty(t, found)
	}
}

// encodable gives some key of any index.
func encodable(x *central.Index, text string) any {
	switch x.Spec().Type {
	case "int64":
		return 1 << 40
	case "bytes":
		return []byte(text)
	}
	return text
}

func TestChange(t *testing.T) {
	t.Parallel()
	s := newSite(t, 3)
	x := s.process().email()
	own(t, x, "old@example.com", id(1))
	own(t, x, "taken@example.com", id(2))

	require.ErrorIs(t, x.Change(t.Context(), "old@example.com", "taken@example.com", id(1)), area.ErrTaken)
	require.ErrorIs(t, x.Change(t.Context(), "taken@example.com", "new@example.com", id(1)), area.ErrNotFound, "not its own")
	require.ErrorIs(t, x.Change(t.Context(), "nothing@example.com", "new@example.com", id(1)), area.ErrNotFound)
	require.ErrorIs(t, x.Change(t.Context(), "new@example.com", "NEW@example.com", id(1)), area.ErrNotFound)
	require.NoError(t, x.Change(t.Context(), "old@example.com", "OLD@example.com ", id(1)), "the same key")
	require.Equal(t, map[string]string{"old@example.com": "0:1:1 live", "taken@example.com": "0:1:2 live"}, s.rows("email"), "nothing has changed")

	require.NoError(t, x.Change(t.Context(), "old@example.com", "new@example.com", id(1)))
	require.Equal(t, id(1), lookup(t, x, "new@example.com"))
	require.Zero(t, lookup(t, x, "old@example.com"))
	require.NoError(t, x.Change(t.Context(), "old@example.com", "new@example.com", id(1)), "again, after a lost answer")

	own(t, x, "old@example.com", id(1)) // as a change that was cut short leaves it
	require.NoError(t, x.Change(t.Context(), "old@example.com", "new@example.com", id(1)))
	require.Equal(t, map[string]string{"new@example.com": "0:1:1 live", "taken@example.com": "0:1:2 live"}, s.rows("email"))
}

func TestChange_by_two_at_once(t *testing.T) {
	t.Parallel()
	s := newSite(t, 3)
	one, two := s.process().email(), s.process().email()
	for n := range 20 {
		from := fmt.Sprintf("old%d@example.com", n)
		own(t, one, from, id(1))
		failures := make(chan error, 2)
		for i, x := range []*central.Index{one, two} {
			go func() { failures <- x.Change(t.Context(), from, fmt.Sprintf("new%d-%d@example.com", n, i), id(1)) }()
		}
		first, second := <-failures, <-failures
		require.NotEqual(t, first == nil, second == nil, "one wins: %v, %v", first, second)
		require.ErrorIs(t, errors.Join(first, second), area.ErrNotFound)
		require.Len(t, s.rows("email"), n+1, "the loser leaves nothing")
	}
}

func TestLookup_names_the_shard_that_is_down(t *testing.T) {
	t.Parallel()
	cluster := mysqld.ForTest(t, 2, mysqld.Options{})
	s := siteOn(t, cluster, "down_", 2)
	p := s.process()
	up, down := keyOn(t, p.email(), 0), keyOn(t, p.email(), 1)
	own(t, p.email(), up, id(1))
	own(t, p.email(), down, id(2))
	require.NoError(t, cluster.Servers[1].Kill())

	for name, call := range map[string]func() error{
		"lookup":  func() error { _, err := p.email().Lookup(t.Context(), down); return err },
		"reserve": func() error { _, err := p.email().Reserve(t.Context(), down, id(3), 0); return err },
		"release": func() error { return p.email().Release(t.Context(), down, id(2)) },
		"keys":    func() error { _, err := p.email().Keys(t.Context(), id(2)); return err },
		"sweep":   func() error { _, err := p.email().Sweep(t.Context(), central.SweepOptions{}); return err },
	} {
		err := call()
		require.ErrorIs(t, err, area.ErrUnavailable, name)
		facts, ok := errors.AsType[*area.Error](err)
		require.True(t, ok)
		require.Equal(t, "c2", facts.Server, name)
		require.Equal(t, "1", facts.Shard, name)
		require.Equal(t, "central.email", facts.Area, name)
		require.Equal(t, area.NotApplied, area.Classify(err).Outcome, name)
	}
	require.Equal(t, id(1), lookup(t, p.email(), up), "the other shards do not suffer")
	ids, err := p.email().LookupMany(t.Context(), []any{up, down})
	require.ErrorIs(t, err, area.ErrUnavailable)
	require.Equal(t, []gdid.GDID{id(1), {}}, ids, "what could be asked is answered")

	require.NoError(t, cluster.Servers[1].Restart(t.Context()))
	require.Equal(t, id(2), lookup(t, p.email(), down))
}

// keyOn gives an email whose key stands in a shard.
func keyOn(t *testing.T, x *central.Index, shard int) string {
	t.Helper()
	for n := 0; ; n++ {
		k := fmt.Sprintf("on%d-%d@example.com", shard, n)
		place, err := x.Shard(k)
		require.NoError(t, err)
		if place.Index == shard {
			return k
		}
	}
}

// A change that finds its work done by another holds on to it.
func TestChange_that_was_acknowledged_is_not_undone(t *testing.T) {
	t.Parallel()
	s := newSite(t, 1)
	wired, other := s.wired(), s.process()
	own(t, other.email(), "old", id(1))
	meddle(wired.wires["c1"], "DELETE i FROM", func() {
		require.NoError(t, other.email().Release(t.Context(), "old", id(1)))
		require.NoError(t, other.email().Change(t.Context(), "old", "new", id(1)))
	})
	require.ErrorIs(t, wired.email().Change(t.Context(), "old", "new", id(1)), area.ErrNotFound)
	require.Equal(t, id(1), lookup(t, other.email(), "new"), "another call has acknowledged it")
}

// A statement stays below what servers take, whatever the length of the keys.
func TestLookupMany_of_long_keys(t *testing.T) {
	t.Parallel()
	cluster := mysqld.ForTest(t, 2, mysqld.Options{Flags: []string{"--max-allowed-packet=1M"}})
	s := siteOn(t, cluster, "long_", 1)
	x := s.process().central.Index("long")
	keys := make([]any, 1500)
	for i := range keys {
		keys[i] = append(bytes.Repeat([]byte{0xff}, 3068), fmt.Sprintf("%04d", i)...)
	}
	own(t, x, keys[7], id(7))
	ids, err := x.LookupMany(t.Context(), keys)
	require.NoError(t, err)
	require.Equal(t, id(7), ids[7])
	require.Equal(t, gdid.GDID{}, ids[8])
}
