package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/gdid"
)

func newGraph(s *settings) *cobra.Command {
	var every bool
	cmd := &cobra.Command{
		Use:   "graph [PATH]",
		Short: "Draw where ids and keys live",
		Long: `Graph draws a configuration: the partitions of each area along the id line, their
shards and servers, breakpoints, and CENTRAL.

-o svg      a picture for browsers and documents (default)
-o mermaid  a flowchart in the language of Mermaid, which GitHub and GitLab draw
            where it stands in Markdown between ` + "```mermaid and ```" + `

Neighbouring partitions on the same servers are drawn as one where an area has more
than 40 partitions; --every draws each. The id line is not to scale.

No user, password, address or DSN is drawn.

Exit status: 0 drawn, 1 the configuration has errors, 2 could not run.`,
		Example: `  mdbcheck graph deploy/mdb > mdb.svg
  mdbcheck graph deploy/mdb --profile solo > solo.svg
  mdbcheck graph deploy/mdb -o mermaid`,
		Args:        cobra.MaximumNArgs(1),
		Annotations: map[string]string{outputsOf: "svg mermaid"},
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg, err := s.routing(cmd, args)
			if err != nil {
				return err
			}
			d := drawingOf(cfg.Registry, every)
			if s.output == "mermaid" {
				return d.mermaid(s.env.stdout)
			}
			return d.svg(s.env.stdout)
		},
	}
	cmd.Flags().BoolVar(&every, "every", false, "draw each partition, however many there are")
	return cmd
}

// maxBlocks is how many partitions of an area are drawn one by one.
const maxBlocks = 40

// A drawing is what is drawn of a configuration.
type drawing struct {
	namespace string
	areas     []drawnArea
	central   *drawnCentral
	servers   []drawnServer
}

type drawnArea struct {
	name       string
	partitions int
	blocks     []block
}

// A block is a run of partitions on the same servers, mostly of one.
type block struct {
	first, last string // labels
	count       int    // of partitions
	breakpoint  string // of its range table
	begins      bool   // its breakpoint begins with it
	start       gdid.RangeKey
	end         *gdid.RangeKey // exclusive; nil where open
	hash        string
	shards      []string // server labels, in index order
	mixed       bool     // shards are those of all its partitions together
}

type drawnCentral struct {
	indexes []string
	shards  []string
}

type drawnServer struct {
	name     string
	replicas []string
	shards   []shardsOf // in the order of areas, CENTRAL last
}

// shardsOf counts a server's shards of one area.
type shardsOf struct {
	area  string
	count int
}

func drawingOf(r *area.Registry, every bool) *drawing {
	t := r.Topology()
	d := &drawing{namespace: t.Namespace}
	places := map[string]int{}
	for _, s := range t.Servers {
		places[s.Name] = len(d.servers)
		server := drawnServer{name: s.Name}
		for _, replica := range s.Replicas {
			server.replicas = append(server.replicas, replica.Name)
		}
		d.servers = append(d.servers, server)
	}
	add := func(server, of string) {
		at, ok := places[server]
		if !ok {
			return
		}
		list := &d.servers[at].shards
		if n := len(*list); n == 0 || (*list)[n-1].area != of {
			*list = append(*list, shardsOf{area: of})
		}
		(*list)[len(*list)-1].count++
	}
	for _, a := range r.Areas() {
		d.areas = append(d.areas, drawnArea{name: a.Name(), partitions: a.Table().Len(), blocks: blocksOf(a, every)})
		for _, s := range a.Shards() {
			add(s.Server, a.Name())
		}
	}
	if t.Central != nil {
		d.central = &drawnCentral{}
		for _, x := range t.Central.Indexes {
			d.central.indexes = append(d.central.indexes, x.Name)
		}
		for _, db := range t.Central.Shards {
			d.central.shards = append(d.central.shards, db.Server)
			add(db.Server, "CENTRAL")
		}
	}
	d.servers = slices.DeleteFunc(d.servers, func(s drawnServer) bool { return len(s.shards) == 0 })
	return d
}

// blocksOf gives the blocks of an area, ascending.
func blocksOf(a *area.Area, every bool) []block {
	every = every || a.Table().Len() <= maxBlocks
	var blocks []block
	for i, p := range a.Table().All() {
		b := block{first: p.Name, last: p.Name, count: 1, breakpoint: p.Breakpoint, start: p.Start, hash: p.Hash.String()}
		for _, s := range a.PartitionShards(i) {
			b.shards = append(b.shards, s.Server)
		}
		if end, ok := a.Table().End(i); ok {
			b.end = &end
		}
		if n := len(blocks); n > 0 {
			before := &blocks[n-1]
			if !every && before.breakpoint == b.breakpoint && before.hash == b.hash && slices.Equal(before.shards, b.shards) {
				before.last, before.end = b.last, b.end
				before.count++
				continue
			}
			b.begins = before.breakpoint != b.breakpoint
		}
		blocks = append(blocks, b)
	}
	return blocks
}

// title names the partitions of a block.
func (b *block) title() string {
	if b.count == 1 {
		return b.first
	}
	return fmt.Sprintf("%s .. %s", b.first, b.last)
}

// spreadOf says what is in a block: its shard function and how many shards.
func (b *block) spreadOf() string {
	if b.mixed {
		return count(len(b.shards), "shard")
	}
	text := fmt.Sprintf("%s, %s", b.hash, count(len(b.shards), "shard"))
	if b.count > 1 {
		text += " each"
	}
	return text
}

// A tallied is a server and how many shards of a list are on it.
type tallied struct {
	server string
	first  int // index of its first shard
	count  int
}

// tally counts the shards of a list by server, in the order they first appear.
func tally(shards []string) []tallied {
	var out []tallied
	at := map[string]int{}
	for i, server := range shards {
		k, ok := at[server]
		if !ok {
			k = len(out)
			at[server] = k
			out = append(out, tallied{server: server, first: i})
		}
		out[k].count++
	}
	return out
}

// grouped writes a range key as files do: 0:250_000.
func grouped(k gdid.RangeKey) string {
	digits := fmt.Sprint(k.Counter)
	var b strings.Builder
	fmt.Fprintf(&b, "%d:", k.Era)
	for i, c := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte('_')
		}
		b.WriteRune(c)
	}
	return b.String()
}

// ends says up to where a block goes.
func (b *block) ends() string {
	if b.end == nil {
		return "open"
	}
	return grouped(*b.end)
}
