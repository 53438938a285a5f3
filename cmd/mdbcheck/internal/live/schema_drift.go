package live

import (
	"maps"
	"slices"
	"strings"
)

// A difference is one item of a table in which some shards deviate from most.
type difference struct {
	subject string
	here    string // what the item is in the shards that deviate
	there   string // what it is in the others
	shards  []int  // those that deviate, ascending
	like    int    // how many shards have what there says
}

// absent stands for an item that is not there.
const absent = "missing"

// A comparison compares the sheets of one table in some shards.
type comparison struct {
	sheets map[int]sheet // by shard
	rank   []int         // of shards: where as many have one value as another, the lower rank is right
}

// differences gives every item that is not the same in all shards. It is empty if
// and only if all sheets are equal, but for what is unseen.
func (c *comparison) differences() []difference {
	shards := slices.Sorted(maps.Keys(c.sheets))
	if c.alike(shards) {
		return nil
	}
	var all []difference
	for _, subject := range c.subjects(shards) {
		items := make(map[int]*item, len(shards))
		var without []int
		for _, shard := range shards {
			s := c.sheets[shard]
			if i := slices.IndexFunc(s, func(i item) bool { return i.subject == subject }); i >= 0 {
				items[shard] = &s[i]
			} else {
				without = append(without, shard)
			}
		}
		if len(without) == 0 || c.outweighs(slices.Sorted(maps.Keys(items)), without) {
			all = append(all, c.lacking(subject, items, without)...)
			all = append(all, c.traits(subject, items)...)
		} else {
			all = append(all, c.surplus(subject, items, without)...)
		}
	}
	return all
}

// alike reports whether all sheets say the same.
func (c *comparison) alike(shards []int) bool {
	texts := make(map[string]bool)
	for _, shard := range shards {
		texts[c.sheets[shard].text()] = true
	}
	return len(texts) <= 1
}

// subjects gives all subjects in the order in which sheets have them.
func (c *comparison) subjects(shards []int) []string {
	var list []string
	seen := make(map[string]bool)
	for _, shard := range shards {
		for _, i := range c.sheets[shard] {
			if !seen[i.subject] {
				seen[i.subject] = true
				list = append(list, i.subject)
			}
		}
	}
	return list
}

// lacking tells of an item that some shards do not have and should.
func (c *comparison) lacking(subject string, items map[int]*item, without []int) []difference {
	if len(without) == 0 {
		return nil
	}
	forms := formsOf(items)
	there := c.most(forms)
	return []difference{{subject: subject, here: absent, there: there, shards: without, like: len(forms[there])}}
}

// surplus tells of an item that some shards have and should not.
func (c *comparison) surplus(subject string, items map[int]*item, without []int) []difference {
	var all []difference
	for form, shards := range formsOf(items) {
		all = append(all, difference{subject: subject, here: form, there: absent, shards: shards, like: len(without)})
	}
	slices.SortFunc(all, byShards)
	return all
}

// formsOf gives the shards that have an item in each of its forms.
func formsOf(items map[int]*item) map[string][]int {
	forms := make(map[string][]int)
	for _, shard := range slices.Sorted(maps.Keys(items)) {
		form := items[shard].String()
		forms[form] = append(forms[form], shard)
	}
	return forms
}

func byShards(a, b difference) int { return slices.Compare(a.shards, b.shards) }

// traits tells in which traits items differ.
func (c *comparison) traits(subject string, items map[int]*item) []difference {
	usual := c.usual(items)
	type form struct{ here, there string }
	deviating := make(map[form][]int)
	traits := make(map[form][]string)
	for _, shard := range slices.Sorted(maps.Keys(items)) {
		var here, there, names []string
		for _, t := range items[shard].traits {
			if u := usual[t.name]; t.value != unseen && t.value != u {
				here, there, names = append(here, t.value), append(there, u), append(names, t.name)
			}
		}
		if len(names) > 0 {
			f := form{strings.Join(here, " "), strings.Join(there, " ")}
			deviating[f], traits[f] = append(deviating[f], shard), names
		}
	}
	var all []difference
	for f, shards := range deviating {
		like := 0
		for shard := range items {
			if has(items[shard], usual, traits[f]) {
				like++
			}
		}
		all = append(all, difference{subject: subject, here: f.here, there: f.there, shards: shards, like: like})
	}
	slices.SortFunc(all, byShards)
	return all
}

// has reports whether an item has the usual values of some traits.
func has(i *item, usual map[string]string, names []string) bool {
	return !slices.ContainsFunc(i.traits, func(t trait) bool { return slices.Contains(names, t.name) && t.value != usual[t.name] })
}

// usual gives the value of each trait that most shards have.
func (c *comparison) usual(items map[int]*item) map[string]string {
	values := make(map[string]map[string][]int)
	for shard, i := range items {
		for _, t := range i.traits {
			if t.value == unseen {
				continue
			}
			if values[t.name] == nil {
				values[t.name] = make(map[string][]int)
			}
			values[t.name][t.value] = append(values[t.name][t.value], shard)
		}
	}
	usual := make(map[string]string, len(values))
	for name, forms := range values {
		usual[name] = c.most(forms)
	}
	return usual
}

// most gives the form that most shards have.
func (c *comparison) most(forms map[string][]int) string {
	var best string
	for i, form := range slices.Sorted(maps.Keys(forms)) {
		if i == 0 || c.outweighs(forms[form], forms[best]) {
			best = form
		}
	}
	return best
}

// outweighs reports whether some shards are right against others: they are more,
// or as many and the one of the lowest rank is theirs.
func (c *comparison) outweighs(some, others []int) bool {
	if len(some) != len(others) {
		return len(some) > len(others)
	}
	return c.lowest(some) < c.lowest(others)
}

func (c *comparison) lowest(shards []int) int {
	low := len(c.rank)
	for _, shard := range shards {
		low = min(low, c.rank[shard])
	}
	return low
}

// A drift is one change that a table lacks, or has alone, in some shards.
type drift struct {
	shards      []int // those that deviate, ascending
	differences []difference
}

// same reports whether two drifts say the same of one list of shards.
func (d drift) same(o drift) bool {
	return slices.Equal(d.shards, o.shards) && slices.EqualFunc(d.differences, o.differences, func(a, b difference) bool {
		return a.subject == b.subject && a.here == b.here && a.there == b.there && a.like == b.like
	})
}

// drifts puts differences of the same shards together: an ALTER that was forgotten
// on forty shards is one drift.
func drifts(all []difference) []drift {
	var list []drift
	for _, d := range all {
		i := slices.IndexFunc(list, func(o drift) bool { return slices.Equal(o.shards, d.shards) })
		if i < 0 {
			i = len(list)
			list = append(list, drift{shards: d.shards})
		}
		list[i].differences = append(list[i].differences, d)
	}
	return list
}
