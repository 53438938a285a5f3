package mysqld

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// templateFormat changes whenever this package makes a template differently.
const templateFormat = "1"

// template returns a data directory with fresh system tables that servers of b
// can be copied from. It is made once per server version and flags and kept in
// cacheDir; whoever comes while it is being made waits. Without a usable
// cacheDir it is made in spare, for this caller alone.
func template(ctx context.Context, b Binary, flags []string, cacheDir, spare string) (string, error) {
	cacheDir, err := openCache(cacheDir)
	if err != nil {
		dir := filepath.Join(spare, "template")
		return dir, makeTemplate(ctx, b, flags, dir)
	}
	dir := filepath.Join(cacheDir, templateKey(b, flags))
	if isDir(dir) {
		return dir, nil
	}
	lock, err := waitLock(ctx, dir+lockSuffix)
	if err != nil {
		return "", fmt.Errorf("mysqld: wait for the template of %s: %w", b.Version, err)
	}
	defer func() { _ = lock.unlock() }() // closing a file that we only locked
	if isDir(dir) {
		return dir, nil
	}
	// We alone make it now: what is half made is from a process that was killed.
	// The rename publishes it whole.
	half := dir + ".half"
	if err := os.RemoveAll(half); err != nil {
		return "", fmt.Errorf("mysqld: remove a half-made template: %w", err)
	}
	if err := makeTemplate(ctx, b, flags, half); err != nil {
		return "", errors.Join(err, os.RemoveAll(half))
	}
	if err := os.Rename(half, dir); err != nil {
		return "", fmt.Errorf("mysqld: keep the template: %w", err)
	}
	return dir, nil
}

func openCache(dir string) (string, error) {
	if dir == "" {
		user, err := os.UserCacheDir()
		if err != nil {
			return "", err
		}
		dir = filepath.Join(user, "mdb", "mysqld")
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	probe, err := os.CreateTemp(dir, "probe-*")
	if err != nil {
		return "", err
	}
	return dir, errors.Join(probe.Close(), os.Remove(probe.Name()))
}

// templateKey names the template by all that its content depends on.
func templateKey(b Binary, flags []string) string {
	parts := []string{templateFormat, b.Path, string(b.Flavor), b.Version}
	parts = append(parts, storageFlags(b.Flavor)...)
	parts = append(parts, flags...)
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return string(b.Flavor) + "-" + hex.EncodeToString(sum[:8])
}

func waitLock(ctx context.Context, path string) (*fileLock, error) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
		if err != nil {
			return nil, err
		}
		file.Close()
		lock, err := tryLock(path)
		if !errors.Is(err, errLocked) {
			return lock, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-tick.C:
		}
	}
}

func makeTemplate(ctx context.Context, b Binary, flags []string, dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("mysqld: make a template: %w", err)
	}
	program, args, err := installCommand(b, dir)
	if err != nil {
		return err
	}
	if b.Flavor == MySQL {
		init, err := writeInit(dir)
		if err != nil {
			return err
		}
		defer os.Remove(init)
		args = append(args, "--init-file="+init)
	}
	args = append(args, userFlags()...)
	args = append(args, storageFlags(b.Flavor)...)
	args = append(args, flags...)
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = append(childEnv(), "TMPDIR="+os.TempDir())
	cmd.WaitDelay = time.Second // a script's children may hold its output open
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("mysqld: create the system tables with %s: %w\n%s", program, err, tail(output.Bytes()))
	}
	// A server without this file gives itself a new uuid.
	if err := os.RemoveAll(filepath.Join(dir, "auto.cnf")); err != nil {
		return fmt.Errorf("mysqld: make a template: %w", err)
	}
	return nil
}

// installCommand is the command line, up to the storage flags, that creates the
// system tables in dir, with a root user who may connect without a password.
func installCommand(b Binary, dir string) (program string, args []string, err error) {
	if b.Flavor == MySQL {
		return b.Path, []string{noConfig, "--initialize-insecure", "--datadir=" + dir, "--skip-log-bin"}, nil
	}
	script, err := installScript(b)
	if err != nil {
		return "", nil, err
	}
	return script, []string{
		noConfig, "--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve",
		"--datadir=" + dir, "--basedir=" + baseDir(b), "--innodb-fast-shutdown=0",
	}, nil
}

// writeInit writes, beside dir, what MySQL carries out once it has created the
// system tables: its own root@localhost does not match 127.0.0.1 when names are
// not resolved.
func writeInit(dir string) (string, error) {
	path := dir + ".sql"
	sql := "CREATE USER 'root'@'%' IDENTIFIED BY '';\nGRANT ALL ON *.* TO 'root'@'%' WITH GRANT OPTION;\n"
	if err := os.WriteFile(path, []byte(sql), 0o600); err != nil {
		return "", fmt.Errorf("mysqld: make a template: %w", err)
	}
	return path, nil
}

// baseDir is the directory above the server's bin or sbin.
func baseDir(b Binary) string {
	path := b.Path
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	return filepath.Dir(filepath.Dir(path))
}

func installScript(b Binary) (string, error) {
	base := baseDir(b)
	for _, name := range []string{"mariadb-install-db", "mysql_install_db"} {
		for _, dir := range []string{"bin", "sbin", "scripts"} {
			if path := filepath.Join(base, dir, name); executable(path) {
				return path, nil
			}
		}
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("mysqld: %s has no mariadb-install-db beside it; install a whole server: %s", b.Path, installHint())
}
