package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// maxEdges is how many arrows a flowchart has; Mermaid refuses more than 500. Where
// there are more, the partitions of a range table are drawn as one.
const maxEdges = 450

// mermaid writes the drawing as a flowchart.
func (d *drawing) mermaid(out io.Writer) error {
	for i := range d.areas {
		if d.arrows() > maxEdges {
			d.areas[i].blocks = merged(d.areas[i].blocks)
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%%%% %s\nflowchart LR\n", oneLine(d.namespace))
	var edges []string
	for i := range d.areas {
		a := &d.areas[i]
		fmt.Fprintf(&b, "  subgraph area_%s[\"area %s\"]\n", a.name, a.name)
		for k := range a.blocks {
			edges = append(edges, a.blocks[k].mermaid(&b, fmt.Sprintf("a%d_%d", i, k))...)
		}
		for k := 1; k < len(a.blocks); k++ {
			arrow := "---"
			if a.blocks[k].begins {
				arrow = fmt.Sprintf("-.-|\"breakpoint %s\"|", a.blocks[k].breakpoint)
			}
			fmt.Fprintf(&b, "    a%d_%d %s a%d_%d\n", i, k-1, arrow, i, k)
		}
		b.WriteString("  end\n")
	}
	if c := d.central; c != nil {
		fmt.Fprintf(&b, "  central{{\"CENTRAL<br/>%s\"}}\n", count(len(c.shards), "shard"))
		for _, name := range c.indexes {
			fmt.Fprintf(&b, "  key_%s([\"%s\"]) --> central\n", name, name)
		}
		for _, t := range tally(c.shards) {
			edges = append(edges, fmt.Sprintf("  central -->|\"%d\"| server_%s\n", t.count, t.server))
		}
	}
	b.WriteString("  subgraph servers[\"servers\"]\n")
	for _, s := range d.servers {
		text := s.name
		if len(s.replicas) > 0 {
			text += "<br/>replicas: " + strings.Join(s.replicas, ", ")
		}
		fmt.Fprintf(&b, "    server_%s[(\"%s\")]\n", s.name, text)
	}
	b.WriteString("  end\n")
	for i, edge := range edges {
		if i == maxEdges {
			fmt.Fprintf(&b, "  %%%% %d arrows more are left out\n", len(edges)-i)
			break
		}
		b.WriteString(edge)
	}
	_, err := io.WriteString(out, b.String())
	return err
}

// mermaid writes a block as a node, and gives its arrows to servers.
func (b *block) mermaid(out *strings.Builder, id string) []string {
	text := fmt.Sprintf("%s<br/>%s to %s<br/>%s", b.title(), grouped(b.start), b.ends(), b.spreadOf())
	if b.count > 1 {
		text = fmt.Sprintf("%s<br/>%s", count(b.count, "partition"), text)
	}
	fmt.Fprintf(out, "    %s[\"%s\"]\n", id, text)
	var edges []string
	for _, t := range tally(b.shards) {
		label := fmt.Sprintf("%d of %d", t.count, len(b.shards))
		if t.count == 1 && !b.mixed {
			label = fmt.Sprintf("shard %d", t.first)
		}
		edges = append(edges, fmt.Sprintf("  %s -->|\"%s\"| server_%s\n", id, label, t.server))
	}
	return edges
}

// arrows counts the arrows of the drawing.
func (d *drawing) arrows() int {
	n := 0
	for i := range d.areas {
		for k := range d.areas[i].blocks {
			n += 1 + len(tally(d.areas[i].blocks[k].shards))
		}
	}
	if d.central != nil {
		n += len(d.central.indexes) + len(tally(d.central.shards))
	}
	return n
}

// merged makes one block of each range table.
func merged(blocks []block) []block {
	var out []block
	for _, b := range blocks {
		if n := len(out); n > 0 && out[n-1].breakpoint == b.breakpoint {
			all := &out[n-1]
			all.last, all.end, all.mixed = b.last, b.end, true
			all.count += b.count
			all.shards = append(slices.Clip(all.shards), repeated(b)...)
			continue
		}
		b.shards = repeated(b)
		out = append(out, b)
	}
	return out
}

// repeated gives the shards of all partitions of a block.
func repeated(b block) []string { return slices.Repeat(b.shards, b.count) }
