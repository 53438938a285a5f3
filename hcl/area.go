package hcl

import (
	"errors"
	"math"
	"slices"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/gdid"
	"github.com/mdbrouter/mdb/partition"
)

// noKey stands for a range key that is not known: package partition passes over
// it without blaming another.
var noKey = gdid.RangeKey{Counter: math.MaxUint64}

// areaModel is an area as it is compiled.
type areaModel struct {
	n           *node
	database    *template // or nil
	partitions  []*partitionModel
	breakpoints []*breakpointModel
}

// breakpointModel is a breakpoint as it is compiled.
type breakpointModel struct {
	n          *node
	at         gdid.RangeKey // or noKey
	partitions []*partitionModel
}

// partitionModel is a partition as it is compiled, or CENTRAL.
type partitionModel struct {
	n      *node
	start  *value        // where start or offset stands
	key    gdid.RangeKey // or noKey
	hash   partition.Hash
	shards *value
	places []place
}

// title names the partition among all: area.user.p1, central.
func (p *partitionModel) title() string {
	if owner := p.owner(); owner != "" {
		return "area." + owner + "." + p.n.label
	}
	return "central"
}

// owner is the label of the partition's area, "" for CENTRAL.
func (p *partitionModel) owner() string {
	n := p.n
	for n.parent.spec.name != rootBlock {
		n = n.parent
	}
	if n == p.n {
		return ""
	}
	return n.label
}

// all gives the partitions of all tables of the area.
func (a *areaModel) all() []*partitionModel {
	all := slices.Clone(a.partitions)
	for _, b := range a.breakpoints {
		all = append(all, b.partitions...)
	}
	return all
}

func (c *compiler) compileAreas() {
	for _, n := range c.root.all("area") {
		a := &areaModel{n: n}
		if v := n.arg("database"); v.state == known {
			a.database = newTemplate(c.evaluator, n, v, false)
		}
		for _, p := range n.all("partition") {
			a.partitions = append(a.partitions, c.partition(p, nil))
		}
		for _, b := range n.all("breakpoint") {
			a.breakpoints = append(a.breakpoints, c.breakpoint(b))
		}
		c.areas = append(c.areas, a)
		c.routing(a)
		for _, p := range a.all() {
			c.nameShards(p, a.database, a.n)
		}
		c.cfg.Topology.Areas = append(c.cfg.Topology.Areas, a.spec())
		if dir := n.arg("schema"); dir.state == known {
			if c.cfg.Schemas == nil {
				c.cfg.Schemas = map[string]string{}
			}
			c.cfg.Schemas[n.label] = n.text("schema")
		}
	}
}

func (c *compiler) breakpoint(n *node) *breakpointModel {
	b := &breakpointModel{n: n, at: noKey}
	if n.arg("at").state == known {
		b.at = valueOf[gdid.RangeKey](n, "at")
	}
	for _, p := range n.all("partition") {
		b.partitions = append(b.partitions, c.partition(p, b))
	}
	return b
}

func (c *compiler) partition(n *node, in *breakpointModel) *partitionModel {
	p := &partitionModel{n: n, key: noKey, hash: valueOf[partition.Hash](n, "hash"), shards: n.arg("shards")}
	p.places = valueOf[[]place](n, "shards")
	right, other := "start", "offset"
	if in != nil {
		right, other = other, right
	}
	p.start = n.arg(right)
	if v := n.arg(other); v.state != absent {
		c.startOrOffset(n, v, in)
		return p
	}
	switch p.start.state {
	case known:
		p.key = valueOf[gdid.RangeKey](n, right)
	case absent:
		i, _ := n.spec.argument(right)
		c.lacks(n, right, n.spec.args[i].doc)
	default: // unknown or reported
	}
	return p
}

// startOrOffset reports the one that does not belong where the partition stands.
func (c *compiler) startOrOffset(n *node, v *value, in *breakpointModel) {
	d := c.found.add(ruleStartOrOffset, v.name, "a partition outside of breakpoints takes start, not offset")
	d.Address = n.address()
	d.Help = "write start = ..., the absolute range key"
	if in == nil {
		return
	}
	d.Summary = "a partition inside a breakpoint takes offset, not start"
	d.Detail = "an offset counts from the breakpoint's at"
	d.Help = "write offset = ..."
	key, ok := v.v.(gdid.RangeKey)
	if !ok || !in.at.Valid() || v.secret {
		return
	}
	if offset, err := key.Sub(in.at); err == nil {
		d.Help = "did you mean offset = " + quote(grouped(offset)) + "?"
		if was, ok := literal(v.expr); ok {
			d.mending(rangeOf(v.name), "start", "offset")
			d.mending(rangeOf(v.at), was, grouped(offset))
		}
	}
}

// routing checks the range tables of an area.
func (c *compiler) routing(a *areaModel) {
	_, err := partition.New(a.table())
	faults, ok := errors.AsType[*partition.SpecError](err)
	if !ok {
		return
	}
	for _, f := range faults.Faults {
		c.fault(a, f)
	}
}

// table describes the area to package partition.
func (a *areaModel) table() partition.Spec {
	spec := partition.Spec{Partitions: tableOf(a.partitions)}
	for _, b := range a.breakpoints {
		spec.Breakpoints = append(spec.Breakpoints, partition.Breakpoint{Name: b.n.label, At: b.at, Partitions: tableOf(b.partitions)})
	}
	return spec
}

func tableOf(list []*partitionModel) []partition.Partition {
	out := make([]partition.Partition, len(list))
	for i, p := range list {
		out[i] = partition.Partition{Name: p.n.label, Start: p.key, Hash: partition.Jump1, Shards: max(1, len(p.places))}
		if p.shards.state == known {
			out[i].Shards = len(p.places)
		}
	}
	return out
}

// robbed reports whether a table lacks what may be in a partition that is
// declared twice and was taken out.
func (c *compiler) robbed(a *areaModel, b *breakpointModel, kind partition.FaultKind) bool {
	n := a.n
	if b != nil {
		n = b.n
	}
	return n.robbed && (kind == partition.NoPartitions || kind == partition.EmptyBreakpoint || kind == partition.Hole)
}

// fault turns a fault of package partition into a finding.
func (c *compiler) fault(a *areaModel, f partition.Fault) {
	list := a.partitions
	var b *breakpointModel
	if f.Breakpoint >= 0 {
		b = a.breakpoints[f.Breakpoint]
		list = b.partitions
	}
	var p, other *partitionModel
	if f.Partition >= 0 {
		p = list[f.Partition]
	}
	if f.Other >= 0 && f.Kind == partition.DuplicateStart {
		other = list[f.Other]
	}
	if c.robbed(a, b, f.Kind) {
		return
	}
	var d *Diagnostic
	switch f.Kind {
	case partition.NoPartitions:
		d = c.found.add(ruleNoPartitions, a.n.at, "area %q has no partitions", a.n.label)
		d.Help = `a first partition starts at "0:0"`
	case partition.EmptyBreakpoint:
		d = c.found.add(ruleEmptyBreakpoint, b.n.at, "breakpoint %q has no partitions", b.n.label)
		d.Help = `add a partition with offset = "0:0", or leave the breakpoint out until there is one`
	case partition.BreakpointOrder:
		d = c.breakpointOrder(a, b, f)
	case partition.Overflow:
		d = c.found.add(ruleBadRangeKey, p.start.at, "offset %v leads past the last range key %v", f.Key, gdid.MaxRangeKey)
	case partition.DuplicateStart:
		d = c.found.add(ruleDuplicateStart, p.start.at, "%s and %s both start at %v", other.n.label, p.n.label, f.Key)
		d.relate(other.start.at, "%s starts here", other.n.label)
	case partition.Hole:
		d = c.hole(a, b, p, f)
	case partition.Unreachable:
		next := a.breakpoints[f.Other]
		d = c.found.add(ruleUnreachable, p.start.at, "%s starts at %v, at or after the next breakpoint %q; no id can reach it", p.n.label, f.Key, next.n.label)
		d.relate(next.n.arg("at").at, "breakpoint %q is at %v", next.n.label, next.at)
		if offset, err := f.Key.Sub(next.at); err == nil {
			d.Help = "move it into the breakpoint, where it has offset = " + quote(grouped(offset)) + ", or remove it"
		}
	case partition.NoShards:
		d = c.found.add(ruleNoShards, p.shards.at, "partition %q has no shards", p.n.label)
		d.Help = "list at least one server"
	default: // InvalidKey and InvalidHash have been reported where they were decoded
		return
	}
	switch {
	case p != nil:
		d.Address = p.n.address()
	case b != nil:
		d.Address = b.n.address()
	default:
		d.Address = a.n.address()
	}
}

func (c *compiler) breakpointOrder(a *areaModel, b *breakpointModel, f partition.Fault) *Diagnostic {
	at := b.n.arg("at").at
	if f.Other < 0 {
		d := c.found.add(ruleBreakpointOrder, at, "breakpoint %q is at 0:0, where the first range table begins", b.n.label)
		d.Help = "the first breakpoint lies above 0:0"
		return d
	}
	before := a.breakpoints[f.Other]
	d := c.found.add(ruleBreakpointOrder, at, "breakpoint %q is at %v, not above the one before it", b.n.label, f.Key)
	d.Help = "breakpoints ascend strictly, in the order they are written"
	d.relate(before.n.arg("at").at, "breakpoint %q is at %v", before.n.label, before.at)
	return d
}

func (c *compiler) hole(a *areaModel, b *breakpointModel, p *partitionModel, f partition.Fault) *Diagnostic {
	first, argument := gdid.RangeKey{}, "start"
	if b != nil {
		first, argument = b.at, "offset"
	}
	last, err := f.Key.Sub(gdid.RangeKey{Counter: 1})
	if err != nil {
		last = first
	}
	d := c.found.add(ruleHole, p.start.at, "ids %v to %v of area %q have no partition", first, last, a.n.label)
	d.Detail = "the first partition of a range table has " + argument + ` = "0:0"`
	d.Help = "if there was a partition for these ids, put it back; otherwise set " + argument + ` = "0:0"`
	return d
}

// spec gives the area for the topology.
func (a *areaModel) spec() area.Spec {
	s := area.Spec{Name: a.n.label, Partitions: specsOf(a.partitions)}
	for _, b := range a.breakpoints {
		s.Breakpoints = append(s.Breakpoints, area.BreakpointSpec{Name: b.n.label, At: b.at, Partitions: specsOf(b.partitions)})
	}
	return s
}

func specsOf(list []*partitionModel) []area.PartitionSpec {
	out := make([]area.PartitionSpec, len(list))
	for i, p := range list {
		out[i] = area.PartitionSpec{Name: p.n.label, Start: p.key, Hash: p.hash, Shards: databasesOf(p.places)}
	}
	return out
}

func databasesOf(places []place) []area.Database {
	out := make([]area.Database, len(places))
	for i := range places {
		out[i] = area.Database{Server: places[i].server, Name: places[i].database}
	}
	return out
}
