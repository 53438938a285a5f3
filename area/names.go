package area

// names finds areas by their names: a hash table with linear probing, at most a
// quarter full. For the labels of a few areas its hash of two bytes is enough and
// takes half the time of a map; labels of one hash cost a comparison each.
type names []slot // their number is a power of two

// A slot without an area ends the search.
type slot struct {
	name string
	area *Area
}

// newNames gives a table with room for so many areas.
func newNames(areas int) names {
	size := 4
	for size < 4*areas {
		size *= 2
	}
	return make(names, size)
}

// add adds an area whose name is not in the table.
func (n names) add(a *Area) {
	i := n.hash(a.name)
	for n[i].area != nil {
		i = (i + 1) & (len(n) - 1)
	}
	n[i] = slot{name: a.name, area: a}
}

// find gives the area of a name, or nil.
func (n names) find(name string) *Area {
	for i := n.hash(name); ; i++ {
		s := &n[i&(len(n)-1)]
		if s.area == nil || s.name == name {
			return s.area
		}
	}
}

func (n names) hash(name string) int {
	if name == "" {
		return 0
	}
	return (7*int(name[0]) + int(name[len(name)-1])) & (len(n) - 1)
}
