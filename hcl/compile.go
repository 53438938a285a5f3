package hcl

import (
	"path/filepath"
	"slices"
	"strings"

	hclv2 "github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/partition"
)

// compiler makes a Config of the decoded tree, and applies the rules on what it
// declares.
type compiler struct {
	*decoder
	root         *node
	cfg          *Config
	opts         Options
	defaults     *node // server_defaults, or nil
	areas        []*areaModel
	central      *partitionModel // CENTRAL as one partition, or nil
	centralNames *template       // of CENTRAL's databases, or nil
	profile      *node           // the profile that is applied, or nil
	incomplete   bool            // something that routing needs is not set
	checked      map[Range]bool  // parameters that have been reported
	declared     []Server        // all servers in the order of their blocks
	locals       map[string]hclsyntax.Expression
	variables    map[string]*node      // by their labels
	literals     map[Range]*Diagnostic // passwords that variables and locals have
}

func (c *compiler) compile() {
	c.defaults = c.root.one("server_defaults")
	c.variables = c.root.labelled("variable")
	c.checked = map[Range]bool{}
	c.literals = map[Range]*Diagnostic{}
	c.settings()
	c.chooseProfile()
	for _, n := range c.root.all("server") {
		c.cfg.Servers = append(c.cfg.Servers, c.server(n))
	}
	c.declared = slices.Clone(c.cfg.Servers)
	c.compileAreas()
	c.compileCentral()
	c.compileBriefcases()
	c.compileIds()
	c.sharedDatabases()
	c.collapses()
	c.applyProfile()
}

// settings reads the mdb block.
func (c *compiler) settings() {
	t := &c.cfg.Topology
	t.Hash = partition.Jump1
	n := c.root.one("mdb")
	if n == nil {
		if c.symbols.complete("mdb") {
			d := c.found.add(ruleMissingArgument, c.start(), "there is no mdb block")
			d.Help = `write mdb { namespace = "..." }: the name that is stamped into every database`
			if isConfig(filepath.Base(c.cfg.Path)) {
				d.Help = "a file that is named alone is a whole configuration; name the directory that it is in"
			}
		}
		return
	}
	if h := valueOf[partition.Hash](n, "hash"); h != 0 {
		t.Hash = h
	}
	namespace := n.arg("namespace")
	t.Namespace = n.text("namespace")
	if namespace.state == known && !isNamespace(t.Namespace) {
		d := c.found.add(ruleInvalidName, namespace.at, "namespace %s: use 1 to %d printable characters, no space and no slash", namespace.shown(t.Namespace), maxNamespace)
		d.Help = `write a word for what the databases are of, as "shop"; it is for good`
		d.Address = "mdb"
		d.Detail = "a slash divides the namespace from the profile"
	}
	c.cfg.Namespace = t.Namespace
	c.checkConditions(n)
}

// maxNamespace leaves room for a profile's label in 128 bytes.
const maxNamespace = 96

func isNamespace(s string) bool {
	return s != "" && len(s) <= maxNamespace && strings.IndexFunc(s, func(r rune) bool { return r <= ' ' || r > '~' || r == '/' }) < 0
}

// start is the begin of the first file: where something should be that is not.
func (c *compiler) start() hclv2.Range {
	if len(c.cfg.Files) == 0 {
		return hclv2.Range{}
	}
	return hclv2.Range{Filename: c.cfg.Files[0], Start: hclv2.InitialPos, End: hclv2.InitialPos}
}

// registry compiles the routing table, once there are no mistakes.
func (c *compiler) registry() {
	if c.incomplete {
		return
	}
	r, err := area.NewRegistry(c.cfg.Topology)
	if err != nil { // the rules above leave nothing for it to find
		c.found.add(ruleHole, c.start(), "the routing table does not compile: %v", err)
		return
	}
	c.cfg.Registry = r
}
