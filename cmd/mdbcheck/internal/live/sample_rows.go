package live

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/gdid"
)

// sampledKeys are the different keys of sampled rows.
type sampledKeys struct {
	ids      []gdid.GDID
	strange  int  // keys that are no ids: zero, or not of 12 bytes
	complete bool // the table has no others
}

// sortKeys gives the keys of rows, each once, in ascending order.
func sortKeys(rows []row) sampledKeys {
	keys := make([]string, len(rows))
	for i, r := range rows {
		keys[i] = string(r.id())
	}
	slices.Sort(keys)
	var out sampledKeys
	for _, k := range slices.Compact(keys) {
		id, ok := idOf([]byte(k))
		if !ok {
			out.strange++
			continue
		}
		out.ids = append(out.ids, id)
	}
	return out
}

// idOf gives the id that a key is. It reports false for a key that is none.
func idOf(key []byte) (gdid.GDID, bool) {
	if len(key) != gdid.Size {
		return gdid.GDID{}, false
	}
	id := gdid.FromBytes([gdid.Size]byte(key))
	return id, !id.IsZero()
}

// of says how many of the keys something is so of: "3 of 1000 sampled", "3 of 12".
func (k *sampledKeys) of(n int) string {
	text := fmt.Sprintf("%d of %d", n, len(k.ids)+k.strange)
	if !k.complete {
		text += " sampled"
	}
	return text
}

// maxExamples is how many ids a finding names.
const maxExamples = 3

// judge reports the keys of a table that do not belong into a shard (MDB814).
func (s *server) judge(ctx context.Context, shard *area.Shard, table string, found sampledKeys) error {
	where := fmt.Sprintf("in table %s of shard %s on %s", table, shard.Label(), s.name)
	if found.strange > 0 {
		s.find("MDB814", partitionAddress(shard), finding{
			summary: fmt.Sprintf("%s keys %s are no ids", found.of(found.strange), where),
			detail:  "they are zero, or not 12 bytes long: no id leads to their rows",
			help:    "see what writes to database " + shard.Database + " past mdb, and delete the rows or give them ids",
		})
	}
	astray, err := s.astray(ctx, shard, found.ids)
	if err != nil {
		return err
	}
	s.run.see(shard, table, slices.DeleteFunc(slices.Clone(found.ids), func(id gdid.GDID) bool { return slices.Contains(astray, id) }))
	if len(astray) == 0 {
		return nil
	}
	s.find("MDB814", partitionAddress(shard), finding{
		summary: fmt.Sprintf("%s ids %s lead elsewhere", found.of(len(astray)), where),
		detail:  s.examples(shard, astray),
		help:    "see with mdbcheck breaking whether an edit moved them, and put the file back; if none did, something writes past mdb: find it, and move the rows",
	})
	return nil
}

// astray gives those ids of a shard's rows that lead to another database, unless
// the shard knows why they are there.
func (s *server) astray(ctx context.Context, shard *area.Shard, ids []gdid.GDID) ([]gdid.GDID, error) {
	var list []gdid.GDID
	for _, id := range ids {
		if r, err := s.run.registry.Route(shard.Area, id); err == nil && (r.Server != shard.Server || r.Database != shard.Database) {
			list = append(list, id)
		}
	}
	moved, err := s.moved(ctx, shard.Database, list)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(list, func(id gdid.GDID) bool { return moved[id] }), nil
}

// idsAtOnce is how many ids one statement asks about.
const idsAtOnce = 500

// moved gives those ids that a shard has on record as moved, arrived or under way,
// by briefcase or by stripe: their rows may be here or elsewhere.
func (s *server) moved(ctx context.Context, database string, ids []gdid.GDID) (map[gdid.GDID]bool, error) {
	known := map[gdid.GDID]bool{}
	state, ok := s.state.Database(database)
	if !ok || len(ids) == 0 || !slices.Contains(state.Tables, "mdb_case") {
		return known, nil
	}
	for chunk := range slices.Chunk(ids, idsAtOnce) {
		query := "SELECT gdid FROM " + quoted(state.Name) + ".mdb_case WHERE gdid IN (" + literals(bytesOf(chunk)) + ")"
		err := s.query(ctx, query, func(rows *sql.Rows) error {
			var id gdid.GDID
			err := rows.Scan(&id)
			known[id] = true
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("read the briefcases that moved: %w", err)
		}
	}
	for _, f := range state.Fence {
		if f.State == area.StripeMoved {
			return known, s.movedStripes(ctx, state.Name, ids, known)
		}
	}
	return known, nil
}

// movedStripes adds the ids of stripes that moved as a whole.
func (s *server) movedStripes(ctx context.Context, database string, ids []gdid.GDID, known map[gdid.GDID]bool) error {
	stripes := map[int]bool{}
	query := fmt.Sprintf("SELECT stripe FROM %s.mdb_fence WHERE state = %d", quoted(database), area.StripeMoved)
	err := s.query(ctx, query, func(rows *sql.Rows) error {
		var stripe int
		err := rows.Scan(&stripe)
		stripes[stripe] = true
		return err
	})
	for _, id := range ids {
		if stripes[area.Stripe(id)] {
			known[id] = true
		}
	}
	return err
}

func bytesOf(ids []gdid.GDID) [][]byte {
	list := make([][]byte, len(ids))
	for i, id := range ids {
		b := id.Bytes()
		list[i] = b[:]
	}
	return list
}

// examples names some ids and where they lead, different places first.
func (s *server) examples(shard *area.Shard, ids []gdid.GDID) string {
	type place struct{ server, database string }
	var first, others []string
	seen := map[place]bool{}
	for _, id := range ids {
		r, err := s.run.registry.Route(shard.Area, id)
		if err != nil {
			continue // the zero id is no id
		}
		text := fmt.Sprintf("%v belongs to %s/%d on %s", id, r.Partition, r.Shard, r.Server)
		if at := (place{r.Server, r.Database}); !seen[at] {
			seen[at] = true
			first = append(first, text)
			continue
		}
		others = append(others, text)
	}
	return some(append(first, others...))
}
