package provision

import (
	"fmt"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/gdid"
)

// A Kind is what a step does.
type Kind string

// The kinds, in the order in which an area's steps are taken.
const (
	// Create makes a database a shard: database, mdb_ tables, schema, stamp.
	Create Kind = "create"
	// CreateIndex adds an index to a CENTRAL shard that stands.
	CreateIndex Kind = "index"
	// AdmitReplica admits a declared replica to a shard's database.
	AdmitReplica Kind = "admit"
	// SetCeiling keeps the authorities below the start of a new partition.
	SetCeiling Kind = "ceiling"
	// SetEnd ends the range of a shard before a new partition.
	SetEnd Kind = "end"
	// OpenShard opens a shard that was created sealed.
	OpenShard Kind = "open"
	// RestoreCeilings lets the authorities go past the start again.
	RestoreCeilings Kind = "restore"
)

// A Step is one thing to do. It is a comparable value.
type Step struct {
	Kind     Kind          `json:"kind"`
	Area     string        `json:"area,omitempty"`
	Shard    string        `json:"shard,omitempty"` // partition and index, "p1/2"
	Server   string        `json:"server,omitempty"`
	Database string        `json:"database,omitempty"`
	At       gdid.RangeKey `json:"at,omitzero"` // the ceiling or end
	Sealed   bool          `json:"sealed,omitempty"`
	Index    string        `json:"index,omitempty"`    // the index of CENTRAL to add
	Identity string        `json:"identity,omitempty"` // whom to admit
	// Resume tells that an earlier run has begun the step.
	Resume bool `json:"resume,omitempty"`
	// Statements is how many statements of the schema a Create runs, or how many
	// indexes it makes in CENTRAL.
	Statements int `json:"statements,omitempty"`
}

// String says in one line what the step does.
func (s Step) String() string {
	shard := fmt.Sprintf("%s %s: database %s on %s", s.Area, s.Shard, s.Database, s.Server)
	switch s.Kind {
	case CreateIndex:
		return fmt.Sprintf("add index %s to %s", s.Index, shard)
	case Create:
		if s.Area == area.CentralName {
			return s.centralString(shard)
		}
		verb := "create"
		if s.Resume {
			verb = "finish"
		}
		open := "open"
		if s.Sealed {
			open = "sealed"
		}
		return fmt.Sprintf("%s %s%s, %s", verb, shard, s.schema(), open)
	case AdmitReplica:
		return fmt.Sprintf("admit replica %s to %s", s.Identity, shard)
	case SetCeiling:
		return fmt.Sprintf("keep sequence %s below %v on every authority", s.Area, s.At)
	case SetEnd:
		return fmt.Sprintf("end %s at %v", shard, s.At)
	case OpenShard:
		return "open " + shard
	case RestoreCeilings:
		return fmt.Sprintf("let sequence %s go on", s.Area)
	}
	return string(s.Kind)
}

func (s Step) schema() string {
	switch s.Statements {
	case 0:
		return ""
	case 1:
		return ", 1 statement of schema"
	}
	return fmt.Sprintf(", %d statements of schema", s.Statements)
}

// goal gives the step without what differs between an undisturbed run and one
// that goes on after another.
func (s Step) goal() Step {
	s.Resume, s.Statements = false, 0
	return s
}

// A State tells what became of a step.
type State uint8

// The states.
const (
	// Began: the step begins.
	Began State = iota + 1
	// Waits: the step waits for something; Note says for what.
	Waits
	// Ended: the step is done.
	Ended
	// Failed: the step failed; Apply returns the error.
	Failed
)

// String gives the state in a word.
func (s State) String() string {
	switch s {
	case Began:
		return "began"
	case Waits:
		return "waits"
	case Ended:
		return "ended"
	case Failed:
		return "failed"
	}
	return "none"
}

// An Event tells about the progress of a step.
type Event struct {
	Step  Step // the zero Step while locks are taken
	State State
	Note  string // details, may be empty
	Done  int    // steps that have ended
	Total int    // steps of the plan
}
