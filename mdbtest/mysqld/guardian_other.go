//go:build !unix

package mysqld

import (
	"context"
	"errors"
	"syscall"
)

func childAttr() *syscall.SysProcAttr { return nil }

// A guardian cannot be had here, so no server is started.
type guardian struct{}

func newGuardian(context.Context, int) (*guardian, error) { return nil, errors.ErrUnsupported }

func (*guardian) close() {}
