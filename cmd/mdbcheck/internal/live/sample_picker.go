package live

import (
	"bytes"
	"context"
	"encoding/binary"
	"math/rand/v2"
	"slices"

	"github.com/mdbrouter/mdb/gdid"
)

// A picker picks rows of one table by a column of ids that leads an index. Its
// cost hangs on how many rows it may pick and not on how many there are: it reads
// a few rows each at the ends of what the table has, and at random ids between.
type picker struct {
	rows reader
	most int // rows at random, and at the begin; at least 1
	rand *rand.Rand
}

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
	// maxEras is how many eras are looked into, half of them the first ones.
	maxEras = 4
)

// pick gives rows of the table: all if there are fewer than most, and else the
// first ones, some at random, and of every cell of ids the first and last ones.
// A row may be given more than once.
func (p *picker) pick(ctx context.Context) ([]row, error) {
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
	for i := 0; i < len(edges); i += 2 {
		picked = append(append(picked, edges[i]...), edges[i+1]...)
		if s, ok := cells[i/2].stretch(slices.Concat(edges[i], edges[i+1])); ok {
			stretches = append(stretches, s)
		}
	}
	reaches = reaches[:0]
	for _, id := range points(p.rand, stretches, max(most/near, 1)) {
		b := id.Bytes()
		reaches = append(reaches, reach{first: b[:], most: near})
	}
	random, err := p.rows.read(ctx, reaches)
	if err != nil {
		return nil, err
	}
	return append(picked, slices.Concat(random...)...), nil
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

// points gives n random ids of stretches, in ascending order: of a longer stretch
// more, of each at least one.
func points(r *rand.Rand, stretches []stretch, n int) []gdid.GDID {
	total := 0.0
	for _, s := range stretches {
		total += float64(s.last-s.first) + 1
	}
	var ids []gdid.GDID
	for _, s := range stretches {
		share := int(float64(n) * (float64(s.last-s.first) + 1) / total)
		for range max(share, 1) {
			id, err := gdid.New(s.era, s.authority, s.first+r.Uint64N(s.last-s.first+1))
			if err == nil {
				ids = append(ids, id)
			}
		}
	}
	slices.SortFunc(ids, func(a, b gdid.GDID) int {
		x, y := a.Bytes(), b.Bytes()
		return bytes.Compare(x[:], y[:])
	})
	return ids
}
