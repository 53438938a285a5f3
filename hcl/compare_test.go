package hcl_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/gdid"
	"github.com/mdbrouter/mdb/hcl"
)

// grown is a version of an area and one with a partition appended at 0:500.
func grown() (was, now *randomArea) {
	was = onePartition("jump1", "d0")
	now = was.clone()
	now.tables[0].partitions = append(now.tables[0].partitions, randomPartition{name: "p1", hash: "jump1", start: 500, shards: []string{"d1"}})
	return was, now
}

func TestCompare_heads(t *testing.T) {
	t.Parallel()
	was, now := grown()
	tests := []struct {
		name   string
		heads  map[string]gdid.RangeKey
		margin uint64
		want   hcl.Verdict
		safe   string // the smallest safe start
	}{
		{"no head", nil, 0, hcl.NeedsHead, ""},
		{"the head of another area", map[string]gdid.RangeKey{"order": {}}, 0, hcl.NeedsHead, ""},
		{"a head below the start", map[string]gdid.RangeKey{"user": {Counter: 400}}, 0, hcl.Safe, "0:400"},
		{"a head at the start: no id at it exists", map[string]gdid.RangeKey{"user": {Counter: 500}}, 0, hcl.Safe, "0:500"},
		{"a head one above the start", map[string]gdid.RangeKey{"user": {Counter: 501}}, 0, hcl.Breaking, "0:501"},
		{"a margin that ends at the start", map[string]gdid.RangeKey{"user": {Counter: 400}}, 100, hcl.Safe, "0:500"},
		{"a margin that ends above the start", map[string]gdid.RangeKey{"user": {Counter: 400}}, 101, hcl.Breaking, "0:501"},
		{"a head in a later era", map[string]gdid.RangeKey{"user": {Era: 1}}, 0, hcl.Breaking, "1:0"},
		{"a margin of more than an era", map[string]gdid.RangeKey{"user": {}}, math.MaxUint64, hcl.Breaking, "15:1152921504606846975"},
		{"a margin past the last id", map[string]gdid.RangeKey{"user": gdid.MaxRangeKey}, 1, hcl.Breaking, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := hcl.Compare(was.config(), now.config(), hcl.CompareOptions{Heads: tt.heads, Margin: tt.margin})
			require.Len(t, c.Changes, 1)
			require.Equal(t, "MDB907", c.Changes[0].Rule)
			require.Equal(t, tt.want, c.Changes[0].Verdict)
			require.Equal(t, tt.want, c.Verdict())
			require.Equal(t, tt.want, c.Areas[0].Intervals[0].Verdict)
			want := map[hcl.Verdict]hcl.Severity{hcl.Safe: hcl.Notice, hcl.NeedsHead: hcl.Warning, hcl.Breaking: hcl.Error}
			require.Equal(t, want[tt.want], c.Diagnostics()[0].Severity)
			if tt.safe == "" {
				require.Nil(t, c.Areas[0].SafeFrom)
				return
			}
			require.Equal(t, tt.safe, c.Areas[0].SafeFrom.String())
		})
	}
}

// Whatever the edit: if nothing is said to break or to need a head, no id below
// head and margin has moved.
func TestCompare_neverCallsALossSafe(t *testing.T) {
	t.Parallel()
	safe := 0
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(9, seed))
		was, now := versions(r)
		const margin = 50
		head := gdid.RangeKey{Counter: r.Uint64N(8 * randomSpan)}
		c := hcl.Compare(was, now, hcl.CompareOptions{Heads: map[string]gdid.RangeKey{"user": head}, Margin: margin})
		for _, a := range c.Areas {
			for _, x := range a.Intervals {
				require.Equal(t, x.First.Compare(*a.SafeFrom) >= 0, x.Verdict == hcl.Safe, "seed %d", seed)
			}
		}
		if c.Verdict() != hcl.Safe || head.Counter+margin <= 1 {
			continue
		}
		safe++
		for range 200 {
			id, err := gdid.New(0, uint8(r.IntN(16)), 1+r.Uint64N(head.Counter+margin-1))
			require.NoError(t, err)
			require.False(t, movesID(t, was, now, id), "seed %d: %v moves", seed, id)
		}
	}
	require.Greater(t, safe, 20, "the property is tried")
}

// A fingerprint is that of one change: it is the same however often it is made,
// whatever the head, and another for every other change.
func TestCompare_fingerprints(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(10, seed))
		was, now := versions(r)
		print := func(heads map[string]gdid.RangeKey) []string {
			var out []string
			for _, d := range hcl.Compare(was, now, hcl.CompareOptions{Heads: heads}).Changes {
				if len(d.Intervals) > 0 {
					require.Regexp(t, `^MDB9\d\d:[0-9a-f]{16}$`, d.Fingerprint)
					out = append(out, strings.TrimPrefix(d.Fingerprint, d.Rule))
				}
			}
			slices.Sort(out)
			return out
		}
		first := print(nil)
		require.Equal(t, first, print(nil))
		for _, f := range first {
			other, taken := seen[f]
			require.False(t, taken, "seed %d has a fingerprint of %s", seed, other)
			seen[f] = fmt.Sprint("seed ", seed)
		}
	}
	require.Greater(t, len(seen), 100)
}

func TestCompare_accepts(t *testing.T) {
	t.Parallel()
	was, now := onePartition("mod1", "d0", "d1"), onePartition("mod1", "d1", "d0")
	compare := func(list ...hcl.Acceptance) *hcl.Comparison {
		return hcl.Compare(was.config(), now.config(), hcl.CompareOptions{Accepted: list})
	}
	change := compare().Changes[0]
	require.Equal(t, hcl.Breaking, change.Verdict)
	require.Contains(t, change.Help, change.Fingerprint)
	accepted := hcl.Acceptance{Fingerprint: change.Fingerprint, Reason: "moved", Owner: "storage"}

	c := compare(accepted)
	require.Len(t, c.Changes, 1)
	require.Equal(t, hcl.Accepted, c.Changes[0].Verdict)
	require.Equal(t, "storage", c.Changes[0].Acceptance.Owner)
	require.Equal(t, hcl.Accepted, c.Areas[0].Intervals[0].Verdict)
	require.False(t, c.Diagnostics().HasErrors())

	spent := accepted
	spent.Spent = true
	other := accepted
	other.Fingerprint = "MDB902:0000000000000000"
	for _, list := range [][]hcl.Acceptance{{spent}, {other}} {
		c := compare(list...)
		require.Equal(t, hcl.Breaking, c.Verdict())
		require.Equal(t, 1, c.Diagnostics().Count(hcl.Warning), "the acceptance is said to cover nothing")
	}
}

// An authority's number is never used again: a lock remembers those that are gone.
func TestCompare_remembersNumbers(t *testing.T) {
	t.Parallel()
	version := func(authorities string) *hcl.Config {
		return load(t, authorities+lockedText)
	}
	const chi = "authority \"chi\" {\n  number = 0\n  files  = [\"a\"]\n}\n"
	l, err := hcl.NewLock(version(chi), nil)
	require.NoError(t, err)
	l, err = l.Extend(version(""), nil)
	require.NoError(t, err)
	reused := version("authority \"nyc\" {\n  number = 0\n  files  = [\"b\"]\n}\n")
	rules := func(now *hcl.Config) []string {
		var out []string
		for _, d := range hcl.Compare(l.Config(), now, hcl.CompareOptions{}).Changes {
			out = append(out, d.Rule+" "+d.Verdict.String())
		}
		return out
	}
	require.Equal(t, []string{"MDB917 BREAKING"}, rules(reused))
	require.Empty(t, rules(version("")))
	require.Empty(t, rules(version("authority \"new\" {\n  number = 1\n  files  = [\"b\"]\n}\n")), "a first authority has nothing to catch up with")
	require.Empty(t, rules(version(strings.Replace(chi, "chi", "again", 1))), "the same store may come back")
}

// Values from the environment and of sensitive variables are in no change and in
// no lock.
func TestCompare_showsNoSecrets(t *testing.T) {
	t.Parallel()
	const text = `mdb {
  namespace = env("NAMESPACE")
}
server "u1" { address = "u1:3306" }
server "u2" {
  dsn = env("U2_DSN")
}
authority "a" {
  number = tonumber(env("NUMBER"))
  files  = ["x"]
}
central {
  database = "central_${env("NAME")}_${shard.index}"
  shards   = [server.u1]
  index "email" {
    briefcase = briefcase.customer
    normalize = [env("NORMALIZE")]
    max_bytes = 32
  }
}
area "user" {
  database = "user_${partition.name}_${env("NAME")}_${shard.index}"
  partition "p0" {
    start  = "0:0"
    shards = [server.u1, server.u2]
  }
  partition "p1" {
    start  = "0:1000"
    shards = [server.u1, database(server.u2, env("EXPLICIT"))]
  }
}
briefcase "customer" {
  area = area.user
  key  = env("KEY")
  table "tbl_user" {}
}
`
	version := func(tag string) *hcl.Config {
		env := map[string]string{
			"NAMESPACE": canary + tag, "U2_DSN": "root:" + canary + "@tcp(" + tag + ":3306)/", "NUMBER": fmt.Sprint(len(tag)), "NAME": canary + tag,
			"NORMALIZE": map[string]string{"a": "trim", "bb": "fold"}[tag], "EXPLICIT": canary + "x" + tag, "KEY": "k" + canary + tag,
		}
		cfg, err := hcl.Load(".", hcl.Options{FS: fstest.MapFS{"main.mdb.hcl": {Data: []byte(text)}}, Getenv: func(name string) (string, bool) {
			value, ok := env[name]
			return value, ok
		}})
		require.NoError(t, err)
		return cfg
	}
	c := hcl.Compare(version("a"), version("bb"), hcl.CompareOptions{})
	found := map[string]bool{}
	for _, d := range c.Changes {
		found[d.Rule] = true
		all := fmt.Sprintf("%+v", d)
		require.NotContains(t, all, canary)
		require.NotContains(t, d.Summary+d.Detail+d.Help, "fold")
	}
	for _, rule := range []string{"MDB903", "MDB912", "MDB913", "MDB914", "MDB915", "MDB916", "MDB917"} {
		require.True(t, found[rule], "%s is found", rule)
	}
	_, err := hcl.NewLock(version("a"), nil)
	require.ErrorContains(t, err, "the namespace comes from the environment")
	require.NotContains(t, err.Error(), canary)
}

// A lock refuses each route that it must not show.
func TestLock_showsNoSecrets(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, old, edited, want string }{
		{"a namespace", `"locked"`, `env("X")`, "the namespace"},
		{"a template", `"user_${partition.name}_`, `"user_${env("X")}_${partition.name}_`, `the name of a database of partition "p0" of area "user"`},
		{"a database", "server.u2]", `database(server.u2, env("X"))]`, `the name of a database of partition "p0"`},
		{"a start", "    shards = [server.u1, server.u2]\n  }\n", "    shards = [server.u1]\n  }\n  partition \"p1\" {\n    start = env(\"START\")\n    shards = [server.u2]\n  }\n", `the start of partition "p1"`},
		{"the start of a breakpoint", "    shards = [server.u1, server.u2]\n  }\n", "    shards = [server.u1]\n  }\n  breakpoint \"b\" {\n    at = env(\"START\")\n    partition \"r0\" {\n      offset = \"0:0\"\n      shards = [server.u2]\n    }\n  }\n", `the start of breakpoint "b"`},
		{"a store", "profile", "authority \"a\" {\n  number = 0\n  store = database(server.u1, env(\"X\"))\n}\nprofile", `authority "a"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			text := strings.Replace(lockedText, tt.old, tt.edited, 1)
			require.NotEqual(t, lockedText, text)
			cfg, err := hcl.Load(".", hcl.Options{FS: fstest.MapFS{"main.mdb.hcl": {Data: []byte(text)}}, Getenv: func(name string) (string, bool) {
				return map[string]string{"X": canary, "START": "0:777"}[name], true
			}})
			require.NoError(t, err)
			_, err = hcl.NewLock(cfg, nil)
			require.ErrorContains(t, err, tt.want)
			require.NotContains(t, err.Error(), canary)
		})
	}
}

// The pages of the rules are complete, in order, and have no gaps.
func TestBreakingRules(t *testing.T) {
	t.Parallel()
	for i, page := range hcl.BreakingRules() {
		require.Equal(t, fmt.Sprintf("MDB%d", 901+i), page.ID)
		for _, text := range []string{page.Slug, page.Title, page.Text, page.Example, page.Mend} {
			require.NotEmpty(t, text, page.ID)
		}
		require.NotZero(t, page.Severity)
	}
}
