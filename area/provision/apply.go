package provision

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/mdbrouter/mdb/area"
)

// Apply takes the steps of the plan. It first locks every server and reads all of
// them again; if that shows more to do than the plan has, it does nothing and
// fails with [ErrPlanChanged]; less is fine. Killed or failed anywhere, it is
// completed by another plan. It costs one connection to every server.
func (p *Plan) Apply(ctx context.Context) error {
	if p.Empty() {
		return nil
	}
	err := p.apply(ctx)
	if cause := ctx.Err(); err != nil && cause != nil && !errors.Is(err, cause) {
		// A driver closes the connection of a context that ends; what then comes next
		// on it finds it broken.
		return fmt.Errorf("%w: %w", cause, err)
	}
	return err
}

func (p *Plan) apply(ctx context.Context) error {
	r := &run{cfg: p.cfg, total: len(p.steps)}
	locked, err := lockAll(ctx, p.cfg, r.waitsForLock)
	if err != nil {
		return err
	}
	defer locked.close()
	r.sessions = locked
	d, err := decide(ctx, p.cfg, locked.read(ctx, p.cfg))
	if err != nil {
		return err
	}
	if step, more := p.lacks(d); more {
		return fmt.Errorf("%w: now there is also: %v", ErrPlanChanged, step)
	}
	r.done = len(p.steps) - len(d.steps()) // by others, meanwhile
	return r.all(ctx, d)
}

// lacks gives a step that the plan does not have.
func (p *Plan) lacks(d *decision) (Step, bool) {
	planned := make(map[Step]bool, len(p.steps))
	for _, s := range p.steps {
		planned[s.goal()] = true
	}
	for _, s := range d.steps() {
		if !planned[s.goal()] {
			return s, true
		}
	}
	return Step{}, false
}

// run is one Apply under way.
type run struct {
	cfg      Config
	sessions sessions
	total    int

	mu   sync.Mutex // guards done, and orders the calls of Progress
	done int
}

func (r *run) tell(step Step, state State, note string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if state == Ended {
		r.done++
	}
	r.cfg.Progress(Event{Step: step, State: state, Note: note, Done: r.done, Total: r.total})
	if state == Ended {
		r.cfg.Logger.Info("provision", "step", step.String(), "done", r.done, "total", r.total)
	}
}

func (r *run) waitsForLock(server string) {
	r.tell(Step{}, Waits, "another process is provisioning server "+server)
}

// step takes one step and tells about it.
func (r *run) step(step Step, take func() error) error {
	r.tell(step, Began, "")
	if err := take(); err != nil {
		r.tell(step, Failed, err.Error())
		return (area.Error{Op: "provision: " + string(step.Kind), Area: step.Area, Shard: step.Shard, Server: step.Server}).Wrap(err)
	}
	r.tell(step, Ended, "")
	return nil
}

// all takes every step: first what stands on one server alone, then area by area
// what brings new partitions into use.
func (r *run) all(ctx context.Context, d *decision) error {
	for i := range d.appends {
		if err := r.survey(ctx, &d.appends[i]); err != nil {
			return err
		}
	}
	err := r.perServer(func(server string) error {
		s := r.sessions[server]
		for i := range d.creations {
			c := &d.creations[i]
			if c.shard.Server != server {
				continue
			}
			if err := r.step(c.step(), func() error { return r.create(ctx, s, c) }); err != nil {
				return err
			}
		}
		if err := r.central(ctx, d, server); err != nil {
			return err
		}
		for i := range d.admissions {
			a := &d.admissions[i]
			if a.shard.Server != server {
				continue
			}
			if err := r.step(a.step(), func() error { return s.admit(ctx, a.shard.Database, a.admitted) }); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for i := range d.appends {
		if err := r.append(ctx, &d.appends[i]); err != nil {
			return err
		}
	}
	return nil
}

// perServer calls fn for each server, several at once, and gives all errors. A
// failure on one server does not stop the others.
func (r *run) perServer(fn func(server string) error) error {
	servers := r.cfg.Registry.Topology().Servers
	failures := make([]error, len(servers))
	eachServer(servers, func(i int, server area.Server) { failures[i] = fn(server.Name) })
	return errors.Join(failures...)
}
