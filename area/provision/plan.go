package provision

import (
	"context"
	"fmt"
	"sync"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/gdid"
)

// A Plan is what the servers lack of a configuration. It is made by [NewPlan].
type Plan struct {
	cfg   Config
	steps []Step
}

// NewPlan compares the configuration with all servers, without changing anything.
// It fails with a [RefusedError] if a server cannot be read, two servers are the
// same, a database is stamped as something else, a shard stands where the
// configuration does not put it, a partition has changed, or a partition would be
// appended below ids that may exist.
func NewPlan(ctx context.Context, cfg Config) (*Plan, error) {
	cfg = cfg.withDefaults()
	cfg.Schema = remembered(cfg.Schema)
	d, err := decide(ctx, cfg, Read(ctx, cfg))
	if err != nil {
		return nil, err
	}
	return &Plan{cfg: cfg, steps: d.steps()}, nil
}

// Steps gives the steps in the order in which they are listed; steps on different
// servers are taken at the same time. The caller must not change the slice.
func (p *Plan) Steps() []Step { return p.steps }

// Empty reports whether nothing is left to do.
func (p *Plan) Empty() bool { return len(p.steps) == 0 }

// decision is everything that is to be done.
type decision struct {
	creations  []creation
	centrals   []centralCreation
	admissions []admission
	appends    []appending
}

// creation makes a database a shard.
type creation struct {
	shard      *area.Shard
	want       Stamp
	end        gdid.RangeKey // exclusive, if ended
	ended      bool
	sealed     bool // a predecessor may still take ids of its range
	resume     bool
	admit      []Admitted
	statements []Statement
}

// admission lets a declared replica serve a shard.
type admission struct {
	shard    *area.Shard
	admitted Admitted
}

// appending brings new partitions of one area into use.
type appending struct {
	area string
	// at is the lowest start of a partition that is not open yet.
	at      gdid.RangeKey
	ceiling bool // whether ids must be kept below at
	ends    []ending
	opens   []*area.Shard
	opened  []*area.Shard // by an earlier run, which did not restore the ceilings
	tables  []keyedTable
}

// restore reports whether there are ceilings to restore.
func (a *appending) restore() bool { return a.ceiling || len(a.opened) > 0 }

// ending ends the range of a shard.
type ending struct {
	shard *area.Shard
	at    gdid.RangeKey
	// lost says that the partition behind the end is open already, so the shard has
	// had this end before: a replica was promoted, or a backup restored, that did not
	// have it yet. Ids past it exist, elsewhere, and need not be kept from being made.
	lost bool
}

// keyedTable is a table of a briefcase and its key column.
type keyedTable struct{ table, key string }

func (d *decision) steps() []Step {
	var steps []Step
	for i := range d.creations {
		steps = append(steps, d.creations[i].step())
	}
	for i := range d.centrals {
		steps = append(steps, d.centrals[i].steps()...)
	}
	for i := range d.admissions {
		steps = append(steps, d.admissions[i].step())
	}
	for i := range d.appends {
		a := &d.appends[i]
		if a.ceiling {
			steps = append(steps, a.ceilingStep())
		}
		for _, e := range a.ends {
			steps = append(steps, e.step())
		}
		for _, s := range a.opens {
			steps = append(steps, openStep(s))
		}
		if a.restore() {
			steps = append(steps, a.restoreStep())
		}
	}
	return steps
}

func stepOf(kind Kind, s *area.Shard) Step {
	return Step{Kind: kind, Area: s.Area, Shard: s.Label(), Server: s.Server, Database: s.Database}
}

func (c *creation) step() Step {
	s := stepOf(Create, c.shard)
	s.Sealed, s.Resume, s.Statements = c.sealed, c.resume, len(c.statements)
	return s
}

func (a *admission) step() Step {
	s := stepOf(AdmitReplica, a.shard)
	s.Identity = a.admitted.Identity
	return s
}

func (e ending) step() Step {
	s := stepOf(SetEnd, e.shard)
	s.At = e.at
	return s
}

func openStep(s *area.Shard) Step { return stepOf(OpenShard, s) }

func (a *appending) ceilingStep() Step { return Step{Kind: SetCeiling, Area: a.area, At: a.at} }

func (a *appending) restoreStep() Step { return Step{Kind: RestoreCeilings, Area: a.area} }

// remembered reads the schema of an area once, so that a plan runs the files that
// it was made of.
func remembered(read func(string) ([]File, error)) func(string) ([]File, error) {
	type answer struct {
		files []File
		err   error
	}
	var mu sync.Mutex // guards answers
	answers := make(map[string]answer)
	return func(name string) ([]File, error) {
		mu.Lock()
		defer mu.Unlock()
		a, known := answers[name]
		if !known {
			a.files, a.err = read(name)
			answers[name] = a
		}
		return a.files, a.err
	}
}

// statementsOf reads and splits the schema of an area.
func statementsOf(cfg Config, name string) ([]Statement, error) {
	files, err := cfg.Schema(name)
	if err != nil {
		return nil, fmt.Errorf("read the schema: %w", err)
	}
	var all []Statement
	for _, f := range files {
		statements, err := Split(f)
		if err != nil {
			return nil, err
		}
		all = append(all, statements...)
	}
	return all, nil
}
