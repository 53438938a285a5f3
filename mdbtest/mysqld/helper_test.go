//go:build unix

package mysqld_test

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/mdbtest/mysqld"
)

func TestStart_nothingOutlivesAKilledProcess(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	h := startHelper(t, testBinary(t), helperOrder{N: 2, Dir: dir}, nil)
	pids := h.report(t).PIDs
	require.Len(t, pids, 2)
	for _, pid := range pids {
		require.False(t, gone(pid), "server %d runs before its parent is killed", pid)
	}
	require.NotEmpty(t, entries(t, dir), "a killed process leaves its data")

	require.NoError(t, h.cmd.Process.Kill())

	require.Eventually(t, func() bool { return gone(pids[0]) && gone(pids[1]) }, 10*time.Second, 5*time.Millisecond)
	// Only the zombie's end releases the lock: the helper must be waited for.
	_ = h.cmd.Wait()
	c := mysqld.ForTest(t, 1, mysqld.Options{Dir: dir})
	require.Len(t, entries(t, dir), 2, "only the directory and lock of the new cluster are left")
	require.NoError(t, c.Close())
	require.Empty(t, entries(t, dir))
}

func TestStart_keepsTheDirectoryOfALivingProcess(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	h := startHelper(t, testBinary(t), helperOrder{N: 1, Dir: dir}, nil)
	pid := h.report(t).PIDs[0]
	mysqld.ForTest(t, 1, mysqld.Options{Dir: dir})
	require.Len(t, entries(t, dir), 4)
	require.False(t, gone(pid))
}

func TestStart_twoProcessesMakeOneTemplate(t *testing.T) {
	t.Parallel()
	cache := filepath.Join(t.TempDir(), "new")
	a := startHelper(t, testBinary(t), helperOrder{N: 1, CacheDir: cache}, nil)
	b := startHelper(t, testBinary(t), helperOrder{N: 1, CacheDir: cache}, nil)
	require.NotEqual(t, a.report(t).Addrs, b.report(t).Addrs)
	require.Len(t, entries(t, cache), 2, "one template and its lock")
}

func TestStart_asAnOrdinaryUser(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	program := testBinary(t)
	ordinary := func(*exec.Cmd) {}
	if os.Geteuid() == 0 {
		// Any id that owns nothing will do. Its home does not exist, so that this
		// is also the test of a start without a cache.
		const nobody = 65534
		program = copyProgram(t, program)
		dir = filepath.Join(filepath.Dir(program), "run")
		require.NoError(t, os.Mkdir(dir, 0o700))
		require.NoError(t, os.Chown(dir, nobody, nobody))
		ordinary = func(cmd *exec.Cmd) {
			cmd.Dir = "/"
			cmd.Env = append(cmd.Env, "HOME=/nonexistent", "XDG_CACHE_HOME=", "TMPDIR="+dir)
			cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
		}
	}
	h := startHelper(t, program, helperOrder{N: 1, Dir: dir}, ordinary)
	require.Len(t, h.report(t).PIDs, 1)
}

// copyProgram puts a program where every user can run it.
func copyProgram(t *testing.T, path string) string {
	t.Helper()
	dir := t.TempDir()
	// The parent of a test's directory is closed to others.
	require.NoError(t, os.Chmod(filepath.Dir(dir), 0o755))
	require.NoError(t, os.Chmod(dir, 0o755))
	src, err := os.Open(path)
	require.NoError(t, err)
	defer src.Close()
	target := filepath.Join(dir, "helper")
	dst, err := os.OpenFile(target, os.O_CREATE|os.O_WRONLY, 0o755)
	require.NoError(t, err)
	_, err = io.Copy(dst, src)
	require.NoError(t, err)
	require.NoError(t, dst.Close())
	return target
}
