package live

import (
	"fmt"
	"strings"

	"github.com/mdbrouter/mdb/area"
)

// checkIndexes applies the rules about tables to those of CENTRAL's indexes.
func (r *run) checkIndexes(servers map[string]*server) {
	central := r.registry.Central()
	if central == nil {
		return
	}
	shards := central.ShardList()
	for i := range central.Indexes {
		x := &central.Indexes[i]
		var found grouped[fault]
		for _, shard := range shards {
			s := servers[shard.Server]
			if s == nil || !s.holdsCentral(&shard) {
				continue
			}
			tables, ok := s.tables[s.stored(shard.Database)]
			if !ok {
				continue // it vanished meanwhile
			}
			for _, f := range s.indexFaults(x, &shard, tables) {
				found.addTo(f.same, f, shard.Index)
			}
		}
		for _, g := range found.list {
			r.find(g.what[0].rule, "central.index."+x.Name, g.what[0].finding(inCentral(g.shards, len(shards))))
		}
	}
}

// holdsCentral reports whether the database of a CENTRAL shard says that it is
// that shard.
func (s *server) holdsCentral(shard *area.CentralShard) bool {
	d, ok := s.state.Database(shard.Database)
	return ok && d.Stamp != nil && d.Stamp.Namespace == s.run.registry.Namespace() && d.Stamp.Area == area.CentralName && d.Stamp.Shard == shard.Index
}

// indexFaults gives what is wrong with the table of an index in a shard.
func (s *server) indexFaults(x *area.Index, shard *area.CentralShard, tables []table) []fault {
	t, ok := tableNamed(tables, x.Table(), s.foldsNames())
	if !ok {
		f := fault{rule: "MDB809", text: fmt.Sprintf("index %s has no table", x.Name), detail: "its keys are neither found nor taken there", help: "run mdbctl provision, which creates it"}
		if s.knowsIndex(shard, x.Name) {
			f.text = fmt.Sprintf("table %s of index %s is missing", x.Table(), x.Name)
			f.help = "it was there once: restore it from a backup, or the keys in it can be taken again"
		}
		return []fault{f}
	}
	var all []fault
	want := []struct{ column, kind string }{{"key", fmt.Sprintf("varbinary(%d)", x.Width())}, {"gdid", "binary(12)"}}
	for _, w := range want {
		c, ok := t.column(w.column)
		if ok && c.kind == w.kind && !c.nullable {
			continue
		}
		found := "is missing"
		if ok {
			found = "is " + c.String()
		}
		wanted := strings.ToUpper(w.kind) + " NOT NULL"
		all = append(all, fault{
			rule: "MDB811", text: fmt.Sprintf("column %s of %s %s", w.column, t.name, found), tail: ", expected " + wanted,
			detail: "keys or ids are cut, padded or refused",
			help:   fmt.Sprintf("put the index in the file back to what it was, or ALTER TABLE %s MODIFY `%s` %s in all CENTRAL shards", t.name, w.column, wanted),
		})
	}
	return all
}

// knowsIndex reports whether the shard once had the index's table.
func (s *server) knowsIndex(shard *area.CentralShard, name string) bool {
	d, ok := s.state.Database(shard.Database)
	if !ok {
		return false
	}
	for i := range d.Indexes {
		if d.Indexes[i].Name == name {
			return true
		}
	}
	return false
}

// inCentral says in which of CENTRAL's shards something is: "in CENTRAL shards
// 0-3, 7".
func inCentral(shards []int, all int) string {
	switch {
	case len(shards) == all:
		return fmt.Sprintf("in all %d shards of CENTRAL", all)
	case len(shards) == 1:
		return fmt.Sprintf("in CENTRAL shard %d", shards[0])
	}
	return "in CENTRAL shards " + ranges(shards)
}

// ranges writes ascending numbers in few words: "0-3, 7".
func ranges(numbers []int) string {
	var list []string
	for i := 0; i < len(numbers); {
		j := i + 1
		for j < len(numbers) && numbers[j] == numbers[j-1]+1 {
			j++
		}
		text := fmt.Sprint(numbers[i])
		if j > i+1 {
			text += fmt.Sprintf("-%d", numbers[j-1])
		}
		list = append(list, text)
		i = j
	}
	return strings.Join(list, ", ")
}
