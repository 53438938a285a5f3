package mdb

import (
	"context"
	"crypto/subtle"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/central"
)

// What users name of CENTRAL, from the package that owns it.
type (
	// Central has the indexes that lead from keys to briefcases.
	Central = central.Central
	// Index leads from keys to GDIDs.
	Index = central.Index
	// Reservation keeps a key for one id until it is confirmed.
	Reservation = central.Reservation
	// SweepOptions tune [Index.Sweep].
	SweepOptions = central.SweepOptions
	// SweepReport counts what a sweep has seen and done.
	SweepReport = central.SweepReport
	// CacheStats tells what CENTRAL's cache did.
	CacheStats = central.Stats
)

// The classes of failure of CENTRAL, to test with errors.Is.
var (
	ErrNoIndex   = central.ErrNoIndex
	ErrNotUnique = central.ErrNotUnique
	ErrUnique    = central.ErrUnique
	ErrLapsed    = central.ErrLapsed
	ErrUsed      = central.ErrUsed
	ErrProof     = central.ErrProof
	// ErrUnconfirmed is returned by [Router.Register] when the briefcase was
	// created and not all of its keys could be confirmed. Nothing is lost: they stay
	// its own, and calling Register again or a sweep makes them visible.
	ErrUnconfirmed = errors.New("the briefcase is created, but not all its keys are confirmed")
)

// Central gives the indexes of CENTRAL. Without a central block in the
// configuration there is none.
func (r *Router) Central() *Central { return r.current.Load().central }

// Find gives the briefcase that owns a key: [Index.Lookup] and
// [Router.Briefcase] on one configuration. It fails with [ErrNoIndex], with
// [ErrNotFound] when nobody owns the key, or with the failure of the lookup.
//
// If the index declares a proof, the briefcase's root row is read as well, in one
// round trip, and must confirm the key: what a wrong row of CENTRAL, or a cached
// one, leads to is then an [ErrProof] and not somebody else's data. Without a root
// row it is ErrNotFound.
func (r *Router) Find(ctx context.Context, index string, key any) (*Briefcase, error) {
	f := finder{snapshot: r.current.Load()}
	f.index = f.snapshot.central.Index(index)
	b, err := f.lookup(ctx, f.index, key)
	if err != nil || f.index.Spec().Proof == "" {
		return b, err
	}
	proof, err := f.index.Proof(key)
	if err != nil {
		return nil, err
	}
	if confirmed, err := f.confirms(ctx, b, b.ID(), proof); err == nil && confirmed {
		return b, nil
	}
	// The key may have changed hands since it was cached, and an unfenced read sees
	// nothing in a shard that this process should not ask.
	if b, err = f.lookup(ctx, f.index.Fresh(), key); err != nil {
		return nil, err
	}
	return f.fenced(ctx, b, proof)
}

// finder is one Find.
type finder struct {
	snapshot *snapshot
	index    *Index
}

func (f *finder) lookup(ctx context.Context, index *Index, key any) (*Briefcase, error) {
	id, err := index.Lookup(ctx, key)
	if err != nil {
		return nil, err
	}
	return f.snapshot.owner(f.index.Spec(), id)
}

// queryer is a briefcase or a transaction in it.
type queryer interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// confirms reports whether the root row of a briefcase keeps the proof.
func (f *finder) confirms(ctx context.Context, q queryer, id GDID, proof []byte) (bool, error) {
	spec := f.index.Spec()
	declared := f.snapshot.declared(spec.Briefcase)
	var kept []byte
	query := fmt.Sprintf("SELECT `%s` FROM `%s` WHERE `%s` = ?", spec.Proof, declared.Tables[0].Name, declared.Key)
	if err := q.QueryRowContext(ctx, query, id).Scan(&kept); err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(kept, proof) == 1, nil
}

// fenced checks the proof behind the fence, for a final verdict.
func (f *finder) fenced(ctx context.Context, b *Briefcase, proof []byte) (*Briefcase, error) {
	confirmed := false
	err := b.InTx(ctx, &sql.TxOptions{ReadOnly: true}, func(tx *sql.Tx) error {
		var err error
		confirmed, err = f.confirms(ctx, tx, b.ID(), proof)
		return err
	})
	switch {
	case errors.Is(err, sql.ErrNoRows):
		err = ErrNotFound
	case err == nil && !confirmed:
		err = ErrProof
	case err == nil:
		return b, nil
	}
	route := b.Route()
	return nil, area.Error{Op: "find", Area: route.Area, ID: b.ID(), Shard: fmt.Sprintf("%s/%d", route.Partition, route.Shard), Server: route.Server}.Wrap(err)
}

// newCentral gives the indexes of a snapshot whose shards are known.
func newCentral(s *snapshot) (*Central, error) {
	declared := s.registry.Central()
	if declared == nil {
		return &Central{}, nil
	}
	cfg := central.Config{Spec: declared, Briefcases: owners{snapshot: s}}
	for _, shard := range declared.ShardList() {
		cfg.Shards = append(cfg.Shards, s.pools.Central(shard))
	}
	return central.New(cfg)
}

// owners reach the briefcases that indexes lead to.
type owners struct{ snapshot *snapshot }

// InTx runs fn in a fenced transaction of the briefcase.
func (o owners) InTx(ctx context.Context, index *area.Index, id GDID, fn func(tx *sql.Tx) error) error {
	b, err := o.snapshot.owner(index, id)
	if err != nil {
		return err
	}
	return b.InTx(ctx, nil, fn)
}

// Server gives the server of a briefcase.
func (o owners) Server(index *area.Index, id GDID) string {
	b, err := o.snapshot.owner(index, id)
	if err != nil {
		return ""
	}
	return b.Route().Server
}

// owner gives the briefcase that an index leads to.
func (s *snapshot) owner(index *area.Index, id GDID) (*Briefcase, error) {
	declared := s.declared(index.Briefcase)
	if declared == nil {
		return nil, &Error{Op: "route", ID: id, Err: fmt.Errorf("index %q leads to no briefcase: %w", index.Name, ErrNoArea)}
	}
	a, ok := s.registry.Area(declared.Area)
	if !ok {
		return nil, &Error{Op: "route", Area: declared.Area, ID: id, Err: ErrNoArea}
	}
	return s.briefcase(a, id)
}

// declared gives the declaration of a kind of briefcase, or nil.
func (s *snapshot) declared(name string) *area.Briefcase {
	list := s.registry.Topology().Briefcases
	i := slices.IndexFunc(list, func(b area.Briefcase) bool { return b.Name == name })
	if i < 0 {
		return nil
	}
	return &list[i]
}

// centralOn gives the CENTRAL shards on a server.
func (s *snapshot) centralOn(server string) []area.CentralShard {
	declared := s.registry.Central()
	if declared == nil {
		return nil
	}
	return slices.DeleteFunc(declared.ShardList(), func(shard area.CentralShard) bool { return shard.Server != server })
}

// pingCentral opens a connection to a CENTRAL shard, or takes an idle one. A new
// one proves that the database is this shard. All indexes must be there.
func (s *snapshot) pingCentral(ctx context.Context, shard area.CentralShard) error {
	err := s.central.Check(ctx, shard.Index)
	return area.Error{Op: "ping", Area: area.CentralName, Shard: shard.Label(), Server: shard.Server}.Wrap(err)
}

// Absent gives those of ids that lead to no briefcase: the root row of the kind of
// briefcase that the index leads to is not there. It reads unfenced, in one query
// per shard; it is meant for finding orphans, see [SweepOptions].
func (r *Router) Absent(ctx context.Context, index string, ids []GDID) ([]GDID, error) {
	s := r.current.Load()
	spec := s.central.Index(index).Spec()
	declared := s.declared(spec.Briefcase)
	if declared == nil {
		return nil, &Error{Op: "absent", Area: "central." + index, Err: ErrNoIndex}
	}
	a, err := r.Area(declared.Area)
	if err != nil {
		return nil, err
	}
	groups, err := a.Group(ids)
	if err != nil {
		return nil, err
	}
	var absent []GDID
	for _, g := range groups {
		there, err := g.present(ctx, declared)
		if err != nil {
			return nil, err
		}
		for _, id := range g.IDs {
			if !there[id] {
				absent = append(absent, id)
			}
		}
	}
	return absent, nil
}

// present gives those ids of a group that have a root row.
func (g *Group) present(ctx context.Context, declared *area.Briefcase) (there map[GDID]bool, err error) {
	args := make([]any, len(g.IDs))
	for i, id := range g.IDs {
		args[i] = id
	}
	query := fmt.Sprintf("SELECT `%[1]s` FROM `%[2]s` WHERE `%[1]s` IN (?%[3]s)", declared.Key, declared.Tables[0].Name, strings.Repeat(", ?", len(args)-1))
	rows, err := g.Shard.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	there = make(map[GDID]bool, len(g.IDs))
	for rows.Next() {
		var id GDID
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		there[id] = true
	}
	return there, rows.Err()
}
