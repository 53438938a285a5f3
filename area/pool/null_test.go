package pool_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/area/pool"
	"github.com/mdbrouter/mdb/gdid"
	"github.com/mdbrouter/mdb/partition"
)

// nullShard is the shard that the null driver's database is.
var nullShard = area.Shard{Area: "user", Partition: "p0", Count: 1, Hash: partition.Jump1, Start: gdid.RangeKey{}, Server: "u1", Database: "d"}

// A nullConn answers every query with one row of one number, at no cost.
type nullConn struct {
	admitted driver.Value // the identity in mdb_server
	rows     nullRows
}

type nullConnector struct{ admitted driver.Value }

func (c nullConnector) Connect(context.Context) (driver.Conn, error) {
	return &nullConn{admitted: c.admitted}, nil
}
func (nullConnector) Driver() driver.Driver { return nil }

func (c *nullConn) QueryContext(_ context.Context, query string, _ []driver.NamedValue) (driver.Rows, error) {
	if strings.Contains(query, "mdb_shard") {
		return &nullRows{row: []driver.Value{[]byte(namespace), []byte("user"), int64(0), int64(0), int64(0), int64(1), []byte("jump1"), []byte("d"), c.admitted, []byte("u1")}, left: 1}, nil
	}
	if strings.HasPrefix(query, "SHOW") {
		return &nullRows{row: make([]driver.Value, 2)}, nil
	}
	c.rows = nullRows{row: oneRow, left: 1}
	return &c.rows, nil
}

func (c *nullConn) ExecContext(context.Context, string, []driver.NamedValue) (driver.Result, error) {
	return driver.RowsAffected(1), nil
}

func (c *nullConn) PrepareContext(context.Context, string) (driver.Stmt, error) {
	return nil, driver.ErrSkip
}
func (c *nullConn) Prepare(string) (driver.Stmt, error)        { return nil, driver.ErrSkip }
func (c *nullConn) Begin() (driver.Tx, error)                  { return nil, driver.ErrSkip }
func (c *nullConn) Close() error                               { return nil }
func (c *nullConn) ResetSession(context.Context) error         { return nil }
func (c *nullConn) IsValid() bool                              { return true }
func (c *nullConn) CheckNamedValue(v *driver.NamedValue) error { return nil }

var (
	oneRow  = []driver.Value{int64(1)}
	oneName = []string{"n"}
)

type nullRows struct {
	row  []driver.Value
	left int
}

func (r *nullRows) Columns() []string {
	if len(r.row) == 1 {
		return oneName
	}
	return make([]string, len(r.row))
}
func (r *nullRows) Close() error { return nil }
func (r *nullRows) Next(dest []driver.Value) error {
	if r.left == 0 {
		return io.EOF
	}
	r.left--
	copy(dest, r.row)
	return nil
}

func nullPools() *pool.Pools { return poolsOn(nullConnector{}) }

func poolsOn(c driver.Connector) *pool.Pools {
	return pool.New([]pool.Endpoint{{Server: "u1"}}, nil, pool.Options{
		Namespace: namespace, Connector: func(pool.Dial, driver.Connector) driver.Connector { return c },
	})
}

const nullQuery = "SELECT id, name FROM tbl_user WHERE g_user = ?"

func queryOne(db *sql.DB, id any) error {
	rows, err := db.QueryContext(context.Background(), nullQuery, id)
	if err != nil {
		return err
	}
	defer rows.Close()
	n := int64(0)
	for rows.Next() {
		if err := rows.Scan(&n); err != nil {
			return err
		}
	}
	return rows.Err()
}

// The guard adds no allocation to a query.
func TestNull_query_allocates_no_more_than_without_the_pool(t *testing.T) {
	pools := nullPools()
	defer pools.Close()
	shard := pools.Shard(nullShard)
	db, err := shard.DB()
	require.NoError(t, err)
	plain := sql.OpenDB(nullConnector{})
	defer plain.Close()
	var id any = []byte("0123456789ab")
	allocs := func(db *sql.DB) int {
		return int(testing.AllocsPerRun(200, func() { err = errors.Join(err, queryOne(db, id)) }))
	}
	require.Equal(t, allocs(plain), allocs(db))
	require.NoError(t, err)
	require.Zero(t, testing.AllocsPerRun(200, func() { _, _ = shard.DB() }))
}

func BenchmarkQuery(b *testing.B) {
	var id any = []byte("0123456789ab")
	b.Run("contestant=database-sql", func(b *testing.B) {
		plain := sql.OpenDB(nullConnector{})
		defer plain.Close()
		plain.SetMaxOpenConns(32) // the bounds of the other contestant
		plain.SetMaxIdleConns(32)
		plain.SetConnMaxLifetime(3 * time.Minute)
		plain.SetConnMaxIdleTime(time.Minute)
		b.ReportAllocs()
		for b.Loop() {
			if err := queryOne(plain, id); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("contestant=pool", func(b *testing.B) {
		pools := nullPools()
		defer pools.Close()
		shard := pools.Shard(nullShard)
		b.ReportAllocs()
		for b.Loop() {
			db, err := shard.DB()
			if err != nil {
				b.Fatal(err)
			}
			if err := queryOne(db, id); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkShard_DB(b *testing.B) {
	pools := nullPools()
	defer pools.Close()
	shard := pools.Shard(nullShard)
	for b.Loop() {
		_, _ = shard.DB()
	}
}
