package main_test

import (
	"context"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	mdbctl "github.com/mdbrouter/mdb/cmd/mdbctl"
	"github.com/mdbrouter/mdb/gdid"
)

func TestMySQL_opens_the_client_on_the_shard_of_an_id(t *testing.T) {
	t.Parallel()
	s := newSite(t).provisioned()
	query := "SELECT DATABASE(), CURRENT_USER(), @@port"
	seen := make(map[string]bool)
	for _, id := range []string{"0:1:7", "0:2:8", "0:0:9", gdid.MustParse("0:1:10").Hex()} {
		got := command(t, "mysql", "area.user", id, "-c", s.dir, "--", "-N", "-B", "-e", query)
		require.Zero(t, got.status, got.stderr)
		fields := strings.Fields(s.plain(got.stdout))
		require.Equal(t, "rw@127.0.0.1", fields[1])
		index := map[string]int{"user_p0_0": 0, "user_p0_1": 1}[fields[0]]
		require.Equal(t, strconv.Itoa(s.cluster.Servers[index].Port()), fields[2])
		require.Contains(t, s.plain(got.stderr), "is in shard user p0/"+strconv.Itoa(index)+": database "+fields[0])
		seen[fields[0]] = true
	}
	require.Len(t, seen, 2, "the ids are of both shards")
	got := command(t, "mysql", "user", "0:1:7", "-c", s.dir, "--admin", "--", "-N", "-B", "-e", query)
	require.Zero(t, got.status, got.stderr)
	require.Contains(t, s.plain(got.stdout), "admin@127.0.0.1")
}

func TestMySQL_ends_with_the_status_of_the_client(t *testing.T) {
	t.Parallel()
	s := newSite(t).provisioned()
	got := command(t, "mysql", "user", "0:1:7", "-c", s.dir, "--client", script(t, "exit 7"))
	require.Equal(t, 7, got.status)
	got = command(t, "mysql", "user", "0:1:7", "-c", s.dir, "--", "-e", "SELECT nothing")
	require.Equal(t, 1, got.status)
	require.Contains(t, got.stderr, "ERROR 1054")
}

func TestMySQL_refuses_a_database_that_is_not_the_shard(t *testing.T) {
	t.Parallel()
	s := newSite(t).provisioned()
	for i, server := range s.cluster.Servers {
		s.exec(server, "UPDATE "+s.prefix+"user_p0_"+strconv.Itoa(i)+".mdb_shard SET area = 'other'")
	}
	for _, flag := range []string{"--admin=false", "--admin"} {
		got := command(t, "mysql", "user", "0:1:7", "-c", s.dir, flag, "--client", script(t, "echo it was run"))
		require.Equal(t, 1, got.status)
		require.NotContains(t, got.stdout, "it was run")
		require.Contains(t, got.stderr, `area is "other", want "user"`)
	}
}

// script writes a shell script.
func script(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "client")
	require.NoError(t, os.WriteFile(path, []byte("#!/bin/sh\n"+text+"\n"), 0o700))
	return path
}

// What any user of the machine can see of a process must not show the password.
func TestMySQL_shows_no_password_to_the_machine(t *testing.T) {
	t.Parallel()
	s := newSite(t).provisioned()
	seen := filepath.Join(t.TempDir(), "seen")
	client := script(t, `tr '\0' '\n' < /proc/$$/cmdline > `+seen+`
tr '\0' '\n' < /proc/$PPID/cmdline >> `+seen+`
ls -l /proc/$$/fd/3 >> `+seen+`
file=${1#--defaults-extra-file=}
cat "$file" | grep -c '^password="pa' >> `+seen)
	got := command(t, "mysql", "user", "0:1:7", "-c", s.dir, "--client", client)
	require.Zero(t, got.status, got.stderr)
	text, err := os.ReadFile(seen)
	require.NoError(t, err)
	require.NotContains(t, string(text), "pa\"ss")
	require.Contains(t, string(text), "pipe:")
	require.True(t, strings.HasSuffix(string(text), "\n1\n"), "the client can read it: %s", text)
}

// The real client reads back every password that is written for it.
func TestOptionText_is_read_back_by_the_client(t *testing.T) {
	t.Parallel()
	cluster, prefix := servers.Get(t)
	server := cluster.Servers[0]
	client, err := exec.LookPath("mariadb")
	if err != nil {
		client, err = exec.LookPath("mysql")
	}
	require.NoError(t, err)
	user := "'" + prefix + "quoted'@'127.0.0.1'"
	_, err = server.DB().ExecContext(t.Context(), "CREATE USER "+user)
	require.NoError(t, err)
	t.Cleanup(func() { _, _ = server.DB().ExecContext(context.WithoutCancel(t.Context()), "DROP USER "+user) })
	for _, password := range []string{"plain", secret, `"`, `'`, `\`, `\\n`, "#", " spaces ", "tab\there", "line\nbreak", "ünïcode", "='", "%PATH% $HOME", `\s\t\"`, "[client]", "end\\"} {
		literal := strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(password)
		_, err := server.DB().ExecContext(t.Context(), "ALTER USER "+user+" IDENTIFIED BY '"+literal+"'")
		require.NoError(t, err)

		path, remove, err := mdbctl.PrivateFile(mdbctl.OptionText(map[string]string{
			"host": "127.0.0.1", "port": strconv.Itoa(server.Port()), "user": prefix + "quoted", "password": password,
		}))
		require.NoError(t, err)
		info, err := os.Stat(path)
		require.NoError(t, err)
		require.Equal(t, fs.FileMode(0o600), info.Mode())
		parent, err := os.Stat(filepath.Dir(path))
		require.NoError(t, err)
		require.Equal(t, fs.FileMode(0o700), parent.Mode().Perm())

		out, err := exec.CommandContext(t.Context(), client, "--defaults-extra-file="+path, "-N", "-e", "SELECT 'in'").CombinedOutput()
		require.NoError(t, err, "password %q: %s", password, out)
		require.Equal(t, "in\n", string(out))
		require.NoError(t, remove())
		_, err = os.Stat(filepath.Dir(path))
		require.ErrorIs(t, err, fs.ErrNotExist)
	}
}
