//go:build !unix

package mysqld

import "errors"

func (p *process) terminate() error { return p.kill() }

func (*process) pause() error { return errors.ErrUnsupported }

func (*process) resume() error { return errors.ErrUnsupported }
