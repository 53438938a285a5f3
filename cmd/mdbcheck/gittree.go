package main

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"
)

// A gitTree is the tree of a commit as a file system. Symbolic links are followed
// as long as they stay within the tree.
type gitTree struct {
	objects *gitObjects
	root    gitEntry
	trees   map[string][]gitEntry // as read, by id
}

// A gitEntry is one name in a tree.
type gitEntry struct {
	name string
	mode string // as git writes it: 40000 is a tree
	id   string
}

const (
	gitModeTree      = "40000"
	gitModeLink      = "120000"
	gitModeSubmodule = "160000"
)

func newGitTree(objects *gitObjects, tree string) *gitTree {
	return &gitTree{objects: objects, root: gitEntry{name: ".", mode: gitModeTree, id: tree}, trees: map[string][]gitEntry{}}
}

var (
	_ fs.StatFS    = (*gitTree)(nil)
	_ fs.ReadDirFS = (*gitTree)(nil)
)

// Open opens a file or directory.
func (t *gitTree) Open(name string) (fs.File, error) {
	e, err := t.find(name)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	if e.mode == gitModeTree {
		return nil, &fs.PathError{Op: "open", Path: name, Err: errors.New("is a directory")}
	}
	content, err := t.blob(e)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	return &gitFile{Reader: bytes.NewReader(content), info: gitInfo{entry: e, size: int64(len(content))}}, nil
}

// Stat describes a file or directory. The size of a file is not known before it
// is opened, and given as 0.
func (t *gitTree) Stat(name string) (fs.FileInfo, error) {
	e, err := t.find(name)
	if err != nil {
		return nil, &fs.PathError{Op: "stat", Path: name, Err: err}
	}
	return gitInfo{entry: e}, nil
}

// ReadDir lists a directory in the order of names.
func (t *gitTree) ReadDir(name string) ([]fs.DirEntry, error) {
	e, err := t.find(name)
	if err != nil {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: err}
	}
	entries, err := t.tree(e)
	if err != nil {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: err}
	}
	out := make([]fs.DirEntry, len(entries))
	for i := range entries {
		out[i] = fs.FileInfoToDirEntry(gitInfo{entry: entries[i]})
	}
	slices.SortFunc(out, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return out, nil
}

// maxLinks is how many symbolic links a path may go through.
const maxLinks = 40

// find gives the entry of a path, links followed.
func (t *gitTree) find(name string) (gitEntry, error) {
	if !fs.ValidPath(name) {
		return gitEntry{}, fs.ErrInvalid
	}
	links := 0
	at, done, rest := t.root, "", name
	for rest != "" && rest != "." {
		step, more, _ := strings.Cut(rest, "/")
		entries, err := t.tree(at)
		if err != nil {
			return gitEntry{}, err
		}
		i := slices.IndexFunc(entries, func(e gitEntry) bool { return e.name == step })
		if i < 0 {
			return gitEntry{}, fs.ErrNotExist
		}
		switch e := entries[i]; e.mode {
		case gitModeSubmodule:
			return gitEntry{}, fmt.Errorf("%s is a submodule, which is another repository", path.Join(done, step))
		case gitModeLink:
			if links++; links > maxLinks {
				return gitEntry{}, errors.New("too many symbolic links")
			}
			target, err := t.blob(e)
			if err != nil {
				return gitEntry{}, err
			}
			to := path.Join(done, string(target), more)
			if path.IsAbs(string(target)) || !fs.ValidPath(to) {
				return gitEntry{}, fmt.Errorf("%s is a symbolic link that leads out of the repository", path.Join(done, step))
			}
			at, done, rest = t.root, "", to
		default:
			at, done, rest = e, path.Join(done, step), more
		}
	}
	return at, nil
}

func (t *gitTree) blob(e gitEntry) ([]byte, error) {
	kind, content, err := t.objects.read(e.id)
	if err == nil && kind != "blob" {
		err = fmt.Errorf("object %s is a %s, not a blob", e.id, kind)
	}
	return content, err
}

// tree gives the entries of a tree.
func (t *gitTree) tree(e gitEntry) ([]gitEntry, error) {
	if e.mode != gitModeTree {
		return nil, errors.New("is not a directory")
	}
	if entries, ok := t.trees[e.id]; ok {
		return entries, nil
	}
	kind, content, err := t.objects.read(e.id)
	if err != nil {
		return nil, err
	}
	if kind != "tree" {
		return nil, fmt.Errorf("object %s is a %s, not a tree", e.id, kind)
	}
	entries, err := parseTree(content, len(e.id)/2)
	if err != nil {
		return nil, fmt.Errorf("tree %s: %w", e.id, err)
	}
	t.trees[e.id] = entries
	return entries, nil
}

// parseTree reads a tree as git stores it: mode, space, name, a zero byte and the
// id in binary, of size bytes.
func parseTree(content []byte, size int) ([]gitEntry, error) {
	var entries []gitEntry
	for len(content) > 0 {
		head, rest, ok := bytes.Cut(content, []byte{0})
		mode, name, named := bytes.Cut(head, []byte{' '})
		if !ok || !named || len(name) == 0 || size < 1 || len(rest) < size {
			return nil, errors.New("malformed")
		}
		entries = append(entries, gitEntry{name: string(name), mode: string(mode), id: hex.EncodeToString(rest[:size])})
		content = rest[size:]
	}
	return entries, nil
}

// gitInfo describes an entry.
type gitInfo struct {
	entry gitEntry
	size  int64
}

var _ fs.FileInfo = gitInfo{}

// Name implements fs.FileInfo.
func (i gitInfo) Name() string { return i.entry.name }

// Size implements fs.FileInfo.
func (i gitInfo) Size() int64 { return i.size }

// Mode implements fs.FileInfo.
func (i gitInfo) Mode() fs.FileMode {
	switch i.entry.mode {
	case gitModeTree:
		return fs.ModeDir | 0o555
	case gitModeLink:
		return fs.ModeSymlink | 0o444
	case gitModeSubmodule:
		return fs.ModeIrregular
	}
	return 0o444
}

// ModTime implements fs.FileInfo: trees do not record it.
func (i gitInfo) ModTime() time.Time { return time.Time{} }

// IsDir implements fs.FileInfo.
func (i gitInfo) IsDir() bool { return i.Mode().IsDir() }

// Sys implements fs.FileInfo.
func (i gitInfo) Sys() any { return nil }

// gitFile is a blob that is being read.
type gitFile struct {
	*bytes.Reader
	info gitInfo
}

var _ io.Reader = (*gitFile)(nil)

// Stat implements fs.File.
func (f *gitFile) Stat() (fs.FileInfo, error) { return f.info, nil }

// Close implements fs.File.
func (f *gitFile) Close() error { return nil }
