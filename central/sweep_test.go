package central_test

import (
	"context"
	"database/sql"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/central"
	"github.com/mdbrouter/mdb/gdid"
	"github.com/mdbrouter/mdb/mdbtest/mysqld"
)

func TestSweep_finishes_what_crashes_left(t *testing.T) {
	t.Parallel()
	s := newSite(t, 3)
	p := s.process()
	x := p.email()
	own(t, x, "live@example.com", id(1))
	reserve(t, x, "unused@example.com", id(2), 0)
	require.NoError(t, p.create(t.Context(), reserve(t, x, "used@example.com", id(3), 0)))
	phone := p.central.Index("phone")
	reserve(t, phone, "1", id(4), 0)
	require.NoError(t, p.create(t.Context(), reserve(t, phone, "1", id(5), 0)))
	s.expire("email")
	s.expire("phone")
	reserve(t, x, "fresh@example.com", id(6), 0)

	sweeper := s.process()
	report, err := sweeper.email().Sweep(t.Context(), central.SweepOptions{})
	require.NoError(t, err)
	require.Equal(t, central.SweepReport{Rows: 4, Reserved: 1, Confirmed: 1, Removed: 1, Complete: true}, report)
	want := map[string]string{"live@example.com": "0:1:1 live", "used@example.com": "0:1:3 live", "fresh@example.com": "0:1:6 reserved"}
	require.Equal(t, want, s.rows("email"))

	report, err = sweeper.central.Index("phone").Sweep(t.Context(), central.SweepOptions{})
	require.NoError(t, err)
	require.Equal(t, central.SweepReport{Rows: 2, Confirmed: 1, Removed: 1, Complete: true}, report)
	require.Equal(t, map[string]string{"1": "0:1:5 live"}, s.rows("phone"))

	report, err = sweeper.email().Sweep(t.Context(), central.SweepOptions{})
	require.NoError(t, err)
	require.Equal(t, central.SweepReport{Rows: 3, Reserved: 1, Complete: true}, report, "nothing is left to do")
	live, reserved, err := x.Count(t.Context())
	require.NoError(t, err)
	require.Equal(t, []int{2, 1}, []int{live, reserved})
}

// A sweep that runs beside registrations does them no harm.
func TestSweep_while_others_register(t *testing.T) {
	t.Parallel()
	s := newSite(t, 2)
	var ended atomic.Bool
	swept := make(chan error, 1)
	go func() {
		sweeper := s.process()
		for !ended.Load() {
			if _, err := sweeper.email().Sweep(t.Context(), central.SweepOptions{Page: 3}); err != nil {
				swept <- err
				return
			}
		}
		swept <- nil
	}()
	p := s.process()
	for n := range uint64(60) {
		k := fmt.Sprintf("user%d@example.com", n)
		r := reserve(t, p.email(), k, id(n+1), time.Duration(n%4)*time.Millisecond+time.Microsecond)
		if p.create(t.Context(), r) == nil { // some have expired and are gone
			require.NoError(t, r.Confirm(t.Context()))
			require.Equal(t, id(n+1), lookup(t, p.email(), k))
		}
	}
	ended.Store(true)
	require.NoError(t, <-swept)
	s.expire("email")
	_, err := p.email().Sweep(t.Context(), central.SweepOptions{})
	require.NoError(t, err)
	s.ledger("email")
}

// ledger checks that owners and briefcases agree exactly: each live key has a
// briefcase, and each briefcase its key.
func (s *site) ledger(index string) {
	s.t.Helper()
	owners := make(map[string]bool)
	for k, owner := range s.rows(index) {
		require.NotContains(s.t, owner, "reserved", k)
		owners[owner[:len(owner)-len(" live")]] = true
	}
	rows, err := s.servers["c2"].DB().QueryContext(s.t.Context(), "SELECT g_user FROM "+s.prefix+"user.tbl_user")
	require.NoError(s.t, err)
	defer rows.Close()
	briefcases := make(map[string]bool)
	for rows.Next() {
		var owner gdid.GDID
		require.NoError(s.t, rows.Scan(&owner))
		briefcases[owner.String()] = true
	}
	require.NoError(s.t, rows.Err())
	require.Equal(s.t, briefcases, owners)
}

func TestSweep_in_pages_and_from_where_it_stopped(t *testing.T) {
	t.Parallel()
	for _, index := range []string{"email", "phone"} {
		t.Run(index, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, 3)
			x := s.process().central.Index(index)
			for n := range uint64(20) {
				k := fmt.Sprintf("k%d", n)
				if index == "phone" {
					k = fmt.Sprintf("k%d", n/4) // four ids share a key
				}
				own(t, x, k, id(n+1))
			}
			var cursors []central.Cursor
			whole, err := x.Sweep(t.Context(), central.SweepOptions{Page: 3, Progress: func(at central.Cursor, _ central.SweepReport) { cursors = append(cursors, at) }})
			require.NoError(t, err)
			require.Equal(t, 20, whole.Rows)
			require.Greater(t, len(cursors), 6)
			for i, at := range cursors {
				text, err := at.MarshalText()
				require.NoError(t, err)
				var back central.Cursor
				require.NoError(t, back.UnmarshalText(text))
				require.Equal(t, at, back)
				rest, err := x.Sweep(t.Context(), central.SweepOptions{From: back, Page: 3})
				require.NoError(t, err)
				var before int
				_, err = x.Sweep(t.Context(), central.SweepOptions{Page: 3, Progress: func(_ central.Cursor, so central.SweepReport) {
					if i--; i == -1 {
						before = so.Rows
					}
				}})
				require.NoError(t, err)
				require.Equal(t, 20-before, rest.Rows, "no row is read twice or left out")
			}
		})
	}
}

func TestCursor_refuses_what_is_none(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "!", "AA", "AQ", "AYCAgICAgICAgIAB"} {
		var c central.Cursor
		require.Error(t, c.UnmarshalText([]byte(text)), text)
	}
}

func FuzzCursor(f *testing.F) {
	text, err := central.Cursor{}.MarshalText()
	require.NoError(f, err)
	f.Add(text)
	f.Fuzz(func(t *testing.T, text []byte) {
		var c central.Cursor
		if c.UnmarshalText(text) != nil {
			return
		}
		again, err := c.MarshalText()
		require.NoError(t, err)
		var back central.Cursor
		require.NoError(t, back.UnmarshalText(again))
		require.Equal(t, c, back)
	})
}

func TestSweep_keeps_to_its_rate(t *testing.T) {
	t.Parallel()
	s := newSite(t, 1)
	x := s.process().email()
	for n := range uint64(12) {
		own(t, x, fmt.Sprintf("k%d", n), id(n+1))
	}
	began := time.Now()
	_, err := x.Sweep(t.Context(), central.SweepOptions{Page: 2, Rate: 40})
	require.NoError(t, err)
	require.GreaterOrEqual(t, time.Since(began), 280*time.Millisecond)

	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err = x.Sweep(ctx, central.SweepOptions{Page: 2, Rate: 1})
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

func TestSweep_tells_orphans(t *testing.T) {
	t.Parallel()
	s := newSite(t, 2)
	x := s.process().email()
	for n := range uint64(10) {
		own(t, x, fmt.Sprintf("k%d", n), id(n+1))
	}
	orphans := make(map[string]gdid.GDID)
	report, err := x.Sweep(t.Context(), central.SweepOptions{
		Page: 4,
		Absent: func(_ context.Context, ids []gdid.GDID) ([]gdid.GDID, error) {
			require.LessOrEqual(t, len(ids), 4)
			var absent []gdid.GDID
			for _, one := range ids {
				if one == id(3) || one == id(7) {
					absent = append(absent, one)
				}
			}
			return absent, nil
		},
		Orphan: func(k central.Encoded, owner gdid.GDID) { orphans[x.Text(k)] = owner },
	})
	require.NoError(t, err)
	require.Equal(t, 2, report.Orphans)
	require.Equal(t, map[string]gdid.GDID{"k2": id(3), "k6": id(7)}, orphans)
}

// A reservation whose briefcase's server is down waits for the next sweep; the
// others are finished.
func TestSweep_leaves_what_cannot_be_settled(t *testing.T) {
	t.Parallel()
	cluster := mysqld.ForTest(t, 2, mysqld.Options{})
	s := siteOn(t, cluster, "pending_", 1)
	p := s.process()
	for n := range uint64(12) {
		reserve(t, p.email(), fmt.Sprintf("k%d", n), id(n+1), 0)
	}
	s.expire("email")
	require.NoError(t, cluster.Servers[1].Kill())
	report, err := p.email().Sweep(t.Context(), central.SweepOptions{})
	require.ErrorIs(t, err, area.ErrUnavailable)
	require.Equal(t, central.SweepReport{Rows: 12, Pending: 12, Complete: true}, report)
	_, err = p.email().Reserve(t.Context(), "k0", id(99), 0)
	require.ErrorIs(t, err, area.ErrUnavailable)
	require.NotContains(t, err.Error(), "0:1:1 ", "nothing of the former holder")

	require.NoError(t, cluster.Servers[1].Restart(t.Context()))
	report, err = p.email().Sweep(t.Context(), central.SweepOptions{})
	require.NoError(t, err)
	require.Equal(t, central.SweepReport{Rows: 12, Removed: 12, Complete: true}, report)
}

// placed is a process that knows where briefcases are.
type placed struct {
	*process
	asked int
}

func (p *placed) Server(*area.Index, gdid.GDID) string { return "c2" }

func (p *placed) InTx(ctx context.Context, x *area.Index, owner gdid.GDID, fn func(tx *sql.Tx) error) error {
	p.asked++
	return p.process.InTx(ctx, x, owner, fn)
}

// A server that swallows everything costs a sweep one wait for each page.
func TestSweep_asks_a_silent_server_once_for_each_page(t *testing.T) {
	t.Parallel()
	s := newSite(t, 1)
	p := &placed{process: s.wired()}
	p.renew(p)
	for n := range uint64(9) {
		reserve(t, p.email(), fmt.Sprintf("k%d", n), id(n+1), 0)
	}
	s.expire("email")
	p.wires["c2"].BlackHole(true)
	report, err := p.email().Sweep(t.Context(), central.SweepOptions{Page: 5})
	require.ErrorIs(t, err, area.ErrUnavailable)
	require.Equal(t, central.SweepReport{Rows: 9, Pending: 9, Complete: true}, report)
	require.Equal(t, 2, p.asked)
	p.wires["c2"].BlackHole(false)
	report, err = p.email().Sweep(t.Context(), central.SweepOptions{Page: 5})
	require.NoError(t, err)
	require.Equal(t, central.SweepReport{Rows: 9, Removed: 9, Complete: true}, report)
}

// A sweep of a process with another list of shards counts nothing as done.
func TestSweep_of_another_layout(t *testing.T) {
	t.Parallel()
	s := newSite(t, 1)
	p := s.process()
	reserve(t, p.email(), "ann@example.com", id(1), 0)
	s.expire("email")
	s.exec("c1", "UPDATE "+s.prefix+"central_0.mdb_shard SET layout = 5")
	report, err := p.email().Sweep(t.Context(), central.SweepOptions{})
	require.ErrorIs(t, err, area.ErrWrongShard)
	require.Zero(t, report.Removed)
}
