package main

import (
	"encoding/xml"
	"fmt"
	"io"
	"math"
	"strings"
)

// The measures of a picture, in pixels.
const (
	svgWidth    = 1200 // of the picture
	svgMargin   = 24
	svgText     = 12   // size of a letter
	svgLetter   = 7.25 // width of a letter of that size
	svgLine     = 17   // height of a line
	svgPadding  = 8    // within a block
	svgGap      = 10   // between blocks
	svgTitle    = 20   // size of a letter of a title
	svgAxis     = 30   // height of the id line above the blocks of a row
	svgMaxCells = 12   // lines of shards in a block
)

// picture is an SVG at work. y is where the next thing goes.
type picture struct {
	b       strings.Builder
	colors  map[string]string // by server
	y       float64
	compact bool // blocks have no line about what all have in common
}

// svg writes the drawing as a picture.
func (d *drawing) svg(out io.Writer) error {
	p := &picture{colors: map[string]string{}, y: svgMargin}
	for i, s := range d.servers {
		p.colors[s.name] = color(i)
	}
	p.y += svgTitle
	p.text(svgMargin, p.y, "title", d.namespace)
	p.y += svgGap
	for i := range d.areas {
		p.area(&d.areas[i])
	}
	if d.central != nil {
		p.central(d.central)
	}
	p.servers(d.servers)
	height := math.Ceil(p.y + svgMargin)
	_, err := fmt.Fprintf(out, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%.0f" viewBox="0 0 %d %.0f" role="img" aria-label="%s">
<style>
text { font: %dpx ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; fill: #1b1f24; }
.title { font-size: %dpx; font-weight: bold; }
.name { font-weight: bold; }
.dim { fill: #57606a; }
.flag { fill: #9a3412; font-weight: bold; }
.block { fill: #f6f8fa; stroke: #8c959f; }
.line { stroke: #1b1f24; stroke-width: 1.5; }
.mark { stroke: #9a3412; stroke-width: 2; stroke-dasharray: 4 3; }
</style>
<rect width="100%%" height="100%%" fill="#ffffff"/>
%s</svg>
`, svgWidth, height, svgWidth, height, escape("mdb "+d.namespace), svgText, svgTitle, p.b.String())
	return err
}

// color gives a server's colour: light, so that text can be read on it, and far
// from those of its neighbours.
func color(i int) string {
	hue := math.Mod(float64(i)*137.508+210, 360)
	return fmt.Sprintf("hsl(%.0f, %d%%, %d%%)", hue, 62+i/7%3*12, 82-i/21%3*6)
}

func escape(text string) string {
	var b strings.Builder
	if err := xml.EscapeText(&b, []byte(sanitise(text))); err != nil {
		panic(err) // a Builder takes everything
	}
	return b.String()
}

func (p *picture) text(x, y float64, class, text string) {
	fmt.Fprintf(&p.b, "<text x=\"%.1f\" y=\"%.1f\" class=\"%s\">%s</text>\n", x, y, class, escape(text))
}

func (p *picture) line(x1, y1, x2, y2 float64, class string) {
	fmt.Fprintf(&p.b, "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" class=\"%s\"/>\n", x1, y1, x2, y2, class)
}

func (p *picture) box(x, y, w, h float64, class, fill, hint string) {
	style := ""
	if fill != "" {
		style = " style=\"fill:" + fill + "\""
	}
	fmt.Fprintf(&p.b, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"3\" class=\"%s\"%s><title>%s</title></rect>\n", x, y, w, h, class, style, escape(hint))
}

// heading begins a section.
func (p *picture) heading(name, about string) {
	p.y += svgTitle + svgGap
	p.text(svgMargin, p.y, "title", name)
	p.text(svgMargin+float64(len(name))*svgTitle*0.61+svgGap, p.y, "dim", about)
	p.y += svgGap
}

// A cell is a line of shards in a block.
type shardCell struct{ server, text string }

// shardCells gives the lines of a list of shards: one for each, or one for each server
// where there are many.
func shardCells(shards []string) []shardCell {
	var out []shardCell
	if len(shards) <= svgMaxCells {
		for i, server := range shards {
			out = append(out, shardCell{server, fmt.Sprintf("%d  %s", i, server)})
		}
		return out
	}
	for _, t := range tally(shards) {
		out = append(out, shardCell{t.server, fmt.Sprintf("%s x%d", t.server, t.count)})
	}
	if more := len(out) - svgMaxCells; more > 0 {
		out = append(out[:svgMaxCells-1], shardCell{"", fmt.Sprintf("and %d more", more+1)})
	}
	return out
}

// area draws the blocks of an area along the id line, in as many rows as it takes.
func (p *picture) area(a *drawnArea) {
	about := count(a.partitions, "partition")
	p.compact = len(a.blocks) > maxBlocks && a.uniform()
	if p.compact {
		about += ", " + a.blocks[0].spreadOf() + " each"
	}
	p.heading("area "+a.name, about)
	width := 0.0
	for i := range a.blocks {
		width = math.Max(width, a.blocks[i].width(p.compact))
	}
	room := float64(svgWidth - 2*svgMargin - svgGap)
	perRow := max(1, int((room+svgGap)/(width+svgGap)))
	for first := 0; first < len(a.blocks); first += perRow {
		p.row(a.blocks[first:min(first+perRow, len(a.blocks))], width, first+perRow >= len(a.blocks))
	}
}

// uniform reports whether all blocks of an area are single partitions with one
// shard function and one number of shards.
func (a *drawnArea) uniform() bool {
	for i := range a.blocks {
		if b := &a.blocks[i]; b.count > 1 || b.spreadOf() != a.blocks[0].spreadOf() {
			return false
		}
	}
	return true
}

// width gives the room that the text of a block takes.
func (b *block) width(compact bool) float64 {
	longest := max(len(b.title()), len(grouped(b.start))+1)
	if !compact {
		longest = max(longest, len(b.spreadOf()))
	}
	if b.begins {
		longest = max(longest, len("breakpoint ")+len(b.breakpoint))
	}
	for _, c := range shardCells(b.shards) {
		longest = max(longest, len(c.text)+1)
	}
	return math.Max(60, float64(longest)*svgLetter+2*svgPadding)
}

// row draws one row of blocks under its piece of the id line.
func (p *picture) row(blocks []block, width float64, last bool) {
	axis := p.y + svgAxis
	x := float64(svgMargin)
	end := x + float64(len(blocks))*(width+svgGap)
	p.line(x, axis, end, axis, "line")
	if last {
		fmt.Fprintf(&p.b, "<path d=\"M%.1f %.1f l-8 -4 v8 z\"/>\n", end+6, axis)
	}
	lowest := axis
	for i := range blocks {
		b := &blocks[i]
		p.line(x, axis-5, x, axis+5, "line")
		p.text(x+3, axis-6, "dim", grouped(b.start))
		if b.begins {
			p.line(x-svgGap/2, axis-svgAxis+4, x-svgGap/2, axis+svgGap+3*svgLine, "mark")
			p.text(x+3, axis-6-svgLine+3, "flag", "breakpoint "+b.breakpoint)
		}
		lowest = math.Max(lowest, p.block(b, x, axis+svgGap, width))
		x += width + svgGap
	}
	p.y = lowest + svgGap
}

// block draws one block and gives where it ends.
func (p *picture) block(b *block, x, y, width float64) float64 {
	lines := shardCells(b.shards)
	header := 2
	switch {
	case p.compact:
		header = 1
	case b.count > 1:
		header = 3
	}
	height := float64(header+len(lines))*svgLine + 2*svgPadding
	hint := fmt.Sprintf("%s: %s to %s, %s", b.title(), grouped(b.start), b.ends(), b.spreadOf())
	p.box(x, y, width, height, "block", "", hint)
	at := y + svgPadding + svgText
	p.text(x+svgPadding, at, "name", b.title())
	if b.count > 1 {
		at += svgLine
		p.text(x+svgPadding, at, "dim", count(b.count, "partition"))
	}
	if !p.compact {
		at += svgLine
		p.text(x+svgPadding, at, "dim", b.spreadOf())
	}
	for _, c := range lines {
		at += svgLine
		p.cell(c, x+svgPadding/2, at, width-svgPadding)
	}
	return y + height
}

// cell draws a line of shards in its server's colour.
func (p *picture) cell(c shardCell, x, baseline, width float64) {
	if fill, ok := p.colors[c.server]; ok {
		p.box(x, baseline-svgText, width, svgLine-1, "", fill, c.server)
	}
	p.text(x+svgPadding/2, baseline, "", c.text)
}

// central draws CENTRAL: its indexes and its shards by server.
func (p *picture) central(c *drawnCentral) {
	about := count(len(c.shards), "shard") + ", found by the hash of a key"
	if len(c.indexes) > 0 {
		about += ": " + strings.Join(c.indexes, ", ")
	}
	p.heading("CENTRAL", about)
	var lines []shardCell
	for _, t := range tally(c.shards) {
		lines = append(lines, shardCell{t.server, fmt.Sprintf("%s x%d", t.server, t.count)})
	}
	p.grid(len(lines), func(i int) float64 { return float64(len(lines[i].text)+2) * svgLetter }, svgLine, func(i int, x, y, width float64) {
		p.cell(lines[i], x, y+svgText, width)
	})
}

// servers draws all servers with what they carry.
func (p *picture) servers(list []drawnServer) {
	p.heading("servers", count(len(list), "server"))
	text := func(i int) (name, carries, replicas string) {
		s := &list[i]
		var parts []string
		for _, of := range s.shards {
			parts = append(parts, fmt.Sprintf("%s %d", of.area, of.count))
		}
		if more := len(parts) - 3; more > 0 {
			parts = append(parts[:3], fmt.Sprintf("and %d areas", more))
		}
		if len(s.replicas) > 0 {
			replicas = "replicas: " + strings.Join(s.replicas, ", ")
		}
		return s.name, "shards: " + strings.Join(parts, ", "), replicas
	}
	height, anyReplica := 2*svgLine+2*svgPadding, false
	for i := range list {
		anyReplica = anyReplica || len(list[i].replicas) > 0
	}
	if anyReplica {
		height += svgLine
	}
	width := func(i int) float64 {
		name, carries, replicas := text(i)
		return float64(max(len(name), len(carries), len(replicas)))*svgLetter + 2*svgPadding
	}
	p.grid(len(list), width, float64(height), func(i int, x, y, w float64) {
		name, carries, replicas := text(i)
		p.box(x, y, w, float64(height), "block", p.colors[name], name)
		p.text(x+svgPadding, y+svgPadding+svgText, "name", name)
		p.text(x+svgPadding, y+svgPadding+svgText+svgLine, "dim", carries)
		if replicas != "" {
			p.text(x+svgPadding, y+svgPadding+svgText+2*svgLine, "dim", replicas)
		}
	})
}

// grid lays out n boxes of one size, the widest one's, in rows.
func (p *picture) grid(n int, width func(int) float64, height float64, draw func(i int, x, y, width float64)) {
	widest := 80.0
	for i := range n {
		widest = math.Max(widest, width(i))
	}
	perRow := max(1, int((float64(svgWidth-2*svgMargin)+svgGap)/(widest+svgGap)))
	for i := range n {
		draw(i, svgMargin+float64(i%perRow)*(widest+svgGap), p.y+float64(i/perRow)*(height+svgGap), widest)
	}
	rows := (n + perRow - 1) / perRow
	p.y += float64(rows) * (height + svgGap)
}
