package hcl

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/central/key"
	"github.com/mdbrouter/mdb/gdid"
)

// A Pin is one route that must stay as it is: where an id or a key is to be found.
type Pin struct {
	// Name says what the pin is about, for a reader.
	Name string
	// Area and ID, or Index and Key, are what is looked up. Key is written as
	// mdbcheck route takes it.
	Area  string
	ID    gdid.GDID
	Index string
	Key   string
	// Partition, Shard, Server and Database are what is expected; nil and "" expect
	// nothing. A key has no partition.
	Partition string
	Shard     *int
	Server    string
	Database  string
	// Range is where the pin is written.
	Range Range

	places map[string]Range // of its arguments
}

// pinSuffix is how names of files of pins end.
const pinSuffix = ".mdbtest.hcl"

var pinArguments = []string{"area", "id", "index", "key", "partition", "shard", "server", "database"}

// LoadPins reads pinned routes from a file, or from all *.mdbtest.hcl of a
// directory in the order of their names:
//
//	route "the first customer" {
//	  area      = area.user
//	  id        = "0:1:1"
//	  partition = "p0"
//	  shard     = 1
//	  server    = server.u2
//	  database  = "user_p0_1"
//	}
//	route "ann by mail" {
//	  index  = central.email
//	  key    = "Ann@Example.com"
//	  shard  = 17
//	  server = server.c2
//	}
//
// Of opts it takes FS and Overlay. It fails with a [*DiagnosticsError] that has
// every mistake, or with the reason why a file cannot be read.
func LoadPins(path string, opts Options) ([]Pin, error) {
	s := newSources(opts)
	names, err := s.pinFiles(s.clean(path))
	if err != nil {
		return nil, fmt.Errorf("read pinned routes: %w", err)
	}
	var pins []Pin
	var found Diagnostics
	for _, name := range names {
		text, err := s.read(name, maxFile)
		if err != nil {
			return nil, fmt.Errorf("read pinned routes: %w", err)
		}
		f := parseLiteral(&source{name: name, text: text}, "route", pinArguments)
		for _, b := range f.blocks {
			pins = append(pins, b.pin())
		}
		found = append(found, f.found.all()...)
	}
	if len(found) > 0 {
		return nil, &DiagnosticsError{Path: path, Diagnostics: found}
	}
	return pins, nil
}

// pinFiles gives the files of pins at a path.
func (s *sources) pinFiles(path string) ([]string, error) {
	info, err := s.stat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return []string{path}, nil
	}
	entries, err := s.list(path)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if !e.IsDir() && strings.HasSuffix(e.Name(), pinSuffix) && !strings.HasPrefix(e.Name(), ".") {
			names = append(names, s.join(path, e.Name()))
		}
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("no *%s in %s: %w", pinSuffix, path, fs.ErrNotExist)
	}
	slices.Sort(names)
	return names, nil
}

// pin decodes a block.
func (b *literalBlock) pin() Pin {
	p := Pin{Name: b.label, Range: b.at, places: map[string]Range{}}
	for name := range b.args {
		p.places[name] = b.place(name)
	}
	has := func(name string) bool { _, ok := b.args[name]; return ok }
	switch {
	case has("area") == has("index"):
		d := b.fault(ruleMissingArgument, b.at, "route %s needs either area and id, or index and key", quote(cut(b.label)))
		d.Help = "write area = area.NAME and id = \"ERA:AUTHORITY:COUNTER\", or index = central.NAME and key = \"...\""
	case has("area"):
		b.pinnedID(&p)
	default:
		b.pinnedKey(&p)
	}
	p.Partition = b.text("partition")
	p.Database = b.text("database")
	p.Server = b.reference("server", "server")
	if n, ok := b.whole("shard"); ok {
		p.Shard = &n
	}
	if !has("partition") && !has("shard") && !has("server") && !has("database") {
		b.fault(ruleMissingArgument, b.at, "route %s expects nothing", quote(cut(b.label))).Help = "give at least one of partition, shard, server and database"
	}
	return p
}

func (b *literalBlock) pinnedID(p *Pin) {
	p.Area = b.reference("area", "area")
	if text := b.need("id"); text != "" {
		id, err := gdid.Parse(text)
		switch {
		case err != nil:
			b.badID(text, err)
		case id.IsZero():
			b.fault(ruleWrongType, b.place("id"), "the zero id is never routed")
		}
		p.ID = id
	}
	b.superfluous("key", "belongs to an index")
}

func (b *literalBlock) badID(text string, err error) {
	d := b.fault(ruleWrongType, b.place("id"), "%s is no id", quote(text))
	if e, ok := errors.AsType[*gdid.ParseError](err); ok {
		d.Detail = e.Rule.String()
	}
	d.Help = `write ERA:AUTHORITY:COUNTER without any _, as "0:1:250000", or the 24 hexadecimal digits of a column`
}

func (b *literalBlock) pinnedKey(p *Pin) {
	p.Index = b.reference("index", "central")
	p.Key = b.need("key")
	b.superfluous("id", "belongs to an area")
	b.superfluous("partition", "is nothing that a key has: CENTRAL has shards alone")
}

func (b *literalBlock) superfluous(name, why string) {
	if _, ok := b.args[name]; ok {
		b.fault(ruleUnknownName, b.place(name), "%q %s", name, why)
	}
}

// CheckPins routes what the pins are about by a configuration that has a Registry,
// and reports each expectation that is not met, where it is written.
func CheckPins(cfg *Config, pins []Pin) Diagnostics {
	c := &pinChecker{cfg: cfg, found: &findings{}, codecs: map[string]*key.Codec{}}
	for i := range pins {
		c.check(&pins[i])
	}
	return c.found.all()
}

type pinChecker struct {
	cfg    *Config
	found  *findings
	codecs map[string]*key.Codec // by index
}

func (c *pinChecker) fault(p *Pin, argument string, r breakingRule, format string, args ...any) *Diagnostic {
	page := r.page()
	at, ok := p.places[argument]
	if !ok {
		at = p.Range
	}
	d := &Diagnostic{
		Rule: page.ID, Slug: page.Slug, Severity: page.Severity, Summary: sprintf(format, args), Range: at, Address: "route." + p.Name,
		Detail: "pinned as " + quote(cut(p.Name)), Help: page.Mend,
	}
	c.found.put(d)
	return d
}

func (c *pinChecker) check(p *Pin) {
	route, err := c.route(p)
	what := "key " + quote(cut(p.Key))
	if p.Index == "" {
		what = "id " + p.ID.String()
	}
	if err != nil {
		argument := "key"
		if p.Index == "" {
			argument = "id"
		}
		switch {
		case errors.Is(err, area.ErrNoArea):
			argument = "area"
		case errors.Is(err, errNoIndex):
			argument = "index"
		}
		if e, ok := errors.AsType[*area.Error](err); ok {
			err = e.Err
		}
		d := c.fault(p, argument, rulePin, "%s of route %s is not routed: %v", what, quote(cut(p.Name)), err)
		d.Detail, d.Help = "", "correct the pin, if the configuration is right"
		return
	}
	differs := func(argument, want, got string) {
		where := "in"
		if argument == "server" {
			where = "on"
		}
		c.fault(p, argument, rulePin, "%s is %s %s %s, pinned is %s", what, where, argument, got, want)
	}
	if p.Partition != "" && p.Partition != route.Partition {
		differs("partition", quote(p.Partition), quote(route.Partition))
	}
	if p.Shard != nil && *p.Shard != route.Shard {
		differs("shard", itoa(*p.Shard), itoa(route.Shard))
	}
	if p.Server != "" && p.Server != route.Server {
		differs("server", p.Server, route.Server)
	}
	if p.Database != "" && p.Database != route.Database {
		differs("database", quote(p.Database), quote(route.Database))
	}
}

var errNoIndex = errors.New("no such index")

// route routes what a pin is about.
func (c *pinChecker) route(p *Pin) (area.Route, error) {
	if p.Index == "" {
		return c.cfg.Registry.Route(p.Area, p.ID)
	}
	index, ok := c.cfg.Registry.Index(p.Index)
	if !ok {
		return area.Route{}, errNoIndex
	}
	codec := c.codecs[p.Index]
	if codec == nil {
		var err error
		if codec, err = key.New(key.Spec{Type: index.Type, Normalize: index.Normalize, MaxBytes: index.MaxBytes}); err != nil {
			return area.Route{}, err
		}
		c.codecs[p.Index] = codec
	}
	encoded, err := codec.Parse(p.Key)
	if err != nil {
		return area.Route{}, err
	}
	shards := c.cfg.Registry.Central().Shards
	shard := key.Shard(encoded, len(shards))
	return area.Route{Shard: shard, Server: shards[shard].Server, Database: shards[shard].Name}, nil
}
