package hcl

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/mdbrouter/mdb/gdid"
)

// LockFile is the name of the lock beside a configuration.
const LockFile = "mdb.lock.json"

// A Lock records the routing that was agreed on. It is a list of entries that
// only grows: an entry that is about the same thing as an earlier one replaces
// it. Each carries a hash of all entries before it, so that two branches that both
// append meet in a conflict and no merge goes unnoticed.
//
// It holds labels of servers and names of databases, and nothing about how to
// reach them. A Lock never changes; [Lock.Extend] gives another.
type Lock struct {
	// Path is where it was read.
	Path string
	// Heads are the heads that are on record, by area. A head on record may be
	// lower than the head is by now.
	Heads map[string]gdid.RangeKey

	entries []lockEntry
	state   map[string]int // the entry in force, by lockEntry.key
	cfg     *Config
}

// The kinds of entries.
const (
	lockNamespace = "namespace"
	lockPartition = "partition"
	lockCentral   = "central"
	lockIndex     = "index"
	lockBriefcase = "briefcase"
	lockAuthority = "authority"
	lockSequence  = "sequence"
	lockHead      = "head"
)

// lockEntry is one line of a lock. Its keys are a promise to other programs.
type lockEntry struct {
	Kind       string         `json:"kind"`
	Area       string         `json:"area,omitempty"`
	Name       string         `json:"name,omitempty"` // the label; of a namespace, itself
	Breakpoint string         `json:"breakpoint,omitempty"`
	Start      *gdid.RangeKey `json:"start,omitempty"` // absolute
	Hash       string         `json:"hash,omitempty"`
	Shards     []lockDatabase `json:"shards,omitempty"`
	Briefcase  string         `json:"briefcase,omitempty"`
	Type       string         `json:"type,omitempty"`
	Normalize  []string       `json:"normalize,omitempty"`
	MaxBytes   int            `json:"max_bytes,omitempty"`
	Unique     bool           `json:"unique,omitempty"`
	Proof      string         `json:"proof,omitempty"`
	Key        string         `json:"key,omitempty"`
	Tables     []lockTable    `json:"tables,omitempty"`
	Number     *uint8         `json:"number,omitempty"`
	Store      *lockDatabase  `json:"store,omitempty"`
	Files      []string       `json:"files,omitempty"`
	Head       *gdid.RangeKey `json:"head,omitempty"`
	Removed    bool           `json:"removed,omitempty"`
	Chain      string         `json:"chain"`
}

// lockDatabase is a database, written "server/name".
type lockDatabase struct{ Server, Name string }

// MarshalText implements encoding.TextMarshaler.
func (d lockDatabase) MarshalText() ([]byte, error) { return []byte(d.Server + "/" + d.Name), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *lockDatabase) UnmarshalText(text []byte) error {
	server, name, ok := strings.Cut(string(text), "/")
	if !ok || server == "" || name == "" {
		return errors.New("a database is written server/name")
	}
	d.Server, d.Name = server, name
	return nil
}

// lockTable is a table, written "parent/name", or "name" for the root.
type lockTable struct{ Parent, Name string }

// MarshalText implements encoding.TextMarshaler.
func (t lockTable) MarshalText() ([]byte, error) {
	if t.Parent == "" {
		return []byte(t.Name), nil
	}
	return []byte(t.Parent + "/" + t.Name), nil
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (t *lockTable) UnmarshalText(text []byte) error {
	t.Parent, t.Name = "", string(text)
	if parent, name, ok := strings.Cut(string(text), "/"); ok {
		t.Parent, t.Name = parent, name
	}
	return nil
}

// key tells what an entry is about. A later entry of the same key replaces it.
func (e *lockEntry) key() string {
	switch e.Kind {
	case lockNamespace, lockCentral:
		return e.Kind
	case lockPartition:
		return e.Kind + " " + e.Area + " " + e.Start.String()
	case lockHead:
		return e.Kind + " " + e.Area
	default:
		return e.Kind + " " + e.Name
	}
}

// title names what an entry is about in a sentence.
func (e *lockEntry) title() string {
	switch e.Kind {
	case lockPartition:
		return fmt.Sprintf("partition %q of area %q at %v", e.Name, e.Area, e.Start)
	case lockNamespace, lockCentral:
		return e.Kind
	case lockHead:
		return fmt.Sprintf("the head of area %q", e.Area)
	default:
		return fmt.Sprintf("%s %q", e.Kind, e.Name)
	}
}

// text gives an entry as a line of JSON.
func (e *lockEntry) text() []byte {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(e); err != nil {
		panic(err) // texts, numbers and lists of them always encode
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// link gives the chain of an entry that follows one of the given chain.
func (e *lockEntry) link(before string) string {
	bare := *e
	bare.Chain = ""
	h := sha256.New()
	_, _ = io.WriteString(h, before+"\n")
	h.Write(bare.text())
	return hex.EncodeToString(h.Sum(nil)[:fingerprintSize])
}

// same reports whether two entries say the same.
func (e *lockEntry) same(o *lockEntry) bool { return e.link("") == o.link("") }

// NewLock gives the first lock of a configuration, which must have a Registry.
func NewLock(cfg *Config, heads map[string]gdid.RangeKey) (*Lock, error) {
	return (&Lock{Path: LockFile}).Extend(cfg, heads)
}

// Extend gives a lock of the configuration, which must have a Registry, with the
// heads that are known: what l has already stays, and what differs is appended. It
// does not judge whether that is safe, which [Compare] does. It gives l itself if
// nothing is to be appended. A head lower than the one on record is an error, and so
// is a route that comes from the environment or a sensitive variable.
func (l *Lock) Extend(cfg *Config, heads map[string]gdid.RangeKey) (*Lock, error) {
	if what := cfg.secretRoute(); what != "" {
		return nil, fmt.Errorf("%s comes from the environment or a sensitive variable, and a lock would show it", what)
	}
	out := &Lock{Path: l.Path, entries: slices.Clip(l.entries)}
	seen := map[string]bool{}
	for _, e := range entriesOf(cfg) {
		key := e.key()
		seen[key] = true
		if i, ok := l.state[key]; !ok || !l.entries[i].same(&e) {
			out.append(e)
		}
	}
	for i := range l.entries {
		e := l.entries[i]
		if at, ok := l.state[e.key()]; ok && at == i && e.Kind != lockHead && !e.Removed && !seen[e.key()] {
			out.append(lockEntry{Kind: e.Kind, Area: e.Area, Name: e.Name, Start: e.Start, Removed: true})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(heads)) {
		head := heads[name]
		switch old, ok := l.Heads[name]; {
		case ok && head.Compare(old) < 0:
			return nil, fmt.Errorf("head %v of area %q is below %v, which %s has: heads only rise", head, name, old, LockFile)
		case !ok || head != old:
			out.append(lockEntry{Kind: lockHead, Area: name, Head: &head})
		}
	}
	if len(out.entries) == len(l.entries) {
		return l, nil
	}
	if err := out.compile(); err != nil {
		return nil, fmt.Errorf("lock: %w", err)
	}
	return out, nil
}

// append adds an entry to the chain.
func (l *Lock) append(e lockEntry) {
	before := ""
	if n := len(l.entries); n > 0 {
		before = l.entries[n-1].Chain
	}
	e.Chain = e.link(before)
	l.entries = append(l.entries, e)
}

// Len gives the number of entries.
func (l *Lock) Len() int { return len(l.entries) }

// Config gives the configuration that the lock records, as far as it does: its
// Registry, which has no replicas, addresses, profiles and schemas.
func (l *Lock) Config() *Config { return l.cfg }

// Text gives the lock as it is written to a file, one entry a line.
func (l *Lock) Text() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "{\n  \"format_version\": \"%s\",\n  \"fingerprint\": \"%s\",\n  \"chain\": \"%s\",\n  \"entries\": [\n",
		lockVersion, l.cfg.Registry.Fingerprint(), l.entries[len(l.entries)-1].Chain)
	for i := range l.entries {
		b.WriteString("    ")
		b.Write(l.entries[i].text())
		if i < len(l.entries)-1 {
			b.WriteByte(',')
		}
		b.WriteByte('\n')
	}
	b.WriteString("  ]\n}\n")
	return b.Bytes()
}

// lockVersion is the version of the format; keys are never added within it.
const lockVersion = "1.0"
