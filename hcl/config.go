package hcl

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/area/dsn"
)

// A Config is what the files of one configuration declare, with a profile
// applied if one was asked for. It never changes.
type Config struct {
	// Path is the directory or file that was read.
	Path string
	// Profile is the profile applied, or "".
	Profile string
	// Namespace is stamped into every database; under a profile it reads
	// "acme_prod/solo".
	Namespace string
	// Topology is what Registry was compiled from. After errors it has what could
	// be made of the files.
	Topology area.Topology
	// Registry is the compiled routing table. It is nil after errors, and when a
	// database's name is unknown.
	Registry *area.Registry
	// Servers are the servers in the order of declaration: under a profile the
	// one that everything collapses to, otherwise all but those that only a
	// profile uses.
	Servers []Server
	// Schemas maps an area's label to its directory of *.sql files, as written:
	// beside the configuration unless absolute.
	Schemas map[string]string
	// Ignored are the findings that comments in the files cover, in order.
	Ignored []Ignored
	// Files are the paths of the files that were read, in order.
	Files []string

	masked  func(filename string) []byte
	editor  *editor // nil if no file was read
	schema  func(dir string) ([]SchemaFile, error)
	placed  func() map[string]*node // the declarations by address, nil if there are none
	linter  *linter                 // of Check with Options.Lint, else nil
	tree    *node                   // the declarations, nil if there were none to read
	retired []area.Authority        // once declared, of a Config that was read from a lock
	locked  map[placeKey]Range      // where the lock has them, of a Config that was read from one
}

// A Server is how one primary and its replicas are reached.
type Server struct {
	Name     string
	Zone     string
	Primary  Endpoint
	Replicas []Endpoint
	// Admin is the primary with the user that may create databases. Without an
	// admin block it is the primary's own user.
	Admin Endpoint
}

// An Endpoint is how one mysqld is reached.
type Endpoint struct {
	// Name is the replica's label, "" for a primary.
	Name string
	Zone string
	// DSN is zero unless Known.
	DSN dsn.DSN `json:"-"`
	// Known is false when the DSN hangs on something that is not set.
	Known bool
	// Missing names what is not set, never a value: env("MDB_U3_DSN").
	Missing string
	// MaxOpen, MaxIdle and MaxLifetime are the pool's bounds; zero means default.
	MaxOpen     int
	MaxIdle     int
	MaxLifetime time.Duration

	partial dsn.DSN // what is known of DSN: zero without an address
}

// Format prints what may be shown of an endpoint, whatever the verb: its label,
// and what is missing. The DSN may come from the environment and is left out.
func (e Endpoint) Format(f fmt.State, _ rune) {
	text := "endpoint " + e.Name
	if !e.Known {
		text += " (unknown: " + e.Missing + ")"
	}
	_, _ = io.WriteString(f, text)
}

// A SchemaFile is one file of an area's schema directory.
type SchemaFile struct {
	Name string // without the directory
	SQL  string
}

// Format prints in a few words what was read, whatever the verb: names may come
// from the environment, which is never shown.
func (c Config) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "configuration %s: %d files, %d servers, %d areas", c.Path, len(c.Files), len(c.Servers), len(c.Topology.Areas))
}

// MarshalJSON gives what Format prints, and which servers are known.
func (c Config) MarshalJSON() ([]byte, error) {
	type server struct {
		Name    string `json:"name"`
		Known   bool   `json:"known"`
		Missing string `json:"missing,omitempty"`
	}
	out := struct {
		Path    string   `json:"path"`
		Profile string   `json:"profile,omitempty"`
		Files   []string `json:"files"`
		Servers []server `json:"servers"`
		Areas   int      `json:"areas"`
	}{Path: c.Path, Profile: c.Profile, Files: c.Files, Areas: len(c.Topology.Areas)}
	for i := range c.Servers {
		s := &c.Servers[i]
		out.Servers = append(out.Servers, server{s.Name, s.Primary.Known, s.Primary.Missing})
	}
	return json.Marshal(out)
}

// Masked gives the text of one of Files with all secrets that stand in it
// overwritten by '*', so that it may be shown. Its length is the file's. It
// gives nil for a file that was not read.
func (c *Config) Masked(filename string) []byte {
	if c.masked == nil {
		return nil
	}
	return c.masked(filename)
}

// Schema reads the *.sql files of an area's schema directory, in the order of
// their names. An area without a schema has none.
func (c *Config) Schema(areaName string) ([]SchemaFile, error) {
	dir, ok := c.Schemas[areaName]
	if !ok {
		return nil, nil
	}
	files, err := c.schema(dir)
	if err != nil {
		return nil, fmt.Errorf("schema of area %q: %w", areaName, err)
	}
	return files, nil
}
