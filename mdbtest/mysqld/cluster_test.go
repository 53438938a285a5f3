package mysqld_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/mdbtest/mysqld"
)

func TestStart_four(t *testing.T) {
	t.Parallel()
	begin := time.Now()
	c := mysqld.ForTest(t, 4, mysqld.Options{})
	t.Logf("4 servers in %v", time.Since(begin))
	require.Len(t, c.Servers, 4)
	seen := map[string]bool{}
	for _, s := range c.Servers {
		id := identity(t, s)
		require.NotContains(t, seen, id[0])
		require.NotContains(t, seen, id[1])
		seen[id[0]], seen[id[1]] = true, true
		require.True(t, s.Running())
		require.False(t, gone(s.PID()))
	}
}

func TestStart_settings(t *testing.T) {
	t.Parallel()
	c, _ := servers.Get(t)
	tests := []struct{ name, variable, want string }{
		{name: "commits survive a kill", variable: "innodb_flush_log_at_trx_commit", want: "2"},
		{name: "nobody else connects", variable: "bind_address", want: "127.0.0.1"},
		{name: "the zone is fixed", variable: "time_zone", want: "+00:00"},
		{name: "text is utf8mb4", variable: "character_set_server", want: "utf8mb4"},
		{name: "there is a binary log", variable: "log_bin", want: "1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var got string
			require.NoError(t, c.Servers[0].DB().QueryRowContext(t.Context(), "SELECT @@GLOBAL."+tt.variable).Scan(&got))
			require.Equal(t, tt.want, got)
		})
	}
}

func TestStart_flags(t *testing.T) {
	t.Parallel()
	c := mysqld.ForTest(t, 1, mysqld.Options{Flags: []string{"--max-connections=17"}, CacheDir: t.TempDir()})
	var n int
	require.NoError(t, c.Servers[0].DB().QueryRowContext(t.Context(), "SELECT @@max_connections").Scan(&n))
	require.Equal(t, 17, n)
}

func TestStart_failures(t *testing.T) {
	t.Parallel()
	notAServer := filepath.Join(t.TempDir(), "not-a-server")
	require.NoError(t, os.WriteFile(notAServer, []byte("#!/bin/sh\necho hello\n"), 0o755))
	tests := []struct {
		name string
		n    int
		opts mysqld.Options
		want string
	}{
		{name: "no servers", n: 0, want: "at least 1"},
		{name: "a missing binary", n: 1, opts: mysqld.Options{Binary: "/nonexistent/mariadbd"}, want: "/nonexistent/mariadbd"},
		{name: "a program that is no server", n: 1, opts: mysqld.Options{Binary: notAServer}, want: "is not a MySQL or MariaDB server"},
		{name: "a missing directory", n: 1, opts: mysqld.Options{Dir: "/nonexistent"}, want: "run directory"},
		{name: "a flag that no server knows", n: 1, opts: mysqld.Options{Flags: []string{"--no-such-flag"}}, want: "no-such-flag"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if tt.opts.Dir == "" {
				tt.opts.Dir = t.TempDir()
			}
			tt.opts.CacheDir = t.TempDir()
			_, err := mysqld.Start(t.Context(), tt.n, tt.opts)
			require.ErrorContains(t, err, tt.want)
			if tt.opts.Dir != "/nonexistent" {
				require.Empty(t, entries(t, tt.opts.Dir), "a failed start leaves nothing")
			}
		})
	}
}

func TestStart_serverThatEndsAtOnce(t *testing.T) {
	t.Parallel()
	c, _ := servers.Get(t)
	// The port of another server is taken, on each attempt.
	flag := "--port=" + itoa(c.Servers[0].Port())
	s := mysqld.ForTest(t, 1, mysqld.Options{}).Servers[0]
	err := s.Restart(t.Context(), flag)
	var start *mysqld.StartError
	require.ErrorAs(t, err, &start)
	require.NoError(t, start.Err)
	require.Contains(t, start.Log, "Bind on TCP/IP port")
	require.False(t, s.Running())
	require.NoError(t, s.Restart(t.Context()), "the server can be started after a failed start")
}

func TestStart_contextEnds(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := mysqld.Start(ctx, 2, mysqld.Options{Dir: dir})
	require.ErrorIs(t, err, context.Canceled)
	require.Empty(t, entries(t, dir))
}

func TestStart_serverThatNeverAnswers(t *testing.T) {
	t.Parallel()
	s := mysqld.ForTest(t, 1, mysqld.Options{StartTimeout: 3 * time.Second}).Servers[0]
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	err := s.Restart(ctx, "--skip-networking")
	require.ErrorIs(t, err, context.DeadlineExceeded)
	var start *mysqld.StartError
	require.ErrorAs(t, err, &start)
	require.False(t, s.Running())
}

func TestCluster_Drop(t *testing.T) {
	t.Parallel()
	c, prefix := servers.Get(t)
	other := c.Prefix()
	require.NotEqual(t, prefix, other)
	for _, s := range c.Servers {
		run(t, s.DB(), "CREATE DATABASE `"+prefix+"one`")
		run(t, s.DB(), "CREATE DATABASE `"+prefix+"a``tick`")
		run(t, s.DB(), "CREATE DATABASE `"+other+"kept`")
	}
	require.NoError(t, c.Drop(t.Context(), prefix))
	for _, s := range c.Servers {
		require.Equal(t, []string{other + "kept"}, databases(t, s, prefix, other))
	}
	require.NoError(t, c.Drop(t.Context(), other))
}

func databases(t *testing.T, s *mysqld.Server, prefixes ...string) []string {
	t.Helper()
	rows, err := s.DB().QueryContext(t.Context(), "SHOW DATABASES")
	require.NoError(t, err)
	defer rows.Close()
	var names []string
	for rows.Next() {
		var name string
		require.NoError(t, rows.Scan(&name))
		for _, p := range prefixes {
			if strings.HasPrefix(name, p) {
				names = append(names, name)
			}
		}
	}
	require.NoError(t, rows.Err())
	return names
}
