package partition

import "github.com/mdbrouter/mdb/gdid"

// FindInTree is Find by descending the tree of which the index is compiled.
func (t *Table) FindInTree(k gdid.RangeKey) Source {
	var found Source
	t.tree.DescendLessOrEqual(entry{start: k}, func(e entry) bool {
		found = e.source
		return false
	})
	return found
}
