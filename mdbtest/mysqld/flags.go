package mysqld

import (
	"os"
	"strconv"
)

// noConfig comes first in every command line: the machine's own configuration
// files must not reach these servers.
const noConfig = "--no-defaults"

// storageFlags are needed in the same form when the system tables are created
// and when a server runs on them. They keep a data directory at a few megabytes.
func storageFlags(f Flavor) []string {
	flags := []string{
		"--innodb-data-file-path=ibdata1:4M:autoextend",
		"--innodb-autoextend-increment=1",
		"--innodb-flush-method=nosync",
		// A kill may tear a page that is being written; without the second copy
		// InnoDB would not start again.
		"--innodb-doublewrite=1",
	}
	if f == MariaDB {
		return append(flags, "--innodb-log-file-size=4M", "--aria-log-file-size=8M")
	}
	flags[0] = "--innodb-data-file-path=ibdata1:8M:autoextend"
	return append(flags,
		"--loose-innodb-redo-log-capacity=16M",
		"--innodb-buffer-pool-size=32M",
		"--secure-file-priv=NULL",
	)
}

// userFlags lets a server run as root, which it refuses unless told so.
func userFlags() []string {
	if os.Geteuid() == 0 {
		return []string{"--user=root"}
	}
	return nil
}

// serverFlags is the command line of a server. Names in it are relative to the
// data directory: the path of a unix socket may have 107 bytes only.
func serverFlags(f Flavor, dir serverDir, port int, id uint32) []string {
	flags := append([]string{noConfig}, userFlags()...)
	flags = append(flags,
		"--datadir="+dir.data(),
		"--tmpdir="+dir.tmp(),
		"--socket=mysqld.sock",
		"--pid-file="+dir.pidFile(),
		"--bind-address=127.0.0.1",
		"--port="+strconv.Itoa(port),
		"--server-id="+strconv.FormatUint(uint64(id), 10),
		"--skip-name-resolve",
		"--default-time-zone=+00:00",
		"--character-set-server=utf8mb4",
		"--collation-server=utf8mb4_bin",
		"--max-connections=400",
		"--table-open-cache=400",
		"--performance-schema=OFF",
		"--log-bin="+dir.data()+"/bin",
		"--relay-log="+dir.data()+"/relay",
		"--binlog-format=ROW",
		"--sync-binlog=0",
		// 2 writes each commit to the operating system. 0 would lose committed
		// rows when the server is killed while the binlog keeps them.
		"--innodb-flush-log-at-trx-commit=2",
		"--innodb-buffer-pool-dump-at-shutdown=0",
		"--innodb-buffer-pool-load-at-startup=0",
		"--innodb-use-native-aio=0",
		"--innodb-read-io-threads=1",
		"--innodb-write-io-threads=2",
		"--innodb-log-buffer-size=2M",
		"--key-buffer-size=64K",
	)
	flags = append(flags, storageFlags(f)...)
	if f == MariaDB {
		return append(flags,
			"--log-slave-updates",
			"--gtid-domain-id=1",
			"--gtid-strict-mode=1",
			"--innodb-buffer-pool-size=16M",
			"--innodb-temp-data-file-path=ibtmp1:1M:autoextend",
			"--innodb-fast-shutdown=3",
			"--aria-pagecache-buffer-size=1M",
			"--query-cache-size=0",
		)
	}
	return append(flags,
		"--innodb-fast-shutdown=2",
		"--gtid-mode=ON",
		"--enforce-gtid-consistency=ON",
		"--loose-mysqlx=OFF",
	)
}
