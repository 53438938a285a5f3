package central

import (
	"context"
	"errors"
	"slices"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/gdid"
)

// Lookup gives the id that owns a key. It fails with [area.ErrNotFound] if nobody
// does; a key that is only reserved is nobody's yet. In an index that is not
// unique it fails with [ErrNotUnique].
//
// With a cache, what other processes have changed shows within its TTL, or its
// negative TTL for a key that was not found; see [Index.Fresh]. A lookup that is
// answered from the cache allocates nothing if the key is a string in normal form
// or of a type without normalising, and otherwise the normal form. Otherwise it costs one round trip.
func (x *Index) Lookup(ctx context.Context, k any) (gdid.GDID, error) {
	// A remembered key is in normal form, and the normal form of such a key is the
	// key itself: so a string that is found as it stands need not be normalised.
	s, ok := k.(string)
	if !ok || !x.text {
		encoded, err := x.encode("lookup", unescaped(k))
		if err != nil {
			return gdid.GDID{}, err
		}
		return x.lookup(ctx, encoded)
	}
	cached := x.cache != nil && !x.bypass
	if cached {
		if id, ok := x.cache.hit(s); ok {
			return id, nil
		}
	}
	encoded, err := x.codec.EncodeString(s)
	if err != nil {
		return gdid.GDID{}, x.fail("lookup", nil, err)
	}
	if cached && encoded != s {
		if id, ok := x.cache.hit(encoded); ok {
			return id, nil
		}
	}
	return x.lookup(ctx, encoded)
}

// lookup looks an encoded key up.
func (x *Index) lookup(ctx context.Context, encoded string) (gdid.GDID, error) {
	if !x.spec.Unique {
		return gdid.GDID{}, x.fail("lookup", nil, ErrNotUnique)
	}
	s := x.shardOf(encoded)
	id, err := x.find(ctx, s, encoded)
	switch {
	case err != nil:
		return gdid.GDID{}, x.fail("lookup", s, err)
	case id.IsZero():
		return gdid.GDID{}, x.absent
	}
	return id, nil
}

// find gives the owner of a key, or zero.
func (x *Index) find(ctx context.Context, s *shard, encoded string) (gdid.GDID, error) {
	query := func(ctx context.Context) (gdid.GDID, error) { return x.ask(ctx, s, encoded) }
	if x.cache == nil || x.bypass {
		id, err := query(ctx)
		if err == nil {
			x.cache.correct(encoded, id)
		}
		return id, err
	}
	e, err := x.cache.get(ctx, encoded, s, query)
	return e.id(), err
}

// ask asks a shard for the owner of a key.
func (x *Index) ask(ctx context.Context, s *shard, encoded string) (gdid.GDID, error) {
	ids, err := x.owners(ctx, s, encoded)
	if err != nil || len(ids) == 0 {
		return gdid.GDID{}, err
	}
	return ids[0], nil
}

// LookupAll gives all ids that own a key, in ascending order: none, one or, in an
// index that is not unique, several. It always asks the shard, in one round trip.
func (x *Index) LookupAll(ctx context.Context, k any) ([]gdid.GDID, error) {
	encoded, err := x.encode("lookup", k)
	if err != nil {
		return nil, err
	}
	s := x.shardOf(encoded)
	ids, err := x.owners(ctx, s, encoded)
	if err != nil {
		return nil, x.fail("lookup", s, err)
	}
	return ids, nil
}

// owners reads the ids that own a key.
func (x *Index) owners(ctx context.Context, s *shard, encoded string) ([]gdid.GDID, error) {
	var ids []gdid.GDID
	err := x.query(ctx, s, x.selectOwners(s, encoded), func(columns [][]byte) error {
		id, err := idOf(columns[0])
		ids = append(ids, id)
		return err
	})
	slices.SortFunc(ids, gdid.GDID.Compare)
	return ids, err
}

// selectOwners gives one row more than there are owners only if there are none: it
// says whether the layout is ours.
func (x *Index) selectOwners(s *shard, encoded string) string {
	return "SELECT s.layout = " + s.layout + ", i.gdid FROM mdb_shard s LEFT JOIN " + x.table +
		" i ON i.`key` = " + hex(encoded) + " AND i.state = 2 WHERE s.one = 1"
}

// query runs a reading statement whose first column says whether the shard has our
// layout and whose second is NULL where nothing was found. fn gets the columns from
// the second on, which it must not keep.
func (x *Index) query(ctx context.Context, s *shard, statement string, fn func(columns [][]byte) error) error {
	same := false
	err := x.scan(ctx, s, statement, func(columns [][]byte) error {
		if same = string(columns[0]) == "1"; !same {
			return s.differs()
		}
		if columns[1] == nil {
			return nil
		}
		return fn(columns[1:])
	})
	if err == nil && !same {
		return s.differs()
	}
	return err
}

// scan calls fn for each row of a query, whose columns it must not keep.
func (x *Index) scan(ctx context.Context, s *shard, statement string, fn func(columns [][]byte) error) (err error) {
	began, err := s.silence.begin()
	if err != nil {
		return err
	}
	defer func() { s.silence.end(began, err) }()
	db, err := x.open(ctx, s)
	if err != nil {
		return err
	}
	rows, err := db.QueryContext(ctx, statement)
	if errors.Is(err, area.ErrConnLost) && ctx.Err() == nil { // a connection that lay idle; reading again harms nobody
		rows, err = db.QueryContext(ctx, statement)
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	names, err := rows.Columns()
	if err != nil {
		return err
	}
	raw := newRawRow(len(names))
	for rows.Next() {
		if err := rows.Scan(raw.targets...); err != nil {
			return err
		}
		if err := fn(raw.columns()); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Keys gives the keys that an id owns. It asks every shard, several at once.
func (x *Index) Keys(ctx context.Context, id gdid.GDID) ([]Encoded, error) {
	switch {
	case x.err != nil:
		return nil, x.err
	case id.IsZero():
		return nil, x.fail("keys", nil, area.ErrZeroGDID)
	}
	lists := make([][]Encoded, len(x.shards))
	err := inParallel(len(x.shards), func(i int) error {
		s := x.shards[i]
		statement := "SELECT s.layout = " + s.layout + ", i.`key` FROM mdb_shard s LEFT JOIN " + x.table +
			" i ON i.gdid = " + hexID(id) + " AND i.state = 2 WHERE s.one = 1"
		err := x.query(ctx, s, statement, func(columns [][]byte) error {
			lists[i] = append(lists[i], slices.Clone(columns[0]))
			return nil
		})
		if err != nil {
			return x.failID("keys", place{shard: s, id: id}, err)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return slices.Concat(lists...), nil
}
