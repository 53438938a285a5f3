//go:build !(darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd || windows)

package authority

import "errors"

// A fileLock cannot be had here, so no ids are given from files.
type fileLock struct{}

func lockFile(string) (*fileLock, error) { return nil, errors.ErrUnsupported }

func (*fileLock) unlock() error { return nil }

func syncDir(string) error { return nil }
