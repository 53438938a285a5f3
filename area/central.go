package area

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"github.com/mdbrouter/mdb/gdid"
)

// CentralName is what databases of CENTRAL are stamped with where others have
// the label of their area. No area can have it: labels are lower case.
const CentralName = "CENTRAL"

// CentralHash names how an encoded key finds its CENTRAL shard; see package
// central/key. Databases are stamped with it.
const CentralHash = "xxh64-jump1"

// A CentralShard is one database of CENTRAL. It is a comparable value.
type CentralShard struct {
	Server   string // the server's label
	Database string
	Index    int    // position in CENTRAL's list of shards
	Count    int    // how many shards CENTRAL has
	Layout   uint64 // see [Central.Layout]
}

// Label names the shard within CENTRAL: its position.
func (s *CentralShard) Label() string { return strconv.Itoa(s.Index) }

// Layout gives the number of the way in which keys are spread: a hash of the
// hash's name, the number of shards and the names of their databases in order.
// Processes that spread keys alike have the same number, on whatever servers the
// databases are.
func (c *Central) Layout() uint64 {
	w := canonical{h: sha256.New()}
	w.text("mdb central layout 1")
	w.text(CentralHash)
	w.number(uint64(len(c.Shards)))
	for _, d := range c.Shards {
		w.text(d.Name)
	}
	return binary.BigEndian.Uint64(w.h.Sum(nil))
}

// ShardList gives the shards in index order.
func (c *Central) ShardList() []CentralShard {
	layout := c.Layout()
	list := make([]CentralShard, len(c.Shards))
	for i, d := range c.Shards {
		list[i] = CentralShard{Server: d.Server, Database: d.Name, Index: i, Count: len(c.Shards), Layout: layout}
	}
	return list
}

// Table gives the name of the index's table in every CENTRAL shard.
func (x *Index) Table() string { return "mdb_index_" + x.Name }

// Recipe describes what decides the bytes and owners of an index's keys. It stands
// in mdb_index of every CENTRAL shard from the creation of the index on: processes
// with another recipe would not find the keys there, and give them twice.
func (x *Index) Recipe() string {
	unique := "unique"
	if !x.Unique {
		unique = "several"
	}
	kind := x.Type
	if kind == "" {
		kind = "string"
	}
	return fmt.Sprintf("1 %s [%s] %s %s", kind, strings.Join(x.Normalize, " "), unique, x.Briefcase)
}

// Width gives the length in bytes of the longest encoded key, which is that of
// the table's column; see package central/key.
func (x *Index) Width() int {
	switch {
	case x.MaxBytes > 0:
		return x.MaxBytes
	case x.Type == "int64", x.Type == "uint64":
		return 8
	case x.Type == "uuid":
		return 16
	case x.Type == "gdid":
		return gdid.Size
	}
	return 255
}
