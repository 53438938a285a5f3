package hcl

import (
	"slices"
	"time"

	hclv2 "github.com/hashicorp/hcl/v2"
)

// The bounds of what is worth a word.
const (
	fewShards  = 16        // of CENTRAL
	largeBlock = 1_000_000 // ids in a lease
)

// settingsPlace is where something that the configuration lacks is reported: the
// mdb block.
func (l *linter) settingsPlace() hclv2.Range {
	if n := l.root.one("mdb"); n != nil {
		return n.at
	}
	return l.start()
}

// noCentral reports that there is no CENTRAL.
func (l *linter) noCentral() {
	if l.central == nil {
		d := l.found.add(ruleNoCentral, l.settingsPlace(), "there is no central block, and so no lookup by key")
		d.Address = "central"
	}
}

// notNormalised reports indexes of strings that keep spellings of one key apart.
func (l *linter) notNormalised() {
	if l.central == nil {
		return
	}
	for _, n := range l.central.n.all("index") {
		kind, list := n.arg("type"), n.arg("normalize")
		if kind.state == unknown || list.state == unknown || kind.state == known && n.text("type") != "string" {
			continue
		}
		var trims, folds bool
		for _, e := range valueOf[[]element](n, "normalize") {
			trims = trims || e.text == "trim"
			folds = folds || slices.Contains([]string{"lower", "fold", "email"}, e.text)
		}
		if trims && folds {
			continue
		}
		at := n.named()
		if list.state == known {
			at = list.at
		}
		d := l.found.add(ruleNotNormalised, at, "string index %q without trim and one of lower, fold, email: Bob@x and bob@x become two keys on two shards", n.label)
		d.Address = n.address()
		d.Help = `write normalize = ["trim", "nfkc", "fold"]; an index that has keys keeps what it has`
	}
}

// cacheTTL reports a cache that remembers too long.
func (l *linter) cacheTTL() {
	if l.central == nil {
		return
	}
	n := l.central.n.one("cache")
	if n == nil {
		return
	}
	ttl, negative := n.arg("ttl"), n.arg("negative_ttl")
	switch {
	case ttl.state == absent:
		d := l.found.add(ruleCacheTTL, n.at, "the cache has no ttl")
		d.Address = n.address()
		d.Help = `write ttl = "10m": how long another process's change may go unseen`
	case ttl.state == known && negative.state == known && valueOf[time.Duration](n, "negative_ttl") > valueOf[time.Duration](n, "ttl"):
		d := l.found.add(ruleCacheTTL, negative.at, "negative_ttl is longer than ttl")
		d.Address = n.address()
		d.Detail = "a key that was just registered elsewhere stays unknown that long"
		d.relate(ttl.at, "ttl is here")
	}
}

// fewCentral reports a CENTRAL that cannot grow.
func (l *linter) fewCentral() {
	if l.central == nil || l.central.shards.state != known || len(l.central.places) >= fewShards {
		return
	}
	n := len(l.central.places)
	text := itoa(n) + " CENTRAL shards are fixed for good; 64 on the same servers cost nothing now and allow growth"
	if n == 1 {
		text = "1 CENTRAL shard is fixed for good; 64 on the same server cost nothing now and allow growth"
	}
	l.found.add(ruleFewCentral, l.central.shards.at, "%s", text).Address = "central"
}

// noIndexPath reports briefcases that no index leads to.
func (l *linter) noIndexPath() {
	if l.central == nil {
		return
	}
	reached := map[string]bool{}
	for _, n := range l.central.n.all("index") {
		r := valueOf[*reference](n, "briefcase")
		if r == nil {
			return // unset
		}
		reached[r.name] = true
	}
	for _, n := range l.root.all("briefcase") {
		if !reached[n.label] {
			l.found.add(ruleNoIndexPath, n.named(), "nothing in CENTRAL leads to briefcase %q", n.label).Address = n.address()
		}
	}
}

// emptyAreas reports areas without a briefcase.
func (l *linter) emptyAreas() {
	lived := map[string]bool{}
	for _, n := range l.root.all("briefcase") {
		r := valueOf[*reference](n, "area")
		if r == nil {
			return // unset
		}
		lived[r.name] = true
	}
	for _, a := range l.areas {
		if !lived[a.n.label] {
			d := l.found.add(ruleEmptyArea, a.n.named(), "no briefcase lives in area %q", a.n.label)
			d.Address = a.n.address()
			d.Help = "declare the tables that carry its ids: briefcase \"NAME\" { area = area." + a.n.label + " ... }"
		}
	}
}

// singleAuthority reports that there is no spare source of ids. One that keeps
// its sequences in files is for a single node, where a second spares nothing.
func (l *linter) singleAuthority() {
	list := l.root.all("authority")
	if len(list) != 1 || list[0].arg("store").state == absent {
		return
	}
	d := l.found.add(ruleSingleAuthority, list[0].named(), "authority %q is the only one: without it no id can be made", list[0].label)
	d.Address = list[0].address()
	d.Help = "add one on another server; each has a number of its own"
}

// authorityOnShard reports authorities that a busy shard could starve.
func (l *linter) authorityOnShard() {
	shards := map[string]bool{}
	for _, a := range l.areas {
		for _, p := range a.all() {
			for i := range p.places {
				shards[p.places[i].server] = true
			}
		}
	}
	for _, n := range l.root.all("authority") {
		if r := valueOf[*reference](n, "store"); r != nil && shards[r.name] {
			d := l.found.add(ruleAuthorityOnShard, n.arg("store").at, "the id store of authority %q shares server %s with shards", n.label, r.name)
			d.Address = n.address()
		}
	}
}

// blockSize reports leases that are too small or too large.
func (l *linter) blockSize() {
	for _, n := range l.root.all("sequence") {
		v := n.arg("block")
		if v.state != known {
			continue
		}
		switch size := n.whole("block"); {
		case size == 1:
			d := l.found.add(ruleBlockSize, v.at, "a block of 1 is a round trip for every id")
			d.Address = n.address()
			d.Help = "lease 100 or more at once; the default is 1000"
		case size > largeBlock:
			d := l.found.add(ruleBlockSize, v.at, "a block of %s ids leaves large gaps, and pushes the head far ahead of the rows", v.number(size))
			d.Address = n.address()
			d.Help = "the default is 1000"
		}
	}
}

// noAuthority reports that ids cannot be made.
func (l *linter) noAuthority() {
	if len(l.root.all("authority")) == 0 {
		l.found.add(ruleNoAuthority, l.settingsPlace(), "there is no authority: ids cannot be generated").Address = "authority"
	}
}
