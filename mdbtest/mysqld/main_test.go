package mysqld_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/mdbtest/mysqld"
)

// helperEnv turns the test binary into a program that starts servers, says
// where they are, and holds them until its input ends.
const helperEnv = "MYSQLD_TEST_HELPER"

// helperOrder is what the helper is told, helperReport what it answers.
type (
	helperOrder struct {
		N             int
		Dir, CacheDir string
	}
	helperReport struct {
		PIDs  []int
		Addrs []string
		Err   string
	}
)

var servers = mysqld.Shared{N: 2}

func TestMain(m *testing.M) {
	if order := os.Getenv(helperEnv); order != "" {
		os.Exit(help(order))
	}
	os.Exit(servers.Main(m))
}

func help(text string) int {
	var order helperOrder
	if err := json.Unmarshal([]byte(text), &order); err != nil {
		return 2
	}
	var report helperReport
	c, err := mysqld.Start(context.Background(), order.N, mysqld.Options{Dir: order.Dir, CacheDir: order.CacheDir})
	if err != nil {
		report.Err = err.Error()
	} else {
		defer c.Close()
		for _, s := range c.Servers {
			report.PIDs = append(report.PIDs, s.PID())
			report.Addrs = append(report.Addrs, s.Addr())
		}
	}
	if err := json.NewEncoder(os.Stdout).Encode(report); err != nil {
		return 2
	}
	_, _ = io.Copy(io.Discard, os.Stdin)
	return 0
}

// A helper is another process of the test binary.
type helper struct {
	cmd   *exec.Cmd
	input io.WriteCloser
	lines *bufio.Reader
}

// startHelper runs the program, a copy of the test binary or itself.
func startHelper(t *testing.T, program string, order helperOrder, adjust func(*exec.Cmd)) *helper {
	t.Helper()
	text, err := json.Marshal(order)
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), program)
	cmd.Env = append(os.Environ(), helperEnv+"="+string(text))
	cmd.Stderr = os.Stderr
	if adjust != nil {
		adjust(cmd)
	}
	input, err := cmd.StdinPipe()
	require.NoError(t, err)
	output, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		input.Close()
		_ = cmd.Wait() // a killed helper does not end well
	})
	return &helper{cmd: cmd, input: input, lines: bufio.NewReader(output)}
}

// report waits for the helper's servers.
func (h *helper) report(t *testing.T) helperReport {
	t.Helper()
	line, err := h.lines.ReadBytes('\n')
	require.NoError(t, err)
	var report helperReport
	require.NoError(t, json.Unmarshal(line, &report))
	require.Empty(t, report.Err)
	return report
}

func testBinary(t *testing.T) string {
	t.Helper()
	path, err := os.Executable()
	require.NoError(t, err)
	return path
}

// gone reports whether a process is no more, or is a zombie that somebody else
// has to wait for.
func gone(pid int) bool {
	stat, err := os.ReadFile(filepath.Join("/proc", itoa(pid), "stat"))
	if err != nil {
		return true
	}
	rest := stat[bytes.LastIndexByte(stat, ')')+1:]
	return bytes.HasPrefix(rest, []byte(" Z"))
}

func itoa(n int) string { return strconv.Itoa(n) }

func entries(t *testing.T, dir string) []string {
	t.Helper()
	list, err := os.ReadDir(dir)
	require.NoError(t, err)
	var names []string
	for _, e := range list {
		names = append(names, e.Name())
	}
	return names
}
