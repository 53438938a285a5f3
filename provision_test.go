package mdb_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb"
	"github.com/mdbrouter/mdb/area/provision"
	"github.com/mdbrouter/mdb/mdbtest/mysqld"
)

// A declared replica is admitted, so that it may take the primary's place later.
func TestProvision_admits_declared_replicas(t *testing.T) {
	t.Parallel()
	cluster := mysqld.ForTest(t, 2, mysqld.Options{})
	primary, replica := cluster.Servers[0], cluster.Servers[1]
	require.NoError(t, replica.Follow(t.Context(), primary))
	path := filepath.Join(t.TempDir(), "replica.mdb.hcl")
	require.NoError(t, os.WriteFile(path, fmt.Appendf(nil, `
mdb { namespace = "replicated" }
server_defaults { user = "root" }
server "u1" {
  address = %q
  replica "b" { address = %q }
}
area "user" {
  database = "r_${shard.index}"
  partition "p0" {
    start  = "0:0"
    shards = [server.u1]
  }
}
`, primary.Addr(), replica.Addr()), 0o644))
	require.NoError(t, mdb.Provision(t.Context(), path, mdb.Options{}))
	require.Equal(t, []string{"primary", "replica"}, rolesOf(t, primary))
	require.NoError(t, replica.CatchUp(t.Context(), primary))

	// The primary dies, the replica is promoted and answers under the label now.
	require.NoError(t, primary.Kill())
	require.NoError(t, replica.Promote(t.Context()))
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	promoted := filepath.Join(t.TempDir(), "promoted.mdb.hcl")
	swapped := strings.NewReplacer(primary.Addr(), replica.Addr(), replica.Addr(), primary.Addr()).Replace(string(text))
	require.NoError(t, os.WriteFile(promoted, []byte(swapped), 0o644))
	router, err := mdb.Open(t.Context(), promoted, mdb.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, router.Close()) })
	for _, shard := range users(t, router).Shards() {
		require.NoError(t, shard.Ping(t.Context()))
	}
}

func rolesOf(t *testing.T, server *mysqld.Server) []string {
	t.Helper()
	rows, err := server.DB().QueryContext(t.Context(), "SELECT role FROM r_0.mdb_server ORDER BY role")
	require.NoError(t, err)
	defer rows.Close()
	var roles []string
	for rows.Next() {
		var role string
		require.NoError(t, rows.Scan(&role))
		roles = append(roles, role)
	}
	require.NoError(t, rows.Err())
	return roles
}

// Provisioning again changes nothing; a file whose shards are in another order
// would make empty twins and is refused.
func TestProvision_again_and_reordered(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	router := s.open(t)
	b := briefcaseOf(t, router, "0:1:250122")
	addUser(t, b, "ann")
	require.NoError(t, mdb.Provision(t.Context(), s.write(t, "first", firstFile), s.options()))
	require.Equal(t, "ann", nameOf(t, b))

	reordered := s.write(t, "reordered", `
  partition "p0" {
    start  = "0:0"
    shards = [server.u2, server.u1]
  }
`)
	err := mdb.Provision(t.Context(), reordered, s.options())
	refused, ok := errors.AsType[*provision.RefusedError](err)
	require.True(t, ok, "%v", err)
	require.NotEmpty(t, refused.Refusals)
	require.Equal(t, "ann", nameOf(t, b))
}

// Appending takes a head: without one, and without authorities, it is refused.
func TestProvision_refuses_to_append_without_a_head(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	require.NoError(t, mdb.Provision(t.Context(), s.write(t, "before", beforeAppend), s.options()))
	err := mdb.Provision(t.Context(), s.write(t, "after", afterAppend), s.options())
	require.ErrorContains(t, err, "--head user=")
}
