package hcl

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"

	hclv2 "github.com/hashicorp/hcl/v2"
)

// LoadLock reads a lock. Of opts it takes FS and Overlay. A file that is not there
// is an error that wraps fs.ErrNotExist; one that is no lock, or whose chain is
// broken, is a [*DiagnosticsError] with rule MDB923.
func LoadLock(path string, opts Options) (*Lock, error) {
	s := newSources(opts)
	text, err := s.read(path, maxFile)
	if err != nil {
		return nil, fmt.Errorf("read lock: %w", err)
	}
	l, d := parseLock(&source{name: s.clean(path), text: text})
	if d != nil {
		return nil, &DiagnosticsError{Path: path, Diagnostics: Diagnostics{*d}}
	}
	return l, nil
}

// lockFault is what is wrong with a lock, and where.
func lockFault(s *source, at int64, format string, args ...any) *Diagnostic {
	page := ruleLockBroken.page()
	place := pointAt(s, min(int(at), len(s.text)))
	return &Diagnostic{
		Rule: page.ID, Slug: page.Slug, Severity: page.Severity, Summary: sprintf(format, args), Help: page.Mend,
		Range: Range{Filename: s.name, Start: Pos(place.Start), End: Pos(place.End)},
	}
}

// lockReader reads the text of a lock.
type lockReader struct {
	*source
	decoder *json.Decoder
	lock    *Lock
	version string
	print   string
	chain   string  // of the last entry
	starts  []int64 // where each entry begins
	found   bool    // the list of entries
}

var errLockForm = errors.New("the text is not that of a lock")

func parseLock(s *source) (*Lock, *Diagnostic) {
	if at := bytes.Index(s.text, []byte("<<<<<<<")); at >= 0 {
		return nil, lockFault(s, int64(at), "the lock has a merge conflict")
	}
	if at, fault := tooDeepJSON(s.text); fault != "" {
		return nil, lockFault(s, int64(at), "%s", fault)
	}
	r := &lockReader{source: s, decoder: json.NewDecoder(bytes.NewReader(s.text)), lock: &Lock{Path: s.name}}
	r.decoder.DisallowUnknownFields()
	if err := r.read(); err != nil {
		return nil, lockFault(s, r.decoder.InputOffset(), "%s", lockError(err))
	}
	if r.version != lockVersion {
		return nil, lockFault(s, 0, "format_version %q is not %q: another version of mdbcheck wrote it", cut(r.version), lockVersion)
	}
	before := ""
	for i := range r.lock.entries {
		e := &r.lock.entries[i]
		if e.link(before) != e.Chain {
			return nil, lockFault(s, r.starts[i], "entry %d does not follow from what stands before it: two versions were merged, or one was edited", i+1)
		}
		before = e.Chain
	}
	if before != r.chain {
		return nil, lockFault(s, 0, "the last entry is not the one that the lock was written with")
	}
	if err := r.lock.compile(); err != nil {
		return nil, lockFault(s, 0, "%s", lockError(err))
	}
	if is := r.lock.cfg.Registry.Fingerprint().String(); is != r.print {
		return nil, lockFault(s, 0, "the fingerprint is not that of the entries")
	}
	r.places()
	return r.lock, nil
}

// lockError gives the text of an error without the words of the JSON package
// about itself.
func lockError(err error) string {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return "the text ends too early"
	}
	return oneLine(err.Error())
}

// read takes the members of the object in any order.
func (r *lockReader) read() error {
	if err := r.expect(json.Delim('{')); err != nil {
		return err
	}
	for r.decoder.More() {
		name, err := r.decoder.Token()
		if err != nil {
			return err
		}
		switch name {
		case "format_version":
			err = r.decoder.Decode(&r.version)
		case "fingerprint":
			err = r.decoder.Decode(&r.print)
		case "chain":
			err = r.decoder.Decode(&r.chain)
		case "entries":
			if r.found {
				return errLockForm
			}
			r.found = true
			err = r.list()
		default:
			err = fmt.Errorf("a lock has no %q", cut(fmt.Sprint(name)))
		}
		if err != nil {
			return err
		}
	}
	if err := r.expect(json.Delim('}')); err != nil {
		return err
	}
	if _, err := r.decoder.Token(); !errors.Is(err, io.EOF) {
		return errLockForm
	}
	return nil
}

func (r *lockReader) expect(want json.Delim) error {
	got, err := r.decoder.Token()
	if err != nil {
		return err
	}
	if got != want {
		return errLockForm
	}
	return nil
}

func (r *lockReader) list() error {
	if err := r.expect(json.Delim('[')); err != nil {
		return err
	}
	for r.decoder.More() {
		rest := r.text[r.decoder.InputOffset():]
		start := r.decoder.InputOffset() + int64(len(rest)-len(bytes.TrimLeft(rest, " \t\r\n,")))
		var e lockEntry
		if err := r.decoder.Decode(&e); err != nil {
			return err
		}
		r.lock.entries, r.starts = append(r.lock.entries, e), append(r.starts, start)
	}
	return r.expect(json.Delim(']'))
}

// places remembers where areas and partitions stand, so that findings can point
// there. Lines are counted once for all of them.
func (r *lockReader) places() {
	cfg := r.lock.cfg
	cfg.Files = []string{r.name}
	cfg.locked = map[placeKey]Range{}
	line, counted := 1, 0
	for i := range r.lock.entries {
		e, at := &r.lock.entries[i], int(r.starts[i])
		line += bytes.Count(r.text[counted:at], []byte("\n"))
		counted = at
		if e.Kind != lockPartition || r.lock.state[e.key()] != i {
			continue
		}
		column := at - bytes.LastIndexByte(r.text[:at], '\n')
		start := Pos{Line: line, Column: column, Byte: at}
		place := Range{Filename: r.name, Start: start, End: start}
		cfg.locked[placeKey{area: e.Area, partition: e.Name}] = place
		if _, ok := cfg.locked[placeKey{area: e.Area}]; !ok {
			cfg.locked[placeKey{area: e.Area}] = place
		}
	}
}

// A LockDemand says whether a configuration must agree with the lock beside it.
type LockDemand uint8

// The demands.
const (
	// LockIgnored: no lock is read.
	LockIgnored LockDemand = iota
	// LockIfPresent: a lock that lies beside the configuration must agree with it.
	LockIfPresent
	// LockRequired: there must be one, and it must agree.
	LockRequired
)

// maxDifferences is how many differences from a lock are named.
const maxDifferences = 5

// checkLock holds the configuration against the lock beside it. Under a profile
// everything but the servers must agree.
func (c *compiler) checkLock(read *sources) {
	if c.opts.Lock == LockIgnored || c.cfg.Registry == nil {
		return
	}
	path := read.join(read.dir, LockFile)
	text, err := read.read(path, maxFile)
	if err != nil {
		if c.opts.Lock == LockRequired || !errors.Is(err, fs.ErrNotExist) {
			d := c.found.step(ruleLockDiffers, c.start(), "cannot read %s: %s", path, plainCause(err))
			d.Help = "run mdbcheck lock, and commit what it writes"
			d.cause = err
		}
		return
	}
	l, d := parseLock(&source{name: read.clean(path), text: text})
	if d != nil {
		c.found.put(d)
		return
	}
	c.lockDiffers(l)
}

// lockDiffers reports what the lock and the configuration say differently.
func (c *compiler) lockDiffers(l *Lock) {
	var differ []lockEntry
	seen := map[string]bool{}
	for _, e := range entriesOf(c.cfg) {
		key := e.key()
		seen[key] = true
		i, ok := l.state[key]
		if !ok || !sameUnder(c.cfg.Profile, l.entries[i], e) {
			differ = append(differ, e)
		}
	}
	var gone []lockEntry
	for key, i := range l.state {
		if e := l.entries[i]; e.Kind != lockHead && !e.Removed && !seen[key] {
			gone = append(gone, e)
		}
	}
	if len(differ)+len(gone) == 0 {
		return
	}
	slices.SortFunc(gone, func(a, b lockEntry) int { return l.state[a.key()] - l.state[b.key()] })
	at := &places{cfg: c.cfg}
	differs := func(e *lockEntry) string {
		if i, ok := l.state[e.key()]; !ok || l.entries[i].Removed {
			return e.title() + " is not in it"
		}
		return e.title() + " differs"
	}
	var text string
	var place Range
	if len(differ) > 0 {
		text, place = differs(&differ[0]), at.entry(&differ[0])
	} else {
		text, place = gone[0].title()+" is gone from the files", at.area(gone[0].Area, "")
	}
	if more := len(differ) + len(gone) - 1; more > 0 {
		text += fmt.Sprintf(", and %d more", more)
	}
	d := c.found.step(ruleLockDiffers, hclv2.Range{}, "%s is not of this configuration: %s", LockFile, text)
	d.Range = place
	if place.IsZero() {
		d.Range = at.start()
	}
	if len(differ) > 0 {
		for i := range differ[1:min(len(differ), maxDifferences)] {
			d.Related = append(d.Related, Related{Message: differs(&differ[i+1]), Range: at.entry(&differ[i+1])})
		}
	}
}

// sameUnder compares what the lock has with what the files have under a profile,
// which leaves everything but the servers and the namespace's end as it is.
func sameUnder(profile string, locked, now lockEntry) bool {
	if profile == "" {
		return locked.same(&now)
	}
	for _, e := range []*lockEntry{&locked, &now} {
		e.Shards = slices.Clone(e.Shards)
		for i := range e.Shards {
			e.Shards[i].Server = "-"
		}
		if e.Store != nil {
			e.Store = &lockDatabase{"-", e.Store.Name}
		}
	}
	if now.Kind == lockNamespace {
		locked.Name += "/" + profile
	}
	return locked.same(&now)
}

// entry gives the place of what an entry of a lock is about.
func (p *places) entry(e *lockEntry) Range {
	var at Range
	switch e.Kind {
	case lockPartition:
		at = p.partition(e.Area, e.Name)
	case lockNamespace:
		at = p.block("mdb", "", "namespace")
	case lockCentral:
		at = p.block("central", "", "shards")
	case lockIndex:
		at = p.index(e.Name)
	default:
		at = p.block(e.Kind, e.Name)
	}
	if at.IsZero() {
		return p.start()
	}
	return at
}

// step reports a finding of a rule about versions.
func (f *findings) step(r breakingRule, at hclv2.Range, format string, args ...any) *Diagnostic {
	page := r.page()
	d := &Diagnostic{Rule: page.ID, Slug: page.Slug, Severity: page.Severity, Summary: sprintf(format, args), Help: page.Mend, Range: rangeOf(at)}
	f.put(d)
	return d
}

// put adds a finding.
func (f *findings) put(d *Diagnostic) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.list = append(f.list, d)
}
