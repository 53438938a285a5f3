package live

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mdbrouter/mdb/area"
)

// The most of what a message lists before it says how many more there are.
const (
	maxPlaces      = 12
	maxDifferences = 12
	maxNames       = 8
)

// placesOf names shards of an area in few words: "p0/0-3, p1/2". Three or more
// whole partitions in a row are "p4 to p9". The shards are in the area's order, as
// all are.
func placesOf(all, shards []area.Shard) string {
	var list []string
	counts := []int{} // of shards, by element of list
	runs := wholePartitions(all, shards)
	for i := 0; i < len(shards); {
		if run, ok := runs[shards[i].Ordinal]; ok {
			list = append(list, shards[i].Partition+" to "+run.last)
			counts = append(counts, run.shards)
			i += run.shards
			continue
		}
		j := i + 1
		for j < len(shards) && shards[j].Partition == shards[i].Partition && shards[j].Index == shards[j-1].Index+1 {
			j++
		}
		place := shards[i].Label()
		if j > i+1 {
			place += fmt.Sprintf("-%d", shards[j-1].Index)
		}
		list = append(list, place)
		counts = append(counts, j-i)
		i = j
	}
	if len(list) <= maxPlaces {
		return strings.Join(list, ", ")
	}
	rest := 0
	for _, n := range counts[maxPlaces:] {
		rest += n
	}
	return strings.Join(list[:maxPlaces], ", ") + " and " + plural(rest, "more shard")
}

// A wholeRun is a row of partitions all of whose shards are meant.
type wholeRun struct {
	last   string // the last of the partitions
	shards int
}

// wholePartitions finds rows of three or more whole partitions, by the ordinal of
// their first shard.
func wholePartitions(all, shards []area.Shard) map[int]wholeRun {
	meant := make(map[int]bool, len(shards))
	for i := range shards {
		meant[shards[i].Ordinal] = true
	}
	runs := make(map[int]wholeRun)
	first, partitions := -1, 0
	var run wholeRun
	end := func() {
		if partitions >= 3 {
			runs[first] = run
		}
		first, partitions, run = -1, 0, wholeRun{}
	}
	for i := 0; i < len(all); i += all[i].Count {
		of := all[i : i+all[i].Count]
		if slices.ContainsFunc(of, func(s area.Shard) bool { return !meant[s.Ordinal] }) {
			end()
			continue
		}
		if first < 0 {
			first = of[0].Ordinal
		}
		partitions++
		run.last = of[0].Partition
		run.shards += len(of)
	}
	end()
	return runs
}

// where says in which shards something is, behind the sentence that says what:
// "in p0/0-3 of area user". read is how many of the area's shards were looked at.
func where(all, shards []area.Shard, read int) string {
	name := all[0].Area
	switch {
	case len(shards) == 1 && len(all) == 1:
		return "in the shard of area " + name
	case len(shards) == len(all):
		return fmt.Sprintf("in all %d shards of area %s", len(all), name)
	case len(shards) == read && read > 1:
		return fmt.Sprintf("in all %d shards of area %s that were read", read, name)
	}
	return "in " + placesOf(all, shards) + " of area " + name
}

// String says what differs: "column state: VARCHAR(16) here, VARCHAR(32) in the
// other 37 shards". of is how many shards have the table.
func (d *difference) words(of int) string {
	here, there := d.here, d.there
	if d.subject == orderSubject {
		here, there = apart(here, there)
	}
	others := fmt.Sprintf("in %s", plural(d.like, "other shard"))
	if d.like == of-len(d.shards) {
		if others = fmt.Sprintf("in the other %d shards", d.like); d.like == 1 {
			others = "in the other shard"
		}
	}
	subject := d.subject + ": "
	if d.subject == tableSubject {
		subject = ""
	}
	here, there = short(here, there)
	return subject + here + " here, " + there + " " + others
}

// tableSubject is the item that says what the whole table is.
const tableSubject = "table"

// apart gives the parts of two lists of names that differ, without what stands
// alike before and behind.
func apart(here, there string) (string, string) {
	a, b := strings.Split(here, ", "), strings.Split(there, ", ")
	var before string
	for len(a) > 1 && len(b) > 1 && a[0] == b[0] {
		before = "behind " + a[0] + " "
		a, b = a[1:], b[1:]
	}
	for len(a) > 1 && len(b) > 1 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	return before + names(a), names(b)
}

// names lists names, not too many.
func names(list []string) string {
	if len(list) <= maxNames {
		return strings.Join(list, ", ")
	}
	return strings.Join(list[:maxNames], ", ") + fmt.Sprintf(" and %d more", len(list)-maxNames)
}

// short cuts what a person would not read to its end, as the bodies of triggers,
// to where the two differ.
func short(here, there string) (string, string) {
	const most, before = 120, 30
	a, b := []rune(here), []rune(there)
	if len(a) <= most && len(b) <= most {
		return here, there
	}
	same := 0
	for same < len(a) && same < len(b) && a[same] == b[same] {
		same++
	}
	from := max(same-before, 0)
	cut := func(text []rune) string {
		if from == 0 && len(text) <= most {
			return string(text)
		}
		out := string(text[from:min(from+most, len(text))])
		if from > 0 {
			out = "..." + out
		}
		if from+most < len(text) {
			out += "..."
		}
		return out
	}
	return cut(a), cut(b)
}

// plural counts things: "1 shard", "3 shards".
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
