package gdid

import (
	"fmt"
	"iter"
)

// An Interval is a run of ids in the order of their bytes, both ends inclusive,
// ready for "column BETWEEN ? AND ?" on a BINARY(12) column.
type Interval struct{ First, Last [Size]byte }

// Intervals yields the runs of bytes that together are exactly the ids whose
// range keys lie from first to last, both inclusive, of every authority. They
// ascend, do not overlap and do not touch: at most 16 for keys of one era, at
// most 31 for any keys, 1 for whole eras. It yields nothing if first is after
// last and panics on a key that is not valid.
func Intervals(first, last RangeKey) iter.Seq[Interval] {
	if !first.Valid() || !last.Valid() {
		panic(fmt.Sprintf("gdid: intervals of an invalid range key: %v to %v", first, last))
	}
	return func(yield func(Interval) bool) {
		if first.Compare(last) > 0 {
			return
		}
		var run span
		started := false
		for next := range spans(first, last) {
			switch {
			case !started:
				run, started = next, true
			case follows(run.last, next.first):
				run.last = next.last
			default:
				if !yield(run.interval()) {
					return
				}
				run = next
			}
		}
		yield(run.interval())
	}
}

type span struct{ first, last GDID }

func (s span) interval() Interval { return Interval{First: s.first.Bytes(), Last: s.last.Bytes()} }

// follows reports whether b is the id right after a in the order of bytes.
func follows(a, b GDID) bool {
	if a.id == 1<<64-1 {
		return b.id == 0 && b.era-a.era == 1
	}
	return a.era == b.era && a.id+1 == b.id
}

// spans yields, in the order of bytes, one span per authority for an era of which
// only a part is wanted, and one for all whole eras between.
func spans(first, last RangeKey) iter.Seq[span] {
	return func(yield func(span) bool) {
		if first.Era == last.Era {
			eraSpans(first.Era, first.Counter, last.Counter, yield)
			return
		}
		if !eraSpans(first.Era, first.Counter, MaxCounter, yield) {
			return
		}
		if last.Era-first.Era > 1 {
			whole := span{first: GDID{era: first.Era + 1}, last: GDID{era: last.Era - 1, id: 1<<64 - 1}}
			if !yield(whole) {
				return
			}
		}
		eraSpans(last.Era, 0, last.Counter, yield)
	}
}

// eraSpans yields the counters from low to high of each authority of one era.
func eraSpans(era uint32, low, high uint64, yield func(span) bool) bool {
	for a := range uint64(MaxAuthority) + 1 {
		top := a << counterBits
		if !yield(span{first: GDID{era: era, id: top | low}, last: GDID{era: era, id: top | high}}) {
			return false
		}
	}
	return true
}
