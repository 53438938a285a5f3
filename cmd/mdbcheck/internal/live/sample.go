package live

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/mdbrouter/mdb/area"
)

// sample looks at some rows of each table and index on the server. What it finds of
// briefcases it reports; the keys of indexes are held against the briefcases when
// all servers have answered: see checkKeys.
func (s *server) sample(ctx context.Context) error {
	if s.run.opts.Sample <= 0 {
		return nil
	}
	stop := time.Time{}
	if deadline, ok := ctx.Deadline(); ok {
		stop = deadline.Add(-time.Until(deadline) / 4)
	}
	p := picker{most: s.run.opts.Sample, rand: rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64())), stop: stop} //nolint:gosec // of a sample
	err := s.sampleShards(ctx, p)
	if err == nil {
		err = s.sampleIndexes(ctx, p)
	}
	switch { // all else was asked, and is worth more
	case errors.Is(err, errLate):
		s.run.unask(s.name, "not all tables were sampled within the time limit: give --timeout more, or --sample less")
		return nil
	case isSlow(err):
		s.run.unask(s.name, "not all tables were sampled: "+s.run.reason(err)+": "+slowHelp)
		return nil
	}
	if isDenied(err) {
		s.find("MDB822", s.address()+".admin", finding{
			summary: "the admin's login may not read the rows on " + s.name,
			detail:  "whether rows and keys are where they belong cannot be told", help: grantHelp("SELECT"),
		})
		return nil
	}
	return err
}

func (s *server) sampleShards(ctx context.Context, p picker) error {
	briefcases := s.run.registry.Topology().Briefcases
	for i := range s.shards {
		shard := &s.shards[i]
		if !s.holds(shard) {
			continue // rows of another shard are not misplaced in it
		}
		for j := range briefcases {
			if briefcases[j].Area != shard.Area {
				continue
			}
			for _, declared := range briefcases[j].Tables {
				if err := s.sampleTable(ctx, p, shard, declared.Name, briefcases[j].Key); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// sampleTable looks at rows of one table of a shard.
func (s *server) sampleTable(ctx context.Context, p picker, shard *area.Shard, name, key string) error {
	t, ok := tableNamed(s.tables[s.stored(shard.Database)], name, s.foldsNames())
	if !ok {
		return nil
	}
	reader, ok := s.readerOf(shard.Database, t, key)
	if !ok {
		return nil
	}
	p.rows = reader
	rows, err := p.pick(ctx)
	if changed(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("sample table %s of shard %s: %w", name, shard.Label(), err)
	}
	found := sortKeys(rows)
	found.complete = len(rows) < p.most
	return s.judge(ctx, shard, name, found)
}

// changed reports whether a table is no longer what it was when it was read.
func changed(err error) bool {
	switch errorNumber(err) {
	case 1049, 1146, // no such database, no such table
		1054, 1176, // no such column, no such key
		1412: // its definition has changed
		return true
	}
	return false
}
