package proxy

import (
	"context"
	"fmt"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// A Proxy is a listener on loopback whose connections end at one server. All
// methods are safe for concurrent use. What is set holds for open and new
// connections alike.
type Proxy struct {
	target   string
	listener net.Listener
	stop     context.CancelFunc
	running  sync.WaitGroup // the acceptor, and two goroutines per connection
	requests atomic.Int64
	delay    atomic.Int64 // of each command, in nanoseconds

	mu       sync.Mutex // guards all below
	conns    map[*conn]struct{}
	accepted int
	commands []Command
	traps    []trap
	open     chan struct{} // closed while bytes may pass
}

// A trap waits for one command.
type trap struct {
	match Match
	do    action
}

// Start listens on a free port of 127.0.0.1 and passes connections on to the
// host:port target, which need not be up. The proxy lives until Close; ctx
// bounds the start alone.
func Start(ctx context.Context, target string) (*Proxy, error) {
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("proxy: listen: %w", err)
	}
	life, stop := context.WithCancel(context.WithoutCancel(ctx))
	p := &Proxy{target: target, listener: l, stop: stop, conns: map[*conn]struct{}{}, open: make(chan struct{})}
	close(p.open)
	p.running.Go(func() { p.accept(life) })
	return p, nil
}

// Addr is the host:port to connect to.
func (p *Proxy) Addr() string { return p.listener.Addr().String() }

// Requests is the number of commands seen since the start or the last Reset
// that the server answers, that is, of round trips after the handshakes.
func (p *Proxy) Requests() int { return int(p.requests.Load()) }

// Commands returns all commands seen since the start or the last Reset, in the
// order of their arrival, also those without an answer.
func (p *Proxy) Commands() []Command {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.commands)
}

// Reset forgets the commands seen and counted so far.
func (p *Proxy) Reset() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.commands = nil
	p.requests.Store(0)
}

// Accepted is the number of connections that clients have made.
func (p *Proxy) Accepted() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.accepted
}

// Open is the number of connections that are open now.
func (p *Proxy) Open() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.conns)
}

// Delay makes every command wait before it is passed on. Zero, the default,
// does not.
func (p *Proxy) Delay(d time.Duration) { p.delay.Store(int64(d)) }

// BlackHole lets nothing pass in either direction while it is on, not even the
// end of a connection; new connections are accepted and hear nothing. What was
// held passes when it is turned off.
func (p *Proxy) BlackHole(on bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-p.open:
		if on {
			p.open = make(chan struct{})
		}
	default:
		if !on {
			close(p.open)
		}
	}
}

// CutRequest cuts the connection of the next command that match picks, before
// the server sees the command.
func (p *Proxy) CutRequest(match Match) { p.set(trap{match, cutRequest}) }

// CutReply passes the next command that match picks to the server, waits until
// the server answers, and cuts the connection instead of passing the answer on:
// the command was carried out and the client cannot know.
func (p *Proxy) CutReply(match Match) { p.set(trap{match, cutReply}) }

// SwallowReply is CutReply without the cut: the client waits for an answer that
// never comes.
func (p *Proxy) SwallowReply(match Match) { p.set(trap{match, swallowReply}) }

func (p *Proxy) set(t trap) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.traps = append(p.traps, t)
}

// Cut closes all connections that are open now.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		c.close()
	}
}

// Close stops listening, cuts all connections and waits until nothing of the
// proxy runs any more. Closing twice does nothing.
func (p *Proxy) Close() error {
	p.stop()
	p.listener.Close()
	p.Cut()
	p.running.Wait()
	return nil
}

func (p *Proxy) accept(ctx context.Context) {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return // closed
		}
		c, ok := p.add(ctx, client)
		if !ok {
			client.Close()
			return
		}
		p.running.Go(func() { c.run(ctx) })
	}
}

// add takes a connection in, unless the proxy was closed meanwhile.
func (p *Proxy) add(ctx context.Context, client net.Conn) (*conn, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if ctx.Err() != nil {
		return nil, false
	}
	p.accepted++
	c := &conn{proxy: p, number: p.accepted, client: client}
	p.conns[c] = struct{}{}
	return c, true
}

func (p *Proxy) remove(c *conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.conns, c)
}

// saw records a command and returns what to do with it.
func (p *Proxy) saw(number int, code byte, payload []byte) action {
	p.mu.Lock()
	defer p.mu.Unlock()
	if answered(code) {
		p.requests.Add(1)
	}
	p.commands = append(p.commands, Command{Conn: number, Code: code, Payload: string(payload[:min(len(payload), payloadKept)])})
	for i, t := range p.traps {
		if t.match(code, payload) {
			p.traps = slices.Delete(p.traps, i, i+1)
			return t.do
		}
	}
	return pass
}

// gate is closed while bytes may pass.
func (p *Proxy) gate() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.open
}
