package bench_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb"
	"github.com/mdbrouter/mdb/area"
)

// nullConnector is a driver that answers every query with one row of one number,
// at no cost, and mdb's questions about identity as the shard would.
type nullConnector struct{ shard func() *area.Shard }

func (c nullConnector) Connect(context.Context) (driver.Conn, error) { return nullConn{c}, nil }
func (c nullConnector) Driver() driver.Driver                        { return nil }

type nullConn struct{ connector nullConnector }

func (nullConn) Prepare(string) (driver.Stmt, error) { return nil, driver.ErrSkip }

func (nullConn) PrepareContext(context.Context, string) (driver.Stmt, error) {
	return nil, driver.ErrSkip
}
func (nullConn) Close() error                             { return nil }
func (nullConn) Begin() (driver.Tx, error)                { return nil, driver.ErrSkip }
func (nullConn) CheckNamedValue(*driver.NamedValue) error { return nil }
func (nullConn) ResetSession(context.Context) error       { return nil }
func (nullConn) IsValid() bool                            { return true }

func (nullConn) ExecContext(context.Context, string, []driver.NamedValue) (driver.Result, error) {
	return driver.RowsAffected(0), nil
}

func (c nullConn) QueryContext(_ context.Context, query string, _ []driver.NamedValue) (driver.Rows, error) {
	switch {
	case strings.Contains(query, "FROM mdb_shard"):
		s := c.connector.shard()
		return &nullRows{columns: make([]string, 10), rows: [][]driver.Value{{
			"bench", s.Area, int64(s.Start.Era), int64(s.Start.Counter), int64(s.Index), int64(s.Count), s.Hash.String(), s.Database, nil, nil,
		}}}, nil
	case strings.HasPrefix(query, "SHOW VARIABLES"):
		return &nullRows{columns: make([]string, 2)}, nil
	}
	return &nullRows{columns: oneColumn, rows: oneRow}, nil
}

var (
	oneColumn = []string{"n"}
	oneRow    = [][]driver.Value{{int64(1)}}
)

type nullRows struct {
	columns []string
	rows    [][]driver.Value
}

func (r *nullRows) Columns() []string      { return r.columns }
func (r *nullRows) Close() error           { return nil }
func (r *nullRows) HasNextResultSet() bool { return false } // as of rows of the real driver
func (r *nullRows) NextResultSet() error   { return io.EOF }

func (r *nullRows) Next(dest []driver.Value) error {
	if len(r.rows) == 0 {
		return io.EOF
	}
	copy(dest, r.rows[0])
	r.rows = r.rows[1:]
	return nil
}

// configText is a configuration of one area with n partitions of 8 shards.
func configText(n int) string {
	var b strings.Builder
	b.WriteString("mdb { namespace = \"bench\" }\n")
	for s := range 8 {
		fmt.Fprintf(&b, "server \"u%d\" { address = \"u%d.db.internal:3306\" }\n", s, s)
	}
	b.WriteString("area \"user\" {\n  database = \"user_${partition.name}_${shard.index}\"\n")
	for p := range n {
		fmt.Fprintf(&b, "  partition \"p%d\" {\n    start  = \"0:%d\"\n    shards = [", p, p*1_000_000)
		for s := range 8 {
			if s > 0 {
				b.WriteString(", ")
			}
			fmt.Fprintf(&b, "server.u%d", s)
		}
		b.WriteString("]\n  }\n")
	}
	b.WriteString("}\n")
	return b.String()
}

func configFile(tb testing.TB, n int) string {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), "bench.mdb.hcl")
	require.NoError(tb, os.WriteFile(path, []byte(configText(n)), 0o600))
	return path
}

// nullRouter is a router whose servers are null drivers.
func nullRouter(tb testing.TB, n int) *mdb.Router {
	tb.Helper()
	byName := map[string]*area.Shard{}
	router, err := mdb.Open(tb.Context(), configFile(tb, n), mdb.Options{
		Connector: func(d mdb.Dial, _ driver.Connector) driver.Connector {
			return nullConnector{shard: func() *area.Shard { return byName[d.Database] }}
		},
	})
	require.NoError(tb, err)
	shards := router.Registry().Shards()
	for i := range shards {
		byName[shards[i].Database] = &shards[i]
	}
	tb.Cleanup(func() { require.NoError(tb, router.Close()) })
	return router
}

// plainDB is database/sql without mdb, on the null driver, with the limits that the
// driver's authors recommend and that mdb's pools have: they cost two looks at the
// clock per query.
func plainDB(tb testing.TB) *sql.DB {
	tb.Helper()
	db := sql.OpenDB(nullConnector{})
	db.SetMaxOpenConns(32)
	db.SetMaxIdleConns(32)
	db.SetConnMaxLifetime(3 * time.Minute)
	db.SetConnMaxIdleTime(time.Minute)
	tb.Cleanup(func() { require.NoError(tb, db.Close()) })
	return db
}

type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

func readOne(ctx context.Context, tb testing.TB, q querier) {
	rows, err := q.QueryContext(ctx, "SELECT n FROM t WHERE g_user = ?", 7)
	if err != nil {
		tb.Fatal(err)
	}
	for rows.Next() {
		if err := rows.Scan(&sink); err != nil {
			tb.Fatal(err)
		}
	}
	if err := rows.Close(); err != nil {
		tb.Fatal(err)
	}
}

func BenchmarkBriefcase(b *testing.B) {
	for _, n := range []int{1, 256} {
		router, ids := nullRouter(b, n), idsOf(b, n)
		users, err := router.Area("user")
		require.NoError(b, err)
		b.Run(fmt.Sprintf("of=handle/partitions=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if _, err := users.Briefcase(ids[i&(len(ids)-1)]); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("of=name/partitions=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if _, err := router.Briefcase("user", ids[i&(len(ids)-1)]); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkQuery is a routed query beside plain database/sql, both on a null
// driver: the router may add one allocation, the handle.
func BenchmarkQuery(b *testing.B) {
	ctx := b.Context()
	router, ids := nullRouter(b, 16), idsOf(b, 1)
	plain := plainDB(b)
	b.Run("of=plain", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			readOne(ctx, b, plain)
		}
	})
	b.Run("of=mdb", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			bc, err := router.Briefcase("user", ids[i&(len(ids)-1)])
			if err != nil {
				b.Fatal(err)
			}
			readOne(ctx, b, bc)
		}
	})
}

// BenchmarkGoalQuery reports the nanoseconds that routing and the guard add to a
// query: at most 75 are promised. All ids live in one shard, since the plain
// contestant has one pool too.
func BenchmarkGoalQuery(b *testing.B) {
	ctx := context.Background() //nolint:usetesting // a context that can end costs database/sql a goroutine per query
	router := nullRouter(b, 16)
	ids := idsOfOneShard(b, router, 512)
	plain := plainDB(b)
	var ns map[string]float64
	for b.Loop() {
		ns = fastest(len(ids), 2000,
			contestant{"plain", func() {
				for range ids {
					readOne(ctx, b, plain)
				}
			}},
			contestant{"mdb", func() {
				for _, id := range ids {
					bc, err := router.Briefcase("user", id)
					if err != nil {
						b.Fatal(err)
					}
					readOne(ctx, b, bc)
				}
			}})
	}
	added := ns["mdb"] - ns["plain"]
	b.ReportMetric(added, "added-ns")
	b.ReportMetric(ns["mdb"]/ns["plain"], "mdb/plain")
	b.ReportMetric(0, "ns/op")
	if added > 75 {
		b.Errorf("a routed query takes %.1f ns more than the %.1f ns of a plain one; the goal is 75", added, ns["plain"])
	}
}

// idsOfOneShard gives n ids that live in the shard of the first.
func idsOfOneShard(tb testing.TB, router *mdb.Router, n int) []mdb.GDID {
	tb.Helper()
	var ids []mdb.GDID
	var first mdb.Route
	for i, id := range idsOf(tb, 1) {
		route, err := router.Route("user", id)
		require.NoError(tb, err)
		if i == 0 {
			first = route
		}
		if route.Database == first.Database && len(ids) < n {
			ids = append(ids, id)
		}
	}
	require.Len(tb, ids, n)
	return ids
}

func TestQuery_adds_one_allocation(t *testing.T) {
	router, ids := nullRouter(t, 16), idsOf(t, 1)
	plain := plainDB(t)
	ctx := context.Background()   //nolint:usetesting // a context that can end costs database/sql a goroutine per query, and the count its calm
	for _, id := range ids[:64] { // opens a connection to every shard
		bc, err := router.Briefcase("user", id)
		require.NoError(t, err)
		readOne(ctx, t, bc)
	}
	without := testing.AllocsPerRun(200, func() { readOne(ctx, t, plain) })
	with := testing.AllocsPerRun(200, func() {
		bc, err := router.Briefcase("user", ids[5])
		if err != nil {
			t.Fatal(err)
		}
		readOne(ctx, t, bc)
	})
	require.LessOrEqual(t, with, without+1)
}
