package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/mdbrouter/mdb/cmd/internal/command"
	"github.com/mdbrouter/mdb/hcl"
)

func newVersion(s *settings) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Long: `Version prints the version that required_version is held against, and what this
program was built from. -o json prints one object: version, build, commit, go,
platform; build and commit are empty where the program was not built from a
released module or a checkout.

Exit status: 0, or 2 if the output cannot be written.`,
		Example: `  mdbcheck version
  mdbcheck version -o json`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			v := versionOf(debug.ReadBuildInfo())
			if s.output == "json" {
				return command.WriteJSON(s.env.stdout, v)
			}
			_, err := fmt.Fprintln(s.env.stdout, v)
			return err
		},
	}
}

type versionInfo struct {
	Version  string `json:"version"`
	Build    string `json:"build"`
	Commit   string `json:"commit"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

func versionOf(info *debug.BuildInfo, ok bool) versionInfo {
	v := versionInfo{Version: hcl.Version, Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	if !ok {
		return v
	}
	if info.Main.Version != "(devel)" {
		v.Build = info.Main.Version
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" {
			v.Commit = setting.Value
		}
	}
	return v
}

// String gives the version on one line.
func (v versionInfo) String() string {
	text := "mdbcheck " + v.Version
	if v.Build != "" {
		text += " (" + v.Build + ")"
	}
	if v.Commit != "" {
		text += " " + v.Commit
	}
	return text + " " + v.Go + " " + v.Platform
}
