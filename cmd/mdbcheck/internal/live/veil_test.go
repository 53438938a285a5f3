package live_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/cmd/mdbcheck/internal/live"
)

// What comes from the environment names databases, and no report names them.
func TestCheck_hidesNames(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.edit("variable \"admin_password\" {", "variable \"canary\" {\n  type      = string\n  sensitive = true\n  default   = \"_canary\"\n}\nvariable \"admin_password\" {")
	s.edit(`database = "{user}_${partition.name}_${shard.index}"`, `database = "{user}${var.canary}_${partition.name}_${shard.index}"`)
	s.edit(`database = "{central}_${shard.index}"`, `database = "{central}${var.canary}_${shard.index}"`)
	s.edit(`store  = database(server.u2, "{ids}")`, `store  = database(server.u2, "{ids}${var.canary}")`)
	s.edit(`namespace = "{acme}"`, `namespace = "{acme}${var.canary}"`)
	require.Equal(t, []string{
		"MDB806 area.user.partition.p0: partition p0 of area user has none of its 2 databases: u1/(sensitive), u2/(sensitive)",
		"MDB806 area.user.partition.p1: partition p1 of area user has none of its 3 databases: u1/(sensitive), u2/(sensitive), u3/(sensitive)",
		"MDB806 authority.nyc.store: u2/(sensitive) does not exist",
		"MDB806 central.shards: CENTRAL has none of its 4 databases: u1/(sensitive), u1/(sensitive), u2/(sensitive), u3/(sensitive)",
		"MDB809 authority.chi: authority chi does not hold sequence user",
	}, s.lines(s.check(live.Options{}), "MDB806", "MDB809"))

	// The right databases, and a namespace that they do not have.
	s.provision()
	s.insert("p0/0", s.idsOf("p0/1", 1, 1)...)
	s.exec("u2", "UPDATE {user_canary_p1_1}.mdb_shard SET shard = 2")
	s.exec("u3", "DROP TABLE {user_canary_p1_2}.mdb_case")
	require.NotEmpty(t, s.check(sampled).Diagnostics)
}
