package embedded

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	sqle "github.com/dolthub/go-mysql-server"
	"github.com/dolthub/go-mysql-server/memory"
	"github.com/dolthub/go-mysql-server/server"
	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/analyzer"
	"github.com/dolthub/go-mysql-server/sql/mysql_db"
	"github.com/dolthub/vitess/go/mysql"
)

// Options are the settings of one server. The zero value is ready to use.
type Options struct {
	// Addr is the address to listen on. It must be of the loopback network, for
	// nothing but that guards the server: it has the user root without a password.
	// Default: 127.0.0.1 and a free port.
	Addr string
	// LockWait is how long a statement waits for another connection's transaction
	// before it fails with error 1205, until the session sets
	// innodb_lock_wait_timeout. Rounded up to seconds. Default: 5 seconds.
	LockWait time.Duration
}

func (o Options) withDefaults() Options {
	o.Addr = cmp.Or(o.Addr, "127.0.0.1:0")
	o.LockWait = cmp.Or(o.LockWait, 5*time.Second)
	return o
}

// A Server is one running server. Its methods may be called concurrently.
type Server struct {
	listener *listener
	engine   *sqle.Engine
	front    *server.Server
	gate     *gate

	closing sync.Once
	open    sync.WaitGroup // accepted connections, and the goroutine that accepts them
}

// Start starts a server without databases. The caller closes it.
func Start(opts Options) (*Server, error) {
	opts = opts.withDefaults()
	if opts.LockWait < 0 {
		return nil, fmt.Errorf("embedded: lock wait %v is negative", opts.LockWait)
	}
	prepareProcess()
	s := &Server{gate: newGate()}
	l, err := listen(opts.Addr, &s.open)
	if err != nil {
		return nil, err
	}
	s.listener = l

	provider := memory.NewDBProvider()
	s.engine = newEngine(provider)
	accounts := s.engine.Analyzer.Catalog.MySQLDb
	accounts.SetPersister(&mysql_db.NoopPersister{})
	editor := accounts.Editor()
	accounts.AddSuperUser(editor, "root", "%", "")
	editor.Close()

	config := server.Config{
		Protocol: "tcp",
		Address:  l.Addr().String(),
		Listener: l,
		Options: []server.Option{func(e *sqle.Engine, sessions *server.SessionManager, inner mysql.Handler) (*sqle.Engine, *server.SessionManager, mysql.Handler) {
			return e, sessions, &handler{Handler: inner, sessions: sessions, gate: s.gate, open: &s.open}
		}},
	}
	s.front, err = server.NewServer(config, s.engine, sql.NewContext, sessionBuilder(provider, opts.LockWait), nil)
	if err != nil {
		_ = l.Close()
		return nil, fmt.Errorf("embedded: start on %s: %w", opts.Addr, err)
	}
	s.open.Go(s.front.Listener.Accept)
	return s, nil
}

// newEngine makes engines one after the other: each sets the status variables of the
// whole process back.
func newEngine(provider *memory.DbProvider) *sqle.Engine {
	making.Lock()
	defer making.Unlock()
	return sqle.New(analyzer.NewDefaultWithVersion(provider), nil)
}

var making sync.Mutex

// Addr returns the address the server listens on, as host:port.
func (s *Server) Addr() string { return s.listener.Addr().String() }

// DSN returns a data source name for the server, without a database.
func (s *Server) DSN() string { return "root@tcp(" + s.Addr() + ")/" }

// Close ends the server, its connections and the statements that run on them, waits
// for them and forgets all data. Further calls do nothing and return nil.
func (s *Server) Close() error {
	var err error
	s.closing.Do(func() {
		s.gate.close()
		s.front.Listener.Close()
		// It stops the engine's goroutines by a context, and reports that as an error.
		if err = s.engine.Close(); errors.Is(err, context.Canceled) {
			err = nil
		}
		s.listener.closeConns()
		s.open.Wait()
	})
	return err
}

// sessionBuilder returns what makes the engine's part of a new connection: it
// carries the server's identity and lock wait.
func sessionBuilder(provider *memory.DbProvider, lockWait time.Duration) server.SessionBuilder {
	identity := newIdentity()
	seconds := int64((lockWait + time.Second - 1) / time.Second)
	build := memory.NewSessionBuilder(provider)
	return func(ctx context.Context, c *mysql.Conn, addr string) (sql.Session, error) {
		session, err := build(ctx, c, addr)
		if err != nil {
			return nil, err
		}
		sqlCtx := sql.NewContext(ctx, sql.WithSession(session))
		for name, value := range map[string]any{
			uuidVariable:     identity.uuid,
			idVariable:       identity.id,
			lockWaitVariable: seconds,
		} {
			if err := session.InitSessionVariable(sqlCtx, name, value); err != nil {
				return nil, fmt.Errorf("embedded: set %s: %w", name, err)
			}
		}
		return session, nil
	}
}

// identity is what tells one server from all others, as on MySQL.
type identity struct {
	uuid string
	id   uint64 // not 0
}

func newIdentity() identity {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return identity{
		uuid: fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:]),
		id:   uint64(binary.BigEndian.Uint32(b[:4]) | 1),
	}
}

// listener counts the connections it accepts and can close them all: the engine
// leaves open connections alone when it closes.
type listener struct {
	net.Listener
	open *sync.WaitGroup

	mu     sync.Mutex // guards conns, closed
	conns  map[net.Conn]struct{}
	closed bool
}

func listen(addr string, open *sync.WaitGroup) (*listener, error) {
	tcp, err := net.ResolveTCPAddr("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("embedded: listen: %w", err)
	}
	if !tcp.IP.IsLoopback() {
		return nil, fmt.Errorf("embedded: listen on %s: not a loopback address, and the server has no password", addr)
	}
	l, err := net.ListenTCP("tcp", tcp)
	if err != nil {
		return nil, fmt.Errorf("embedded: %w", err)
	}
	return &listener{Listener: l, open: open, conns: make(map[net.Conn]struct{})}, nil
}

// Accept counts the connection as open; the handler's ConnectionClosed ends that.
func (l *listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		_ = c.Close()
		return nil, net.ErrClosed
	}
	l.open.Add(1)
	counted := &conn{Conn: c, listener: l}
	l.conns[counted] = struct{}{}
	return counted, nil
}

func (l *listener) closeConns() {
	l.mu.Lock()
	l.closed = true
	conns := l.conns
	l.conns = nil
	l.mu.Unlock()
	for c := range conns {
		_ = c.Close()
	}
}

// conn leaves its listener's list when it closes.
type conn struct {
	net.Conn
	listener *listener
}

// Close takes the connection off its listener's list.
func (c *conn) Close() error {
	c.listener.mu.Lock()
	delete(c.listener.conns, c)
	c.listener.mu.Unlock()
	return c.Conn.Close()
}
