package central_test

import (
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/central/key"
	"github.com/mdbrouter/mdb/gdid"
)

// raw gives root's connections to the only shard of a site, at an isolation level.
func (s *site) raw(isolation string) *sql.DB {
	s.t.Helper()
	shard := s.registry.Central().ShardList()[0]
	db, err := sql.Open("mysql", s.servers[shard.Server].DSN(shard.Database)+"?tx_isolation=%27"+isolation+"%27")
	require.NoError(s.t, err)
	s.t.Cleanup(func() { _ = db.Close() })
	return db
}

func exec(t *testing.T, db *sql.DB, statement string) int64 {
	t.Helper()
	if statement == "" {
		return 0
	}
	result, err := db.ExecContext(t.Context(), statement)
	require.NoError(t, err, statement)
	n, err := result.RowsAffected()
	require.NoError(t, err)
	return n
}

// Every statement that writes does so under the layout of its process alone, and
// waits for a change of the layout that is under way.
func TestStatements_check_the_layout_under_a_lock(t *testing.T) {
	t.Parallel()
	for _, isolation := range []string{"REPEATABLE-READ", "READ-COMMITTED"} {
		for _, index := range []string{"email", "phone"} {
			t.Run(isolation+" "+index, func(t *testing.T) {
				t.Parallel()
				s := newSite(t, 1)
				x := s.process().central.Index(index)
				db := s.raw(isolation)
				clear := "DELETE FROM mdb_index_" + index
				for _, st := range x.Statements("k", id(1), other(index)) {
					exec(t, db, clear)
					exec(t, db, st.Before)
					require.EqualValues(t, 1, exec(t, db, st.Text), "%s: with the layout", st.Name)

					exec(t, db, clear)
					exec(t, db, st.Before)
					change, err := db.BeginTx(t.Context(), nil)
					require.NoError(t, err)
					_, err = change.ExecContext(t.Context(), "UPDATE mdb_shard SET layout = layout + 1")
					require.NoError(t, err)
					changed := make(chan int64, 1)
					go func() {
						result, err := db.ExecContext(t.Context(), st.Text)
						if err != nil {
							changed <- -1
							return
						}
						n, _ := result.RowsAffected()
						changed <- n
					}()
					s.waitsForLock(st.Text)
					select {
					case n := <-changed:
						t.Fatalf("%s did not wait for the change: %d rows", st.Name, n)
					default:
					}
					require.NoError(t, change.Commit())
					require.Zero(t, <-changed, "%s: with another layout", st.Name)
					exec(t, db, "UPDATE mdb_shard SET layout = layout - 1")
				}
			})
		}
	}
}

// other gives an id that may stand in the way of id(1): its own, where several
// share a key.
func other(index string) gdid.GDID {
	if index == "phone" {
		return id(1)
	}
	return id(2)
}

// waitsForLock waits until a statement waits.
func (s *site) waitsForLock(statement string) {
	s.t.Helper()
	server := s.servers[s.registry.Central().ShardList()[0].Server]
	require.Eventually(s.t, func() bool {
		var n int
		err := server.DB().QueryRowContext(s.t.Context(), "SELECT COUNT(*) FROM information_schema.processlist WHERE info = ? AND time_ms > 100", statement).Scan(&n)
		return err == nil && n == 1
	}, 10*time.Second, 20*time.Millisecond, "%s does not wait", statement)
}

// A statement that arrives late finds its row changed and does nothing.
func TestStatements_change_only_what_was_read(t *testing.T) {
	t.Parallel()
	s := newSite(t, 1)
	x := s.process().email()
	db := s.raw("REPEATABLE-READ")
	for _, st := range x.Statements("k", id(1), id(2)) {
		if st.Before == "" {
			continue
		}
		for what, change := range x.Changed("k", id(1)) {
			if what == "version" && (st.Name == "enliven" || st.Name == "expire for all") {
				continue // whoever holds the token may
			}
			exec(t, db, "DELETE FROM mdb_index_email")
			exec(t, db, st.Before)
			exec(t, db, change)
			require.Zero(t, exec(t, db, st.Text), "%s after a change of the %s", st.Name, what)
		}
	}
}

// A reservation that has expired is being ended by others, perhaps; nobody joins
// it any more.
func TestStatements_hold_nothing_that_has_expired(t *testing.T) {
	t.Parallel()
	s := newSite(t, 1)
	db := s.raw("REPEATABLE-READ")
	for _, st := range s.process().email().Statements("k", id(1), id(2)) {
		if st.Name == "hold a reservation" {
			exec(t, db, st.Before)
			exec(t, db, "UPDATE mdb_index_email SET expires = UTC_TIMESTAMP(6) - INTERVAL 1 MICROSECOND")
			require.Zero(t, exec(t, db, st.Text))
		}
	}
}

func TestReads_refuse_another_layout(t *testing.T) {
	t.Parallel()
	s := newSite(t, 2)
	p := s.process()
	x := p.email()
	own(t, x, "ann@example.com", id(1))
	for _, shard := range s.registry.Central().ShardList() {
		s.exec(shard.Server, "UPDATE "+shard.Database+".mdb_shard SET layout = 5")
	}
	for name, call := range map[string]func() error{
		"lookup":  func() error { _, err := x.Lookup(t.Context(), "ann@example.com"); return err },
		"absent":  func() error { _, err := x.Lookup(t.Context(), "nobody@example.com"); return err },
		"many":    func() error { _, err := x.LookupMany(t.Context(), []any{"a@b", "c@d"}); return err },
		"all":     func() error { _, err := x.LookupAll(t.Context(), "a@b"); return err },
		"keys":    func() error { _, err := x.Keys(t.Context(), id(1)); return err },
		"count":   func() error { _, _, err := x.Count(t.Context()); return err },
		"reserve": func() error { _, err := x.Reserve(t.Context(), "a@b", id(1), 0); return err },
		"again":   func() error { _, err := x.Reserve(t.Context(), "ann@example.com", id(1), 0); return err },
		"release": func() error { return x.Release(t.Context(), "ann@example.com", id(1)) },
	} {
		err := call()
		var differs *area.IdentityError
		require.ErrorAs(t, err, &differs, name)
		require.Equal(t, "layout", differs.Fact)
		require.Equal(t, area.Class{Advice: area.RefreshShard, Outcome: area.NotApplied}, area.Classify(err), name)
	}
}

// Two processes with different lists of shards, at work while the layout changes
// from that of the one to that of the other: no key ever has two owners, and
// whatever was acknowledged stays.
func TestLayout_changes_under_two_processes(t *testing.T) {
	t.Parallel()
	s := newSite(t, 2)
	grown := s.grown()
	old, young := s.process(), s.processOf(grown, nil)

	acked := make(map[string]gdid.GDID)
	refused := make([]int, 2)
	var mu sync.Mutex
	var ended atomic.Bool
	var running sync.WaitGroup
	for i, p := range []*process{old, young, old, young} {
		running.Go(func() {
			for n := 0; !ended.Load(); n++ {
				k, owner := fmt.Sprintf("user%d@example.com", n), id(uint64(1000*(i+1)+n))
				r, err := p.email().Reserve(t.Context(), k, owner, 0)
				if err == nil {
					err = r.Confirm(t.Context())
				}
				mu.Lock()
				switch {
				case err == nil:
					acked[k+"|"+owner.String()] = owner
				case errors.Is(err, area.ErrWrongShard):
					refused[i%2]++
				case !errors.Is(err, area.ErrTaken):
					t.Errorf("%v", err)
				}
				mu.Unlock()
			}
		})
	}
	progress := func(enough func() bool) {
		require.Eventually(t, func() bool { mu.Lock(); defer mu.Unlock(); return enough() }, 20*time.Second, 5*time.Millisecond)
	}
	progress(func() bool { return len(acked) > 100 && refused[1] > 0 })
	s.changeLayout(grown)
	mu.Lock()
	before, refusedBefore := len(acked), refused[0]
	mu.Unlock()
	progress(func() bool { return len(acked) > before+100 && refused[0] > refusedBefore })
	ended.Store(true)
	running.Wait()

	owners := make(map[string]string)
	s.registry = grown
	rows := s.rows("email") // no key stands twice
	for k, owner := range acked {
		k, _, _ = strings.Cut(k, "|")
		require.Empty(t, owners[k], "%s was given to two", k)
		owners[k] = owner.String()
		require.Equal(t, owner.String()+" live", rows[k], "%s was acknowledged", k)
	}
	require.NotEmpty(t, maps.Keys(owners))
}

// grown gives the site's configuration with another CENTRAL shard, which it
// creates.
func (s *site) grown() *area.Registry {
	s.t.Helper()
	c := *s.registry.Central()
	c.Shards = append(slices.Clip(c.Shards), area.Database{Server: "c1", Name: s.prefix + "central_new"})
	model, database := c.Shards[0].Name, s.prefix+"central_new"
	s.exec("c1", "CREATE DATABASE "+database)
	for _, table := range []string{"mdb_shard", "mdb_server", "mdb_index", "mdb_index_email"} {
		s.exec("c1", "CREATE TABLE "+database+"."+table+" LIKE "+model+"."+table)
	}
	s.exec("c1", "INSERT INTO "+database+".mdb_server SELECT * FROM "+model+".mdb_server")
	s.exec("c1", "INSERT INTO "+database+".mdb_index SELECT * FROM "+model+".mdb_index")
	s.exec("c1", "INSERT INTO "+database+".mdb_shard SELECT * FROM "+model+".mdb_shard")
	s.exec("c1", "UPDATE "+database+".mdb_shard SET shard = 2, layout = 0")
	return s.compile(&c)
}

// changeLayout closes all shards, moves the keys, and opens the shards with the
// new layout.
func (s *site) changeLayout(to *area.Registry) {
	s.t.Helper()
	shards := to.Central().ShardList()
	for _, shard := range shards {
		s.exec(shard.Server, "UPDATE "+shard.Database+".mdb_shard SET layout = 0")
	}
	move := func(from area.CentralShard) {
		rows, err := s.servers[from.Server].DB().QueryContext(s.t.Context(), "SELECT `key`, HEX(gdid), state, HEX(token), version, expires IS NULL FROM "+from.Database+".mdb_index_email")
		require.NoError(s.t, err)
		defer rows.Close()
		for rows.Next() {
			var k, owner, token string
			var state, version int
			var live bool
			require.NoError(s.t, rows.Scan(&k, &owner, &state, &token, &version, &live))
			place := shards[key.Shard([]byte(k), len(shards))]
			if place == from {
				continue
			}
			expires := "UTC_TIMESTAMP(6) + INTERVAL 1 MINUTE"
			if live {
				expires = "NULL"
			}
			s.exec(place.Server, fmt.Sprintf("INSERT INTO %s.mdb_index_email VALUES ('%s', x'%s', %d, x'%s', %d, %s, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))",
				place.Database, k, owner, state, token, version, expires))
			s.exec(from.Server, "DELETE FROM "+from.Database+".mdb_index_email WHERE `key` = '"+k+"'")
		}
		require.NoError(s.t, rows.Err())
	}
	for _, from := range shards[:2] {
		move(from)
	}
	for _, shard := range shards {
		s.exec(shard.Server, fmt.Sprintf("UPDATE %s.mdb_shard SET shards = %d, layout = %d", shard.Database, len(shards), shard.Layout))
	}
}
