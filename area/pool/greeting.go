package pool

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
	"time"
)

// maxGreeting bounds a server's first packet, in bytes. Real ones have a hundred.
const maxGreeting = 16 << 10

var errNoServer = errors.New("what answers there is no MySQL server")

// dial connects and reads the first packet of the server before the driver does:
// the driver takes it apart without looking at its length, and would panic where
// something else answers. The context bounds all of it.
func dial(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	greeting, err := readGreeting(conn)
	if !stop() {
		err = ctx.Err()
	}
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	return &greetedConn{Conn: conn, greeting: greeting}, nil
}

// readGreeting reads a server's first packet, header and all.
func readGreeting(r io.Reader) ([]byte, error) {
	packet := make([]byte, 4, 128)
	if _, err := io.ReadFull(r, packet); err != nil {
		return nil, fmt.Errorf("%w: %w", errNoServer, err)
	}
	length := int(packet[0]) | int(packet[1])<<8 | int(packet[2])<<16
	if length > maxGreeting || packet[3] != 0 {
		return nil, errNoServer
	}
	packet = append(packet, make([]byte, length)...)
	if _, err := io.ReadFull(r, packet[4:]); err != nil {
		return nil, fmt.Errorf("%w: %w", errNoServer, err)
	}
	if !isGreeting(packet[4:]) {
		return nil, errNoServer
	}
	return packet, nil
}

// isGreeting reports whether a payload has the parts of an initial handshake of
// protocol 10, or of an error.
func isGreeting(b []byte) bool {
	if len(b) == 0 {
		return false
	}
	switch b[0] {
	case 0xff: // an error: number, then perhaps "#" and SQLSTATE
		return len(b) >= 9 || len(b) > 3 && b[3] != '#'
	case 10:
		end := bytes.IndexByte(b[1:], 0)
		if end < 0 {
			return false
		}
		// Behind the version: thread id, first part of the scramble, filler,
		// capabilities, character set, status, more capabilities, length,
		// reserved bytes, second part of the scramble.
		return len(b) >= 1+end+1+4+8+1+2+1+2+2+1+10+13
	}
	return false
}

// A greetedConn gives the greeting to the first reads once more.
type greetedConn struct {
	net.Conn
	greeting []byte
}

// Read reads what is left of the greeting, then from the connection.
func (c *greetedConn) Read(p []byte) (int, error) {
	if len(c.greeting) > 0 {
		n := copy(p, c.greeting)
		c.greeting = c.greeting[n:]
		return n, nil
	}
	return c.Conn.Read(p)
}

// SyscallConn lets the driver look whether the connection is alive.
func (c *greetedConn) SyscallConn() (syscall.RawConn, error) {
	raw, ok := c.Conn.(syscall.Conn)
	if !ok {
		return nil, errors.ErrUnsupported
	}
	return raw.SyscallConn()
}
