package hcl_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/hcl"
)

func TestConfig_SecretNames(t *testing.T) {
	t.Parallel()
	const text = `mdb { namespace = %NS% }
variable "prefix" { sensitive = true }
server_defaults { user = "rw" }
server "u1" { address = "u1.db:3306" }
server "u2" { address = "u2.db:3306" }
authority "chi" {
  number = 0
  store  = database(server.u1, %IDS%)
}
central {
  database = "${%PREFIX%}_central_${shard.index}"
  shards   = [server.u1, server.u2]
  index "email" { briefcase = briefcase.customer }
}
area "user" {
  database = "user_${partition.name}_${shard.index}"
  partition "p0" {
    start  = "0:0"
    shards = [server.u1, database(server.u2, "${%PREFIX%}_x")]
  }
}
profile "solo" { collapse_to = server.u1 }
briefcase "customer" {
  area = area.user
  key  = %KEY%
  table "tbl_user" {}
}
`
	names := func(profile, namespace, ids, prefix, key string) []string {
		t.Helper()
		path := filepath.Join(t.TempDir(), "acme.mdb.hcl")
		replaced := strings.NewReplacer("%NS%", namespace, "%IDS%", ids, "%PREFIX%", prefix, "%KEY%", key).Replace(text)
		require.NoError(t, os.WriteFile(path, []byte(replaced), 0o600))
		cfg, found := hcl.Check(path, hcl.Options{Profile: profile, Vars: map[string]string{"prefix": "canary"}})
		require.False(t, found.HasErrors(), found)
		return cfg.SecretNames()
	}
	require.Empty(t, names("", `"acme"`, `"ids"`, `"plain"`, `"g_user"`))
	secret := func(value string) string { return `replace(var.prefix, "canary", "` + value + `")` }
	for _, profile := range []string{"", "solo"} {
		want := []string{"canary_central_0", "canary_central_1", "canary_x", "g_user", "hidden", "ids"}
		if profile != "" {
			want = append(want, "hidden/solo")
		}
		require.ElementsMatch(t, want, names(profile, secret("hidden"), secret("ids"), "var.prefix", secret("g_user")))
	}
}
