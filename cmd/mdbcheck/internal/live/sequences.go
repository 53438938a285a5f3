package live

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/area/provision"
	"github.com/mdbrouter/mdb/gdid"
	"github.com/mdbrouter/mdb/gdid/authority"
)

// sequences applies the rules about ids and keys, which need several servers. all
// are the servers that answered everything.
func (r *run) sequences(ctx context.Context, all []*server) error {
	// What does not answer takes half of the time, and leaves some for the rest.
	half, cancel := context.WithTimeout(ctx, r.opts.Timeout/2)
	defer cancel()
	var keys sync.WaitGroup
	keys.Go(func() { r.checkKeys(half, all) })
	list := r.positions(half)
	keys.Wait() // the servers' sessions are used by one at a time
	if err := ctx.Err(); err != nil {
		return err
	}
	heads := map[string]gdid.RangeKey{}
	for i := range list {
		q := &list[i]
		if err := r.headsAndStarts(ctx, q, all); err != nil {
			return err
		}
		r.lagging(q)
		r.givenAgain(q)
		if q.complete {
			heads[q.area.Name()] = q.head
		}
		if err := r.runway(ctx, q, all); err != nil {
			return err
		}
	}
	r.remember(heads)
	return nil
}

// A sequence is how far the ids of an area are, as its authorities tell.
type sequence struct {
	namespace string
	area      *area.Area
	positions []position
	// head is the highest of all positions. Unless complete, it may be higher.
	head     gdid.RangeKey
	complete bool // all authorities told
}

// A position is how far one authority is.
type position struct {
	authority string // the label
	number    uint8
	state     authority.State
	end       gdid.RangeKey // its next id
}

// last gives the highest range key that may have been given.
func (q *sequence) last() gdid.RangeKey {
	last, err := q.head.Sub(gdid.RangeKey{Counter: 1})
	if err != nil {
		return gdid.RangeKey{}
	}
	return last
}

// positions asks all authorities about the sequences of all areas. An area of which
// none tells anything is left out.
func (r *run) positions(ctx context.Context) []sequence {
	list := witnessesOf([]Version{{Config: r.cfg, Dir: directoryOf(r.cfg.Path)}}, r.opts.Connector)
	defer list.close()
	areas := r.registry.Areas()
	answers := make([][]answer, len(list.all))
	var asking sync.WaitGroup
	for i, w := range list.all {
		asking.Go(func() { answers[i] = w.ask(ctx, areaNames(areas)) })
	}
	asking.Wait()
	var out []sequence
	for n, a := range areas {
		q := sequence{namespace: r.registry.Namespace(), area: a, complete: true}
		for i, w := range list.all {
			of := answers[i][n]
			q.complete = q.complete && of.err == nil
			if of.told {
				q.positions = append(q.positions, position{authority: w.name, number: w.number, state: of.state, end: of.head})
				q.head = later(q.head, of.head)
			}
		}
		if len(q.positions) > 0 {
			out = append(out, q)
		}
	}
	for i, w := range list.all {
		r.untold(ctx, w, areas, answers[i])
	}
	return out
}

// untold reports what keeps an authority from telling where sequences are.
func (r *run) untold(ctx context.Context, w *witness, areas []*area.Area, answers []answer) {
	var lacking []string
	unfenced := false
	for i, a := range answers {
		switch {
		case a.err == nil, errors.Is(a.err, context.Canceled) && ctx.Err() != nil:
		case errors.Is(a.err, authority.ErrAuthorityUnfenced):
			unfenced = true
		case !errors.Is(a.err, authority.ErrNotProvisioned):
			r.unask("authority "+w.name, headReason(a.err, r.opts.Timeout/2))
		case errorNumber(a.err) != noSuchDatabase && !r.displaced[w.server]: // which is reported
			lacking = append(lacking, areas[i].Name())
		}
	}
	if unfenced {
		r.find("MDB807", "authority."+w.name, finding{
			summary: fmt.Sprintf("authority %s answers from another server than the one that gave its ids", w.name),
			detail:  "it gives no ids, as it may not know all that it has given",
			help:    fmt.Sprintf("mend the address; only if the old server never comes back, run mdbctl ids fence SEQUENCE --authority %s --skip N", w.name),
		})
	}
	if len(lacking) > 0 {
		r.find("MDB809", "authority."+w.name, finding{
			summary: fmt.Sprintf("authority %s does not hold %s", w.name, sequencesOf(lacking)),
			detail:  "it gives no ids of it",
			help:    fmt.Sprintf("if that is new, run mdbctl provision, which begins it; if it was lost, run mdbctl ids floor %s --at-least ERA:COUNTER past all ids that exist", lacking[0]),
		})
	}
}

// noSuchDatabase is the error of a server that lacks a database.
const noSuchDatabase = 1049

func sequencesOf(list []string) string {
	if len(list) == 1 {
		return "sequence " + list[0]
	}
	return "sequences " + names(list)
}

func areaNames(areas []*area.Area) []string {
	list := make([]string, len(areas))
	for i, a := range areas {
		list[i] = a.Name()
	}
	return list
}

func later(a, b gdid.RangeKey) gdid.RangeKey {
	if a.Compare(b) < 0 {
		return b
	}
	return a
}

// directoryOf gives the directory of a configuration, which may be one file.
func directoryOf(path string) string {
	if info, err := os.Stat(path); err == nil && !info.IsDir() {
		return filepath.Dir(path)
	}
	return path
}

// headsAndStarts holds the head of a sequence against the partitions as the servers
// have them (MDB815). An append may have been under way when these were read, so
// what seems wrong is looked at once more: the head is then the older of the two,
// and nothing that was in order at any moment is reported.
func (r *run) headsAndStarts(ctx context.Context, q *sequence, all []*server) error {
	states := map[string]*provision.ServerState{}
	for _, s := range all {
		states[s.name] = &s.state
	}
	if len(q.overruns(states)) == 0 {
		return nil
	}
	for _, s := range all {
		state := provision.ReadServer(ctx, r.registry, s.name, s.conn)
		if state.Err != nil {
			r.unask(s.name, r.reason(state.Err))
			delete(states, s.name)
			continue
		}
		states[s.name] = &state
	}
	for _, f := range q.overruns(states) {
		r.find("MDB815", f.address, f.finding)
	}
	return ctx.Err()
}

// lagging reports authorities whose next ids lie in an older partition than the
// newest that were given (MDB817).
func (r *run) lagging(q *sequence) {
	table := q.area.Table()
	newest := table.Find(q.last())
	block, jump := r.tuning(q.area.Name())
	for _, p := range q.positions {
		behind, err := q.head.Sub(p.end)
		oldest := table.Find(p.end)
		if err != nil || oldest >= newest || behind.Compare(gdid.RangeKey{Counter: max(2*block, closeBehind)}) <= 0 {
			continue
		}
		f := finding{
			summary: fmt.Sprintf("authority %s is %s ids behind in sequence %s: its ids land in partition %s, those of others in %s",
				p.authority, decimal(behind), q.area.Name(), table.Partition(oldest).Name, table.Partition(newest).Name),
			detail: fmt.Sprintf("its next id is %v, the head is %v", p.end, q.head),
			help:   fmt.Sprintf("move it on: mdbctl ids floor %s --at-least %v", q.area.Name(), q.head),
		}
		if behind.Compare(gdid.RangeKey{Counter: jump}) > 0 {
			f.detail += fmt.Sprintf("; a lease may jump %d ids, so it does not catch up by itself", jump)
		}
		r.find("MDB817", "authority."+p.authority, f)
	}
}

// closeBehind is how far apart authorities may be that serve in turn.
const closeBehind = 10_000

// tuning gives the block and the jump of a lease of a sequence, 0 for a block that
// adapts.
func (r *run) tuning(name string) (block, jump uint64) {
	jump = 1 << 40
	for _, s := range r.registry.Topology().Sequences {
		if s.Name == name {
			block = s.Block
			if s.MaxJump > 0 {
				jump = s.MaxJump
			}
		}
	}
	return block, jump
}
