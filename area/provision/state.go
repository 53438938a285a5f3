package provision

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/gdid"
)

// A ServerState is what a server was found to be and to hold.
type ServerState struct {
	Server   string // the label
	Identity string // see [area.Identity]; empty where the engine has none
	ReadOnly bool
	Replicas []ReplicaState
	// Databases are those that are stamped, in any namespace, and those that the
	// configuration places here and that exist, in name order.
	Databases []DatabaseState
	// Err tells why the server could not be read; the rest is then incomplete.
	Err error

	foldsNames bool // stores the names of databases in lower case
}

// Database gives the state of a database by name. It reports false for one that
// is neither stamped nor placed here, or does not exist.
func (s *ServerState) Database(name string) (*DatabaseState, bool) {
	name = s.stored(name)
	i, ok := slices.BinarySearchFunc(s.Databases, name, func(d DatabaseState, name string) int { return strings.Compare(d.Name, name) })
	if !ok {
		return nil, false
	}
	return &s.Databases[i], true
}

// stored gives the name under which the server keeps a database or table.
func (s *ServerState) stored(name string) string {
	if s.foldsNames {
		return strings.ToLower(name)
	}
	return name
}

// A ReplicaState is who a declared replica was found to be.
type ReplicaState struct {
	Replica  string // the label
	Identity string
	Err      error // why it could not be asked
}

// A DatabaseState is what was found in a database.
type DatabaseState struct {
	Name string
	// Tables has the names of all tables in order; of databases that the
	// configuration does not place here, only those that make a stamp.
	Tables []string
	// Stamp says which shard the database is; nil: it is none (yet).
	Stamp *Stamp
	// Draft says which shard an unfinished run was making of it; it stays when
	// the database is finished.
	Draft    *Stamp
	Phase    Phase // zero without a draft
	Admitted []Admitted
	// Fence counts the stripes by what they say: one element in a shard where
	// nothing moves.
	Fence []FenceState
	// Indexes are those of a CENTRAL shard, in the order of their names.
	Indexes []IndexState

	placed bool // the configuration places it on this server
}

// identity gives the stamp, finished or not.
func (d *DatabaseState) identity() *Stamp {
	if d.Stamp != nil {
		return d.Stamp
	}
	return d.Draft
}

// A Stamp says which shard a database is.
type Stamp struct {
	Namespace string
	Area      string
	Start     gdid.RangeKey
	Shard     int
	Shards    int
	Hash      string
	// Database is its name when it was made, or last admitted: a copy beside it has
	// the same. CENTRAL shards are told apart by their layout.
	Database string
	UID      [16]byte // random, the same in every copy
	// Layout and SchemaVersion are zero in a draft.
	Layout        uint64
	SchemaVersion uint64
}

// stampOf gives what the database of a shard must say, without UID, layout and
// version.
func stampOf(namespace string, s *area.Shard) Stamp {
	return Stamp{Namespace: namespace, Area: s.Area, Start: s.Start, Shard: s.Index, Shards: s.Count, Hash: s.Hash.String(), Database: s.Database}
}

// place is what at most one database anywhere may be.
type place struct {
	namespace, area string
	start           gdid.RangeKey
	shard           int
}

func (s Stamp) place() place {
	return place{namespace: s.Namespace, area: s.Area, start: s.Start, shard: s.Shard}
}

// String names the shard as messages do: "user from 0:250000, shard 2 of 3, jump1, namespace acme".
func (s Stamp) String() string {
	return fmt.Sprintf("%s from %v, shard %d of %d, %s, namespace %s", s.Area, s.Start, s.Shard, s.Shards, s.Hash, s.Namespace)
}

// difference gives the first fact in which a database differs from what it must
// say, or nil.
func (s Stamp) difference(want Stamp, server, database string) error {
	type fact struct{ name, want, got string }
	facts := []fact{
		{"namespace", want.Namespace, s.Namespace},
		{"area", want.Area, s.Area},
		{"start", want.Start.String(), s.Start.String()},
		{"shard", strconv.Itoa(want.Shard), strconv.Itoa(s.Shard)},
		{"shards", strconv.Itoa(want.Shards), strconv.Itoa(s.Shards)},
		{"hash", want.Hash, s.Hash},
	}
	if want.Database != "" {
		facts = append(facts, fact{"database", want.Database, s.Database})
	}
	for _, f := range facts {
		if f.want != f.got {
			return &area.IdentityError{Server: server, Database: database, Fact: f.name, Want: f.want, Got: f.got}
		}
	}
	return nil
}

// The roles in mdb_server.
const (
	rolePrimary = "primary"
	roleReplica = "replica"
)

// Admitted is a server that may serve a database.
type Admitted struct {
	Identity string
	Server   string // the label it had
	Role     string // "primary" or "replica"
}

// A FenceState counts stripes that say the same.
type FenceState struct {
	Layout uint64
	State  uint8
	End    gdid.RangeKey // exclusive; meaningless unless Ended
	Ended  bool
	Rows   int
}

// endsBy reports whether no id at or past k is let in.
func (f FenceState) endsBy(k gdid.RangeKey) bool { return f.Ended && f.End.Compare(k) <= 0 }

// endsBy reports whether no id at or past k is let in by any stripe.
func (d *DatabaseState) endsBy(k gdid.RangeKey) bool {
	return !slices.ContainsFunc(d.Fence, func(f FenceState) bool { return !f.endsBy(k) })
}
