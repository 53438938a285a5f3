package mysqld

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
)

// A process is one run of a server program. Its goroutine waits for the child,
// so that no zombie keeps the server's lock files looking alive.
type process struct {
	pid  int
	done chan struct{} // closed when the child is gone and has been waited for
	kin  *guardian
	cmd  *exec.Cmd
}

// startProcess runs the program with its output in logPath. The process lives
// until it is killed: ctx is not its owner.
func startProcess(ctx context.Context, s *spawner, logPath, program string, args []string) (*process, error) {
	log, err := os.OpenFile(logPath, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	cmd := exec.CommandContext(context.WithoutCancel(ctx), program, args...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.Env = childEnv()
	cmd.SysProcAttr = childAttr()
	p := &process{cmd: cmd, done: make(chan struct{})}
	if err := s.do(cmd.Start); err != nil {
		return nil, fmt.Errorf("start %s: %w", program, err)
	}
	p.pid = cmd.Process.Pid
	p.kin, err = newGuardian(ctx, p.pid)
	if err != nil {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		return nil, err
	}
	go func() {
		defer close(p.done)
		_ = cmd.Wait() // how a server ends is in its log
		p.kin.close()
	}()
	return p, nil
}

// childEnv keeps the caller's environment, which may hold secrets and settings
// of other MySQL programs, away from the server.
func childEnv() []string {
	env := []string{"TZ=UTC", "LC_ALL=C"}
	for _, name := range []string{"PATH", "HOME", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"} {
		if v, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+v)
		}
	}
	return env
}

func (p *process) alive() bool {
	select {
	case <-p.done:
		return false
	default:
		return true
	}
}

func (p *process) signal(sig os.Signal) error {
	err := p.cmd.Process.Signal(sig)
	if errors.Is(err, os.ErrProcessDone) {
		return nil
	}
	return err
}

// kill ends the process at once and waits until it is gone. A paused process
// dies too.
func (p *process) kill() error {
	if err := p.signal(os.Kill); err != nil {
		return err
	}
	<-p.done
	return nil
}
