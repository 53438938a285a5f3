package authority

import "time"

// A pace works out how large the next block should be. One goroutine uses it at a
// time.
type pace struct {
	options Options
	block   uint64 // the latest size
	drawn   uint64 // of all blocks, when the latest was fetched
	at      time.Time
}

// maxGrowth bounds how much a block may grow or shrink from one to the next, so
// that a burst of a few ids does not lease a million.
const maxGrowth = 4

// next gives the size of the next block. drawn is how many ids were drawn in all;
// starved tells that callers had to wait for this block.
func (p *pace) next(now time.Time, drawn uint64, starved bool) uint64 {
	o := &p.options
	if o.Block != 0 {
		return o.Block
	}
	defer func() { p.drawn, p.at = drawn, now }()
	if p.block == 0 {
		p.block = o.MinBlock
		return p.block
	}
	want := p.block * maxGrowth
	if elapsed := now.Sub(p.at); !starved && elapsed > 0 {
		rate := float64(drawn-p.drawn) / elapsed.Seconds()
		want = uint64(min(rate*lasting.Seconds(), float64(o.MaxBlock)))
	}
	want = max(min(want, p.block*maxGrowth), p.block/maxGrowth)
	p.block = max(min(want, o.MaxBlock), o.MinBlock)
	return p.block
}
