package proxy

import (
	"bufio"
	"context"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// An action is what happens to one command and its answer.
type action int32

const (
	pass action = iota
	cutRequest
	cutReply
	swallowReply
)

// A conn is one client's connection and its other half to the server.
type conn struct {
	proxy  *Proxy
	number int
	client net.Conn
	reply  atomic.Int32 // the action for the server's next bytes

	mu     sync.Mutex // guards server, cancel, closed
	server net.Conn
	cancel context.CancelFunc
	closed bool
}

// run passes bytes both ways until either side ends or the connection is cut.
func (c *conn) run(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer c.proxy.remove(c)
	defer c.close()
	if !c.begin(cancel) || !c.dial(ctx) {
		return
	}
	var back sync.WaitGroup
	defer back.Wait()
	back.Go(func() {
		defer c.close()
		c.fromServer(ctx)
	})
	defer c.close() // before the wait, so that the other direction ends too
	c.fromClient(ctx)
}

func (c *conn) begin(cancel context.CancelFunc) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cancel = cancel
	return !c.closed
}

func (c *conn) dial(ctx context.Context) bool {
	server, err := (&net.Dialer{}).DialContext(ctx, "tcp", c.proxy.target)
	if err != nil {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		server.Close()
		return false
	}
	c.server = server
	return true
}

// close cuts both halves and wakes whoever waits.
func (c *conn) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	c.client.Close()
	if c.server != nil {
		c.server.Close()
	}
	if c.cancel != nil {
		c.cancel()
	}
}

// fromClient passes the client's packets on. A packet is a length of three
// bytes, a sequence number and as many bytes; a command is a packet of number
// 0, which no packet of the handshake has from this side.
func (c *conn) fromClient(ctx context.Context) {
	in := bufio.NewReader(c.client)
	for {
		packet, err := readPacket(in)
		if err == nil && packet[3] == 0 && len(packet) > 4 && !c.command(ctx, packet[4], packet[5:]) {
			return
		}
		// The end of the connection passes no black hole either.
		if !c.wait(ctx) || err != nil {
			return
		}
		if _, err := c.server.Write(packet); err != nil {
			return
		}
	}
}

// readPacket reads one packet with its header of four bytes.
func readPacket(in io.Reader) ([]byte, error) {
	header := make([]byte, 4)
	if _, err := io.ReadFull(in, header); err != nil {
		return nil, err
	}
	size := int(header[0]) | int(header[1])<<8 | int(header[2])<<16
	packet := make([]byte, 4+size)
	copy(packet, header)
	_, err := io.ReadFull(in, packet[4:])
	return packet, err
}

// command notes a command and does what was asked for it. It reports whether
// the command is passed on.
func (c *conn) command(ctx context.Context, code byte, payload []byte) bool {
	do := c.proxy.saw(c.number, code, payload)
	if do == cutRequest {
		return false
	}
	c.reply.Store(int32(do))
	delay := time.Duration(c.proxy.delay.Load())
	if delay <= 0 {
		return true
	}
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// fromServer passes the server's bytes on. The protocol is half duplex: what
// comes after a command is its answer.
func (c *conn) fromServer(ctx context.Context) {
	buf := make([]byte, 32<<10)
	for {
		n, err := c.server.Read(buf)
		if !c.wait(ctx) {
			return
		}
		if n > 0 {
			switch action(c.reply.Load()) {
			case cutReply:
				return
			case swallowReply:
				continue
			default:
			}
			if _, err := c.client.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// wait waits while nothing may pass. It reports false when the connection was
// cut.
func (c *conn) wait(ctx context.Context) bool {
	select {
	case <-c.proxy.gate():
		return true
	case <-ctx.Done():
		return false
	}
}
