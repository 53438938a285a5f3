package main

import (
	"strconv"

	"github.com/spf13/cobra"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/cmd/internal/command"
	"github.com/mdbrouter/mdb/gdid"
	"github.com/mdbrouter/mdb/hcl"
)

func newTargets(s *settings) *cobra.Command {
	var output, only string
	cmd := &cobra.Command{
		Use:   "targets [PATH]",
		Short: "List all shards and where they are",
		Long: `Targets lists every shard of every area with its server, address and database, for
tools that work through them. It shows no user and no password: use mdbctl each to
hand credentials to a command. It asks no server.

-o json prints one object a line: area, partition, breakpoint, shard, shards,
start, server, address, database. The address is empty where it is not known here.

Exit status: 0 done, 2 it could not run.`,
		Example: `  mdbctl targets deploy/mdb
  mdbctl targets deploy/mdb --area user -o json | jq -r .database`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg, err := s.load(cmd, args)
			if err != nil {
				return err
			}
			if only != "" {
				if only, err = areaOf(cfg, only); err != nil {
					return err
				}
			}
			var list []target
			for i := range cfg.Registry.Shards() {
				if shard := &cfg.Registry.Shards()[i]; only == "" || shard.Area == only {
					list = append(list, targetOf(cfg, shard))
				}
			}
			return s.writeTargets(output, list)
		},
	}
	cmd.Flags().StringVar(&only, "area", "", "list the shards of one area")
	addOutput(cmd, &output, "human", "json")
	return cmd
}

// A target is a shard as tools see it.
type target struct {
	Area       string        `json:"area"`
	Partition  string        `json:"partition"`
	Breakpoint string        `json:"breakpoint"`
	Shard      int           `json:"shard"`
	Shards     int           `json:"shards"`
	Start      gdid.RangeKey `json:"start"`
	Server     string        `json:"server"`
	Address    string        `json:"address"`
	Database   string        `json:"database"`
}

func targetOf(cfg *hcl.Config, s *area.Shard) target {
	t := target{
		Area: s.Area, Partition: s.Partition, Breakpoint: s.Breakpoint, Shard: s.Index, Shards: s.Count,
		Start: s.Start, Server: s.Server, Database: s.Database,
	}
	if server, err := serverOf(cfg, s.Server); err == nil && server.Primary.Known {
		t.Address = server.Primary.DSN.Address()
	}
	return t
}

func (s *settings) writeTargets(output string, list []target) error {
	if output == "json" {
		for _, t := range list {
			if err := command.WriteJSON(s.env.stdout, t); err != nil {
				return err
			}
		}
		return nil
	}
	var rows table
	rows.add("AREA", "SHARD", "START", "SERVER", "ADDRESS", "DATABASE")
	for _, t := range list {
		address := t.Address
		if address == "" {
			address = "(not known here)"
		}
		rows.add(t.Area, t.Partition+"/"+strconv.Itoa(t.Shard), t.Start.String(), t.Server, sanitise(address), t.Database)
	}
	p := s.paint(s.env.stdoutIsTerminal)
	return rows.write(s.env.stdout, func(row, _ int, cell string) string {
		if row == 0 {
			return p.Bold(cell)
		}
		return cell
	})
}
