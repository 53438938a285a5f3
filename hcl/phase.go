package hcl

import (
	"os"
	"sync"
)

// load is Load and Check: it gives what it could make of the files, and all
// findings.
func load(path string, opts Options, check bool) (*Config, Diagnostics) {
	if opts.Getenv == nil {
		opts.Getenv = os.LookupEnv
	}
	found := &findings{limit: maxFindings}
	read := newSources(opts)
	list := read.find(path, found)
	unread := found.errors()
	cfg := &Config{Path: path, schema: read.schema}
	for _, s := range list {
		cfg.Files = append(cfg.Files, s.name)
	}
	files := parseAll(list, found)
	masks := newMasks(list)
	cfg.masked, cfg.editor = masks.masked, newEditor(masks)
	if len(list) == 0 || !supported(files, opts.Version, found) {
		return cfg, found.all()
	}
	whole := !found.errors()
	root, misspelt := buildTree(files, found)
	cfg.tree = root
	cfg.placed = sync.OnceValue(func() map[string]*node { return nodesByAddress(root) })
	names := collect(root, files, misspelt, found)
	names.whole, names.lost[""] = whole, names.lost[""] || unread
	e := newEvaluator(found, names, read, opts.Getenv)
	d := &decoder{e}
	masks.add(evaluateVariables(root, d, opts, read))
	masks.locals = evaluateLocals(root, e)
	d.all(root)
	masks.tree(root)
	c := &compiler{decoder: d, root: root, cfg: cfg, opts: opts, locals: masks.locals}
	c.compile()
	c.unresolved(check)
	if check {
		c.schemas(read)
	}
	if !found.errors() {
		c.registry()
		c.checkLock(read)
	}
	if check && opts.Lint != nil {
		lint(c, files, read, masks)
	}
	return cfg, found.all()
}
