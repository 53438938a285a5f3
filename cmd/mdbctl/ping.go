package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/mdbrouter/mdb"
	"github.com/mdbrouter/mdb/cmd/internal/command"
)

func newPing(s *settings) *cobra.Command {
	var output string
	var timeout time.Duration
	cmd := &cobra.Command{
		Use:   "ping [PATH]",
		Short: "Ask every server who it is, and every shard whether it is itself",
		Long: `Ping connects to every server as a service does, says who answers, and opens a
connection to each of its shards, which proves that the database is that shard on
a server that was admitted. It changes nothing.

-o json prints one object a line: server, version, identity, read_only, latency_us,
shards, ok, errors.

Exit status: 0 every server is ready, 1 one is not, 2 it could not run.`,
		Example: `  mdbctl ping deploy/mdb
  mdbctl ping deploy/mdb --timeout 2s -o json`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			path, options, err := s.where(cmd, args)
			if err != nil {
				return err
			}
			router, err := mdb.Open(cmd.Context(), path, options)
			if err != nil {
				return err
			}
			ctx, cancel := context.WithTimeout(cmd.Context(), timeout)
			defer cancel()
			report := router.Check(ctx)
			if err := s.writePing(output, report); err != nil {
				return errors.Join(err, router.Close())
			}
			if report.Err() != nil {
				return errors.Join(&statusError{status: exitFailed}, router.Close())
			}
			return failed(router.Close())
		},
	}
	cmd.Flags().DurationVar(&timeout, "timeout", 10*time.Second, "the longest to wait for all answers")
	addOutput(cmd, &output, "human", "json")
	return cmd
}

func (s *settings) writePing(output string, report mdb.Report) error {
	if output == "json" {
		return s.writePingJSON(report)
	}
	var rows table
	rows.add("SERVER", "STATE", "SHARDS", "LATENCY", "VERSION", "IDENTITY")
	for _, r := range report.Servers {
		state, latency := "ready", ""
		if r.Err != nil {
			state = "not ready"
		}
		if r.Latency > 0 {
			latency = r.Latency.Round(10 * time.Microsecond).String()
		}
		rows.add(r.Server, state, strconv.Itoa(r.Shards), latency, oneLine(r.Version), oneLine(r.Identity))
	}
	p := s.paint(s.env.stdoutIsTerminal)
	err := rows.write(s.env.stdout, func(row, column int, cell string) string {
		switch {
		case row == 0:
			return p.Bold(cell)
		case column == 1 && cell == "ready":
			return p.Green(cell)
		case column == 1:
			return p.Red(cell)
		}
		return cell
	})
	if err != nil {
		return err
	}
	var said []string
	for _, r := range report.Servers {
		for _, fault := range flatten(r.Err) {
			fmt.Fprintln(s.env.stderr, p.Red(r.Server+":"), oneLine(fault.Error()))
		}
		if next := nextAfterPing(r.Err); next != "" && !slices.Contains(said, next) {
			said = append(said, next)
		}
	}
	for _, next := range said {
		fmt.Fprintln(s.env.stderr, "next:", next)
	}
	return nil
}

// nextAfterPing is nextStep for who has pinged already.
func nextAfterPing(err error) string {
	if errors.Is(err, mdb.ErrUnavailable) || errors.Is(err, mdb.ErrConnLost) {
		return "see that the server runs and is reached at its address, and that the environment and the variables it needs are set"
	}
	return nextStep(err)
}

func (s *settings) writePingJSON(report mdb.Report) error {
	for _, r := range report.Servers {
		line := struct {
			Server   string   `json:"server"`
			Version  string   `json:"version"`
			Identity string   `json:"identity"`
			ReadOnly bool     `json:"read_only"`
			Latency  int64    `json:"latency_us"`
			Shards   int      `json:"shards"`
			OK       bool     `json:"ok"`
			Errors   []string `json:"errors"`
		}{r.Server, r.Version, r.Identity, r.ReadOnly, r.Latency.Microseconds(), r.Shards, r.Err == nil, []string{}}
		for _, fault := range flatten(r.Err) {
			line.Errors = append(line.Errors, fault.Error())
		}
		if err := command.WriteJSON(s.env.stdout, line); err != nil {
			return err
		}
	}
	return nil
}

// flatten gives the errors that were joined.
func flatten(err error) []error {
	if err == nil {
		return nil
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var list []error
		for _, e := range joined.Unwrap() {
			list = append(list, flatten(e)...)
		}
		return list
	}
	return []error{err}
}
