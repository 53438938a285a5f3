package mysqld

import (
	"context"
	"syscall"
)

// childAttr makes the kernel kill the child when its parent is gone, and keeps
// it out of the terminal's process group: an interrupt typed there is for the
// test.
func childAttr() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// A guardian is not needed here: the kernel does its work.
type guardian struct{}

func newGuardian(context.Context, int) (*guardian, error) { return &guardian{}, nil }

func (*guardian) close() {}
