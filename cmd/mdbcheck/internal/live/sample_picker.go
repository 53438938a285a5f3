package live

import (
	"context"
	"encoding/binary"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/mdbrouter/mdb/gdid"
)

// A picker picks rows of one table by a column of ids that leads an index. Its
// cost hangs on how many rows it may pick and not on how many there are: it reads
// a few rows each at the ends of what the table has, and at random ids between.
type picker struct {
	rows reader
	most int // rows at random, and at the begin; at least 1
	rand *rand.Rand
	stop time.Time // after which no table is begun; zero: never
}

// errLate is returned when no more tables are begun.
var errLate = errors.New("the time for samples is over")

// A reader reads rows of one table in the order of a column of ids.
type reader interface {
	// read gives the rows of each reach, in order.
	read(ctx context.Context, reaches []reach) ([][]row, error)
}

// A row is what a reader reads: the id's bytes first.
type row [][]byte

func (r row) id() []byte { return r[0] }

// A reach is up to most rows from first on, or from last down, both inclusive; nil
// means that there is no bound.
type reach struct {
	first, last []byte
	down        bool
	most        int
}

const (
	// edge is how many rows are read at each end of a cell.
	edge = 4
	// near is how many rows are read from each random id on.
	near = 4
	// rounds is how often random ids are drawn.
	rounds = 3
	// maxEras is how many eras are looked into, half of them the first ones.
	maxEras = 4
)

// pick gives rows of the table: all if there are fewer than most, and else the
// first ones, some at random, and of every cell of ids the first and last ones.
// A row may be given more than once.
func (p *picker) pick(ctx context.Context) ([]row, error) {
	if !p.stop.IsZero() && time.Now().After(p.stop) {
		return nil, errLate
	}
	most := max(p.most, 1)
	ends, err := p.rows.read(ctx, []reach{{most: most}, {most: 1, down: true}})
	if err != nil || len(ends[0]) < most {
		return firstOf(ends), err
	}
	picked := slices.Concat(ends...)
	cells := cellsBetween(ends[0][0].id(), ends[1][0].id())
	reaches := make([]reach, 0, 2*len(cells))
	for _, c := range cells {
		first, last := c.bounds()
		reaches = append(reaches, reach{first: first, last: last, most: edge}, reach{first: first, last: last, most: edge, down: true})
	}
	edges, err := p.rows.read(ctx, reaches)
	if err != nil {
		return nil, err
	}
	var stretches []stretch
	var found []row
	for i := 0; i < len(edges); i += 2 {
		ends := slices.Concat(edges[i], edges[i+1])
		found = append(found, ends...)
		if s, ok := cells[i/2].stretch(ends); ok {
			stretches = append(stretches, s)
		}
	}
	// Where ids were left out, most of those that are drawn evenly fall into the gap;
	// so the others are drawn between the rows that were found.
	share := max(most/near/rounds, 1)
	ids := points(p.rand, stretches, share)
	for range rounds {
		rows, err := p.from(ctx, ids)
		if err != nil {
			return nil, err
		}
		found = append(found, rows...)
		ids = pointsBetween(p.rand, found, share)
	}
	return append(picked, found...), nil
}

// from gives a few rows from each id on.
func (p *picker) from(ctx context.Context, ids []gdid.GDID) ([]row, error) {
	reaches := make([]reach, len(ids))
	for i, id := range ids {
		b := id.Bytes()
		reaches[i] = reach{first: b[:], most: near}
	}
	rows, err := p.rows.read(ctx, reaches)
	return slices.Concat(rows...), err
}

func firstOf(list [][]row) []row {
	if len(list) == 0 {
		return nil
	}
	return list[0]
}

// A cell is the ids of one authority in one era: within it, the order of bytes is
// that of range keys, so whatever is out of a range stands at an end.
type cell struct {
	era       uint32
	authority uint8
}

// bounds gives the first and the last id of the cell, as bytes.
func (c cell) bounds() (first, last []byte) {
	first, last = make([]byte, 0, gdid.Size), make([]byte, 0, gdid.Size)
	first = binary.BigEndian.AppendUint32(first, c.era)
	last = append(last, first...)
	top := uint64(c.authority) << 60
	return binary.BigEndian.AppendUint64(first, top), binary.BigEndian.AppendUint64(last, top|gdid.MaxCounter)
}

// cellsBetween gives the cells in which ids from first to last can stand, of as
// many eras as are looked into. Keys that are no ids count by what they begin with.
func cellsBetween(first, last []byte) []cell {
	low, high := eraOf(first), eraOf(last)
	var eras []uint32
	for era := uint64(low); era <= uint64(high); era++ {
		if len(eras) == maxEras/2 && uint64(high)-era >= maxEras/2 {
			era = uint64(high) - maxEras/2 + 1
		}
		eras = append(eras, uint32(era)) //nolint:gosec // at most high
	}
	var cells []cell
	for _, era := range eras {
		for authority := range gdid.MaxAuthority + 1 {
			cells = append(cells, cell{era, authority})
		}
	}
	return cells
}

// eraOf gives the era of a key; what is missing of it is zero.
func eraOf(key []byte) uint32 {
	var b [4]byte
	copy(b[:], key)
	return binary.BigEndian.Uint32(b[:])
}

// A stretch is the ids of a cell between the first and the last that are there.
type stretch struct {
	cell
	first, last uint64 // counters, both inclusive
}

// stretch gives what rows at the ends of the cell span. It reports false when none
// of them has an id.
func (c cell) stretch(rows []row) (stretch, bool) {
	s := stretch{cell: c, first: gdid.MaxCounter}
	found := false
	for _, r := range rows {
		if len(r.id()) != gdid.Size {
			continue
		}
		counter := gdid.FromBytes([gdid.Size]byte(r.id())).Counter()
		s.first, s.last, found = min(s.first, counter), max(s.last, counter), true
	}
	return s, found
}

// points gives about n random ids of stretches: of a longer one more, of each at
// least one.
func points(r *rand.Rand, stretches []stretch, n int) []gdid.GDID {
	total := 0.0
	for _, s := range stretches {
		total += float64(s.last-s.first) + 1
	}
	var ids []gdid.GDID
	for _, s := range stretches {
		share := int(float64(n) * (float64(s.last-s.first) + 1) / total)
		for range max(share, 1) {
			ids = append(ids, s.point(r))
		}
	}
	return ids
}

// pointsBetween gives at most n random ids, each between two neighbours of those that
// rows have. A distance counts by its logarithm, so that a gap gets no more than a
// few times as many as ids that stand close.
func pointsBetween(r *rand.Rand, rows []row, n int) []gdid.GDID {
	stretches := stretchesBetween(rows)
	weights := make([]float64, len(stretches)) // of all up to it
	total := 0.0
	for i, s := range stretches {
		total += math.Log2(float64(s.last-s.first) + 1)
		weights[i] = total
	}
	var ids []gdid.GDID
	for range n {
		at, _ := slices.BinarySearch(weights, r.Float64()*total)
		if at < len(stretches) {
			ids = append(ids, stretches[at].point(r))
		}
	}
	return ids
}

// stretchesBetween gives the ids between neighbours of the same cell.
func stretchesBetween(rows []row) []stretch {
	keys := sortKeys(rows)
	var list []stretch
	for i := 1; i < len(keys.ids); i++ {
		a, b := keys.ids[i-1], keys.ids[i]
		if a.Era() == b.Era() && a.Authority() == b.Authority() && b.Counter()-a.Counter() > 1 {
			list = append(list, stretch{cell{a.Era(), a.Authority()}, a.Counter() + 1, b.Counter() - 1})
		}
	}
	return list
}

// point gives a random id of the stretch.
func (s *stretch) point(r *rand.Rand) gdid.GDID {
	id, err := gdid.New(s.era, s.authority, s.first+r.Uint64N(s.last-s.first+1))
	if err != nil {
		panic(err) // both ends are ids
	}
	return id
}
