//go:build unix

package mysqld

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// errLocked is returned by tryLock when another process, or another part of
// this one, holds the lock.
var errLocked = errors.New("mysqld: the file is locked")

// A fileLock is an exclusive advisory lock. The kernel drops it when the
// process ends, however it ends; children do not inherit it.
type fileLock struct{ file *os.File }

// tryLock locks an existing file without waiting. The error wraps
// [fs.ErrNotExist] if the file was removed meanwhile: a lock on a removed file
// excludes nobody.
func tryLock(path string) (*fileLock, error) {
	file, err := os.OpenFile(path, os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		file.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, errLocked
		}
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	held, err := file.Stat()
	if err != nil {
		file.Close()
		return nil, err
	}
	if now, err := os.Stat(path); err != nil || !os.SameFile(held, now) {
		file.Close()
		return nil, fmt.Errorf("lock %s: %w", path, fs.ErrNotExist)
	}
	return &fileLock{file}, nil
}

func (l *fileLock) unlock() error { return l.file.Close() }
