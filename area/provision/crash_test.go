package provision_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/area/provision"
	"github.com/mdbrouter/mdb/gdid"
)

// crashes runs provision once undisturbed, and then broken at every statement that
// can change something, from the first one that is asked for on, each time on servers that prepare has filled. A second run
// must lead to the same state as the undisturbed one.
func crashes(t *testing.T, first int, prepare func(p *process), provision func(p *process) error) {
	t.Helper()
	start := func(f *faults) *process {
		p := newProcess(t)
		prepare(p)
		return p.again(f)
	}
	var counted faults
	whole := start(&counted)
	require.NoError(t, provision(whole))
	want := whole.dump()
	require.NotEmpty(t, want)
	whole.drop()
	t.Logf("%d statements", counted.count)

	for k := first; k <= counted.count; k++ {
		for _, lost := range []bool{false, true} {
			f := &faults{at: k, lost: lost}
			p := start(f)
			err := provision(p)
			require.Error(t, err, "broken at statement %d", k)
			require.True(t, f.hits, "statement %d was never reached", k)
			p.close()

			require.NoError(t, provision(p.again(&faults{})), "again after statement %d, answer lost: %v", k, lost)
			require.Equal(t, want, p.dump(), "broken at statement %d, answer lost: %v", k, lost)
			p.drop()
		}
	}
}

func TestApply_killed_anywhere_while_creating(t *testing.T) {
	t.Parallel()
	one := layout{servers: []string{"u1"}, partitions: []part{{name: "p0", start: "0:0", servers: []string{"u1"}}}}
	crashes(t, 1, func(*process) {}, func(p *process) error {
		return p.provision(context.Background(), p.config(one))
	})
}

func TestApply_killed_anywhere_while_appending(t *testing.T) {
	t.Parallel()
	before := layout{partitions: []part{{name: "p0", start: "0:0", servers: []string{"u1", "u2"}}}}
	after := layout{partitions: append(before.partitions, part{name: "p1", start: "0:1000", servers: []string{"u2"}})}
	var heads *fakeHeads
	crashes(t, 1, func(p *process) {
		heads = &fakeHeads{head: gdid.MustParseRangeKey("0:1000")}
		cfg := p.config(before)
		cfg.Schema = smallSchema
		require.NoError(t, p.provision(context.Background(), cfg))
	}, func(p *process) error {
		cfg := p.config(after)
		cfg.Schema = smallSchema
		cfg.Heads = faultyHeads{fakeHeads: heads, faults: p.faults}
		err := p.provision(context.Background(), cfg)
		if err == nil {
			require.Nil(t, heads.ceiling, "the ceilings are restored")
			require.Positive(t, heads.restored)
		}
		return err
	})
}

// smallSchema has the tables that the briefcase of the tests declares, and no more.
func smallSchema(string) ([]provision.File, error) {
	return []provision.File{{Name: "001.sql", SQL: `CREATE TABLE tbl_user (g_user BINARY(12) NOT NULL PRIMARY KEY);
CREATE TABLE tbl_order (g_user BINARY(12) NOT NULL, n INT NOT NULL, PRIMARY KEY (g_user, n));`}}, nil
}
