package main_test

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	mdbcheck "github.com/mdbrouter/mdb/cmd/mdbcheck"
)

func TestDiff(t *testing.T) {
	t.Parallel()
	lines := func(names ...string) string { return strings.Join(names, "\n") + "\n" }
	tests := []struct{ name, before, after, want string }{
		{"nothing", "", "", ""},
		{"no change", "a\n", "a\n", ""},
		{"all new", "", "a\nb\n", "@@ -0,0 +1,2 @@\n+a\n+b\n"},
		{"all gone", "a\n", "", "@@ -1 +0,0 @@\n-a\n"},
		{"no line end", "a", "a\n", "@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n"},
		{"CRLF", "a\r\n", "a\n", "@@ -1 +1 @@\n-a␍\n+a\n"},
		{"control characters", "a\x1b[31m\n", "a\tb \n", "@@ -1 +1 @@\n-a␛[31m\n+a\tb \n"},
		{"a line moved", lines("x", "a", "b", "c", "d", "y"), lines("x", "d", "a", "b", "c", "y"), "@@ -1,6 +1,6 @@\n x\n+d\n a\n b\n c\n-d\n y\n"},
		{
			"two hunks", lines("1", "2", "3", "4", "5", "6", "7", "8", "9"), lines("0", "2", "3", "4", "5", "6", "7", "8", "0"),
			"@@ -1,4 +1,4 @@\n-1\n+0\n 2\n 3\n 4\n@@ -6,4 +6,4 @@\n 6\n 7\n 8\n-9\n+0\n",
		},
		{
			"changes near each other", lines("1", "2", "3", "4", "5", "6", "7", "8"), lines("0", "2", "3", "4", "5", "6", "7", "0"),
			"@@ -1,8 +1,8 @@\n-1\n+0\n 2\n 3\n 4\n 5\n 6\n 7\n-8\n+0\n",
		},
		{"a secret", "password=\"hunter2\"\n", "password = \"hunter2\"\n", "@@ -1 +1 @@\n-password=\"*******\"\n+password = \"*******\"\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, "--- a\n+++ a (formatted)\n"+tt.want, mdbcheck.Diff(tt.before, tt.after))
		})
	}
}

// A diff applied to the one text gives the other.
func FuzzDiff(f *testing.F) {
	f.Add("abcabba", "cbabac")
	f.Add("aaaaaaaaaaaa", "aaaabaaaaaaaa")
	random := rand.New(rand.NewPCG(1, 1))
	for range 300 {
		text := make([]byte, 40)
		for i := range text {
			text[i] = 'a' + byte(random.IntN(26))
		}
		f.Add(string(text), string(text[:20])+"zz"+string(text[15:]))
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		before, after := letters(a), letters(b)
		require.Equal(t, after, patch(t, before, mdbcheck.Diff(before, after)))
	})
}

// letters makes a line of each letter, and leaves all else out.
func letters(text string) string {
	var out strings.Builder
	for _, r := range text {
		if r >= 'a' && r <= 'z' {
			fmt.Fprintf(&out, "%c\n", r)
		}
	}
	return out.String()
}

var hunkHeader = regexp.MustCompile(`^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@$`)

// patch applies a diff as strictly as can be: every line must be where it says.
func patch(t *testing.T, text, diff string) string {
	t.Helper()
	old := strings.SplitAfter(text, "\n")
	var out []string
	at := 0
	counts := [2]int{} // lines that the hunk still has
	for _, line := range strings.SplitAfter(diff, "\n")[2:] {
		if line == "" {
			break
		}
		if header := hunkHeader.FindStringSubmatch(strings.TrimSuffix(line, "\n")); header != nil {
			require.Equal(t, [2]int{}, counts, diff)
			number := func(text string) int { n, _ := strconv.Atoi(text); return n }
			for i := range counts {
				if counts[i] = 1; header[2+2*i] != "" {
					counts[i] = number(header[2+2*i])
				}
			}
			start, first := number(header[1]), number(header[3])
			if counts[0] > 0 {
				start--
			}
			if counts[1] > 0 {
				first--
			}
			out = append(out, old[at:start]...)
			at = start
			require.Len(t, out, first, diff)
			continue
		}
		if line[0] != '+' {
			require.Equal(t, old[at], line[1:], diff)
			at++
			counts[0]--
		}
		if line[0] != '-' {
			out = append(out, line[1:])
			counts[1]--
		}
	}
	require.Equal(t, [2]int{}, counts, diff)
	return strings.Join(append(out, old[at:]...), "")
}

// Long files whose lines have all moved take no more than a moment.
func TestDiff_isQuick(t *testing.T) {
	t.Parallel()
	var before, after strings.Builder
	for i := range 100_000 {
		fmt.Fprintf(&before, "line %d\nshards = local.ring\n", i)
		fmt.Fprintf(&after, "line %d\nshards = local.ring\n", 100_000-i)
	}
	start := time.Now()
	require.NotEmpty(t, mdbcheck.Diff(before.String(), after.String()))
	require.Less(t, time.Since(start), 20*time.Second)
}
