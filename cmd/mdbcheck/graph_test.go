package main_test

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	mdbcheck "github.com/mdbrouter/mdb/cmd/mdbcheck"
)

// manyPartitions writes a configuration of 300 partitions of 8 shards; turn tells on
// which server a shard is.
func manyPartitions(t *testing.T, turn func(p, s int) int) string {
	t.Helper()
	const servers, partitions, shards = 20, 300, 8
	var b strings.Builder
	b.WriteString("mdb {\n  namespace = \"many\"\n}\n")
	for i := range servers {
		fmt.Fprintf(&b, "server \"u%d\" { address = \"u%d:3306\" }\n", i, i)
	}
	b.WriteString("area \"user\" {\n  database = \"user_${partition.name}_${shard.index}\"\n")
	for p := range partitions {
		fmt.Fprintf(&b, "  partition \"p%d\" {\n    start  = \"0:%d\"\n    shards = [", p, p*250_000)
		for s := range shards {
			fmt.Fprintf(&b, "server.u%d,", turn(p, s)%servers)
		}
		b.WriteString("]\n  }\n")
	}
	b.WriteString("}\n")
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "main.mdb.hcl"), []byte(b.String()), 0o644))
	return dir
}

// svgTexts checks that a picture is well-formed XML, that nothing lies outside of
// it, and gives its texts.
func svgTexts(t *testing.T, svg string) []string {
	t.Helper()
	var width, height float64
	var texts []string
	decoder := xml.NewDecoder(strings.NewReader(svg))
	inText := false
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		switch e := token.(type) {
		case xml.StartElement:
			inText = e.Name.Local == "text"
			at := map[string]float64{}
			for _, a := range e.Attr {
				var n float64
				if _, err := fmt.Sscanf(a.Value, "%g", &n); err == nil {
					at[a.Name.Local] = n
				}
			}
			if e.Name.Local == "svg" {
				width, height = at["width"], at["height"]
			} else if at["width"] != 100 {
				require.LessOrEqual(t, at["x"]+at["width"], width)
				require.LessOrEqual(t, at["y"]+at["height"], height)
			}
		case xml.EndElement:
			inText = false
		case xml.CharData:
			if inText {
				texts = append(texts, string(e))
			}
		}
	}
	return texts
}

func TestGraph_isReadableForManyPartitions(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		turn  func(p, s int) int
		flags []string
		want  []string
		most  int // texts
	}{
		{"on the same servers", func(_, s int) int { return s }, nil, []string{"p0 .. p299", "300 partitions", "jump1, 8 shards each"}, 70},
		{"on the same servers, each one drawn", func(_, s int) int { return s }, []string{"--every"}, []string{"p0", "p299", "0:74_750_000"}, 3100},
		{"in runs", func(p, s int) int { return p/15*8 + s }, nil, []string{"p0 .. p14", "p285 .. p299", "15 partitions"}, 320},
		{"each on its own", func(p, s int) int { return p + s }, nil, []string{"p0", "p299", "300 partitions, jump1, 8 shards each"}, 3100},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := manyPartitions(t, tt.turn)
			got := command(mdbcheck.World{}, append([]string{"graph", dir}, tt.flags...)...)
			require.Equal(t, 0, got.status, got.stderr)
			texts := svgTexts(t, got.stdout)
			require.Subset(t, texts, tt.want)
			require.LessOrEqual(t, len(texts), tt.most)
		})
	}
}

// A flowchart has no more arrows than Mermaid draws, whatever the configuration.
func TestGraph_keepsToTheArrowsOfMermaid(t *testing.T) {
	t.Parallel()
	for _, turn := range []func(p, s int) int{
		func(_, s int) int { return s }, func(p, s int) int { return p/15*8 + s }, func(p, s int) int { return p + s },
	} {
		dir := manyPartitions(t, turn)
		got := command(mdbcheck.World{}, "graph", dir, "-o", "mermaid", "--every")
		require.Equal(t, 0, got.status, got.stderr)
		arrows := regexp.MustCompile(`-->|---|-\.-`).FindAllString(got.stdout, -1)
		require.LessOrEqual(t, len(arrows), 500)
		require.NotContains(t, got.stdout, "left out")
		require.Contains(t, got.stdout, "p299")
	}
}

// A reader is shown so many lines of the worst kind first; the JSON has all.
func TestBreaking_isReadableForManyChanges(t *testing.T) {
	t.Parallel()
	was, now := manyPartitions(t, func(p, s int) int { return p + s }), manyPartitions(t, func(p, s int) int { return p + s + 1 })
	got := command(mdbcheck.World{}, "breaking", now, "--against", was)
	require.Equal(t, 1, got.status)
	require.Less(t, strings.Count(got.stdout, "\n"), 800)
	require.Contains(t, got.stdout, "and 260 more\n")
	require.Contains(t, got.stdout, "and 260 more changes; -o json lists all")
	require.Contains(t, got.stdout, ": 300 breaking")
	got = command(mdbcheck.World{}, "breaking", now, "--against", was, "-o", "json")
	require.Equal(t, 300, strings.Count(got.stdout, `"fingerprint":"MDB90`))
}
