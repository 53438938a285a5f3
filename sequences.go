package mdb

import (
	"context"
	"fmt"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/area/pool"
	"github.com/mdbrouter/mdb/area/provision"
	"github.com/mdbrouter/mdb/gdid"
	"github.com/mdbrouter/mdb/gdid/authority"
	"github.com/mdbrouter/mdb/hcl"
)

// A SequenceStep is one sequence that one authority does not hold yet.
type SequenceStep struct {
	Sequence  string
	Authority string
	First     gdid.RangeKey // where it begins
}

// String says in one line what the step does.
func (s SequenceStep) String() string {
	return fmt.Sprintf("begin sequence %s on authority %s at %v", s.Sequence, s.Authority, s.First)
}

// PlanSequences tells what [Provisioner.CreateSequences] would do. It changes
// nothing.
func (p *Provisioner) PlanSequences(ctx context.Context) ([]SequenceStep, error) {
	var steps []SequenceStep
	for _, s := range sequences(p.source) {
		first, names, err := p.ids.Lacking(ctx, s.Name, gdid.RangeKey{})
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			steps = append(steps, SequenceStep{Sequence: s.Name, Authority: name, First: first})
		}
	}
	return steps, nil
}

// CreateSequences makes every authority hold all sequences: one for each area, and
// those that are declared. Those that are there stay as they are; a new authority
// begins where the others are. [Provision] does it after the shards; after
// [Provisioner.Plan] and Apply it is a step of its own.
func (p *Provisioner) CreateSequences(ctx context.Context) error {
	for _, s := range sequences(p.source) {
		if err := p.ids.Create(ctx, s.Name, gdid.RangeKey{}); err != nil {
			return err
		}
	}
	return nil
}

// Authorities gives the authorities as the admin user reaches them, for operating
// them. The set belongs to p.
func (p *Provisioner) Authorities() *authority.Set { return p.ids }

// Sequences gives the names of all sequences: those of areas in the order
// declared, then the others.
func (p *Provisioner) Sequences() []string {
	var names []string
	for _, s := range sequences(p.source) {
		names = append(names, s.Name)
	}
	return names
}

// adminSet gives the authorities with connections of the admin users, which may
// create databases and so have none by default.
func adminSet(config *hcl.Config, pools *pool.Pools, opts Options) *authority.Set {
	return newSet(config, opts, func(store area.Database, m authority.MySQLConfig) *authority.MySQL {
		m.Database = store.Name
		db, err := pools.Admin(store.Server)
		return authority.NewMySQL(orFailing(db, err), m)
	})
}

// heads are the authorities, except for sequences whose head someone states.
type heads struct {
	*authority.Set
	stated provision.FixedHeads
}

// newHeads gives what provisioning asks for heads.
func newHeads(stated provision.FixedHeads, set *authority.Set) provision.Heads {
	if len(set.Stores()) == 0 {
		return stated
	}
	return heads{Set: set, stated: stated}
}

// of gives who answers for a sequence.
func (h heads) of(sequence string) provision.Heads {
	if _, stated := h.stated[sequence]; stated {
		return h.stated
	}
	return h.Set
}

// Head gives the end of the last block leased, or the head that was stated.
func (h heads) Head(ctx context.Context, sequence string) (gdid.RangeKey, error) {
	return h.of(sequence).Head(ctx, sequence)
}

// SetCeiling keeps authorities from leasing ids at or past a range key.
func (h heads) SetCeiling(ctx context.Context, sequence string, at gdid.RangeKey) error {
	return h.of(sequence).SetCeiling(ctx, sequence, at)
}

// RestoreCeilings puts the ceilings back.
func (h heads) RestoreCeilings(ctx context.Context, sequence string) error {
	return h.of(sequence).RestoreCeilings(ctx, sequence)
}
