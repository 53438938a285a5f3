package hcl_test

import (
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/hcl"
)

const placesText = `mdb { namespace = "acme" }
server_defaults {
  user = "mdb"
  pool { max_open = 8 }
}
# mdbcheck:ignore MDB804, MDB805 -- it is drained
server "u1" {
  address = "u1:3306"
  replica "b" { address = "u1b:3306" }
}
server "u2" { address = "u2:3306" }
authority "chi" {
  number = 0
  store  = database(server.u2, "ids")
}
central {
  database = "central_${shard.index}"
  shards   = [server.u1, server.u2]
  index "email" {
    briefcase = briefcase.customer
    max_bytes = 100
  }
}
area "user" {
  database = "user_${partition.name}_${shard.index}"
  partition "p0" {
    start  = "0:0"
    shards = [server.u1, server.u2]
  }
  breakpoint "far" {
    at = "0:1_000"
    partition "r0" {
      offset = "0:0"
      shards = [server.u2]
    }
  }
}
briefcase "customer" {
  area = area.user
  key  = "g_user"
  table "tbl_user" {
    table "tbl_order" {}
  }
}
`

func placed(t *testing.T, settings string, lint *hcl.Lint) *hcl.Config {
	t.Helper()
	files := fstest.MapFS{"main.mdb.hcl": {Data: []byte(placesText)}}
	if settings != "" {
		files[".mdbcheck.hcl"] = &fstest.MapFile{Data: []byte(settings)}
	}
	cfg, found := hcl.Check(".", hcl.Options{FS: files, Lint: lint})
	require.False(t, found.HasErrors(), found)
	return cfg
}

func TestConfig_Place(t *testing.T) {
	t.Parallel()
	cfg := placed(t, "", nil)
	for address, line := range map[string]int{
		"mdb":                                     1,
		"mdb.namespace":                           1,
		"server_defaults.pool":                    4,
		"server.u1":                               7,
		"server.u1.address":                       8,
		"server.u1.replica.b":                     9,
		"server.u1.pool":                          7, // not written
		"server.u2":                               11,
		"authority.chi":                           12,
		"authority.chi.store":                     14,
		"central":                                 16,
		"central.shards":                          18,
		"central.index.email":                     19,
		"central.index.email.max_bytes":           21,
		"area.user":                               24,
		"area.user.partition.p0":                  26,
		"area.user.partition.p0.shards":           28,
		"area.user.partition.r0":                  32,
		"area.user.breakpoint.far":                30,
		"area.user.breakpoint.far.partition.r0":   32,
		"area.user.partition.gone":                24,
		"briefcase.customer.key":                  40,
		"briefcase.customer.table.tbl_user":       41,
		"briefcase.customer.table.tbl_order":      42,
		"briefcase.customer.table.tbl_user.table": 41,
		"area.gone":                               1,
		"":                                        1,
	} {
		at := cfg.Place(address)
		require.Equal(t, "main.mdb.hcl", at.Filename, address)
		require.Equal(t, line, at.Start.Line, address)
	}
	label := cfg.Place("server.u1")
	require.Equal(t, `"u1"`, placesText[label.Start.Byte:label.End.Byte])
}

func liveFinding(cfg *hcl.Config, rule, slug string, severity hcl.Severity, address string) hcl.Diagnostic {
	return hcl.Diagnostic{Rule: rule, Slug: slug, Severity: severity, Summary: slug, Address: address, Range: cfg.Place(address)}
}

func always(string) bool { return true }

func TestConfig_Judge(t *testing.T) {
	t.Parallel()
	found := func(cfg *hcl.Config) hcl.Diagnostics {
		return hcl.Diagnostics{
			liveFinding(cfg, "MDB819", "server-settings", hcl.Warning, "server.u2"),
			liveFinding(cfg, "MDB804", "read-only-primary", hcl.Error, "server.u1"),
			liveFinding(cfg, "MDB804", "read-only-primary", hcl.Error, "server.u2"),
			liveFinding(cfg, "MDB805", "replica-lag", hcl.Warning, "server.u1.replica.b"),
		}
	}
	lines := func(list hcl.Diagnostics) []string {
		var out []string
		for _, d := range list {
			out = append(out, d.Severity.String()+" "+d.Slug+" "+d.Address)
		}
		return out
	}

	cfg := placed(t, "", &hcl.Lint{})
	kept, ignored := cfg.Judge(found(cfg), always)
	require.Equal(t, []string{"error read-only-primary server.u2", "warning server-settings server.u2"}, lines(kept))
	require.Len(t, ignored, 2)
	require.Equal(t, "it is drained", ignored[0].Reason)

	// One id of several rules stands for all of them, in settings as in comments.
	cfg = placed(t, "rule \"MDB805\" {\n  severity = \"error\"\n  reason   = \"x\"\n}\nrule \"MDB819\" { severity = \"off\" }\n", &hcl.Lint{})
	late := liveFinding(cfg, "MDB805", "replica-lag", hcl.Warning, "server.u2")
	kept, _ = cfg.Judge(append(found(cfg), late), always)
	require.Equal(t, []string{"error read-only-primary server.u2", "error replica-lag server.u2"}, lines(kept))

	// Without lint nothing is covered.
	cfg = placed(t, "", nil)
	kept, ignored = cfg.Judge(found(cfg), always)
	require.Len(t, kept, 4)
	require.Empty(t, ignored)
}

// A comment that covers nothing is reported where its rules were applied, and
// only there.
func TestConfig_Judge_unusedComments(t *testing.T) {
	t.Parallel()
	cfg := placed(t, "", &hcl.Lint{Today: time.Now()})
	kept, _ := cfg.Judge(nil, always)
	require.Len(t, kept, 2)
	require.Equal(t, "MDB109", kept[0].Rule)
	require.Equal(t, 6, kept[0].Range.Start.Line)

	cfg = placed(t, "", &hcl.Lint{Today: time.Now()})
	kept, _ = cfg.Judge(nil, func(slug string) bool { return slug != "replica-lag" })
	require.Len(t, kept, 1)
	require.Equal(t, "ignore of MDB804 has no effect", kept[0].Summary)

	_, found := hcl.Check(".", hcl.Options{FS: fstest.MapFS{"main.mdb.hcl": {Data: []byte(placesText)}}, Lint: &hcl.Lint{Today: time.Now()}})
	for _, d := range found {
		require.NotEqual(t, "MDB109", d.Rule, "files cannot tell")
	}
}
