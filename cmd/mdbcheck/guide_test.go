package main_test

import (
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// guide guards docs/mdbcheck.md, parts of which several tests write with -update.
var guide sync.Mutex

// guideNames maps what the guide calls things to the cases they are.
var guideNames = [][2]string{
	{"testdata/check/breaking/was/", "origin/main:deploy/mdb/"},
	{"testdata/check/breaking/was", "origin/main"},
	{"testdata/check/breaking/now", "deploy/mdb"},
	{"testdata/check/pins", "deploy/pins"},
	{"testdata/check/hole", "deploy/shop"},
}

// The outputs in the guide are what the commands print. With -update they are
// written anew.
func TestGuide(t *testing.T) {
	t.Parallel()
	const path = "../../docs/mdbcheck.md"
	guide.Lock()
	defer guide.Unlock()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	blocks := 0
	got := regexp.MustCompile("(?s)```console\n(\\$ [^\n]*)\n.*?```").ReplaceAllStringFunc(string(text), func(block string) string {
		blocks++
		command, _, _ := strings.Cut(strings.TrimPrefix(block, "```console\n$ "), "\n")
		run := command
		for _, name := range guideNames[1:] {
			run = strings.ReplaceAll(run, name[1], name[0])
		}
		out := runCommand(t, ".", run)
		out = strings.TrimSuffix(out, "--- exit 0\n\n")
		out = strings.Replace(out, "--- exit 1\n\n", "exit status 1\n", 1)
		out = strings.ReplaceAll(out, "in N ms", "in 9 ms")
		for _, name := range guideNames {
			out = strings.ReplaceAll(out, name[0], name[1])
		}
		return "```console\n$ " + command + "\n" + out + "```"
	})
	require.GreaterOrEqual(t, blocks, 8)
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
	}
	require.Equal(t, string(text), got, "go test ./cmd/mdbcheck -run TestGuide -update writes what is printed now")
}

// Every command has its section or line in the guide.
func TestGuide_hasEveryCommand(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/mdbcheck.md")
	require.NoError(t, err)
	named := regexp.MustCompile("`[a-z]+`").FindAllString(string(text), -1)
	help := runCommand(t, ".", "mdbcheck --help")
	_, list, _ := strings.Cut(help, "Available Commands:\n")
	list, _, _ = strings.Cut(list, "\n\n")
	for line := range strings.Lines(list) {
		name := strings.Fields(line)[0]
		if name == "help" {
			continue
		}
		require.Contains(t, named, "`"+name+"`", "the guide has nothing on %s", name)
	}
}
