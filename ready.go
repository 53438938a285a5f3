package mdb

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/area/pool"
)

// A Report says how every server answered.
type Report struct {
	Servers []ServerReport // in the order of the configuration
}

// A ServerReport says how one server answered, and whether its shards are what
// they should be.
type ServerReport struct {
	Server   string
	Version  string        // as the server gives it
	Identity string        // empty for an engine that has none
	ReadOnly bool          // the server takes no writes
	Latency  time.Duration // of one round trip
	Shards   int           // how many shards of the configuration it holds, CENTRAL's among them
	Err      error         // all that is wrong, joined; nil when the server is ready
}

// Err joins what is wrong with the servers, or is nil.
func (r Report) Err() error {
	var faults []error
	for i := range r.Servers {
		faults = append(faults, r.Servers[i].Err)
	}
	return errors.Join(faults...)
}

// Ready dials every server, checks that no two of them are the same and that each
// takes writes, and opens one connection to every shard, which proves that the
// database is that shard. It returns all that is wrong, joined; [Router.Check]
// gives the same by server.
func (r *Router) Ready(ctx context.Context) error {
	if err := r.Check(ctx).Err(); err != nil {
		return fmt.Errorf("mdb: not ready: %w", err)
	}
	return nil
}

// Check does what [Router.Ready] does and reports by server. Servers are asked in
// parallel, the shards of one server one after another.
func (r *Router) Check(ctx context.Context) Report {
	s := r.current.Load()
	servers := s.config.Servers
	report := Report{Servers: make([]ServerReport, len(servers))}
	var running sync.WaitGroup
	for i := range servers {
		running.Go(func() { report.Servers[i] = s.checkServer(ctx, servers[i].Name) })
	}
	running.Wait()
	reportTwins(report.Servers)
	return report
}

func (s *snapshot) checkServer(ctx context.Context, server string) ServerReport {
	report := ServerReport{Server: server}
	shards := s.registry.Shards()
	info, err := s.pools.Ping(ctx, server)
	report.fill(info)
	if err != nil {
		for i := range shards {
			if shards[i].Server == server {
				report.Shards++
			}
		}
		report.Shards += len(s.centralOn(server))
		report.Err = area.Error{Op: "ping", Server: server}.Wrap(err)
		return report
	}
	faults := []error{}
	for i := range shards {
		if shards[i].Server != server {
			continue
		}
		report.Shards++
		faults = append(faults, s.shard(&shards[i]).Ping(ctx))
	}
	for _, shard := range s.centralOn(server) {
		report.Shards++
		faults = append(faults, s.pingCentral(ctx, shard))
	}
	if info.ReadOnly && report.Shards > 0 {
		faults = append(faults, &Error{Op: "ping", Server: server, Err: ErrReadOnly})
	}
	report.Err = errors.Join(faults...)
	return report
}

func (r *ServerReport) fill(info pool.Info) {
	r.Version, r.Identity, r.ReadOnly, r.Latency = info.Version, info.Identity, info.ReadOnly, info.Latency
}

// reportTwins adds an error to every server that answers with the identity of an
// earlier one.
func reportTwins(servers []ServerReport) {
	first := make(map[string]string, len(servers))
	for i := range servers {
		s := &servers[i]
		if s.Identity == "" {
			continue
		}
		twin, seen := first[s.Identity]
		if !seen {
			first[s.Identity] = s.Server
			continue
		}
		s.Err = errors.Join(s.Err, &Error{Op: "ping", Server: s.Server, Err: fmt.Errorf(
			"%w: it answers with the identity of server %q; two labels must not reach one server", ErrWrongShard, twin)})
	}
}
