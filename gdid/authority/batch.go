package authority

import (
	"context"
	"fmt"
	"iter"

	"github.com/mdbrouter/mdb/gdid"
)

// MaxBatch is the most ids that one [Generator.NextN] gives.
const MaxBatch = 1 << 24

// A Run is ids of one authority and one era with consecutive counters.
type Run struct {
	First gdid.GDID
	Count int
}

// All yields the ids of the run.
func (r Run) All() iter.Seq[gdid.GDID] {
	return func(yield func(gdid.GDID) bool) {
		for i := range r.Count {
			id, _ := gdid.New(r.First.Era(), r.First.Authority(), r.First.Counter()+uint64(i)) // within the block
			if !yield(id) {
				return
			}
		}
	}
}

// A Batch is ids drawn at once: one run, or a few where a block ended between.
type Batch struct {
	first Run
	rest  []Run
}

// Runs yields the runs in the order drawn.
func (b Batch) Runs() iter.Seq[Run] {
	return func(yield func(Run) bool) {
		if b.first.Count == 0 || !yield(b.first) {
			return
		}
		for _, r := range b.rest {
			if !yield(r) {
				return
			}
		}
	}
}

// All yields the ids in the order drawn.
func (b Batch) All() iter.Seq[gdid.GDID] {
	return func(yield func(gdid.GDID) bool) {
		for r := range b.Runs() {
			for id := range r.All() {
				if !yield(id) {
					return
				}
			}
		}
	}
}

// Len tells how many ids the batch has.
func (b Batch) Len() int {
	n := b.first.Count
	for _, r := range b.rest {
		n += r.Count
	}
	return n
}

func (b *Batch) add(r Run) {
	if b.first.Count == 0 {
		b.first = r
		return
	}
	b.rest = append(b.rest, r)
}

// NextN gives n ids, 1 to [MaxBatch], with consecutive counters unless a block
// ends between. Within a block it costs one atomic add and does not allocate.
// Otherwise it is as [Generator.Next]; after an error all ids it had drawn are
// gaps.
func (g *Generator) NextN(ctx context.Context, n int) (Batch, error) {
	if n < 1 || n > MaxBatch {
		return Batch{}, fmt.Errorf("mdb: next %d ids of sequence %s: want 1 to %d", n, g.sequence, MaxBatch)
	}
	want := uint64(n)
	r := g.current.Load()
	index := r.drawn.Add(want) - want
	if index >= r.count || r.count-index < want {
		return g.nextAcross(ctx, r, index, want)
	}
	if r.low.Load()-index < want {
		g.prefetch(ctx, r)
	}
	return Batch{first: Run{First: r.id(index), Count: n}}, nil
}

// nextAcross draws what a block does not hold any more from those after it. The
// caller has drawn from index of r.
func (g *Generator) nextAcross(ctx context.Context, r *run, index, want uint64) (Batch, error) {
	var batch Batch
	for {
		if index < r.count {
			taken := min(want, r.count-index)
			if taken == want && r.low.Load()-index < want {
				g.prefetch(ctx, r) // otherwise refill does
			}
			batch.add(Run{First: r.id(index), Count: int(taken)})
			if want -= taken; want == 0 {
				return batch, nil
			}
		}
		if err := g.refill(ctx, r, want); err != nil {
			return Batch{}, err
		}
		r = g.current.Load()
		index = r.drawn.Add(want) - want
	}
}
