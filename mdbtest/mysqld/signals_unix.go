//go:build unix

package mysqld

import (
	"errors"
	"syscall"
)

// terminate asks the process to shut down. A paused one sees the request only
// when it goes on.
func (p *process) terminate() error {
	return errors.Join(p.signal(syscall.SIGTERM), p.signal(syscall.SIGCONT))
}

func (p *process) pause() error { return p.signal(syscall.SIGSTOP) }

func (p *process) resume() error { return p.signal(syscall.SIGCONT) }
