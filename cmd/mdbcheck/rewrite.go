package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
)

// errChanged is returned for a file that somebody else has written meanwhile.
var errChanged = errors.New("the file has changed since it was read")

// rewrite replaces the text of a file in one step: a reader sees the old text or
// the new one, and a crash leaves one of them. The file keeps its permissions, and
// its owner where that is allowed; behind a symbolic link it is the target that
// is replaced.
func rewrite(name string, before, after []byte) (err error) {
	path, err := filepath.EvalSymlinks(name)
	if err != nil {
		return err
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	// Renaming needs no right to write the file itself: ask for it.
	writable, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	if err := writable.Close(); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".mdbcheck-fmt-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	_, err = f.Write(after)
	err = errors.Join(err, keepOwner(f, info), f.Chmod(info.Mode().Perm()), f.Sync(), f.Close())
	if err != nil {
		return err
	}
	now, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if !bytes.Equal(now, before) {
		return errChanged
	}
	return os.Rename(f.Name(), path)
}
