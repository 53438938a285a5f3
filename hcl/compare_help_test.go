package hcl_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/gdid"
	"github.com/mdbrouter/mdb/hcl"
)

// helpful has an area with two partitions and a breakpoint; ids up to 0:2499 exist.
const helpful = `mdb {
  namespace = "x"
}
server "a" {
  address = "a.db:3306"
}
server "b" {
  address = "b.db:3306"
}
area "user" {
  database = "user_${partition.name}_${shard.index}"
  partition "p0" {
    start  = "0:0"
    shards = [server.a]
  }
  partition "p1" {
    start  = "0:1_000"
    shards = [server.b]
  }
  breakpoint "b" {
    at = "0:2_000"
    partition "r0" {
      offset = "0:0"
      shards = [server.a]
    }
  }
}
`

var helpfulHead = hcl.CompareOptions{Heads: map[string]gdid.RangeKey{"user": {Counter: 2500}}, Margin: 10}

func helpfulConfig(t *testing.T, text string) *hcl.Config {
	t.Helper()
	cfg, err := hcl.Load(".", hcl.Options{FS: fstest.MapFS{"main.mdb.hcl": {Data: []byte(text)}}, Getenv: noEnv})
	require.NoError(t, err)
	return cfg
}

// The key that help suggests, written where the edit went wrong, is safe.
func TestCompare_whatHelpSuggestsIsSafe(t *testing.T) {
	t.Parallel()
	appended := func(offset string) string {
		return strings.Replace(helpful, "      shards = [server.a]\n    }\n  }\n", "      shards = [server.a]\n    }\n"+
			"    partition \"r1\" {\n      offset = \""+offset+"\"\n      shards = [server.b]\n    }\n  }\n", 1)
	}
	tests := []struct {
		name, rule  string
		now         string // how the file is edited
		edited      string // the argument that went wrong
		was         string // the earlier version, if it is not helpful
		wantSuggest string
	}{
		{name: "a start moved up", rule: "MDB905", now: strings.Replace(helpful, `"0:1_000"`, `"0:1_500"`, 1), edited: `"0:1_500"`, wantSuggest: "0:1_000"},
		{name: "a start moved down", rule: "MDB905", now: strings.Replace(helpful, `"0:1_000"`, `"0:500"`, 1), edited: `"0:500"`, wantSuggest: "0:1_000"},
		{name: "an offset moved below ids", rule: "MDB905", was: appended("0:3_000"), now: appended("0:100"), edited: `"0:100"`, wantSuggest: "0:510"},
		{name: "an offset that ids had, moved", rule: "MDB905", was: appended("0:100"), now: appended("0:200"), edited: `"0:200"`, wantSuggest: "0:100"},
		{name: "a breakpoint moved up", rule: "MDB908", now: strings.Replace(helpful, `"0:2_000"`, `"0:2_200"`, 1), edited: `"0:2_200"`, wantSuggest: "0:2_000"},
		{name: "a breakpoint moved down", rule: "MDB908", now: strings.Replace(helpful, `"0:2_000"`, `"0:1_900"`, 1), edited: `"0:1_900"`, wantSuggest: "0:2_000"},
		{name: "a partition appended below ids", rule: "MDB907", now: appended("0:400"), edited: `"0:400"`, wantSuggest: "0:510"},
	}
	last := regexp.MustCompile(`"(\d+:[\d_]+)"`)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			was := helpfulConfig(t, helpful)
			if tt.was != "" {
				was = helpfulConfig(t, tt.was)
			}
			c := hcl.Compare(was, helpfulConfig(t, tt.now), helpfulHead)
			require.Equal(t, hcl.Breaking, c.Verdict())
			require.Equal(t, tt.rule, c.Changes[0].Rule)
			line, _, _ := strings.Cut(c.Changes[0].Help, "\n")
			found := last.FindAllStringSubmatch(line, -1)
			require.NotEmpty(t, found, line)
			suggested := found[len(found)-1][1]
			require.Equal(t, tt.wantSuggest, suggested, line)

			mended := strings.Replace(tt.now, tt.edited, `"`+suggested+`"`, 1)
			c = hcl.Compare(was, helpfulConfig(t, mended), helpfulHead)
			require.Equal(t, hcl.Safe, c.Verdict(), "%s: %v", line, c.Diagnostics())
		})
	}
}

// A server that takes over another's address breaks what is on it; a new address is
// for whoever moves the data.
func TestCompare_addresses(t *testing.T) {
	t.Parallel()
	readdress := func(a, b string) string {
		return strings.NewReplacer("a.db:3306", a, "b.db:3306", b).Replace(helpful)
	}
	tests := []struct {
		name, a, b string
		want       hcl.Verdict
		changes    int
	}{
		{"as they were", "a.db:3306", "b.db:3306", hcl.Safe, 0},
		{"a new one", "new.db:3306", "b.db:3306", hcl.Safe, 1},
		{"swapped", "b.db:3306", "a.db:3306", hcl.Breaking, 2},
		{"one taken over", "b.db:3306", "new.db:3306", hcl.Breaking, 2},
		{"another port of one host", "b.db:3307", "b.db:3306", hcl.Safe, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := hcl.Compare(helpfulConfig(t, helpful), helpfulConfig(t, readdress(tt.a, tt.b)), helpfulHead)
			require.Equal(t, tt.want, c.Verdict())
			require.Len(t, c.Changes, tt.changes)
			var accepted []hcl.Acceptance
			for i := range c.Changes {
				require.Equal(t, "MDB912", c.Changes[i].Rule)
				if c.Changes[i].Fingerprint != "" {
					accepted = append(accepted, hcl.Acceptance{Fingerprint: c.Changes[i].Fingerprint, Reason: "moved", Owner: fmt.Sprint(i)})
				}
			}
			options := helpfulHead
			options.Accepted = accepted
			c = hcl.Compare(helpfulConfig(t, helpful), helpfulConfig(t, readdress(tt.a, tt.b)), options)
			require.NotEqual(t, hcl.Breaking, c.Verdict(), "it can be accepted")
		})
	}
}
