package main

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/cmd/internal/command"
)

func newShow(s *settings) *cobra.Command {
	var databases bool
	cmd := &cobra.Command{
		Use:   "show [PATH]",
		Short: "Print the compiled routing table",
		Long: `Show prints where ids and keys go: for each area its partitions with their absolute
range keys, breakpoints resolved and a profile applied, and the indexes and shards
of CENTRAL. No user, password, address or DSN is printed.

-o json prints one object:
  namespace, hash, fingerprint
  central     null without one, else shards and indexes:
    shards    index, server, database
    indexes   name, briefcase, type, normalize, max_bytes, unique
  areas       name and partitions, in ascending order:
    partitions  name, breakpoint (null in the first range table), hash,
                start, end (exclusive; null where open), shards as above

Exit status: 0 printed, 1 the configuration has errors, 2 could not run.`,
		Example: `  mdbcheck show deploy/mdb
  mdbcheck show deploy/mdb --databases
  mdbcheck show --config deploy/mdb --profile solo -o json | jq '.areas[].partitions[].start'`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg, err := s.routing(cmd, args)
			if err != nil {
				return err
			}
			table := tableOf(cfg.Registry)
			if s.output == "json" {
				return command.WriteJSON(s.env.stdout, table)
			}
			return table.write(s.env.stdout, databases)
		},
	}
	cmd.Flags().BoolVar(&databases, "databases", false, "list every shard with its server and database")
	return cmd
}

// A routingTable is what show prints. Its keys are a promise to other programs.
type routingTable struct {
	Namespace   string        `json:"namespace"`
	Hash        string        `json:"hash"`
	Fingerprint string        `json:"fingerprint"`
	Central     *centralTable `json:"central"`
	Areas       []areaTable   `json:"areas"`
}

type centralTable struct {
	Shards  []shardRow `json:"shards"`
	Indexes []indexRow `json:"indexes"`
}

type indexRow struct {
	Name      string   `json:"name"`
	Briefcase string   `json:"briefcase"`
	Type      string   `json:"type"`
	Normalize []string `json:"normalize"`
	MaxBytes  int      `json:"max_bytes"`
	Unique    bool     `json:"unique"`
}

type areaTable struct {
	Name       string         `json:"name"`
	Partitions []partitionRow `json:"partitions"`
}

type partitionRow struct {
	Name       string     `json:"name"`
	Breakpoint *string    `json:"breakpoint"`
	Hash       string     `json:"hash"`
	Start      string     `json:"start"`
	End        *string    `json:"end"`
	Shards     []shardRow `json:"shards"`
}

type shardRow struct {
	Index    int    `json:"index"`
	Server   string `json:"server"`
	Database string `json:"database"`
}

func tableOf(r *area.Registry) routingTable {
	t := routingTable{Namespace: r.Namespace(), Hash: r.Topology().Hash.String(), Fingerprint: r.Fingerprint().String(), Areas: []areaTable{}}
	if central := r.Central(); central != nil {
		t.Central = &centralTable{Shards: []shardRow{}, Indexes: []indexRow{}}
		for i, db := range central.Shards {
			t.Central.Shards = append(t.Central.Shards, shardRow{Index: i, Server: db.Server, Database: db.Name})
		}
		for _, x := range central.Indexes {
			t.Central.Indexes = append(t.Central.Indexes, indexRow{
				Name: x.Name, Briefcase: x.Briefcase, Type: x.Type,
				Normalize: append([]string{}, x.Normalize...), MaxBytes: x.MaxBytes, Unique: x.Unique,
			})
		}
	}
	for _, a := range r.Areas() {
		rows := []partitionRow{}
		for i, p := range a.Table().All() {
			row := partitionRow{Name: p.Name, Hash: p.Hash.String(), Start: p.Start.String(), Shards: []shardRow{}}
			if p.Breakpoint != "" {
				row.Breakpoint = &p.Breakpoint
			}
			if end, ok := a.Table().End(i); ok {
				text := end.String()
				row.End = &text
			}
			for _, shard := range a.PartitionShards(i) {
				row.Shards = append(row.Shards, shardRow{Index: shard.Index, Server: shard.Server, Database: shard.Database})
			}
			rows = append(rows, row)
		}
		t.Areas = append(t.Areas, areaTable{Name: a.Name(), Partitions: rows})
	}
	return t
}

// write prints the table for a reader.
func (t routingTable) write(w io.Writer, databases bool) error {
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "namespace    %s\nhash         %s\nfingerprint  %s\n", t.Namespace, t.Hash, t.Fingerprint)
	if t.Central != nil {
		fmt.Fprintf(out, "\ncentral  %s on %s\n", count(len(t.Central.Shards), "shard"), spread(t.Central.Shards))
		columns := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(columns, "  INDEX\tGIVES\tTYPE\tMAX BYTES\tUNIQUE\tNORMALIZE")
		for _, x := range t.Central.Indexes {
			fmt.Fprintf(columns, "  %s\tbriefcase.%s\t%s\t%d\t%s\t%s\n", x.Name, x.Briefcase, x.Type, x.MaxBytes, yes(x.Unique), orDash(strings.Join(x.Normalize, ", ")))
		}
		if err := columns.Flush(); err != nil {
			return err
		}
		if databases {
			writeShards(out, t.Central.Shards)
		}
	}
	for _, a := range t.Areas {
		fmt.Fprintf(out, "\narea %s\n", a.Name)
		if err := a.write(out, databases); err != nil {
			return err
		}
	}
	return out.Flush()
}

func (t areaTable) write(out io.Writer, databases bool) error {
	columns := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	header := "  PARTITION\tBREAKPOINT\tSTART\tEND\tHASH\tSHARDS\tSERVERS\n"
	fmt.Fprint(columns, header)
	for i, p := range t.Partitions {
		if databases && i > 0 {
			fmt.Fprint(columns, header)
		}
		breakpoint, end := "-", "open"
		if p.Breakpoint != nil {
			breakpoint = *p.Breakpoint
		}
		if p.End != nil {
			end = *p.End
		}
		fmt.Fprintf(columns, "  %s\t%s\t%s\t%s\t%s\t%d\t%s\n", p.Name, breakpoint, p.Start, end, p.Hash, len(p.Shards), spread(p.Shards))
		if databases {
			if err := columns.Flush(); err != nil {
				return err
			}
			writeShards(out, p.Shards)
		}
	}
	return columns.Flush()
}

func writeShards(out io.Writer, shards []shardRow) {
	digits := len(strconv.Itoa(len(shards) - 1))
	for _, shard := range shards {
		fmt.Fprintf(out, "    %*d  %s/%s\n", digits, shard.Index, shard.Server, shard.Database)
	}
}

// spread says how many shards each server has, in the order they first appear.
func spread(shards []shardRow) string {
	var servers []string
	counts := make(map[string]int)
	for _, shard := range shards {
		if counts[shard.Server]++; !slices.Contains(servers, shard.Server) {
			servers = append(servers, shard.Server)
		}
	}
	for i, server := range servers {
		if n := counts[server]; n > 1 {
			servers[i] = fmt.Sprintf("%s x%d", server, n)
		}
	}
	return strings.Join(servers, ", ")
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}
