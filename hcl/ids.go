package hcl

import (
	hclv2 "github.com/hashicorp/hcl/v2"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/gdid"
)

// compileIds reads authorities and sequences.
func (c *compiler) compileIds() {
	numbers := map[int]*node{}
	for _, n := range c.root.all("authority") {
		c.cfg.Topology.Authorities = append(c.cfg.Topology.Authorities, c.authority(n, numbers))
	}
	for _, n := range c.root.all("sequence") {
		c.cfg.Topology.Sequences = append(c.cfg.Topology.Sequences, area.Sequence{
			Name: n.label, Block: uint64(n.whole("block")), MaxJump: uint64(n.whole("max_jump")),
		})
	}
}

func (c *compiler) authority(n *node, numbers map[int]*node) area.Authority {
	a := area.Authority{Name: n.label}
	if v := n.arg("number"); v.state == known {
		number := n.whole("number")
		switch other := numbers[number]; {
		case number < 0 || number > int(gdid.MaxAuthority):
			d := c.found.add(ruleAuthorityNumber, v.at, "authority number %s is outside 0..%d", v.number(number), gdid.MaxAuthority)
			d.Address = n.address()
		case other != nil:
			d := c.found.add(ruleDuplicateNumber, v.at, "authorities %q and %q both use %s: ids would collide", other.label, n.label, v.number(number))
			d.Address = n.address()
			d.relate(other.arg("number").at, "%q has it here", other.label)
		default:
			numbers[number] = n
			a.Number = uint8(number)
		}
	}
	if r := valueOf[*reference](n, "store"); r != nil {
		a.Store = &area.Database{Server: r.name, Name: r.database}
		if fault := badDatabaseName(r.database); fault != "" {
			v := n.arg("store")
			c.found.add(ruleBadDatabaseName, v.at, "database name %s %s", v.shown(r.database), fault).Address = n.address()
		}
	}
	for _, f := range valueOf[[]element](n, "files") {
		a.Files = append(a.Files, f.text)
	}
	c.storeOrFiles(n)
	return a
}

// number gives a number for a message, unless it must not be shown.
func (v *value) number(n int) string {
	if v.secret {
		return "(sensitive)"
	}
	return itoa(n)
}

func (c *compiler) storeOrFiles(n *node) {
	store, files := n.arg("store"), n.arg("files")
	var at hclv2.Range
	var text string
	switch {
	case store.state != absent && files.state != absent:
		at, text = files.name, "authority %q has both store and files"
	case !n.written("store") && !n.written("files"):
		at, text = n.at, "authority %q has neither store nor files"
	case files.state == known && len(valueOf[[]element](n, "files")) == 0:
		at, text = files.at, "authority %q has an empty list of files"
	default:
		return
	}
	d := c.found.add(ruleStoreOrFiles, at, text, n.label)
	d.Address = n.address()
	d.Detail = "an authority takes either store or files"
	d.Help = `write store = database(server.NAME, "mdb_ids"), or files = ["ids/a", "ids/b"]`
	d.relate(store.name, "store is here")
}
