package main_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	mdbcheck "github.com/mdbrouter/mdb/cmd/mdbcheck"
)

var update = flag.Bool("update", false, "write testdata/check/*/want.txt")

// Each case is a directory with a configuration and want.txt: commands, each in a
// line that begins with "$ ", and below it what it prints and its exit status.
// A command may have variables before it (NAME=VALUE mdbcheck ...) and the file of
// the case that is its standard input after it (< file).
func TestGolden(t *testing.T) {
	t.Parallel()
	cases, err := filepath.Glob("testdata/check/*/want.txt")
	require.NoError(t, err)
	require.NotEmpty(t, cases)
	for _, path := range cases {
		dir := filepath.Dir(path)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			t.Parallel()
			want, err := os.ReadFile(path)
			require.NoError(t, err)
			var got strings.Builder
			for line := range strings.Lines(string(want)) {
				if command, ok := strings.CutPrefix(line, "$ "); ok {
					got.WriteString(line + runCommand(t, dir, command))
				} else if strings.HasPrefix(line, "# ") {
					got.WriteString(line)
				}
			}
			if *update {
				require.NoError(t, os.WriteFile(path, []byte(got.String()), 0o644))
			}
			require.Equal(t, string(want), got.String(), "go test ./cmd/mdbcheck -run TestGolden -update writes what is printed now")
		})
	}
}

func runCommand(t *testing.T, dir, command string) string {
	t.Helper()
	var stdout, stderr bytes.Buffer
	w := mdbcheck.World{Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr, Env: map[string]string{}}
	words := splitWords(command)
	for len(words) > 0 && words[0] != "mdbcheck" {
		name, value, ok := strings.Cut(words[0], "=")
		require.True(t, ok, "%q is no command", command)
		w.Env[name], words = value, words[1:]
	}
	require.NotEmpty(t, words, "%q is no command", command)
	if n := len(words); n > 2 && words[n-2] == "<" {
		file, err := os.Open(filepath.Join(dir, words[n-1]))
		require.NoError(t, err)
		t.Cleanup(func() { _ = file.Close() })
		w.Stdin, words = file, words[:n-2]
	}
	status := mdbcheck.Run(words[1:], w)
	out := regexp.MustCompile(`in \d+ ms`).ReplaceAllString(stdout.String(), "in N ms")
	if stderr.Len() > 0 {
		out += "--- stderr\n" + stderr.String()
	}
	require.NotContains(t, out, "hunter2", "the password of every case")
	return out + fmt.Sprintf("--- exit %d\n\n", status)
}

// splitWords splits a command at spaces outside of single quotes.
func splitWords(command string) []string {
	var words []string
	for i, part := range strings.Split(strings.TrimSpace(command), "'") {
		if i%2 == 1 {
			words = append(words, part)
			continue
		}
		words = append(words, strings.Fields(part)...)
	}
	return words
}
