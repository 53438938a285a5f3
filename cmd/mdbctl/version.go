package main

import (
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/mdbrouter/mdb"
	"github.com/mdbrouter/mdb/cmd/internal/command"
)

func newVersion(s *settings) *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Long: `Version prints the version that required_version is held against.

Exit status: 0, or 2 if the output cannot be written.`,
		Example: `  mdbctl version
  mdbctl version -o json`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if output == "json" {
				return command.WriteJSON(s.env.stdout, struct {
					Version  string `json:"version"`
					Go       string `json:"go"`
					Platform string `json:"platform"`
				}{mdb.Version, runtime.Version(), runtime.GOOS + "/" + runtime.GOARCH})
			}
			_, err := fmt.Fprintln(s.env.stdout, "mdbctl", mdb.Version, runtime.Version(), runtime.GOOS+"/"+runtime.GOARCH)
			return err
		},
	}
	addOutput(cmd, &output, "human", "json")
	return cmd
}
