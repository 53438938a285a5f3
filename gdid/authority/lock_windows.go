package authority

import (
	"errors"
	"fmt"
	"syscall"
)

// A fileLock keeps other processes, and others in this one, out. It ends with the
// process, however that ends.
type fileLock struct{ handle syscall.Handle }

// sharingViolation is ERROR_SHARING_VIOLATION.
const sharingViolation = syscall.Errno(32)

// lockFile opens a file for nobody else, and creates it if need be. It fails with
// [ErrLocked] when another holds it.
func lockFile(path string) (*fileLock, error) {
	name, err := syscall.UTF16PtrFromString(path)
	if err != nil {
		return nil, err
	}
	const shareNothing = 0
	handle, err := syscall.CreateFile(name, syscall.GENERIC_READ|syscall.GENERIC_WRITE, shareNothing, nil,
		syscall.OPEN_ALWAYS, syscall.FILE_ATTRIBUTE_NORMAL, 0)
	if errors.Is(err, sharingViolation) {
		err = ErrLocked
	}
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	return &fileLock{handle}, nil
}

func (l *fileLock) unlock() error { return syscall.CloseHandle(l.handle) }

// syncDir does nothing: Windows makes renames durable with the file.
func syncDir(string) error { return nil }
