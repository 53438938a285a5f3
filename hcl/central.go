package hcl

import (
	"errors"
	"time"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/central/key"
)

// compileCentral reads the central block.
func (c *compiler) compileCentral() {
	blocks := c.root.all("central")
	if len(blocks) == 0 {
		return
	}
	for _, extra := range blocks[1:] {
		d := c.found.add(ruleManyCentral, extra.at, "there is a second central block")
		d.Address = "central"
		d.Detail = "one configuration has at most one"
		d.relate(blocks[0].at, "the first is here")
	}
	n := blocks[0]
	p := &partitionModel{n: n, shards: n.arg("shards"), places: valueOf[[]place](n, "shards")}
	c.central = p
	if p.shards.state == known && len(p.places) == 0 {
		d := c.found.add(ruleNoShards, p.shards.at, "central has no shards")
		d.Address = "central"
		d.Help = "list at least one server; many logical shards on few servers allow growth"
	}
	if v := n.arg("database"); v.state == known {
		c.centralNames = newTemplate(c.evaluator, n, v, true)
	}
	c.nameShards(p, c.centralNames, n)
	central := &area.Central{Shards: databasesOf(p.places)}
	for _, index := range n.all("index") {
		central.Indexes = append(central.Indexes, c.index(index))
	}
	if cache := n.one("cache"); cache != nil {
		central.Cache = area.Cache{
			MaxEntries: cache.whole("max_entries"), TTL: valueOf[time.Duration](cache, "ttl"),
			NegativeTTL: valueOf[time.Duration](cache, "negative_ttl"), StaleIfError: valueOf[time.Duration](cache, "stale_if_error"),
		}
	}
	c.cfg.Topology.Central = central
}

func (c *compiler) index(n *node) area.Index {
	x := area.Index{Name: n.label, Type: n.text("type"), MaxBytes: n.whole("max_bytes"), Unique: true, Proof: n.text("proof")}
	if x.Type == "" {
		x.Type = "string"
	}
	if unique := n.arg("unique"); unique.state == known {
		x.Unique = valueOf[bool](n, "unique")
	}
	if r := valueOf[*reference](n, "briefcase"); r != nil {
		x.Briefcase = r.name
	} else if !n.written("briefcase") {
		d := c.found.add(ruleIndexBriefcase, n.at, "index %q names no briefcase", n.label)
		d.Address = n.address()
		d.Help = "write briefcase = briefcase.NAME: whose GDID the index gives"
	}
	if v := n.arg("proof"); v.state == known {
		c.identifier(n, v, x.Proof, "column")
	}
	normalize := valueOf[[]element](n, "normalize")
	for i := range normalize {
		x.Normalize = append(x.Normalize, normalize[i].text)
	}
	c.checkKey(n, x, normalize)
	return x
}

// maxEntry is InnoDB's limit for one index entry; an index that is not unique
// has the GDID in it too.
const (
	maxEntry = key.MaxMaxBytes
	gdidSize = 12
)

// checkKey asks package key what it thinks of an index.
func (c *compiler) checkKey(n *node, x area.Index, normalize []element) {
	size := n.arg("max_bytes")
	spec := key.Spec{Type: x.Type, Normalize: x.Normalize, MaxBytes: x.MaxBytes}
	if size.state == known && x.MaxBytes == 0 {
		spec.MaxBytes = -1 // zero would mean the default
	}
	_, err := key.New(spec)
	for _, f := range faultsOf(err) {
		switch f.Kind {
		case key.UnknownType:
			d := c.wrong(n.arg("type").at, n, "key type %s is unknown", n.arg("type").shown(x.Type))
			d.Detail = "known are " + listOf(key.Types())
			d.Help = didYouMean(suggest(x.Type, key.Types()))
		case key.UnknownNormaliser:
			d := c.found.add(ruleNormaliser, normalize[f.Index].at, "normaliser %s is unknown", n.arg("normalize").shown(f.Value))
			d.Address = n.address()
			d.Detail = "known are " + listOf(key.Normalisers())
			d.Help = didYouMean(suggest(f.Value, key.Normalisers()))
		case key.WrongTypeNormaliser:
			d := c.found.add(ruleNormaliser, normalize[f.Index].at, "normaliser %q on keys of type %s", f.Value, f.Type)
			d.Address = n.address()
			d.Detail = "only string keys are normalised"
		case key.BadMaxBytes:
			c.badSize(n, size, x, f.Min)
		}
	}
	if !x.Unique && x.MaxBytes > maxEntry-gdidSize && x.MaxBytes <= maxEntry {
		d := c.found.add(ruleKeyTooLong, size.at, "max_bytes %d exceeds %d, what InnoDB holds beside the GDID in an index that is not unique", x.MaxBytes, maxEntry-gdidSize)
		d.Address = n.address()
	}
}

func (c *compiler) badSize(n *node, size *value, x area.Index, least int) {
	r := ruleKeyTooLong
	d := c.found.add(r, size.at, "max_bytes %d is below %d, the least for keys of type %s", x.MaxBytes, least, x.Type)
	if x.MaxBytes > maxEntry {
		d.Summary = "max_bytes " + itoa(x.MaxBytes) + " exceeds InnoDB's " + itoa(maxEntry) + "-byte index limit"
	}
	d.Address = n.address()
}

// faultsOf takes apart what key.New joined.
func faultsOf(err error) []*key.Fault {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		if f, ok := errors.AsType[*key.Fault](err); ok {
			return []*key.Fault{f}
		}
		return nil
	}
	var faults []*key.Fault
	for _, one := range joined.Unwrap() {
		if f, ok := errors.AsType[*key.Fault](one); ok {
			faults = append(faults, f)
		}
	}
	return faults
}
