//go:build unix && !linux

package mysqld

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"syscall"
)

// childAttr keeps the child out of the terminal's process group: an interrupt
// typed there is for the test.
func childAttr() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// A guardian is a second child that reads from a pipe held by this process. The
// end of the pipe means that we are gone, and it kills the server.
type guardian struct {
	cmd  *exec.Cmd
	pipe *os.File
}

func newGuardian(ctx context.Context, pid int) (*guardian, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("guard a server: %w", err)
	}
	defer r.Close()
	cmd := exec.CommandContext(context.WithoutCancel(ctx), "/bin/sh", "-c", `read _; kill -9 "$0"`, strconv.Itoa(pid))
	cmd.Stdin = r
	cmd.SysProcAttr = childAttr()
	if err := cmd.Start(); err != nil {
		w.Close()
		return nil, fmt.Errorf("guard a server: %w", err)
	}
	return &guardian{cmd: cmd, pipe: w}, nil
}

// close ends the guardian before its pipe, so that it kills nobody.
func (g *guardian) close() {
	_ = g.cmd.Process.Kill()
	_ = g.cmd.Wait()
	g.pipe.Close()
}
