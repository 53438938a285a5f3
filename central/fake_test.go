package central_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/hex"
	"errors"
	"io"
	"maps"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/central"
	"github.com/mdbrouter/mdb/gdid"
)

// fakeShard is a CENTRAL shard in memory that answers lookups, and counts, holds
// up or fails them. Real servers are used wherever more than the cache is tested.
type fakeShard struct {
	db *sql.DB

	mu      sync.Mutex // guards what follows
	owners  map[string]gdid.GDID
	queries int
	answer  func(ctx context.Context) error // called before each answer, unlocked
}

// cached gives CENTRAL with a cache over fake shards.
func cached(t *testing.T, shards int, cache area.Cache) (*central.Index, []*fakeShard) {
	t.Helper()
	fakes := newFakes(t, shards)
	return centralOn(t, fakes, cache).Index("email"), fakes
}

func newFakes(t *testing.T, shards int) []*fakeShard {
	t.Helper()
	fakes := make([]*fakeShard, shards)
	for i := range fakes {
		fakes[i] = &fakeShard{owners: make(map[string]gdid.GDID)}
		fakes[i].db = sql.OpenDB(fakes[i])
		fakes[i].db.SetMaxIdleConns(100)
		t.Cleanup(func() { _ = fakes[i].db.Close() })
	}
	return fakes
}

func centralOn(t *testing.T, fakes []*fakeShard, cache area.Cache) *central.Central {
	t.Helper()
	cfg := central.Config{Spec: &area.Central{Cache: cache, Indexes: indexes()}}
	for i, fake := range fakes {
		cfg.Spec.Shards = append(cfg.Spec.Shards, area.Database{Server: "c1", Name: string(rune('a' + i))})
		cfg.Shards = append(cfg.Shards, fake)
	}
	c, err := central.New(cfg)
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c
}

func (f *fakeShard) DB() (*sql.DB, error) { return f.db, nil }

func (f *fakeShard) set(k string, owner gdid.GDID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.owners[k] = owner
}

func (f *fakeShard) count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.queries
}

// behave sets what happens before each answer.
func (f *fakeShard) behave(answer func(ctx context.Context) error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.answer = answer
}

// down fails as a server does that does not answer.
func down(context.Context) error { return area.ErrUnavailable }

func (f *fakeShard) Connect(context.Context) (driver.Conn, error) { return fakeConn{f}, nil }
func (f *fakeShard) Driver() driver.Driver                        { return nil }

type fakeConn struct{ shard *fakeShard }

func (c fakeConn) Prepare(string) (driver.Stmt, error) { return nil, errors.New("not prepared") }
func (c fakeConn) Close() error                        { return nil }
func (c fakeConn) Begin() (driver.Tx, error)           { return nil, errors.New("no transactions") }

var keysOf = regexp.MustCompile(`x'([0-9a-f]*)'`)

func (c fakeConn) QueryContext(ctx context.Context, query string, _ []driver.NamedValue) (driver.Rows, error) {
	if strings.Contains(query, " FROM mdb_index ") {
		return &fakeRows{columns: 2, rows: [][]driver.Value{{indexes()[0].Recipe(), "varbinary(320)"}}}, nil
	}
	f := c.shard
	f.mu.Lock()
	f.queries++
	answer, owners := f.answer, maps.Clone(f.owners) // what it sees is what stood when it began
	f.mu.Unlock()
	if answer != nil {
		if err := answer(ctx); err != nil {
			return nil, err
		}
	}
	selected, _, _ := strings.Cut(query, " FROM ")
	rows := &fakeRows{columns: strings.Count(selected, ",") + 1}
	for _, match := range keysOf.FindAllStringSubmatch(query, -1) {
		k, _ := hex.DecodeString(match[1])
		if owner := owners[string(k)]; !owner.IsZero() {
			b := owner.Bytes()
			row := []driver.Value{[]byte("1"), k, b[:]}
			if rows.columns == 2 {
				row = []driver.Value{[]byte("1"), b[:]}
			}
			rows.rows = append(rows.rows, row)
		}
	}
	if len(rows.rows) == 0 {
		rows.rows = [][]driver.Value{append([]driver.Value{[]byte("1")}, make([]driver.Value, rows.columns-1)...)}
	}
	return rows, nil
}

func (c fakeConn) ExecContext(ctx context.Context, query string, _ []driver.NamedValue) (driver.Result, error) {
	f := c.shard
	f.mu.Lock()
	defer f.mu.Unlock()
	k, _ := hex.DecodeString(keysOf.FindStringSubmatch(query)[1])
	if strings.HasPrefix(query, "INSERT") {
		id, _ := hex.DecodeString(keysOf.FindAllStringSubmatch(query, -1)[1][1])
		f.owners[string(k)] = gdid.FromBytes([12]byte(id)) // at once live: only what the cache does is looked at
	}
	return driver.RowsAffected(1), ctx.Err()
}

type fakeRows struct {
	columns int
	rows    [][]driver.Value
}

func (r *fakeRows) Columns() []string { return make([]string, r.columns) }
func (r *fakeRows) Close() error      { return nil }

func (r *fakeRows) Next(dest []driver.Value) error {
	if len(r.rows) == 0 {
		return io.EOF
	}
	copy(dest, r.rows[0])
	r.rows = r.rows[1:]
	return nil
}
