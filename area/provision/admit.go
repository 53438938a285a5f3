package provision

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/mdbrouter/mdb/area"
)

// An Admission is what [Admit] has done.
type Admission struct {
	Server    string     `json:"server"`
	Identity  string     `json:"identity"`            // who the server is now
	Replicas  []Admitted `json:"replicas,omitempty"`  // the declared replicas that answered
	Databases []string   `json:"databases,omitempty"` // the shards that they may serve now
}

// Admit lets a server that has another identity than before serve all its shards:
// a new machine, a container with a new address, a promoted replica. Declared
// replicas that answer are admitted too. So are shards whose databases were renamed,
// if all servers answer and none holds the shard under its old name. It may be run
// again.
//
// It refuses a server where a database is stamped as anything else than the
// configuration says, that holds none of its shards, or that is another server of
// the configuration. It does not ask whether the old server
// still runs: who admits a copy must have stopped the original.
func Admit(ctx context.Context, cfg Config, server string) (Admission, error) {
	cfg = cfg.withDefaults()
	fail := func(err error) (Admission, error) {
		return Admission{}, (area.Error{Op: "admit", Server: server}).Wrap(err)
	}
	servers := cfg.Registry.Topology().Servers
	i := slices.IndexFunc(servers, func(s area.Server) bool { return s.Name == server })
	if i < 0 {
		return fail(errors.New("the configuration has no such server"))
	}
	s, err := openSession(ctx, cfg.Servers, server)
	if err != nil {
		return fail(err)
	}
	defer s.close()
	r := run{cfg: cfg}
	if err := s.lock(ctx, cfg.LockWait, func() { r.waitsForLock(server) }); err != nil {
		return fail(err)
	}
	state := readServer(ctx, s, placed(cfg.Registry, server))
	if state.Err != nil {
		return fail(state.Err)
	}
	state.Replicas = readReplicas(ctx, cfg, servers[i])
	databases, err := admissible(ctx, cfg, &state)
	if err != nil {
		return fail(err)
	}
	admission := Admission{Server: server, Identity: state.Identity, Replicas: replicasOf(&state)}
	for _, database := range databases {
		if err := s.rename(ctx, database); err != nil {
			return fail(err)
		}
		for _, a := range append([]Admitted{{Identity: state.Identity, Server: server, Role: rolePrimary}}, admission.Replicas...) {
			if err := s.admit(ctx, database, a); err != nil {
				return fail(err)
			}
		}
		admission.Databases = append(admission.Databases, database)
	}
	return admission, nil
}

// admissible gives the shards that stand on a server, or says why it must not be
// admitted. Databases that are not provisioned yet do not matter.
func admissible(ctx context.Context, cfg Config, state *ServerState) ([]string, error) {
	if state.Identity == "" {
		return nil, errors.New("this engine has no identity, so there is nothing to admit")
	}
	var faults []error
	others := slices.Clone(cfg.Registry.Topology().Servers)
	others = slices.DeleteFunc(others, func(s area.Server) bool { return s.Name == state.Server })
	states := readAll(ctx, cfg, others)
	for _, other := range states {
		if other.Identity == state.Identity { // those that do not answer have none
			faults = append(faults, fmt.Errorf("%s is the same server: both are %s", other.Server, state.Identity))
		}
	}
	var databases []string
	for i := range cfg.Registry.Shards() {
		shard := &cfg.Registry.Shards()[i]
		if shard.Server != state.Server {
			continue
		}
		if db, exists := state.Database(shard.Database); exists && db.Stamp != nil {
			stamp, want := *db.Stamp, stampOf(cfg.Registry.Namespace(), shard)
			if stamp.Database != want.Database {
				faults = append(faults, checkRenamed(stamp, spot{state.Server, db.Name}, append(states, *state)))
				stamp.Database = want.Database
			}
			faults = append(faults, stamp.difference(want, shard.Server, shard.Database))
			databases = append(databases, shard.Database)
		}
	}
	for _, shard := range centralShards(cfg.Registry) {
		if shard.Server != state.Server {
			continue
		}
		if db, exists := state.Database(shard.Database); exists && db.Stamp != nil {
			faults = append(faults, db.Stamp.difference(centralStamp(cfg.Registry.Namespace(), shard), shard.Server, shard.Database))
			databases = append(databases, db.Name)
		}
	}
	if len(databases) == 0 {
		faults = append(faults, errors.New("no shard that the configuration puts there stands on it; is this the right server?"))
	}
	return databases, errors.Join(faults...)
}
