package area

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"slices"
	"strings"

	"github.com/mdbrouter/mdb/gdid"
)

// A Fingerprint is the SHA-256 of a routing table in canonical form. Two
// topologies route alike if and only if their fingerprints are equal: the order
// of blocks and files, the labels of partitions and breakpoints, and how servers
// are reached play no part; server labels and database names do.
type Fingerprint [sha256.Size]byte

// String gives 64 hex digits.
func (f Fingerprint) String() string { return hex.EncodeToString(f[:]) }

// MarshalText gives 64 hex digits.
func (f Fingerprint) MarshalText() ([]byte, error) { return []byte(f.String()), nil }

// Fingerprint gives the fingerprint of the routing table.
func (r *Registry) Fingerprint() Fingerprint { return r.fingerprint }

// canonical writes values so that no two different tables write the same bytes:
// every string and list goes behind its length.
type canonical struct{ h hash.Hash }

func (c canonical) number(n uint64) {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], n)
	c.h.Write(b[:])
}

func (c canonical) text(s string) {
	c.number(uint64(len(s)))
	c.h.Write([]byte(s))
}

func (c canonical) key(k gdid.RangeKey) {
	c.number(uint64(k.Era))
	c.number(k.Counter)
}

func (c canonical) databases(list []Database) {
	c.number(uint64(len(list)))
	for _, d := range list {
		c.text(d.Server)
		c.text(d.Name)
	}
}

func fingerprint(r *Registry) Fingerprint {
	c := canonical{h: sha256.New()}
	c.text("mdb routing table 1")
	c.text(r.topology.Namespace)
	areas := slices.SortedFunc(slices.Values(r.areas), func(a, b *Area) int { return strings.Compare(a.name, b.name) })
	c.number(uint64(len(areas)))
	for _, a := range areas {
		c.text(a.name)
		c.number(uint64(a.table.Len()))
		for i := range a.parts {
			p := a.table.Partition(i)
			c.key(p.Start)
			c.text(p.Hash.String())
			shards := a.shards[a.parts[i].first:][:p.Shards]
			c.number(uint64(len(shards)))
			for j := range shards {
				c.text(shards[j].Server)
				c.text(shards[j].Database)
			}
		}
	}
	c.central(r.topology.Central)
	return Fingerprint(c.h.Sum(nil))
}

func (c canonical) central(central *Central) {
	if central == nil {
		c.number(0)
		return
	}
	c.number(1)
	c.databases(central.Shards)
	indexes := slices.SortedFunc(slices.Values(central.Indexes), func(a, b Index) int { return strings.Compare(a.Name, b.Name) })
	c.number(uint64(len(indexes)))
	for _, x := range indexes {
		c.text(x.Name)
		c.text(x.Briefcase)
		c.text(x.Type)
		c.number(uint64(len(x.Normalize)))
		for _, n := range x.Normalize {
			c.text(n)
		}
		c.number(uint64(x.MaxBytes))
	}
}
