package authority

import (
	"errors"
	"os"
	"path/filepath"
)

// replaceFile puts text in place of a file at once: after a crash at any moment
// the old or the new text stands there. When it returns nil the new text is on
// the disk.
func replaceFile(path string, text []byte) error {
	next := path + ".next"
	file, err := os.OpenFile(next, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return err
	}
	if err := os.Rename(next, path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}
