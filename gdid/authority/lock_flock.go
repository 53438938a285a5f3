//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package authority

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// A fileLock keeps other processes, and others in this one, out. It ends with the
// process, however that ends.
type fileLock struct{ file *os.File }

// lockFile locks a file without waiting, and creates it if need be. It fails with
// [ErrLocked] when another holds it.
func lockFile(path string) (*fileLock, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		if errors.Is(err, syscall.EWOULDBLOCK) {
			err = ErrLocked
		}
		return nil, errors.Join(fmt.Errorf("lock %s: %w", path, err), file.Close())
	}
	// Whoever removed the file since it was opened has made room for a second lock.
	held, err := file.Stat()
	if err == nil {
		var now os.FileInfo
		if now, err = os.Stat(path); err == nil && !os.SameFile(held, now) {
			err = ErrLocked
		}
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", path, err), file.Close())
	}
	return &fileLock{file}, nil
}

// unlock ends the lock itself before it closes the file: a child process between
// fork and exec still has the file open.
func (l *fileLock) unlock() error {
	return errors.Join(syscall.Flock(int(l.file.Fd()), syscall.LOCK_UN), l.file.Close())
}

// syncDir makes the names in a directory durable.
func syncDir(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
