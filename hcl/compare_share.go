package hcl

import (
	"fmt"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/gdid"
	"github.com/mdbrouter/mdb/partition"
)

// A Share is how many of the ids of an interval are looked up elsewhere: Moved of
// every Of. It is exact for ids that the shard functions spread as they should:
//
//   - between two lists under mod1, or two under azos1, it counts the residues
//     modulo the least common multiple of both lengths;
//   - between two lists under jump1 it is the law of jump consistent hash: of n and
//     m shards, n <= m, a shard below n keeps 1/m of all ids, and each one from n
//     on takes its 1/m from all of the first n alike;
//   - from mod1 to azos1 and back, in era 0, it counts residues for each of the 16
//     authorities;
//   - any other two shard functions are independent of each other.
//
// The zero Share is none.
type Share struct {
	Moved, Of uint64
}

// Fraction gives the share as a number from 0 to 1.
func (s Share) Fraction() float64 {
	if s.Of == 0 {
		return 0
	}
	return float64(s.Moved) / float64(s.Of)
}

// String gives the share in percent: "75.0%". What is neither none nor all is
// never rounded to 0.0% or 100.0%.
func (s Share) String() string {
	percent := 100 * s.Fraction()
	switch {
	case s.Moved > 0 && percent < 0.1:
		return "<0.1%"
	case s.Moved < s.Of && percent > 99.9:
		return ">99.9%"
	}
	return fmt.Sprintf("%.1f%%", percent)
}

// spread is how a partition spreads its ids.
type spread struct {
	hash   partition.Hash
	shards []area.Shard
}

// sameDatabase reports whether two shards are looked up in one place.
func sameDatabase(a, b *area.Shard) bool { return a.Server == b.Server && a.Database == b.Database }

// equal reports whether every id has the same place in both.
func (s spread) equal(t spread) bool {
	if s.hash != t.hash || len(s.shards) != len(t.shards) {
		return false
	}
	for i := range s.shards {
		if !sameDatabase(&s.shards[i], &t.shards[i]) {
			return false
		}
	}
	return true
}

// pairs yields the indexes of each database in both lists.
func pairs(was, now []area.Shard, yield func(i, j int)) {
	at := make(map[area.Database][]int, len(now))
	for j := range now {
		d := area.Database{Server: now[j].Server, Name: now[j].Database}
		at[d] = append(at[d], j)
	}
	for i := range was {
		for _, j := range at[area.Database{Server: was[i].Server, Name: was[i].Database}] {
			yield(i, j)
		}
	}
}

// authorityNumbers is how many numbers an authority can have.
const authorityNumbers = uint64(gdid.MaxAuthority) + 1

// moved gives the share of the ids up to last that are looked up elsewhere.
func moved(was, now spread, last gdid.RangeKey) Share {
	n, m := uint64(len(was.shards)), uint64(len(now.shards))
	common := gcd(n, m)
	var kept, of uint64
	switch {
	case was.hash == partition.Jump1 && now.hash == partition.Jump1:
		least := min(len(was.shards), len(now.shards))
		of = n * m
		pairs(was.shards, now.shards, func(i, j int) {
			switch {
			case i == j: // below both lengths
				kept += min(n, m)
			case max(i, j) >= least:
				kept++
			}
		})
	case was.hash == now.hash:
		of = n / common * m
		pairs(was.shards, now.shards, func(i, j int) {
			if uint64(i)%common == uint64(j)%common {
				kept++
			}
		})
	case was.hash != partition.Jump1 && now.hash != partition.Jump1 && last.Era == 0:
		of = n / common * m * authorityNumbers
		pairs(was.shards, now.shards, func(i, j int) {
			if now.hash == partition.Mod1 {
				i, j = j, i // i is the residue of the counter, j that of authority and counter
			}
			for number := range authorityNumbers {
				if (uint64(i)+number<<60%common)%common == uint64(j)%common {
					kept++
				}
			}
		})
	default:
		of = n * m
		pairs(was.shards, now.shards, func(int, int) { kept++ })
	}
	return reduced(of-kept, of)
}

func reduced(part, of uint64) Share {
	if d := gcd(part, of); d > 1 {
		return Share{part / d, of / d}
	}
	return Share{part, of}
}

func gcd(a, b uint64) uint64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
