package central_test

import (
	"database/sql"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/central"
	"github.com/mdbrouter/mdb/gdid"
)

func TestReserve_life_of_a_key(t *testing.T) {
	t.Parallel()
	s := newSite(t, 3)
	x := s.process().email()
	require.Zero(t, lookup(t, x, "ann@example.com"))

	r := reserve(t, x, " Ann@Example.com ", id(1), 0)
	require.Zero(t, lookup(t, x, "ann@example.com"), "a reserved key is nobody's")
	require.False(t, r.Live())
	require.NoError(t, r.Confirm(t.Context()))
	require.NoError(t, r.Confirm(t.Context()), "again")
	require.Equal(t, id(1), lookup(t, x, "ANN@example.com"))
	require.Equal(t, map[string]string{"ann@example.com": "0:1:1 live"}, s.rows("email"))

	_, err := x.Reserve(t.Context(), "ann@example.com", id(2), 0)
	require.ErrorIs(t, err, area.ErrTaken)
	require.ErrorIs(t, x.Release(t.Context(), "ann@example.com", id(2)), area.ErrNotFound)
	require.NoError(t, x.Release(t.Context(), "ann@example.com", id(1)))
	require.ErrorIs(t, x.Release(t.Context(), "ann@example.com", id(1)), area.ErrNotFound)
	require.Zero(t, lookup(t, x, "ann@example.com"))
	require.Empty(t, s.rows("email"))
}

// I35: claim, release, claim, release again, by the same and by others.
func TestReserve_release_and_claim_any_number_of_times(t *testing.T) {
	t.Parallel()
	x := newSite(t, 2).process().email()
	for n := range uint64(10) {
		owner := id(1 + n%3)
		own(t, x, "ann@example.com", owner)
		require.Equal(t, owner, lookup(t, x, "ann@example.com"))
		require.NoError(t, x.Release(t.Context(), "ann@example.com", owner))
		require.Zero(t, lookup(t, x, "ann@example.com"))
	}
}

func TestReserve_twice_with_one_id_is_one_reservation(t *testing.T) {
	t.Parallel()
	s := newSite(t, 1)
	one, two := s.process(), s.process()
	first := reserve(t, one.email(), "ann@example.com", id(1), 0)
	second := reserve(t, two.email(), "ann@example.com", id(1), 0)
	require.True(t, first.Fresh())
	require.False(t, second.Fresh())

	require.NoError(t, first.Drop(t.Context()))
	require.NoError(t, first.Cancel(t.Context()))
	require.NoError(t, second.Drop(t.Context()))
	require.NoError(t, second.Cancel(t.Context()))
	require.Len(t, s.rows("email"), 1, "neither may take it from the other")

	require.NoError(t, two.create(t.Context(), second))
	require.NoError(t, first.Confirm(t.Context()))
	require.NoError(t, second.Confirm(t.Context()))
	require.Equal(t, id(1), lookup(t, one.email(), "ann@example.com"))

	third := reserve(t, one.email(), "ann@example.com", id(1), 0)
	require.True(t, third.Live())
	require.NoError(t, third.Confirm(t.Context()))
	require.NoError(t, third.Drop(t.Context()))
	require.ErrorIs(t, third.Cancel(t.Context()), central.ErrUsed)
	require.Equal(t, id(1), lookup(t, one.email(), "ann@example.com"))
}

func TestReserve_of_an_unexpired_key_of_others_is_taken(t *testing.T) {
	t.Parallel()
	x := newSite(t, 1).process().email()
	reserve(t, x, "ann@example.com", id(1), time.Hour)
	_, err := x.Reserve(t.Context(), "ann@example.com", id(2), 0)
	require.ErrorIs(t, err, area.ErrTaken)
	require.NotContains(t, err.Error(), "0:1:1", "nothing of the winner")
}

func TestReserve_takes_over_what_nobody_used(t *testing.T) {
	t.Parallel()
	s := newSite(t, 1)
	slow, quick := s.process(), s.process()
	kept := reserve(t, slow.email(), "ann@example.com", id(1), 0)
	s.expire("email")
	taken := reserve(t, quick.email(), "ann@example.com", id(2), 0)
	require.True(t, taken.Fresh())

	require.ErrorIs(t, slow.create(t.Context(), kept), central.ErrLapsed, "the slow creator cannot win too")
	require.ErrorIs(t, kept.Confirm(t.Context()), area.ErrTaken)
	require.NoError(t, kept.Cancel(t.Context()))
	require.NoError(t, kept.Drop(t.Context()))
	require.NoError(t, quick.create(t.Context(), taken))
	require.NoError(t, taken.Confirm(t.Context()))
	require.Equal(t, map[string]string{"ann@example.com": "0:1:2 live"}, s.rows("email"))
}

func TestReserve_takes_over_nothing_that_was_used(t *testing.T) {
	t.Parallel()
	s := newSite(t, 1)
	slow, quick := s.process(), s.process()
	kept := reserve(t, slow.email(), "ann@example.com", id(1), 0)
	require.NoError(t, slow.create(t.Context(), kept))
	s.expire("email")
	_, err := quick.email().Reserve(t.Context(), "ann@example.com", id(2), 0)
	require.ErrorIs(t, err, area.ErrTaken)
	require.Equal(t, map[string]string{"ann@example.com": "0:1:1 live"}, s.rows("email"), "the claimant has confirmed it for its owner")
	require.NoError(t, kept.Confirm(t.Context()))
}

func TestReserve_waits_for_no_transaction_that_is_under_way(t *testing.T) {
	t.Parallel()
	s := newSite(t, 1)
	slow, quick := s.process(), s.process()
	kept := reserve(t, slow.email(), "ann@example.com", id(1), 0)
	s.expire("email")
	err := slow.InTx(t.Context(), nil, id(1), func(tx *sql.Tx) error {
		if err := kept.Claim(t.Context(), tx); err != nil {
			return err
		}
		_, err := quick.email().Reserve(t.Context(), "ann@example.com", id(2), 0)
		require.ErrorIs(t, err, area.ErrTaken)
		return nil
	})
	require.NoError(t, err)
	require.NoError(t, kept.Confirm(t.Context()))
	require.Equal(t, id(1), lookup(t, quick.email(), "ann@example.com"))
}

func TestReserve_again_after_it_lapsed(t *testing.T) {
	t.Parallel()
	s := newSite(t, 1)
	p := s.process()
	unused := reserve(t, p.email(), "ann@example.com", id(1), 0)
	s.expire("email")
	again := reserve(t, p.email(), "ann@example.com", id(1), 0)
	require.True(t, again.Fresh())
	require.ErrorIs(t, p.create(t.Context(), unused), central.ErrLapsed)
	require.ErrorIs(t, unused.Confirm(t.Context()), central.ErrLapsed)
	require.NoError(t, p.create(t.Context(), again))

	s.expire("email") // the process dies before it confirms, and its successor comes late
	live := reserve(t, p.email(), "ann@example.com", id(1), 0)
	require.True(t, live.Live())
	require.Equal(t, id(1), lookup(t, p.email(), "ann@example.com"))
}

func TestCancel(t *testing.T) {
	t.Parallel()
	s := newSite(t, 1)
	p := s.process()
	unused := reserve(t, p.email(), "ann@example.com", id(1), 0)
	require.NoError(t, unused.Cancel(t.Context()))
	require.Empty(t, s.rows("email"))
	require.ErrorIs(t, p.create(t.Context(), unused), central.ErrLapsed, "it can no longer be used")
	require.ErrorIs(t, unused.Confirm(t.Context()), central.ErrLapsed)

	used := reserve(t, p.email(), "ann@example.com", id(2), 0)
	require.NoError(t, p.create(t.Context(), used))
	require.ErrorIs(t, used.Cancel(t.Context()), central.ErrUsed)
	require.Equal(t, id(2), lookup(t, p.email(), "ann@example.com"), "a briefcase that stands keeps its key")
}

func TestSettle(t *testing.T) {
	t.Parallel()
	s := newSite(t, 1)
	p := s.process()
	unused := reserve(t, p.email(), "ann@example.com", id(1), 0)
	used, err := unused.Settle(t.Context())
	require.NoError(t, err)
	require.False(t, used)
	require.Empty(t, s.rows("email"))
	require.ErrorIs(t, p.create(t.Context(), unused), central.ErrLapsed)

	r := reserve(t, p.email(), "ann@example.com", id(2), 0)
	require.NoError(t, p.create(t.Context(), r))
	for range 2 {
		used, err = r.Settle(t.Context())
		require.NoError(t, err)
		require.True(t, used)
	}
	require.Equal(t, id(2), lookup(t, p.email(), "ann@example.com"))
}

// A joined reservation is not ended beneath the one who joined: it can reserve
// again at once.
func TestSettle_of_a_shared_reservation_leaves_nobody_stuck(t *testing.T) {
	t.Parallel()
	s := newSite(t, 1)
	one, two := s.process(), s.process()
	first := reserve(t, one.email(), "ann@example.com", id(1), 0)
	second := reserve(t, two.email(), "ann@example.com", id(1), 0)
	used, err := first.Settle(t.Context())
	require.NoError(t, err)
	require.False(t, used)
	require.ErrorIs(t, two.create(t.Context(), second), central.ErrLapsed)
	third := reserve(t, two.email(), "ann@example.com", id(1), 0)
	require.NoError(t, two.create(t.Context(), third))
	require.NoError(t, third.Confirm(t.Context()))
	require.Equal(t, id(1), lookup(t, one.email(), "ann@example.com"))
}

func TestRelease_of_a_reservation(t *testing.T) {
	t.Parallel()
	s := newSite(t, 1)
	p := s.process()
	reserve(t, p.email(), "ann@example.com", id(1), 0)
	require.ErrorIs(t, p.email().Release(t.Context(), "ann@example.com", id(1)), area.ErrNotFound)
	require.Empty(t, s.rows("email"), "nobody used it")

	used := reserve(t, p.email(), "ann@example.com", id(1), 0)
	require.NoError(t, p.create(t.Context(), used))
	require.NoError(t, p.email().Release(t.Context(), "ann@example.com", id(1)), "it is a key of a briefcase, though nobody had confirmed it")
	require.Empty(t, s.rows("email"))
}

func TestIndex_methods_need_an_owner(t *testing.T) {
	t.Parallel()
	x := newSite(t, 1).process().email()
	none := gdid.GDID{}
	_, err := x.Reserve(t.Context(), "a@b", none, 0)
	require.ErrorIs(t, err, area.ErrZeroGDID)
	require.ErrorIs(t, x.Release(t.Context(), "a@b", none), area.ErrZeroGDID)
	require.ErrorIs(t, x.Add(t.Context(), "a@b", none), area.ErrZeroGDID)
	require.ErrorIs(t, x.Change(t.Context(), "a@b", "b@b", none), area.ErrZeroGDID)
	_, err = x.Keys(t.Context(), none)
	require.ErrorIs(t, err, area.ErrZeroGDID)
}

// A reservation that somebody joins while it is being cancelled is left to them.
func TestCancel_leaves_what_others_join_meanwhile(t *testing.T) {
	t.Parallel()
	s := newSite(t, 1)
	wired, other := s.wired(), s.process()
	first := reserve(t, wired.email(), "ann@example.com", id(1), time.Hour)
	var second *central.Reservation
	meddle(wired.wires["c1"], "i.expires = UTC_TIMESTAMP(6), i.changed", func() {
		second = reserve(t, other.email(), "ann@example.com", id(1), time.Hour)
	})
	require.NoError(t, first.Cancel(t.Context()))
	require.NotNil(t, second)
	require.NoError(t, other.create(t.Context(), second), "it was kept for an hour")
	require.NoError(t, second.Confirm(t.Context()))
}

// A shard that swallows everything is an outage, and no claimant.
func TestReserve_tells_an_outage_of_the_former_holders_shard(t *testing.T) {
	t.Parallel()
	s := newSite(t, 1)
	p := s.wired()
	require.NoError(t, p.create(t.Context(), reserve(t, p.email(), "warm", id(3), 0)))
	reserve(t, p.email(), "ann@example.com", id(1), 0)
	s.expire("email")
	p.wires["c2"].BlackHole(true)
	defer p.wires["c2"].BlackHole(false)
	_, err := p.email().Reserve(t.Context(), "ann@example.com", id(2), 0)
	require.NotErrorIs(t, err, area.ErrTaken)
	require.ErrorIs(t, err, area.ErrUnavailable)
	require.ErrorContains(t, err, "only the shard of its holder can tell; try again when that answers")
	require.ErrorContains(t, err, "(shard p0/0 on c2)")
	require.Equal(t, area.Class{Advice: area.RefreshServer, Outcome: area.NotApplied}, area.Classify(err))
}

func TestClaim_of_joined_reservations(t *testing.T) {
	t.Parallel()
	s := newSite(t, 1)
	p := s.process()
	first := reserve(t, p.email(), "ann@example.com", id(1), 0)
	again := reserve(t, p.email(), "ann@example.com", id(1), 0)
	others := reserve(t, p.email(), "bob@example.com", id(2), 0)
	err := p.InTx(t.Context(), nil, id(1), func(tx *sql.Tx) error {
		_, err := central.Claim(t.Context(), tx, first, others)
		require.ErrorContains(t, err, "of several ids")
		used, err := central.Claim(t.Context(), tx, first, again)
		require.False(t, used)
		return err
	})
	require.NoError(t, err)
	err = p.InTx(t.Context(), nil, id(1), func(tx *sql.Tx) error {
		used, err := central.Claim(t.Context(), tx, again, first)
		require.True(t, used)
		return err
	})
	require.NoError(t, err)
	require.NoError(t, others.Cancel(t.Context()))
}
