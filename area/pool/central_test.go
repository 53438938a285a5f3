package pool_test

import (
	"database/sql"
	"fmt"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/area/pool"
	"github.com/mdbrouter/mdb/mdbtest/proxy"
)

// centralPlace makes a place the CENTRAL shard 1 of 3 with a layout past 2^63.
func centralPlace(t *testing.T) (place, area.CentralShard) {
	t.Helper()
	p := shared(t)
	s := area.CentralShard{Server: "u1", Database: p.shard.Database, Index: 1, Count: 3, Layout: 1<<63 + 7}
	exec(t, p.server.DB(), fmt.Sprintf("UPDATE %s.mdb_shard SET area = 'CENTRAL', start_counter = 0, shard = 1, shards = 3, hash = '%s', layout = %d",
		p.shard.Database, area.CentralHash, s.Layout))
	return p, s
}

func centralDB(t *testing.T, p place, s area.CentralShard) *sql.DB {
	t.Helper()
	db, err := p.pools(t, nil).Central(s).DB()
	require.NoError(t, err)
	return db
}

func TestCentral_every_fact_must_agree(t *testing.T) {
	t.Parallel()
	p, s := centralPlace(t)
	tests := []struct {
		fact, want, got string
		change          func(s *area.CentralShard)
	}{
		{"shard", "2", "1", func(s *area.CentralShard) { s.Index = 2 }},
		{"shards", "4", "3", func(s *area.CentralShard) { s.Count = 4 }},
		{"layout", "8", strconv.FormatUint(s.Layout, 10), func(s *area.CentralShard) { s.Layout = 8 }},
	}
	for _, tt := range tests {
		other := s
		tt.change(&other)
		requireIdentityError(t, centralDB(t, p, other).PingContext(t.Context()), tt.fact, tt.want, tt.got)
	}
	require.NoError(t, centralDB(t, p, s).PingContext(t.Context()))

	area1 := p.pools(t, nil)
	db, err := area1.Shard(p.shard).DB()
	require.NoError(t, err)
	requireIdentityError(t, db.PingContext(t.Context()), "area", "user", "CENTRAL")

	stamped := shared(t)
	s.Database = stamped.shard.Database
	requireIdentityError(t, centralDB(t, stamped, s).PingContext(t.Context()), "area", "CENTRAL", "user")

	s.Database += "_nothing"
	var unprovisioned *pool.UnprovisionedError
	require.ErrorAs(t, centralDB(t, p, s).PingContext(t.Context()), &unprovisioned)
}

func TestCentral_is_not_guarded(t *testing.T) {
	t.Parallel()
	p, s := centralPlace(t)
	pools := p.pools(t, nil)
	one, again := pools.Central(s), pools.Central(s)
	require.Same(t, one, again)
	db, err := pools.Central(s).DB()
	require.NoError(t, err)
	exec(t, db, "INSERT INTO t (id) VALUES (77)", "DELETE FROM t WHERE id = 77")
	require.NoError(t, pools.Close())
	_, err = pools.Central(s).DB()
	require.ErrorIs(t, err, area.ErrClosed)
	facts, ok := err.(*area.Error) //nolint:errorlint // the outermost
	require.True(t, ok)
	require.Equal(t, "1", facts.Shard)
	require.Equal(t, "u1", facts.Server)
}

func TestCentral_marks_a_write_whose_answer_was_lost(t *testing.T) {
	t.Parallel()
	p, s := centralPlace(t)
	p, wire := proxied(t, p)
	db := centralDB(t, p, s)
	wire.CutReply(proxy.Query("INSERT"))
	_, err := db.ExecContext(t.Context(), "INSERT INTO t (id) VALUES (?)", 78)
	require.ErrorIs(t, err, area.ErrOutcomeUnknown)
	require.Equal(t, "78", p.value(t, "SELECT id FROM db.t WHERE id = 78"))
}
