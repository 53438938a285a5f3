package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/mdbrouter/mdb/cmd/internal/command"
	"github.com/mdbrouter/mdb/gdid"
)

func newID(s *settings) *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:   "id ID...",
		Short: "Write ids in another form",
		Long: `Id reads ids as era:authority:counter or as 24 hex digits and prints each in the
form that is asked for, one a line: text, hex, sql (a literal for a BINARY(12)
column) or json (id, era, authority, counter, range_key, hex; the counter is a
string, since JSON numbers do not hold 60 bits everywhere). It needs no
configuration and no server.

Exit status: 0 all were ids, 2 one was not.`,
		Example: `  mdbctl id 0:1:250122 -o hex
  mysql -e "SELECT * FROM tbl_user WHERE g_user = $(mdbctl id 0:1:250122 -o sql)"`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			ids := make([]gdid.GDID, len(args))
			var faults []error
			for i, text := range args {
				var err error
				ids[i], err = gdid.Parse(text)
				faults = append(faults, err)
			}
			if err := errors.Join(faults...); err != nil {
				return err
			}
			for _, id := range ids {
				if err := writeID(s, output, id); err != nil {
					return err
				}
			}
			return nil
		},
	}
	addOutput(cmd, &output, "text", "hex", "sql", "json")
	return cmd
}

func writeID(s *settings, output string, id gdid.GDID) error {
	var err error
	switch output {
	case "json":
		return command.WriteJSON(s.env.stdout, struct {
			ID        gdid.GDID     `json:"id"`
			Era       uint32        `json:"era"`
			Authority uint8         `json:"authority"`
			Counter   uint64        `json:"counter,string"`
			RangeKey  gdid.RangeKey `json:"range_key"`
			Hex       string        `json:"hex"`
		}{id, id.Era(), id.Authority(), id.Counter(), id.RangeKey(), id.Hex()})
	case "sql":
		_, err = fmt.Fprintf(s.env.stdout, "x'%s'\n", id.Hex())
	case "hex":
		_, err = fmt.Fprintln(s.env.stdout, id.Hex())
	default:
		_, err = fmt.Fprintln(s.env.stdout, id)
	}
	return err
}
