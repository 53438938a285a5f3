//go:build !linux

package mysqld

import (
	"context"
	"fmt"
	"net"
)

// A port is a loopback TCP port that was free a moment ago. Another process may
// take it before the server does; then the server cannot bind, and a new
// cluster tries another port.
type port struct{ number int }

func reservePort() (*port, error) {
	var config net.ListenConfig
	l, err := config.Listen(context.Background(), "tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("mysqld: find a free port: %w", err)
	}
	number := l.Addr().(*net.TCPAddr).Port
	return &port{number: number}, l.Close()
}

func (*port) release() error { return nil }
