package live

import (
	"context"
	"fmt"
	"strings"

	"github.com/mdbrouter/mdb/area"
	centralkey "github.com/mdbrouter/mdb/central/key"
)

// checkKeys reports what is wrong with the keys that were sampled on all servers
// (MDB818). No finding shows a key.
func (r *run) checkKeys(ctx context.Context, all []*server) {
	c := r.registry.Central()
	if c == nil {
		return
	}
	r.markOrphans(ctx, all)
	for i := range c.Indexes {
		x := &c.Indexes[i]
		faults := keyFaults{index: x, whole: true}
		for _, s := range all {
			for _, sample := range s.keys {
				if sample.index.Name == x.Name {
					r.addFaults(&faults, sample)
				}
			}
		}
		r.reportKeys(&faults)
	}
}

// keyFaults are the sampled keys of an index that something is wrong with.
type keyFaults struct {
	index                     *area.Index
	total                     int
	whole                     bool
	strange, astray, orphaned []string // what is said of each
}

func (r *run) addFaults(f *keyFaults, sample *sampledIndex) {
	f.whole = f.whole && sample.whole
	f.total += len(sample.keys)
	for _, k := range sample.keys {
		at := fmt.Sprintf("CENTRAL shard %d", sample.shard.Index)
		home := centralkey.Shard(k.key, sample.shard.Count)
		switch {
		case k.strange:
			f.strange = append(f.strange, "one in "+at)
		case home != sample.shard.Index:
			f.astray = append(f.astray, fmt.Sprintf("one of %v in %s is looked for in %d", k.id, at, home))
		case k.orphan:
			f.orphaned = append(f.orphaned, fmt.Sprintf("%v, whose key is in %s", k.id, at))
		}
	}
}

// reportKeys reports the faults of one index, each kind once.
func (r *run) reportKeys(f *keyFaults) {
	for _, kind := range []struct {
		found         []string
		summary, help string
	}{
		{f.orphaned, "lead to no briefcase", "see with mdbctl central sweep " + f.index.Name + " --orphans how many there are; release the keys once it is sure that the briefcases are gone"},
		{f.astray, "are in the wrong CENTRAL shard, where no lookup finds them", "put the list of CENTRAL's shards back to what it was when the keys were written; it is fixed for good"},
		{f.strange, "lead to no id", "see what writes to the index past mdb, and delete the rows"},
	} {
		if len(kind.found) == 0 {
			continue
		}
		text := fmt.Sprintf("%d of %d", len(kind.found), f.total)
		if !f.whole {
			text += " sampled"
		}
		r.find("MDB818", "central.index."+f.index.Name, finding{
			summary: fmt.Sprintf("%s keys of index %s %s", text, f.index.Name, kind.summary),
			detail:  some(kind.found),
			help:    kind.help,
		})
	}
}

// some names a few examples.
func some(list []string) string {
	if more := len(list) - maxExamples; more > 0 {
		list = append(list[:maxExamples:maxExamples], fmt.Sprintf("and %d more", more))
	}
	return strings.Join(list, ", ")
}
