package live

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"sync"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/gdid"
)

// owners are the briefcases of one kind in one shard that sampled keys lead to.
type owners struct {
	shard     *area.Shard
	briefcase *area.Briefcase
	keys      []*sampledKey
}

// markOrphans notes which of the sampled keys lead to briefcases that are not there:
// neither in the root table nor on record as moved, while the key stays as it was.
// Keys of briefcases on servers that did not answer are not judged.
func (r *run) markOrphans(ctx context.Context, all []*server) {
	owned := r.ownersOf(all)
	r.onEach(ctx, all, func(ctx context.Context, s *server) error {
		for _, o := range owned[s.name] {
			if err := s.markAbsent(ctx, o); err != nil {
				return err
			}
		}
		return nil
	})
	r.onEach(ctx, all, func(ctx context.Context, s *server) error { return s.confirmOrphans(ctx) })
}

// onEach calls fn for several servers at once and waits for all. A server whose call
// fails was not asked everything.
func (r *run) onEach(ctx context.Context, all []*server, fn func(ctx context.Context, s *server) error) {
	slots := make(chan struct{}, r.opts.Parallel)
	var running sync.WaitGroup
	for i := range all {
		slots <- struct{}{}
		running.Go(func() {
			defer func() { <-slots }()
			if err := fn(ctx, all[i]); err != nil && !changed(err) {
				r.unask(all[i].name, r.reason(err))
			}
		})
	}
	running.Wait()
}

// ownersOf groups the keys that can be judged by the server of their briefcase.
func (r *run) ownersOf(all []*server) map[string][]*owners {
	type place struct {
		ordinal   int
		briefcase string
	}
	known := map[place]*owners{}
	byServer := map[string][]*owners{}
	for _, s := range all {
		for _, sample := range s.keys {
			b, a := r.briefcaseOf(sample.index)
			if b == nil {
				continue
			}
			for _, k := range sample.keys {
				if !k.settled || k.strange {
					continue
				}
				shard, err := a.Shard(k.id)
				if err != nil {
					continue // the zero id is strange
				}
				at := place{shard.Ordinal, b.Name}
				if known[at] == nil {
					known[at] = &owners{shard: shard, briefcase: b}
					byServer[shard.Server] = append(byServer[shard.Server], known[at])
				}
				known[at].keys = append(known[at].keys, k)
			}
		}
	}
	return byServer
}

// briefcaseOf gives the kind of briefcase that an index leads to, and its area.
func (r *run) briefcaseOf(x *area.Index) (*area.Briefcase, *area.Area) {
	list := r.registry.Topology().Briefcases
	i := slices.IndexFunc(list, func(b area.Briefcase) bool { return b.Name == x.Briefcase })
	if i < 0 || len(list[i].Tables) == 0 {
		return nil, nil
	}
	a, ok := r.registry.Area(list[i].Area)
	if !ok {
		return nil, nil
	}
	return &list[i], a
}

// markAbsent notes the keys whose briefcase has no root row in its shard.
func (s *server) markAbsent(ctx context.Context, o *owners) error {
	t, ok := tableNamed(s.tables[s.stored(o.shard.Database)], o.briefcase.Tables[0].Name, s.foldsNames())
	if !ok || !s.holdsRoutes(o.shard) {
		return nil
	}
	reader, ok := s.readerOf(o.shard.Database, t, o.briefcase.Key)
	if !ok {
		return nil
	}
	absent := map[gdid.GDID]bool{}
	for _, k := range o.keys {
		if !s.isPastEnd(o.shard.Database, k.id) {
			absent[k.id] = true
		}
	}
	ids := make([]gdid.GDID, 0, len(absent))
	for id := range absent {
		ids = append(ids, id)
	}
	for chunk := range slices.Chunk(ids, idsAtOnce) {
		query := fmt.Sprintf("SELECT DISTINCT %[1]s FROM %[2]s WHERE %[1]s IN (%[3]s)", reader.id, reader.table, literals(bytesOf(chunk)))
		err := s.query(ctx, query, func(rows *sql.Rows) error {
			var id gdid.GDID
			err := rows.Scan(&id)
			delete(absent, id)
			return err
		})
		if err != nil {
			return err
		}
	}
	ids = slices.DeleteFunc(ids, func(id gdid.GDID) bool { return !absent[id] })
	moved, err := s.moved(ctx, o.shard.Database, ids)
	if err != nil {
		return err
	}
	for _, k := range o.keys {
		k.orphan = absent[k.id] && !moved[k.id]
	}
	return nil
}

// holdsRoutes reports whether the database of a shard says that it is that shard, and
// that ids are shared out as the configuration has it: otherwise they live elsewhere.
func (s *server) holdsRoutes(shard *area.Shard) bool {
	if !s.holds(shard) {
		return false
	}
	d, _ := s.state.Database(shard.Database)
	return d.Stamp.Shards == shard.Count && d.Stamp.Hash == shard.Hash.String()
}

// isPastEnd reports whether a shard has ended before an id, which then lives in a
// partition that this configuration does not know.
func (s *server) isPastEnd(database string, id gdid.GDID) bool {
	d, ok := s.state.Database(database)
	if !ok {
		return false
	}
	end, ended := endOf(d)
	return ended && id.RangeKey().Compare(end) >= 0
}

// confirmOrphans reads the keys of orphans once more: a deletion releases keys after
// the briefcase, and may have been under way.
func (s *server) confirmOrphans(ctx context.Context) error {
	for _, sample := range s.keys {
		orphans := map[string]*sampledKey{}
		var keys []string
		for _, k := range sample.keys {
			if k.orphan {
				orphans[k.place()] = k
				k.orphan = false
				keys = append(keys, string(k.key))
			}
		}
		for chunk := range slices.Chunk(keys, idsAtOnce) {
			query := "SELECT gdid, " + keyColumns + " FROM " + sample.table + " WHERE `key` IN (" + literals(chunk) + ")"
			err := s.query(ctx, query, func(rows *sql.Rows) error {
				r := make(row, 6)
				err := rows.Scan(&r[0], &r[1], &r[2], &r[3], &r[4], &r[5])
				if err != nil {
					return err
				}
				now := newSampledKey(r)
				if k := orphans[now.place()]; k != nil {
					k.orphan = now.settled && now.version == k.version
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}
