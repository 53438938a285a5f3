package main_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb"
	"github.com/mdbrouter/mdb/area/pool"
	"github.com/mdbrouter/mdb/area/provision"
	mdbctl "github.com/mdbrouter/mdb/cmd/mdbctl"
)

type denied struct{ number uint16 }

func (d denied) Error() string    { return "denied" }
func (d denied) Number() uint16   { return d.number }
func (d denied) SQLState() string { return "28000" }

// What to do next depends on what is wrong: admitting a server must not be advised
// where it is not the server that differs.
func TestNextStep(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		err  error
		want string
	}{
		{"an unknown server", &mdb.IdentityError{Fact: "server identity"}, "mdbctl admit SERVER"},
		{"a server under another label", &mdb.IdentityError{Fact: "server"}, "mdbctl admit SERVER"},
		{"another namespace", &mdb.IdentityError{Fact: "namespace"}, "compare namespace"},
		{"another start", &mdb.IdentityError{Fact: "start"}, "fixed for good"},
		{"a setting", &mdb.IdentityError{Fact: "autocommit"}, "change that setting"},
		{"a database that is not there", &pool.UnprovisionedError{Database: "d"}, "mdbctl provision"},
		{"an id past the new start", &provision.OverrunError{}, "past all ids"},
		{"a wrong password", (mdb.Error{Op: "connect", Server: "u1"}).Wrap(denied{1045}), "user, password and privileges"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			require.Contains(t, mdbctl.NextStep(test.err), test.want)
		})
	}
	require.Empty(t, mdbctl.NextStep(denied{1064}))
}
