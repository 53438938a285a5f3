package hcl

import (
	"fmt"
	"math"
	"slices"

	"github.com/mdbrouter/mdb/gdid"
)

// manyPools is how many shards, each with a pool in every process that uses it,
// are worth a notice.
const manyPools = 512

// sameServer reports partitions with several shards on one server.
func (l *linter) sameServer() {
	for _, a := range l.areas {
		for _, p := range a.all() {
			l.sameServerIn(p)
		}
	}
}

func (l *linter) sameServerIn(p *partitionModel) {
	first := map[string]int{}
	var d *Diagnostic
	more := 0
	for i := range p.places {
		s := &p.places[i]
		other, taken := first[s.server]
		switch {
		case s.state != known:
		case !taken:
			first[s.server] = i
		case d == nil:
			d = l.found.add(ruleSameServer, s.at, "shards %d and %d of %s are on one server %s: fine for many small shards, no help against load",
				other, i, p.n.label, s.server)
			d.Address = p.n.address()
			if at := p.places[other].at; at != s.at {
				d.relate(at, "shard %d is here", other)
			}
		default:
			more++
		}
	}
	switch {
	case more == 1:
		d.Detail = "one more shard shares a server with another"
	case more > 1:
		d.Detail = itoa(more) + " more shards share a server with another"
	}
}

// unsorted reports, of each range table, the first partition that stands after
// one with a higher start.
func (l *linter) unsorted() {
	for _, a := range l.areas {
		l.unsortedIn(a.partitions)
		for _, b := range a.breakpoints {
			l.unsortedIn(b.partitions)
		}
	}
}

func (l *linter) unsortedIn(list []*partitionModel) {
	for i := 1; i < len(list); i++ {
		p, before := list[i], list[i-1]
		if !p.key.Valid() || !before.key.Valid() || p.key.Compare(before.key) > 0 {
			continue
		}
		d := l.found.add(ruleUnsorted, p.start.at, "partition %q stands after %q, which starts above it", p.n.label, before.n.label)
		d.Address = p.n.address()
		d.Help = "write partitions in the order of their ids; nothing routes differently"
		d.relate(before.start.at, "%s starts here", before.n.label)
		return
	}
}

// lastEra reports what becomes of eras that nobody has thought of.
func (l *linter) lastEra() {
	for _, a := range l.areas {
		list, base := a.partitions, gdid.RangeKey{}
		if n := len(a.breakpoints); n > 0 {
			list, base = a.breakpoints[n-1].partitions, a.breakpoints[n-1].at
		}
		if !base.Valid() || len(list) == 0 || slices.ContainsFunc(list, func(p *partitionModel) bool { return !p.key.Valid() }) {
			continue
		}
		last := slices.MaxFunc(list, func(x, y *partitionModel) int { return x.key.Compare(y.key) })
		start, err := base.Add(last.key)
		if err != nil || start.Era == math.MaxUint32 {
			continue
		}
		d := l.found.add(ruleLastEra, last.start.at, "eras above %d all fall into %s, the last partition", start.Era, last.n.label)
		d.Address = last.n.address()
	}
}

// skew reports partitions, and CENTRAL, where one server has far more shards
// than its share.
func (l *linter) skew() {
	for _, p := range l.partitions() {
		count := map[string]int{}
		var names []string
		for i := range p.places {
			name := p.places[i].server
			if count[name]++; count[name] == 1 {
				names = append(names, name)
			}
		}
		if count[""] > 0 || len(names) < 2 {
			continue
		}
		most := slices.MaxFunc(names, func(x, y string) int { return count[x] - count[y] })
		n, servers, shards := count[most], len(names), len(p.places)
		// Above the even share rounded up, and at least half as much again.
		if n <= (shards+servers-1)/servers || 2*n*servers < 3*shards {
			continue
		}
		d := l.found.add(ruleSkew, p.shards.at, "server %s carries %d of %d shards of %s", most, n, shards, p.n.short())
		d.Address = p.n.address()
		d.Detail = "an even share is " + share(shards, servers)
		d.Help = "place shards of later partitions evenly; those of this one stay where their rows are"
	}
}

// share gives shards per server for a message.
func share(shards, servers int) string {
	if shards%servers == 0 {
		return itoa(shards / servers)
	}
	return fmt.Sprintf("%d or %d", shards/servers, shards/servers+1)
}

// labelNames reports areas whose databases are named after the labels of their
// partitions.
func (l *linter) labelNames() {
	for _, a := range l.areas {
		if a.database == nil || !a.database.usesPartition() {
			continue
		}
		var names []string
		for _, p := range a.all() {
			if slices.ContainsFunc(p.places, func(s place) bool { return !s.explicit }) {
				names = append(names, quote(p.n.label))
			}
		}
		if len(names) == 0 {
			continue
		}
		if len(names) == 1 {
			d := l.found.add(ruleLabelNames, a.database.at, "database names hang on the label %s: renaming it re-routes", names[0])
			d.Address = a.n.address()
			continue
		}
		d := l.found.add(ruleLabelNames, a.database.at, "database names hang on the labels of %d partitions: renaming one re-routes", len(names))
		d.Address = a.n.address()
	}
}

// usesPartition reports whether names hang on the partition's label.
func (t *template) usesPartition() bool {
	return slices.ContainsFunc(t.parts, func(p part) bool {
		if p.expr == nil {
			return p.partition
		}
		for _, name := range p.expr.Variables() {
			if name.RootName() == "partition" {
				return true
			}
		}
		return false
	})
}

// manyShards reports that a process may come to have very many pools.
func (l *linter) manyShards() {
	most, largest, all := 0, (*node)(nil), 0
	for _, a := range l.areas {
		n := 0
		for _, p := range a.all() {
			n += len(p.places)
		}
		if all += n; n > most {
			most, largest = n, a.n
		}
	}
	if l.central != nil {
		all += len(l.central.places)
		if n := len(l.central.places); n > most {
			most, largest = n, l.central.n
		}
	}
	if all < manyPools {
		return
	}
	d := l.found.add(ruleManyShards, largest.at, "%d shards: %d pools in a process that uses all of them", all, all)
	d.Address = largest.address()
	d.Detail = largest.title() + " has " + itoa(most) + " of them"
}
