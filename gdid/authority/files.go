package authority

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/gdid"
)

// Files is an authority that keeps its heads in a local file, or in two copies
// best put on two disks. It is meant for development and for services of one
// process: while it is in use, the files are locked against every other process.
//
// A block is handed out only when every copy that holds the new head has reached
// the disk. Copies that disagree give the higher head. A missing copy is made
// again from the other; one that is torn, damaged or foreign is refused, because
// it may have been the higher one. Who knows that it was not deletes it.
//
// The files must not lie on a network file system, and never be copied to another
// machine that then serves too: nothing would notice.
//
// It is safe for concurrent use.
type Files struct {
	config FilesConfig
	turn   chan struct{} // holds one token: whoever takes it may use the rest
	doc    *document     // nil until opened
	locks  []*fileLock
	closed bool
}

// FilesConfig says which authority the files are.
type FilesConfig struct {
	Name      string // the authority's label
	Number    uint8  // 0 to [gdid.MaxAuthority]
	Namespace string // of the configuration, with its profile
	Paths     []string
}

// NewFiles gives an authority over files. It does no I/O: the files are opened and
// locked when they are used first.
func NewFiles(config FilesConfig) *Files {
	config.Paths = slices.Clone(config.Paths)
	f := &Files{config: config, turn: make(chan struct{}, 1)}
	f.turn <- struct{}{}
	return f
}

// Name is the authority's label.
func (f *Files) Name() string { return f.config.Name }

// Number is the authority's number.
func (f *Files) Number() uint8 { return f.config.Number }

// Lease gives a block; see [Authority]. It costs one or two files written and
// synced.
func (f *Files) Lease(ctx context.Context, req Request) (Block, error) {
	var block Block
	err := f.with(ctx, "lease", req.Sequence, func() error {
		r, err := f.record(req.Sequence)
		if err != nil {
			return err
		}
		if req.Count == 0 {
			return errNothingGiven
		}
		if block, err = r.grant(f.config.Number, req); err != nil {
			return err
		}
		return f.write(req.Sequence, r.moved(block))
	})
	if err != nil {
		return Block{}, err
	}
	return block, nil
}

// Read gives what the authority keeps of a sequence; see [Store].
func (f *Files) Read(ctx context.Context, sequence string) (State, error) {
	var r Record
	err := f.with(ctx, "read", sequence, func() error {
		var err error
		r, err = f.record(sequence)
		return err
	})
	return State{Record: r}, err
}

// Peek is Read without a lock: it tells what the files say while another process has
// them open, changes nothing and makes no file. What that process had handed out
// before is below the head; what it leases meanwhile may not be.
func (f *Files) Peek(ctx context.Context, sequence string) (State, error) {
	r, err := f.peek(ctx, sequence)
	if err != nil {
		return State{}, &Error{Op: "read", Sequence: sequence, Authority: f.config.Name, Err: err}
	}
	return State{Record: r}, nil
}

func (f *Files) peek(ctx context.Context, sequence string) (Record, error) {
	if err := ctx.Err(); err != nil {
		return Record{}, err
	}
	doc, err := f.load(false)
	if err != nil {
		return Record{}, err
	}
	r, there := doc.sequences[sequence]
	if !there {
		return Record{}, ErrNotProvisioned
	}
	return r, nil
}

// Create makes the authority hold a sequence, see [Store]. It creates the files
// and their directories if none of them is there.
func (f *Files) Create(ctx context.Context, sequence string, first gdid.RangeKey) error {
	return f.turnFor(ctx, "create", sequence, func() error {
		if err := f.open(true); err != nil {
			return err
		}
		if _, there := f.doc.sequences[sequence]; there {
			return nil
		}
		return f.write(sequence, Record{Era: first.Era, Head: first.Counter})
	})
}

// Change replaces the record of a sequence; see [Store].
func (f *Files) Change(ctx context.Context, sequence string, change func(State) (Record, error)) error {
	return f.with(ctx, "change", sequence, func() error {
		old, err := f.record(sequence)
		if err != nil {
			return err
		}
		r, err := change(State{Record: old})
		if err != nil || r == old {
			return err
		}
		return f.write(sequence, r)
	})
}

// Close unlocks the files. Later calls fail with [area.ErrClosed]. Closing twice is
// harmless.
func (f *Files) Close() error {
	<-f.turn
	defer func() { f.turn <- struct{}{} }()
	f.closed = true
	return f.unlock()
}

// with runs fn when the files are open.
func (f *Files) with(ctx context.Context, op, sequence string, fn func() error) error {
	return f.turnFor(ctx, op, sequence, func() error {
		if err := f.open(false); err != nil {
			return err
		}
		return fn()
	})
}

// turnFor runs fn when it is its turn.
func (f *Files) turnFor(ctx context.Context, op, sequence string, fn func() error) error {
	select {
	case <-f.turn:
	case <-ctx.Done():
		return &Error{Op: op, Sequence: sequence, Authority: f.config.Name, Err: ctx.Err()}
	}
	defer func() { f.turn <- struct{}{} }()
	err := ctx.Err() // the token may have won against a context that had ended
	switch {
	case f.closed:
		err = area.ErrClosed
	case err == nil:
		err = fn()
	}
	if err != nil {
		return &Error{Op: op, Sequence: sequence, Authority: f.config.Name, Err: err}
	}
	return nil
}

func (f *Files) record(sequence string) (Record, error) {
	r, there := f.doc.sequences[sequence]
	if !there {
		return Record{}, ErrNotProvisioned
	}
	return r, nil
}

// write puts a new record of a sequence into every copy. After a failure the next
// use reads the files again: how much of it has reached them is not known.
func (f *Files) write(sequence string, r Record) error {
	next := *f.doc
	next.revision++
	next.sequences = maps.Clone(f.doc.sequences)
	next.sequences[sequence] = r
	text := next.encode()
	for _, path := range f.config.Paths {
		if err := replaceFile(path, text); err != nil {
			f.doc = nil
			return errors.Join(fmt.Errorf("write %s: %w", path, err), f.unlock())
		}
	}
	f.doc = &next
	return nil
}

// open locks and reads the files, unless they are open. With create it makes them
// when none is there.
func (f *Files) open(create bool) error {
	if f.doc != nil {
		return nil
	}
	if err := f.lock(create); err != nil {
		return errors.Join(err, f.unlock())
	}
	doc, err := f.load(create)
	if err != nil {
		return errors.Join(err, f.unlock())
	}
	f.doc = doc
	return nil
}

// lock takes the lock of every path. It leaves no trace where there is nothing to
// lock, unless create is set.
func (f *Files) lock(create bool) error {
	if len(f.config.Paths) == 0 {
		return errors.New("the authority has neither a store nor files")
	}
	there := slices.ContainsFunc(f.config.Paths, func(path string) bool {
		_, err := os.Stat(path)
		return !errors.Is(err, fs.ErrNotExist)
	})
	if !there && !create {
		return fmt.Errorf("%w: there is no file %s", ErrNotProvisioned, f.config.Paths[0])
	}
	for _, path := range f.config.Paths {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		l, err := lockFile(path + ".lock")
		if err != nil {
			return err
		}
		f.locks = append(f.locks, l)
	}
	return nil
}

func (f *Files) unlock() error {
	var faults []error
	for _, l := range f.locks {
		faults = append(faults, l.unlock())
	}
	f.locks, f.doc = nil, nil
	return errors.Join(faults...)
}

// load reads all copies and merges them. The next write makes them equal, and
// brings back one that is missing.
func (f *Files) load(create bool) (*document, error) {
	var merged *document
	for _, path := range f.config.Paths {
		text, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		doc, err := f.own(text)
		if err == nil && merged != nil && doc.uid != merged.uid {
			err = fmt.Errorf("%w: it is no copy of %s", ErrForeignFile, f.config.Paths[0])
		}
		if err != nil {
			return nil, fmt.Errorf("file %s: %w", path, err)
		}
		if merged == nil {
			merged = doc
		} else {
			merged.merge(doc)
		}
	}
	switch {
	case merged != nil:
		return merged, nil
	case create:
		return &document{namespace: f.config.Namespace, number: f.config.Number, uid: rand.Text(), sequences: map[string]Record{}}, nil
	}
	return nil, ErrNotProvisioned
}

// own reads a document and demands that it is this authority's.
func (f *Files) own(text []byte) (*document, error) {
	doc, err := decode(text)
	if err != nil {
		return nil, err
	}
	if doc.namespace != f.config.Namespace {
		return nil, fmt.Errorf("%w: its namespace is %q, want %q", ErrForeignFile, doc.namespace, f.config.Namespace)
	}
	if doc.number != f.config.Number {
		return nil, fmt.Errorf("%w: its authority is %d, want %d", ErrForeignFile, doc.number, f.config.Number)
	}
	return doc, nil
}
