package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"strings"

	"github.com/mdbrouter/mdb/cmd/mdbcheck/internal/live"
	"github.com/mdbrouter/mdb/gdid"
	"github.com/mdbrouter/mdb/hcl"
)

// The sources of --head-from.
const (
	headsFromLock = "lock"
	headsFromLive = "live"
)

// headsOf gives the heads of the flags, and of the others those of the source that
// --head-from names.
func (s *settings) headsOf(ctx context.Context, flags *breakingFlags, before *earlier, now *hcl.Config) (map[string]gdid.RangeKey, error) {
	given, err := parseHeads(flags.heads, now)
	if err != nil {
		return nil, err
	}
	var heads map[string]gdid.RangeKey
	switch flags.headFrom {
	case headsFromLock:
		heads, err = lockedHeads(now)
	case headsFromLive:
		heads, err = s.liveHeads(ctx, flags, before, now, given)
	}
	if heads == nil {
		heads = map[string]gdid.RangeKey{}
	}
	maps.Copy(heads, given)
	return heads, err
}

// lockedHeads gives the heads that the lock beside a configuration has on record.
func lockedHeads(cfg *hcl.Config) (map[string]gdid.RangeKey, error) {
	lock, err := hcl.LoadLock(filepath.Join(directoryOf(cfg.Path), hcl.LockFile), hcl.Options{})
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("--head-from=lock: there is no %s beside the configuration: run mdbcheck lock --head area.NAME=ERA:COUNTER and commit it", hcl.LockFile)
	}
	if err != nil {
		return nil, fmt.Errorf("--head-from=lock: %w", err)
	}
	return maps.Clone(lock.Heads), nil
}

// liveHeads asks the authorities of both versions for the heads that the comparison
// hangs on, except those that are given.
func (s *settings) liveHeads(ctx context.Context, flags *breakingFlags, before *earlier, now *hcl.Config, given map[string]gdid.RangeKey) (map[string]gdid.RangeKey, error) {
	if before.cfg == nil {
		return nil, nil //nolint:nilnil // all is new: no id exists
	}
	var missing []string
	for _, a := range now.Registry.Areas() {
		if _, ok := given[a.Name()]; !ok {
			missing = append(missing, a.Name())
		}
	}
	if len(missing) > 0 && len(before.cfg.Topology.Authorities)+len(now.Topology.Authorities) == 0 {
		return nil, fmt.Errorf("--head-from=live: the head of area %s is not known: the configuration declares no authority that could be asked; give --head area.%s=ERA:COUNTER, or use --head-from=lock", missing[0], missing[0])
	}
	wanted := rerouted(before.cfg, now, missing)
	if len(wanted) == 0 {
		return nil, nil //nolint:nilnil // nothing hangs on a head
	}
	was := live.Version{Config: before.cfg, Dir: directoryOf(before.cfg.Path)}
	if before.prefix != "" { // its files are those of a revision, not of the machine
		was.Dir = directoryOf(now.Path)
	}
	heads, err := live.Heads(ctx, []live.Version{was, {Config: now, Dir: directoryOf(now.Path)}}, wanted, live.HeadOptions{Timeout: flags.timeout})
	if unknown, ok := errors.AsType[*live.HeadsError](err); ok {
		var instead []string
		for _, name := range unknown.Sequences() {
			instead = append(instead, "--head area."+name+"=ERA:COUNTER")
		}
		return nil, fmt.Errorf("--head-from=live: %w\nthe head is the highest of all answers: see with mdbctl ping which servers answer, or give %s", err, strings.Join(instead, " "))
	}
	if err != nil {
		return nil, fmt.Errorf("--head-from=live: %w", err)
	}
	for _, name := range wanted {
		if _, ok := heads[name]; !ok {
			fmt.Fprintf(s.env.stderr, "mdbcheck: the head of area %s is not known: no authority holds its sequence yet\n", name)
		}
	}
	return heads, nil
}

// rerouted gives those areas of a list that the two versions route otherwise.
func rerouted(was, now *hcl.Config, areas []string) []string {
	differs := map[string]bool{}
	result := hcl.Compare(was, now, hcl.CompareOptions{})
	for i := range result.Areas {
		differs[result.Areas[i].Area] = true
	}
	var out []string
	for _, name := range areas {
		if differs[name] {
			out = append(out, name)
		}
	}
	return out
}

// parseHeads reads heads as flags give them.
func parseHeads(texts []string, cfg *hcl.Config) (map[string]gdid.RangeKey, error) {
	heads := map[string]gdid.RangeKey{}
	for _, text := range texts {
		target, key, ok := strings.Cut(text, "=")
		name, isArea := strings.CutPrefix(target, "area.")
		if !ok || !isArea {
			return nil, fmt.Errorf("--head=%q: write --head area.NAME=ERA:COUNTER", text)
		}
		if _, ok := cfg.Registry.Area(name); !ok {
			return nil, fmt.Errorf("--head=%q: the configuration has no %q: %s", text, target, targets(cfg.Registry))
		}
		if _, twice := heads[name]; twice {
			return nil, fmt.Errorf("--head=%q: the head of %s is given twice", text, target)
		}
		head, err := gdid.ParseRangeKey(key)
		if err != nil {
			return nil, fmt.Errorf("--head=%q: %q is no range key: write --head %s=ERA:COUNTER, as %s=0:612_044", text, key, target, target)
		}
		heads[name] = head
	}
	return heads, nil
}
