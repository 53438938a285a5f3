package command_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/cmd/internal/command"
	"github.com/mdbrouter/mdb/hcl"
)

// given gives the path and the options of a command line, or what is said of it.
func given(args ...string) (path string, options hcl.Options, err error) {
	var flags command.Flags
	cmd := &cobra.Command{Use: "do", Args: cobra.MaximumNArgs(1), RunE: func(cmd *cobra.Command, args []string) error {
		var failed [3]error
		path, failed[0] = flags.Path(cmd, args)
		options, failed[1] = flags.Options()
		failed[2] = flags.Validate(cmd)
		return errors.Join(failed[:]...)
	}}
	root := &cobra.Command{Use: "program", SilenceErrors: true, SilenceUsage: true}
	root.AddCommand(cmd)
	flags.AddTo(root)
	command.GuideArgs(root)
	root.SetFlagErrorFunc(command.SeeHelp)
	root.SetOut(io.Discard)
	root.SetArgs(append([]string{"do"}, args...))
	err = root.Execute()
	return path, options, err
}

func TestFlags(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "vars")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	path, options, err := given("--var", "a=1=2", "--var", " b =", "--var-file", file, "--profile", "solo", "--config", dir, dir)
	require.NoError(t, err)
	require.Equal(t, dir, path)
	require.Equal(t, hcl.Options{
		Profile: "solo", Vars: map[string]string{"a": "1=2", "b": ""}, VarFiles: []string{file}, Version: hcl.Version,
	}, options)
	path, _, err = given()
	require.NoError(t, err)
	require.Equal(t, ".", path)
}

func TestFlags_complaints(t *testing.T) {
	t.Parallel()
	tests := []struct {
		args []string
		want string
	}{
		{[]string{"..", "--config", "."}, `two configurations, ".." and --config=".": give one`},
		{[]string{"nothing"}, `no file or directory "nothing": give the directory that holds the *.mdb.hcl files`},
		{[]string{"--var-file", "nothing"}, "cannot read the file of --var-file: stat nothing: no such file or directory"},
		{[]string{"--var", "a=1", "--var", "hunter2"}, "--var number 2 has no NAME=: write --var NAME=VALUE"},
		{[]string{"--var", "=hunter2"}, "--var number 1 has no NAME=: write --var NAME=VALUE"},
		{[]string{"--color", "blue"}, `--color="blue" is not one of auto, always, never: see program do --help`},
		{[]string{"--colour"}, "unknown flag: --colour: see program do --help"},
		{[]string{".", "."}, "accepts at most 1 arg(s), received 2: see program do --help"},
	}
	for _, tt := range tests {
		_, _, err := given(tt.args...)
		require.EqualError(t, err, tt.want)
	}
}
