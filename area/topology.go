package area

import (
	"time"

	"github.com/mdbrouter/mdb/gdid"
	"github.com/mdbrouter/mdb/partition"
)

// A Topology is everything a configuration declares about where data lives.
// How to reach the servers (addresses, users, passwords) is no part of it.
type Topology struct {
	// Namespace is stamped into every database; under a profile it reads
	// "acme_prod/solo".
	Namespace string
	// Hash is the shard function of partitions that name none. CENTRAL always
	// uses XXH64 and jump.
	Hash        partition.Hash
	Servers     []Server
	Areas       []Spec
	Central     *Central // nil: no lookups by key
	Briefcases  []Briefcase
	Authorities []Authority
	Sequences   []Sequence
}

// A Server is one primary and its replicas.
type Server struct {
	Name     string
	Zone     string
	Replicas []Replica
}

// A Replica is a read-only copy of a server.
type Replica struct {
	Name string
	Zone string
}

// A Spec is one area as declared: the partitions of its first range table, then
// those of each breakpoint.
type Spec struct {
	Name        string
	Partitions  []PartitionSpec
	Breakpoints []BreakpointSpec
}

// A PartitionSpec is one partition as declared.
type PartitionSpec struct {
	Name string
	// Start is the first range key of the partition; within a breakpoint it
	// counts from the breakpoint's At.
	Start gdid.RangeKey
	// Hash is the shard function; zero means the topology's.
	Hash partition.Hash
	// Shards are the databases in index order. Their number and order are
	// fixed for good.
	Shards []Database
}

// A BreakpointSpec is a range key at which the range table starts over.
type BreakpointSpec struct {
	Name       string
	At         gdid.RangeKey
	Partitions []PartitionSpec
}

// A Database is one MySQL database on a server.
type Database struct {
	Server string // the server's label
	Name   string
}

// Central is the area that is hashed by a key.
type Central struct {
	Shards  []Database // in index order, fixed for good
	Indexes []Index
	Cache   Cache
}

// An Index maps a key to the GDID of a briefcase.
type Index struct {
	Name      string
	Briefcase string   // the briefcase's label
	Type      string   // string, bytes, int64, uint64, uuid or gdid
	Normalize []string // in the order applied
	MaxBytes  int      // of an encoded key
	Unique    bool
	Proof     string // column of the root table that keeps a hash of the key, or ""
}

// A Cache bounds the memory of CENTRAL's lookups; zero fields mean defaults.
type Cache struct {
	MaxEntries   int
	TTL          time.Duration
	NegativeTTL  time.Duration
	StaleIfError time.Duration
}

// A Briefcase declares which tables of an area carry one GDID.
type Briefcase struct {
	Name   string
	Area   string
	Key    string // the BINARY(12) column, first in every primary key
	Tables []Table
}

// A Table is one table of a briefcase. The root table has no parent and stands
// first; parents stand before their children.
type Table struct {
	Name   string
	Parent string
}

// An Authority is a source of GDIDs: a row in a database, or files.
type Authority struct {
	Name   string
	Number uint8
	Store  *Database // nil when Files are used
	Files  []string
}

// A Sequence tunes the stream of ids of its name; every area has one without
// being declared. Zero fields mean defaults.
type Sequence struct {
	Name    string
	Block   uint64
	MaxJump uint64
}
