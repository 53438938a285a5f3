package live

import (
	"bytes"
	"context"
	"database/sql"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/hcl"
)

// A Pick is what a picker has picked out of keys that stand in memory.
type Pick struct {
	Keys [][]byte // picked, each once, in order
	Rows int      // that were read
}

// PickFrom picks out of keys, which are sorted.
func PickFrom(t *testing.T, r *rand.Rand, keys [][]byte, most int) Pick {
	t.Helper()
	table := &memory{keys: keys}
	picked, err := (&picker{rows: table, most: most, rand: r}).pick(t.Context())
	require.NoError(t, err)
	var out Pick
	for _, row := range picked {
		out.Keys = append(out.Keys, row.id())
	}
	slices.SortFunc(out.Keys, bytes.Compare)
	out.Keys = slices.CompactFunc(out.Keys, bytes.Equal)
	out.Rows = table.rows
	return out
}

// ErrLate is errLate.
var ErrLate = errLate

// PickLate picks out of a table when the time for samples is over.
func PickLate(t *testing.T) error {
	t.Helper()
	_, err := (&picker{rows: &memory{}, stop: time.Unix(1, 0)}).pick(t.Context())
	return err
}

// memory is a table in memory.
type memory struct {
	keys [][]byte
	rows int
}

func (m *memory) read(_ context.Context, reaches []reach) ([][]row, error) {
	out := make([][]row, len(reaches))
	for i, r := range reaches {
		first, last := 0, len(m.keys)
		if r.first != nil {
			first, _ = slices.BinarySearchFunc(m.keys, r.first, bytes.Compare)
		}
		if r.last != nil {
			var there bool
			if last, there = slices.BinarySearchFunc(m.keys, r.last, bytes.Compare); there {
				last++
			}
		}
		for k := first; k < last && len(out[i]) < r.most; k++ {
			at := k
			if r.down {
				at = last - 1 - (k - first)
			}
			out[i] = append(out[i], row{m.keys[at]})
			m.rows++
		}
	}
	return out, nil
}

// PointsOf gives random ids of one cell between two counters.
var PointsOf = func(r *rand.Rand, era uint32, authority uint8, first, last uint64, n int) [][12]byte {
	var out [][12]byte
	for _, id := range points(r, []stretch{{cell{era, authority}, first, last}}, n) {
		out = append(out, id.Bytes())
	}
	return out
}

// RowsRead checks one server alone and tells how many rows its storage read for it
// while it looked at a sample, by the handler's own counters of the session.
func RowsRead(t *testing.T, cfg *hcl.Config, label string, opts Options) (int64, *Report) {
	t.Helper()
	r, declared := readAll(t, cfg, opts)
	s := declared[slices.IndexFunc(declared, func(s *server) bool { return s.name == label })]
	before := handlerReads(t, s)
	require.NoError(t, s.sample(t.Context()))
	read := handlerReads(t, s) - before
	return read, r.report(declared)
}

// OrphansAfter looks for sampled keys without a briefcase, lets something change, and
// tells how many are orphans still.
func OrphansAfter(t *testing.T, cfg *hcl.Config, opts Options, change func()) int {
	t.Helper()
	r, all := readAll(t, cfg, opts)
	for _, s := range all {
		require.NoError(t, s.sample(t.Context()))
	}
	owned := r.ownersOf(all)
	for _, s := range all {
		for _, o := range owned[s.name] {
			require.NoError(t, s.markAbsent(t.Context(), o))
		}
	}
	change()
	orphans := 0
	for _, s := range all {
		require.NoError(t, s.confirmOrphans(t.Context()))
		for _, sample := range s.keys {
			for _, k := range sample.keys {
				if k.orphan {
					orphans++
				}
			}
		}
	}
	return orphans
}

// readAll asks all servers for what samples hang on.
func readAll(t *testing.T, cfg *hcl.Config, opts Options) (*run, []*server) {
	t.Helper()
	r := &run{cfg: cfg, registry: cfg.Registry, opts: opts.withDefaults()}
	r.openPools()
	t.Cleanup(func() { _, _ = r.pools.Close(), r.admins.Close() })
	declared := r.newServers()
	t.Cleanup(func() { closeAll(declared) })
	for _, s := range declared {
		for _, step := range []func(context.Context) error{s.connect, s.readVariables, s.readDatabases, s.readState, s.readTables} {
			require.NoError(t, step(t.Context()))
		}
	}
	return r, declared
}

// handlerReads gives how many rows and keys a session has read.
func handlerReads(t *testing.T, s *server) int64 {
	t.Helper()
	var total int64
	err := s.query(t.Context(), "SHOW SESSION STATUS LIKE 'Handler_read%'", func(rows *sql.Rows) error {
		var name string
		var n int64
		err := rows.Scan(&name, &n)
		total += n
		return err
	})
	require.NoError(t, err)
	return total
}
