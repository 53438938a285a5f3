package main

import (
	"context"
	"errors"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/mdbrouter/mdb"
	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/central"
	"github.com/mdbrouter/mdb/cmd/internal/command"
	"github.com/mdbrouter/mdb/gdid"
)

func newCentralLookup(s *settings) *cobra.Command {
	var output, id string
	var keys bool
	cmd := &cobra.Command{
		Use:   "lookup INDEX KEY... | lookup INDEX --id ID",
		Short: "Say which id owns a key, or which keys an id owns",
		Long: `Lookup prints the id that owns each key and where its briefcase lives, one line each
in the order given; an index that is not unique may have several lines for a key.
"-" reads keys from standard input, one a line. With --id it prints the keys of an
id instead: their shards, and with --keys themselves.

A key is written as its index's type wants it: text as it stands (it is normalised),
numbers in decimal, bytes in hex, a UUID, or an id. Write -- before one that begins
with a dash.

-o json prints one object a line: number (of the key, as given), key (with --keys),
id, area, partition, shard, server, database of the briefcase, or with --id key,
shard, server, database of the key. A key that nobody owns has an empty id.

Exit status: 0 all were found, 1 one was not or a server failed, 2 it could not run.`,
		Example: `  mdbctl central lookup email ann@example.com --config deploy/mdb
  mdbctl central lookup email - -o json < emails.txt
  mdbctl central lookup email --id 0:1:250122 --keys`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if (id == "") == (len(args) == 1) {
				return errors.New("give keys, or --id ID: see mdbctl central lookup --help")
			}
			return s.withCentral(cmd, args[:1], centralTimeout, func(ctx context.Context, r *mdb.Router, indexes []*mdb.Index) error {
				if id != "" {
					return s.lookupKeys(ctx, indexes[0], id, keys, output)
				}
				return s.lookupIDs(ctx, r, indexes[0], args[1:], keys, output)
			})
		},
	}
	cmd.Flags().StringVar(&id, "id", "", "print the keys of this id")
	cmd.Flags().BoolVar(&keys, "keys", false, "print keys, as normalised")
	addOutput(cmd, &output, "human", "json")
	return cmd
}

// ownerLine is a key and who owns it.
type ownerLine struct {
	Number    int    `json:"number"`
	Key       string `json:"key,omitempty"`
	ID        string `json:"id"`
	Area      string `json:"area,omitempty"`
	Partition string `json:"partition,omitempty"`
	Shard     int    `json:"shard"`
	Server    string `json:"server,omitempty"`
	Database  string `json:"database,omitempty"`
}

func (s *settings) lookupIDs(ctx context.Context, r *mdb.Router, x *mdb.Index, args []string, show bool, output string) error {
	keys, err := s.readKeys(x, args)
	if err != nil {
		return err
	}
	var lines []ownerLine
	var missing error
	for i, k := range keys {
		ids, err := x.LookupAll(ctx, k)
		if err != nil {
			return failed(err)
		}
		line := ownerLine{Number: i + 1}
		if show {
			line.Key = x.Text(k)
		}
		if len(ids) == 0 {
			missing = &statusError{status: exitFailed}
			lines = append(lines, line)
		}
		for _, id := range ids {
			lines = append(lines, line.owned(r, x, id))
		}
	}
	if output == "json" {
		return errors.Join(s.writeLines(lines), missing)
	}
	var rows table
	rows.add("NUMBER", "KEY", "ID", "SHARD", "SERVER", "DATABASE")
	for _, l := range lines {
		shard := "-"
		if l.ID != "" {
			shard = l.Area + " " + l.Partition + "/" + strconv.Itoa(l.Shard)
		}
		rows.add(strconv.Itoa(l.Number), dash(oneLine(l.Key)), dash(l.ID), shard, dash(l.Server), dash(l.Database))
	}
	if err := s.writeTable(&rows, show, 1); err != nil {
		return err
	}
	return missing
}

// owned gives the line with the briefcase of an id.
func (l ownerLine) owned(r *mdb.Router, x *mdb.Index, id mdb.GDID) ownerLine {
	l.ID = id.String()
	for _, b := range r.Registry().Topology().Briefcases {
		if b.Name != x.Spec().Briefcase {
			continue
		}
		if route, err := r.Route(b.Area, id); err == nil {
			l.Area, l.Partition, l.Shard, l.Server, l.Database = route.Area, route.Partition, route.Shard, route.Server, route.Database
		}
	}
	return l
}

// keyLine is a key of an id.
type keyLine struct {
	Key      string `json:"key,omitempty"`
	Shard    int    `json:"shard"`
	Server   string `json:"server"`
	Database string `json:"database"`
}

func (s *settings) lookupKeys(ctx context.Context, x *mdb.Index, text string, show bool, output string) error {
	id, err := gdid.Parse(text)
	if err != nil {
		return err
	}
	keys, err := x.Keys(ctx, id)
	if err != nil {
		return failed(err)
	}
	lines := make([]keyLine, len(keys))
	for i, k := range keys {
		place, err := x.Shard(k)
		if err != nil {
			return failed(err)
		}
		lines[i] = lineOfKey(x, k, place, show)
	}
	if output == "json" {
		for _, l := range lines {
			if err := command.WriteJSON(s.env.stdout, l); err != nil {
				return err
			}
		}
	} else {
		var rows table
		rows.add("KEY", "SHARD", "SERVER", "DATABASE")
		for _, l := range lines {
			rows.add(dash(oneLine(l.Key)), strconv.Itoa(l.Shard), l.Server, l.Database)
		}
		if err := s.writeTable(&rows, show, 0); err != nil {
			return err
		}
	}
	if len(keys) == 0 {
		return &statusError{status: exitFailed}
	}
	return nil
}

func lineOfKey(x *mdb.Index, k central.Encoded, place area.CentralShard, show bool) keyLine {
	l := keyLine{Shard: place.Index, Server: place.Server, Database: place.Database}
	if show {
		l.Key = x.Text(k)
	}
	return l
}

func (s *settings) writeLines(lines []ownerLine) error {
	for _, l := range lines {
		if err := command.WriteJSON(s.env.stdout, l); err != nil {
			return err
		}
	}
	return nil
}

// writeTable prints a table, without the column of keys unless they are asked for.
func (s *settings) writeTable(rows *table, keys bool, column int) error {
	if !keys {
		for i, row := range rows.rows {
			rows.rows[i] = append(row[:column:column], row[column+1:]...)
		}
	}
	p := s.paint(s.env.stdoutIsTerminal)
	return rows.write(s.env.stdout, func(row, _ int, cell string) string {
		if row == 0 {
			return p.Bold(cell)
		}
		return cell
	})
}
