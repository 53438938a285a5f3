package mysqld_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/mdbtest/mysqld"
)

func TestFind(t *testing.T) {
	t.Setenv(mysqld.EnvBinary, "")
	b, err := mysqld.Find(t.Context())
	require.NoError(t, err)
	require.True(t, filepath.IsAbs(b.Path))
	require.Contains(t, []mysqld.Flavor{mysqld.MariaDB, mysqld.MySQL}, b.Flavor)
	require.Regexp(t, `^\d+\.\d+\.\d+`, b.Version)
}

func TestFind_byEnvironment(t *testing.T) {
	dir := t.TempDir()
	oracle := filepath.Join(dir, "some-mysqld")
	require.NoError(t, os.WriteFile(oracle, []byte("#!/bin/sh\n"+
		"echo '/x/mysqld  Ver 8.4.5 for Linux on x86_64 (MySQL Community Server - GPL)'\n"), 0o755))
	t.Setenv(mysqld.EnvBinary, oracle)
	b, err := mysqld.Find(t.Context())
	require.NoError(t, err)
	require.Equal(t, mysqld.Binary{Path: oracle, Flavor: mysqld.MySQL, Version: "8.4.5"}, b)

	t.Setenv(mysqld.EnvBinary, filepath.Join(dir, "missing"))
	_, err = mysqld.Find(t.Context())
	require.ErrorContains(t, err, mysqld.EnvBinary)
	require.ErrorIs(t, err, os.ErrNotExist, "no other server is taken in its place")
}

func TestFind_nothingInstalled(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "mariadbd"), nil, 0o644), "not a program")
	_, err := mysqld.FindIn(t.Context(), []string{dir, "/nonexistent"})
	require.ErrorIs(t, err, mysqld.ErrNotFound)
	require.ErrorContains(t, err, "install")
	require.ErrorContains(t, err, mysqld.EnvBinary)
}
