package live

import (
	"context"
	"fmt"
	"strings"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/gdid"
)

// settled is how long a key must have been as it is before it counts as an orphan:
// a sign-up or a deletion may be under way.
const settled = "changed <= UTC_TIMESTAMP(6) - INTERVAL 10 MINUTE"

// keyColumns are what is read of a key, behind its id.
const keyColumns = "`key`, state, HEX(token), version, " + settled

// stateLive is the state of a key that was confirmed, as package central writes it.
const stateLive = "2"

// A sampledIndex is the keys that were sampled of one index in one CENTRAL shard.
type sampledIndex struct {
	index *area.Index
	shard *area.CentralShard
	table string // quoted, with its database
	keys  []*sampledKey
	whole bool // the index has no others in this shard
}

// A sampledKey is one row of an index.
type sampledKey struct {
	key     []byte
	id      gdid.GDID
	strange bool   // what it leads to is no id
	version string // changes with every change of the row
	settled bool   // live, and so for a while
	orphan  bool   // its briefcase is not there
}

// sampleIndexes looks at keys of the indexes in the CENTRAL shards on the server.
func (s *server) sampleIndexes(ctx context.Context, p picker) error {
	c := s.run.registry.Central()
	for i := range s.central {
		if !s.holdsCentral(&s.central[i]) {
			continue
		}
		for j := range c.Indexes {
			if err := s.sampleIndex(ctx, p, &s.central[i], &c.Indexes[j]); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *server) sampleIndex(ctx context.Context, p picker, shard *area.CentralShard, x *area.Index) error {
	t, ok := tableNamed(s.tables[s.stored(shard.Database)], x.Table(), s.foldsNames())
	if !ok {
		return nil
	}
	reader, ok := s.readerOf(shard.Database, t, "gdid", strings.Split(keyColumns, ", ")...)
	if !ok {
		return nil
	}
	p.rows = reader
	rows, err := p.pick(ctx)
	if changed(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("sample index %s of CENTRAL shard %d: %w", x.Name, shard.Index, err)
	}
	out := &sampledIndex{index: x, shard: shard, table: reader.table, whole: len(rows) < p.most}
	seen := map[string]bool{}
	for _, r := range rows {
		if k := newSampledKey(r); !seen[k.place()] {
			seen[k.place()] = true
			out.keys = append(out.keys, k)
		}
	}
	s.keys = append(s.keys, out)
	return nil
}

// place tells the rows of an index apart.
func (k *sampledKey) place() string {
	id := k.id.Bytes()
	return string(id[:]) + string(k.key)
}

func newSampledKey(r row) *sampledKey {
	k := &sampledKey{key: r[1], version: string(r[3]) + " " + string(r[4]), settled: string(r[2]) == stateLive && string(r[5]) == "1"}
	var ok bool
	k.id, ok = idOf(r[0])
	k.strange = !ok
	return k
}
