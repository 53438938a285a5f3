package mdb

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/central"
)

// A Key is a key of an index of CENTRAL.
type Key struct {
	Index string // the index's label
	Value any    // see [Index.Lookup]
}

const (
	// registerTTL is how long the keys of a registration are kept for it. Longer
	// ones still succeed as long as nobody else asks for the same key.
	registerTTL = time.Minute
	// registerAttempts is how often a registration begins anew after its
	// reservations lapsed.
	registerAttempts = 4
	// grace is how long a registration may go on after its context has ended, to
	// finish what it has begun.
	grace = 2 * time.Second
)

// Register creates a briefcase and gives it keys, all or none: fn runs in a
// transaction of the briefcase id, as in [Briefcase.InTx], and when it has
// committed the keys lead to id. fn must create the briefcase's root row, and may
// run more than once.
//
// If the id has registered all the keys before, Register succeeds and fn does not
// run: that is what a caller needs who did not hear the answer. To move a briefcase
// to another key there is [Router.Change].
//
// It fails with [ErrTaken] if a key belongs to somebody else, or is being
// registered by somebody else; nothing has happened then, and fn may not have run.
// Errors of fn come back as they are. After an [ErrOutcomeUnknown] or an
// [ErrUnconfirmed], as after a crash, Register may be called again with the same id
// and keys: it finishes what was begun, and does not run fn again if its
// transaction had committed. Otherwise keys that were reserved are free again within
// a minute, at the next Register or sweep.
//
// To find out or undo what it has begun it may go on for up to two seconds after its
// context has ended.
//
// Beside the transaction it costs three round trips for one key: reserve, claim,
// confirm; each further key costs two.
func (r *Router) Register(ctx context.Context, id GDID, keys []Key, fn func(tx *sql.Tx) error) error {
	s := r.current.Load()
	g := registration{id: id}
	for _, k := range keys {
		if err := g.add(s.central, k); err != nil {
			return err
		}
	}
	if err := g.check(s); err != nil {
		return area.Error{Op: "register", ID: id}.Wrap(err)
	}
	b, err := s.owner(g.keys[0].index.Spec(), id)
	if err != nil {
		return err
	}
	g.briefcase = b
	return g.run(ctx, fn)
}

// A registration is one Register.
type registration struct {
	id        GDID
	briefcase *Briefcase
	keys      []registered // in one order for all, so that of two that want the same keys one gets them
	always    bool         // fn runs even if a transaction has used all reservations, and again at need
	kept      []*Reservation

	// What is known of the last transaction.
	lapsed bool // a reservation was ended by others
	used   bool // earlier ones have used all reservations, so it had nothing to do
	began  bool // it came as far as its commit
	lost   bool // the answer to its commit was lost, or its context ended then
	over   bool // fn failed, and the transaction was over before it was rolled back
}

type registered struct {
	index   *Index
	encoded central.Encoded
}

// add encodes a key.
func (g *registration) add(c *Central, k Key) error {
	index := c.Index(k.Index)
	encoded, err := index.Encode(k.Value)
	if err != nil {
		return err
	}
	g.keys = append(g.keys, registered{index: index, encoded: encoded})
	return nil
}

// check puts the keys in order, each once, and demands that they lead to one kind
// of briefcase.
func (g *registration) check(s *snapshot) error {
	if len(g.keys) == 0 {
		return errors.New("no keys are given; create the briefcase in a transaction of its own")
	}
	slices.SortFunc(g.keys, func(a, b registered) int {
		return cmp.Or(strings.Compare(a.index.Name(), b.index.Name()), strings.Compare(string(a.encoded), string(b.encoded)))
	})
	g.keys = slices.CompactFunc(g.keys, func(a, b registered) bool {
		return a.index == b.index && string(a.encoded) == string(b.encoded)
	})
	for _, k := range g.keys[1:] {
		first := g.keys[0].index.Spec()
		if one, other := s.declared(first.Briefcase), s.declared(k.index.Spec().Briefcase); one != other {
			return fmt.Errorf("indexes %q and %q lead to different briefcases", first.Name, k.index.Name())
		}
	}
	return nil
}

// run registers, and begins anew where reservations were ended by others, or where a
// commit was lost of a function that may run again after it has committed.
func (g *registration) run(ctx context.Context, fn func(tx *sql.Tx) error) error {
	for attempt := 1; ; attempt++ {
		err := g.once(ctx, fn)
		again := g.lapsed || g.lost && g.always
		if !again || attempt == registerAttempts || ctx.Err() != nil {
			return err
		}
	}
}

// once registers, from the first reservation to the last confirmation.
func (g *registration) once(ctx context.Context, fn func(tx *sql.Tx) error) error {
	g.kept, g.lapsed, g.used, g.began, g.lost, g.over = nil, false, false, false, false, false
	if err := g.reserve(ctx); err != nil {
		g.drop(ctx)
		return err
	}
	err := g.create(ctx, fn)
	g.lost = g.began && (errors.Is(err, ErrOutcomeUnknown) || ctx.Err() != nil)
	switch {
	case err == nil, g.used:
		return g.confirm(ctx)
	case !g.lost && !g.over:
		g.drop(ctx)
		return err
	case g.always: // claims that it may have found tell nothing of fn
		return err
	}
	switch landed, known := g.settle(ctx); {
	case !known:
		return err
	case landed && g.lost:
		return g.confirm(ctx)
	case landed:
		_ = g.confirm(ctx) // others finish what is left; fn's error comes back as it is
		return err
	}
	g.drop(ctx)
	if g.began && errors.Is(err, ErrOutcomeUnknown) {
		err = g.notLanded(err)
	}
	return err
}

func (g *registration) reserve(ctx context.Context) error {
	for _, k := range g.keys {
		kept, err := k.index.Reserve(ctx, k.encoded, g.id, registerTTL)
		if err != nil {
			return err
		}
		g.kept = append(g.kept, kept)
	}
	return nil
}

// create runs fn and the claims in one transaction, unless an earlier one has
// committed with the same claims.
func (g *registration) create(ctx context.Context, fn func(tx *sql.Tx) error) error {
	return g.briefcase.InTx(ctx, nil, func(tx *sql.Tx) error {
		g.began, g.used, g.over = false, false, false
		used, err := central.Claim(ctx, tx, g.kept...)
		g.lapsed = errors.Is(err, ErrLapsed)
		g.used = used && !g.always
		if err == nil && !g.used {
			err = fn(tx)
			g.over = err != nil && isOver(ctx, tx)
		}
		g.began = err == nil
		return err
	})
}

// isOver reports whether a transaction may have ended already: by its function, or
// with its context.
func isOver(ctx context.Context, tx *sql.Tx) bool {
	bounded, cancel := context.WithTimeout(ctx, grace)
	defer cancel()
	err := tx.QueryRowContext(bounded, "SELECT 1").Scan(new(int))
	return errors.Is(err, sql.ErrTxDone) || ctx.Err() != nil
}

// settle finds out what became of a transaction that may have committed. It has if
// all reservations are claimed, and cannot any more if one is not: it held their
// claims locked.
func (g *registration) settle(ctx context.Context) (landed, known bool) {
	ctx, cancel := patient(ctx)
	defer cancel()
	_ = g.briefcase.InTx(ctx, nil, func(tx *sql.Tx) (err error) {
		landed, err = central.Claimed(ctx, tx, g.kept...)
		known = err == nil
		return err
	})
	return landed, known
}

// notLanded gives the error of a commit that was lost on its way to the server.
func (g *registration) notLanded(lost error) error {
	facts, _ := errors.AsType[*Error](lost)
	if facts == nil {
		facts = &Error{Op: "register", ID: g.id}
	}
	facts = new(*facts)
	facts.Err = fmt.Errorf("%w before the commit, which has not landed", ErrConnLost)
	return facts
}

// confirm makes all keys live.
func (g *registration) confirm(ctx context.Context) error {
	err := g.confirmAll(ctx)
	if err != nil && ctx.Err() != nil {
		patient, cancel := patient(ctx)
		defer cancel()
		err = g.confirmAll(patient)
	}
	if err == nil {
		return nil
	}
	return area.Error{Op: "register", ID: g.id}.Wrap(fmt.Errorf("%w: %w; %w", ErrUnconfirmed, err, ErrOutcomeUnknown))
}

func (g *registration) confirmAll(ctx context.Context) error {
	var faults []error
	for _, kept := range g.kept {
		if !kept.Live() {
			faults = append(faults, kept.Confirm(ctx))
		}
	}
	return errors.Join(faults...)
}

// drop gives up all reservations after a transaction that left no trace. One that
// cannot be given up now lapses by itself.
func (g *registration) drop(ctx context.Context) {
	ctx, cancel := patient(ctx)
	defer cancel()
	for _, kept := range g.kept {
		_ = kept.Drop(ctx)
	}
}

// patient gives a context that outlasts its parent by the grace.
func patient(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), grace)
}
