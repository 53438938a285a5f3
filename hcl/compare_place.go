package hcl

import "fmt"

func sprintf(format string, args []any) string { return fmt.Sprintf(format, args...) }

// places finds where a version declares something. A version that has no files,
// as one read from a lock, has no places but those that the lock gives.
type places struct {
	cfg   *Config
	nodes map[placeKey]*node // of areas, breakpoints and partitions; made when needed
}

// placeKey names a declaration of an area: the area itself, a breakpoint or a
// partition.
type placeKey struct{ area, breakpoint, partition string }

func (p *places) node(key placeKey) *node {
	if p.cfg.tree == nil {
		return nil
	}
	if p.nodes == nil {
		p.nodes = map[placeKey]*node{}
		for _, a := range p.cfg.tree.all("area") {
			p.nodes[placeKey{area: a.label}] = a
			p.partitions(a.label, a)
			for _, b := range a.all("breakpoint") {
				p.nodes[placeKey{area: a.label, breakpoint: b.label}] = b
				p.partitions(a.label, b)
			}
		}
	}
	return p.nodes[key]
}

func (p *places) partitions(area string, in *node) {
	for _, n := range in.nodes {
		if n.spec.name == "partition" {
			p.nodes[placeKey{area: area, partition: n.label}] = n
		}
	}
}

// argument gives the place of an argument, or of the block's label where the
// argument is not written or empty.
func argumentOf(n *node, names ...string) Range {
	if n == nil {
		return Range{}
	}
	for _, name := range names {
		if _, ok := n.spec.argument(name); ok && n.written(name) {
			return rangeOf(n.arg(name).at)
		}
	}
	return rangeOf(n.named())
}

// area gives the place of an area or of one of its arguments.
func (p *places) area(name, argument string) Range {
	if at, ok := p.cfg.locked[placeKey{area: name}]; ok {
		return at
	}
	return argumentOf(p.node(placeKey{area: name}), argument)
}

// partition gives the place of a partition or of the first of its arguments that
// is written.
func (p *places) partition(area, label string, arguments ...string) Range {
	key := placeKey{area: area, partition: label}
	if at, ok := p.cfg.locked[key]; ok {
		return at
	}
	return argumentOf(p.node(key), arguments...)
}

// breakpoint gives the place of a breakpoint or of one of its arguments.
func (p *places) breakpoint(area, label, argument string) Range {
	return argumentOf(p.node(placeKey{area: area, breakpoint: label}), argument)
}

// block gives the place of a block at the top of a file, or of one of its
// arguments; label is "" for blocks without one.
func (p *places) block(kind, label string, arguments ...string) Range {
	return argumentOf(p.find(kind, label), arguments...)
}

// index gives the place of an index of CENTRAL, or of one of its arguments.
func (p *places) index(label string, arguments ...string) Range {
	if n := p.indexNode(label); n != nil {
		return argumentOf(n, arguments...)
	}
	return argumentOf(p.find("central", ""))
}

func (p *places) indexNode(label string) *node {
	if n := p.find("central", ""); n != nil {
		for _, inner := range n.all("index") {
			if inner.label == label {
				return inner
			}
		}
	}
	return nil
}

func (p *places) find(kind, label string) *node {
	if p.cfg.tree == nil {
		return nil
	}
	for _, n := range p.cfg.tree.all(kind) {
		if n.label == label {
			return n
		}
	}
	return nil
}

// start is the begin of a version's first file: where something would stand that
// it does not have.
func (p *places) start() Range {
	if len(p.cfg.Files) == 0 {
		return Range{}
	}
	at := Pos{Line: 1, Column: 1}
	return Range{Filename: p.cfg.Files[0], Start: at, End: at}
}
