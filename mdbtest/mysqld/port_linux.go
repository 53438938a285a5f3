package mysqld

import (
	"fmt"
	"syscall"
)

// A port is a loopback TCP port that stays ours while no server listens on it.
//
// It is a socket that is bound and never listens: the kernel gives its number
// to nobody who asks for a free port, a connection to it is refused, and a
// server that sets SO_REUSEADDR, as all of them do, may bind and listen beside
// it. So there is no race for a free port and a restarted server finds its own.
type port struct {
	number int
	fd     int
}

func reservePort() (*port, error) {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("mysqld: reserve a port: %w", err)
	}
	number, err := bindLoopback(fd)
	if err != nil {
		syscall.Close(fd)
		return nil, fmt.Errorf("mysqld: reserve a port: %w", err)
	}
	return &port{number: number, fd: fd}, nil
}

func bindLoopback(fd int) (int, error) {
	if err := syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1); err != nil {
		return 0, err
	}
	if err := syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		return 0, err
	}
	name, err := syscall.Getsockname(fd)
	if err != nil {
		return 0, err
	}
	return name.(*syscall.SockaddrInet4).Port, nil
}

func (p *port) release() error { return syscall.Close(p.fd) }
