package mdb_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb"
	"github.com/mdbrouter/mdb/gdid"
	"github.com/mdbrouter/mdb/mdbtest/proxy"
)

// withCentral declares CENTRAL on u1 alone and area "user" on u2 alone, so that a
// test can tell their servers apart.
const withCentral = `
central {
  database = "%[1]scentral_${shard.index}"
  shards   = [server.u1, server.u1]
  index "email" {
    briefcase = briefcase.customer
    normalize = ["trim", "nfkc", "fold"]
    max_bytes = 320
    proof     = "h_email"
  }
  index "name" {
    briefcase = briefcase.customer
    normalize = ["trim", "fold"]
  }
  index "phone" {
    briefcase = briefcase.customer
    unique    = false
    normalize = ["trim", "fold"]
  }
  index "ticket" { briefcase = briefcase.other }
  cache {
    max_entries  = 1000
    ttl          = "10m"
    negative_ttl = "2s"
  }
}
area "user" {
  database = "%[1]suser_${partition.name}_${shard.index}"
  schema   = "central_schema"
  partition "p0" {
    start  = "0:0"
    shards = [server.u2]
  }
}
area "desk" {
  database = "%[1]sdesk_${partition.name}_${shard.index}"
  partition "p0" {
    start  = "0:0"
    shards = [server.u2]
  }
}
briefcase "customer" {
  area = area.user
  key  = "g_user"
  table "tbl_user" {}
}
briefcase "other" {
  area = area.desk
  key  = "g_desk"
  table "tbl_desk" {}
}
`

const centralSchema = "CREATE TABLE tbl_user (g_user BINARY(12) NOT NULL PRIMARY KEY, name VARCHAR(64) NOT NULL, h_email BINARY(32) NULL) ENGINE=InnoDB;\n"

// writeCentral gives the path of a configuration with CENTRAL.
func (s *site) writeCentral(t *testing.T) string {
	t.Helper()
	schema := filepath.Join(s.dir, "central_schema")
	require.NoError(t, os.MkdirAll(schema, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(schema, "1.sql"), []byte(centralSchema), 0o644))
	var b strings.Builder
	fmt.Fprintf(&b, "mdb { namespace = %q }\n", strings.TrimSuffix(s.prefix, "_"))
	b.WriteString("server_defaults {\n user = \"root\"\n params = { timeout = \"2s\", readTimeout = \"10s\", writeTimeout = \"10s\" }\n}\n")
	for i := range s.cluster.Servers {
		fmt.Fprintf(&b, "variable \"u%d\" { type = string }\nserver \"u%d\" { address = var.u%d }\n", i+1, i+1, i+1)
	}
	fmt.Fprintf(&b, withCentral, s.prefix)
	path := filepath.Join(s.dir, "central.mdb.hcl")
	require.NoError(t, os.WriteFile(path, []byte(b.String()), 0o644))
	return path
}

// openCentral provisions CENTRAL and gives a router on it.
func (s *site) openCentral(t *testing.T) *mdb.Router {
	t.Helper()
	path := s.writeCentral(t)
	require.NoError(t, mdb.Provision(t.Context(), path, s.options()))
	return s.router(t, path)
}

// emailAndName are the keys of a registration.
func emailAndName(n int) []mdb.Key {
	return []mdb.Key{{Index: "email", Value: fmt.Sprintf("User%d@Example.com", n)}, {Index: "name", Value: fmt.Sprintf("user%d", n)}}
}

// insertUser creates the root row of a briefcase, with the proof of its email.
func insertUser(ctx context.Context, router *mdb.Router, id mdb.GDID, email any) func(tx *sql.Tx) error {
	return func(tx *sql.Tx) error {
		proof, err := router.Central().Index("email").Proof(email)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, "INSERT INTO tbl_user (g_user, name, h_email) VALUES (?, 'x', ?)", id, proof)
		return err
	}
}

// register registers user n with its email and name.
func register(ctx context.Context, router *mdb.Router, id mdb.GDID, n int) error {
	keys := emailAndName(n)
	return router.Register(ctx, id, keys, insertUser(ctx, router, id, keys[0].Value))
}

func userID(n int) mdb.GDID { return gdid.MustParse(fmt.Sprintf("0:1:%d", n)) }

// central1 gives root's connections to u1, and users those to the shard of users.
func (s *site) exec(t *testing.T, server int, statement string) {
	t.Helper()
	_, err := s.cluster.Servers[server-1].DB().ExecContext(t.Context(), statement)
	require.NoError(t, err, statement)
}

// expire makes all reservations expire.
func (s *site) expire(t *testing.T) {
	t.Helper()
	for shard := range 2 {
		for _, index := range []string{"email", "name", "phone"} {
			s.exec(t, 1, fmt.Sprintf("UPDATE %scentral_%d.mdb_index_%s SET expires = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND WHERE state = 1", s.prefix, shard, index))
		}
	}
}

// sweep finishes all that was left.
func sweep(t *testing.T, router *mdb.Router) {
	t.Helper()
	for _, x := range router.Central().Indexes() {
		_, err := x.Sweep(t.Context(), mdb.SweepOptions{})
		require.NoError(t, err)
	}
}

// indexed gives the rows of an index: the owner of each key, and whether it is
// live.
func (s *site) indexed(t *testing.T, index string) map[string]string {
	t.Helper()
	all := make(map[string]string)
	for shard := range 2 {
		query := fmt.Sprintf("SELECT `key`, gdid, state FROM %scentral_%d.mdb_index_%s", s.prefix, shard, index)
		rows, err := s.cluster.Servers[0].DB().QueryContext(t.Context(), query)
		require.NoError(t, err)
		defer rows.Close()
		for rows.Next() {
			var k string
			var owner gdid.GDID
			var state int
			require.NoError(t, rows.Scan(&k, &owner, &state))
			all[k] = owner.String() + []string{"", " reserved", " live"}[state]
		}
		require.NoError(t, rows.Err())
	}
	return all
}

// briefcases gives the ids of all users.
func (s *site) briefcases(t *testing.T) map[string]bool {
	t.Helper()
	rows, err := s.cluster.Servers[1].DB().QueryContext(t.Context(), "SELECT g_user FROM "+s.prefix+"user_p0_0.tbl_user")
	require.NoError(t, err)
	defer rows.Close()
	all := make(map[string]bool)
	for rows.Next() {
		var id gdid.GDID
		require.NoError(t, rows.Scan(&id))
		all[id.String()] = true
	}
	require.NoError(t, rows.Err())
	return all
}

// ledger checks that owners, briefcases and acknowledged registrations agree
// exactly, after a sweep. acked holds the ids of the registrations that were
// acknowledged, by number.
func (s *site) ledger(t *testing.T, acked map[int]mdb.GDID) {
	t.Helper()
	owners := make(map[string]bool)
	for index, numbers := range map[string]string{"email": "user%d@example.com", "name": "user%d"} {
		rows := s.indexed(t, index)
		seen := make(map[string]bool)
		for k, owner := range rows {
			id, live := strings.CutSuffix(owner, " live")
			require.True(t, live, "%s is %s after the sweep", k, owner)
			require.False(t, seen[id], "%s has two keys", id)
			seen[id], owners[id] = true, true
		}
		for n, id := range acked {
			require.Equal(t, id.String()+" live", rows[fmt.Sprintf(numbers, n)], "registration %d was acknowledged", n)
		}
		require.Equal(t, s.briefcases(t), seen, "all keys or none, for every briefcase and for nothing else")
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	router := s.openCentral(t)
	require.NoError(t, router.Ready(t.Context()))
	require.NoError(t, register(t.Context(), router, userID(1), 1))

	b, err := router.Find(t.Context(), "email", " USER1@example.com ")
	require.NoError(t, err)
	require.Equal(t, userID(1), b.ID())
	require.Equal(t, "u2", b.Route().Server)
	b, err = router.Find(t.Context(), "name", "User1")
	require.NoError(t, err)
	require.Equal(t, userID(1), b.ID())

	_, err = router.Find(t.Context(), "email", "nobody@example.com")
	require.ErrorIs(t, err, mdb.ErrNotFound)
	_, err = router.Find(t.Context(), "nothing", "nobody@example.com")
	require.ErrorIs(t, err, mdb.ErrNoIndex)
	_, err = newSite(t).open(t).Find(t.Context(), "email", "a@b")
	require.ErrorIs(t, err, mdb.ErrNoIndex, "without CENTRAL in the configuration")
}

// A wrong row in CENTRAL becomes an error, and not somebody else's data.
func TestFind_checks_the_proof(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	router := s.openCentral(t)
	for n := range 3 {
		require.NoError(t, register(t.Context(), router, userID(n+1), n+1))
	}
	for shard := range 2 { // the rows of users 1 and 2 change places
		table := fmt.Sprintf("%scentral_%d.mdb_index_email", s.prefix, shard)
		s.exec(t, 1, "UPDATE "+table+" SET gdid = IF(`key` = 'user1@example.com', x'"+userID(2).Hex()+"', x'"+userID(1).Hex()+"') WHERE `key` IN ('user1@example.com', 'user2@example.com')")
	}
	_, err := router.Find(t.Context(), "email", "user1@example.com")
	require.ErrorIs(t, err, mdb.ErrProof)
	facts, ok := errors.AsType[*mdb.Error](err)
	require.True(t, ok)
	require.Equal(t, "u2", facts.Server)
	_, err = router.Find(t.Context(), "email", "user2@example.com")
	require.ErrorIs(t, err, mdb.ErrProof)
	_, err = router.Find(t.Context(), "email", "user3@example.com")
	require.NoError(t, err)

	s.exec(t, 2, "UPDATE "+s.prefix+"user_p0_0.tbl_user SET h_email = NULL WHERE g_user = x'"+userID(3).Hex()+"'")
	_, err = router.Find(t.Context(), "email", "user3@example.com")
	require.ErrorIs(t, err, mdb.ErrProof, "no proof is none")
	s.exec(t, 2, "DELETE FROM "+s.prefix+"user_p0_0.tbl_user WHERE g_user = x'"+userID(3).Hex()+"'")
	_, err = router.Find(t.Context(), "email", "user3@example.com")
	require.ErrorIs(t, err, mdb.ErrNotFound)
	_, err = router.Find(t.Context(), "name", "user1")
	require.NoError(t, err, "an index without a proof")
}

// The proof also finds out that a cached owner is no longer one.
func TestFind_looks_again_when_the_proof_fails(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	router := s.openCentral(t)
	other := s.router(t, filepath.Join(s.dir, "central.mdb.hcl"))
	require.NoError(t, register(t.Context(), router, userID(1), 1))
	_, err := other.Find(t.Context(), "email", "user1@example.com")
	require.NoError(t, err)

	email := router.Central().Index("email")
	require.NoError(t, email.Release(t.Context(), "user1@example.com", userID(1)))
	s.exec(t, 2, "UPDATE "+s.prefix+"user_p0_0.tbl_user SET h_email = NULL")
	keys := emailAndName(1)[:1]
	require.NoError(t, router.Register(t.Context(), userID(2), keys, insertUser(t.Context(), router, userID(2), keys[0].Value)))

	b, err := other.Find(t.Context(), "email", "user1@example.com")
	require.NoError(t, err)
	require.Equal(t, userID(2), b.ID())
	id, err := other.Central().Index("email").Lookup(t.Context(), "user1@example.com")
	require.NoError(t, err)
	require.Equal(t, userID(2), id, "and the cache knows it now")
}

func TestRouter_Close_closes_central(t *testing.T) {
	s := newSite(t)
	noLeaks(t) // so not parallel
	path := s.writeCentral(t)
	require.NoError(t, mdb.Provision(t.Context(), path, s.options()))
	router, err := mdb.Open(t.Context(), path, s.options())
	require.NoError(t, err)
	require.NoError(t, register(t.Context(), router, userID(1), 1))
	_, err = router.Find(t.Context(), "email", "user1@example.com")
	require.NoError(t, err)
	require.NoError(t, router.Close())
	require.NoError(t, router.Close())
	_, err = router.Find(t.Context(), "email", "user1@example.com")
	require.ErrorIs(t, err, mdb.ErrClosed)
	require.ErrorIs(t, register(t.Context(), router, userID(2), 2), mdb.ErrClosed)
}

func TestRouter_Ready_checks_central(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	router := s.openCentral(t)
	require.NoError(t, router.Ready(t.Context()))
	require.Equal(t, []int{2, 2, 0}, func() []int {
		var counts []int
		for _, r := range router.Check(t.Context()).Servers {
			counts = append(counts, r.Shards)
		}
		return counts
	}())
	s.exec(t, 1, "UPDATE "+s.prefix+"central_1.mdb_shard SET layout = 5")
	err := s.router(t, filepath.Join(s.dir, "central.mdb.hcl")).Ready(t.Context())
	require.ErrorIs(t, err, mdb.ErrWrongShard)
	require.ErrorContains(t, err, "CENTRAL (shard 1 on u1)")
}

// meddle runs other once, at the next statement that begins so, before the server
// sees it. The other must not use the wire.
func meddle(wire *proxy.Proxy, statement string, other func()) {
	var once sync.Once
	match := proxy.Query(statement)
	wire.CutRequest(func(code byte, payload []byte) bool {
		if match(code, payload) {
			once.Do(other)
		}
		return false
	})
}

// wiredTwice gives a router whose connections can be cut, and one beside it.
func wiredTwice(t *testing.T) (s *site, wired, direct *mdb.Router, wires []*proxy.Proxy) {
	t.Helper()
	s = newSite(t)
	direct = s.openCentral(t)
	wires = s.wire(t)
	wired = s.openCentral(t)
	require.NoError(t, wired.Ready(t.Context()))
	return s, wired, direct, wires
}
