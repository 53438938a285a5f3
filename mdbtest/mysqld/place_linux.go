package mysqld

import (
	"os"
	"syscall"
)

// shm is a file system in memory.
const shm = "/dev/shm"

// roomPerServer is what /dev/shm must have free for each server of a cluster.
const roomPerServer = 128 << 20

// placeFor returns the directory in which n data directories are made.
func placeFor(n int) string {
	var stat syscall.Statfs_t
	if err := syscall.Statfs(shm, &stat); err != nil {
		return os.TempDir()
	}
	if stat.Bavail*uint64(stat.Bsize) < uint64(n)*roomPerServer {
		return os.TempDir()
	}
	probe, err := os.CreateTemp(shm, "mdb-probe-*")
	if err != nil {
		return os.TempDir()
	}
	probe.Close()
	os.Remove(probe.Name())
	return shm
}
