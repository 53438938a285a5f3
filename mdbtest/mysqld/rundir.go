package mysqld

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

const (
	runPrefix  = "mdb-mysqld-"
	lockSuffix = ".lock"
)

// A runDir holds the data directories of one cluster. A lock file beside it is
// held for as long as this process lives, which is how [sweep] knows the
// directories that nobody uses any more.
type runDir struct {
	path string
	lock *fileLock
}

// newRunDir makes a directory of our own in base, and removes those that killed
// processes left there.
func newRunDir(base string) (*runDir, error) {
	sweep(base)
	for {
		file, err := os.CreateTemp(base, runPrefix+"*"+lockSuffix)
		if err != nil {
			return nil, fmt.Errorf("mysqld: make a run directory: %w", err)
		}
		name := file.Name()
		file.Close()
		// Between the two steps another process's sweep may take the lock and
		// remove the file; then the lock is not ours and we try another name.
		lock, err := tryLock(name)
		if errors.Is(err, errLocked) || errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("mysqld: lock a run directory: %w", err)
		}
		d := &runDir{path: strings.TrimSuffix(name, lockSuffix), lock: lock}
		if err := os.Mkdir(d.path, 0o700); err != nil {
			return nil, errors.Join(fmt.Errorf("mysqld: make a run directory: %w", err), d.remove())
		}
		return d, nil
	}
}

// remove removes the directory, then gives up the lock.
func (d *runDir) remove() error {
	return errors.Join(os.RemoveAll(d.path), os.Remove(d.path+lockSuffix), d.lock.unlock())
}

// sweep removes the run directories in base whose process is gone. It leaves
// alone what it may not touch.
func sweep(base string) {
	locks, err := filepath.Glob(filepath.Join(base, runPrefix+"*"+lockSuffix))
	if err != nil {
		return
	}
	for _, name := range locks {
		lock, err := tryLock(name)
		if err != nil {
			continue
		}
		d := runDir{path: strings.TrimSuffix(name, lockSuffix), lock: lock}
		_ = d.remove() // another user's directory, or gone already
	}
}

// A serverDir is the directory of one server in its cluster's run directory.
type serverDir string

func (d serverDir) data() string    { return filepath.Join(string(d), "data") }
func (d serverDir) tmp() string     { return filepath.Join(string(d), "tmp") }
func (d serverDir) pidFile() string { return filepath.Join(string(d), "mysqld.pid") }
func (d serverDir) log() string     { return filepath.Join(string(d), "error.log") }
