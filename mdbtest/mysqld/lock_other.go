//go:build !unix

package mysqld

import "errors"

// errLocked is returned by tryLock when another process holds the lock.
var errLocked = errors.New("mysqld: the file is locked")

// A fileLock cannot be had here, so no server is started.
type fileLock struct{}

func tryLock(string) (*fileLock, error) { return nil, errors.ErrUnsupported }

func (*fileLock) unlock() error { return nil }
