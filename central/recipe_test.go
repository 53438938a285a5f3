package central_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/central"
	"github.com/mdbrouter/mdb/mdbtest/mysqld"
)

// A process that makes the keys of an index in another way than its tables were made
// for is refused by every call: keys would have two owners.
func TestIndex_refuses_another_recipe(t *testing.T) {
	t.Parallel()
	s := newSite(t, 2)
	changed := *s.registry.Central()
	changed.Indexes = indexes()
	changed.Indexes[0].Normalize = nil // email
	changed.Indexes[2].Unique = true   // phone
	changed.Indexes = append(changed.Indexes, area.Index{Name: "nick", Briefcase: "customer", Unique: true})
	right, wrong := s.process(), s.processOf(s.compile(&changed), nil)
	own(t, right.email(), "ann", id(1))
	require.NoError(t, right.central.Index("phone").Add(t.Context(), "1", id(1)))
	for _, index := range []string{"email", "phone", "nick"} {
		x := wrong.central.Index(index)
		for name, call := range map[string]func() error{
			"reserve": func() error { _, err := x.Reserve(t.Context(), "1", id(2), 0); return err },
			"lookup":  func() error { _, err := x.Lookup(t.Context(), "1"); return err },
			"many":    func() error { _, err := x.LookupMany(t.Context(), []any{"1"}); return err },
			"keys":    func() error { _, err := x.Keys(t.Context(), id(1)); return err },
			"release": func() error { return x.Release(t.Context(), "1", id(1)) },
			"sweep":   func() error { _, err := x.Sweep(t.Context(), central.SweepOptions{}); return err },
		} {
			var differs *area.IdentityError
			err := call()
			require.ErrorAs(t, err, &differs, "%s %s", name, index)
			require.Equal(t, "recipe of index "+index, differs.Fact)
			require.Equal(t, area.RefreshShard, area.Classify(err).Advice)
		}
	}
	require.NoError(t, right.central.Check(t.Context(), 1))
	err := wrong.central.Check(t.Context(), 1)
	require.ErrorContains(t, err, "recipe of index email")
	require.ErrorContains(t, err, "recipe of index phone")
	require.ErrorContains(t, err, `recipe of index nick is "none; run \"mdbctl provision\""`)
	own(t, wrong.central.Index("number"), 1, id(1))
	require.Equal(t, map[string]string{"ann": "0:1:1 live"}, s.rows("email"))
}

// A lax server would cut keys off that do not fit: two keys would be one.
func TestIndex_refuses_a_column_that_is_too_short(t *testing.T) {
	t.Parallel()
	cluster := mysqld.ForTest(t, 2, mysqld.Options{Flags: []string{"--sql-mode="}})
	s := siteOn(t, cluster, "lax_", 1)
	table := "lax_central_0.mdb_index_email MODIFY `key` VARBINARY"
	s.exec("c1", "ALTER TABLE "+table+"(319) NOT NULL")
	p := s.process()
	_, err := p.email().Reserve(t.Context(), "ann@example.com", id(1), 0)
	require.ErrorIs(t, err, area.ErrWrongShard)
	require.ErrorContains(t, err, `key column of index email is "varbinary(319)", want "varbinary(320)"`)
	s.exec("c1", "ALTER TABLE "+table+"(321) NOT NULL")
	own(t, p.email(), "ann@example.com", id(1))
}
