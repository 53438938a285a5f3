package mdb_test

import (
	"bytes"
	"context"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb"
)

// childVariable holds what the test binary is to do as another process.
const childVariable = "MDB_TEST_CHILD"

// A job is one registration by another process.
type job struct {
	Path string
	Vars map[string]string
	ID   int // of the briefcase
	N    int // of the keys
	// KillAt is the statement, counted once the process is warm, before which it
	// kills itself as kill -9 does; After lets the server answer it first. Zero
	// never does.
	KillAt int
	After  bool
}

// The exits of a child.
const (
	childDone = iota
	childTaken
	childFailed
)

// child registers, when its standard input ends.
func child(text string) int {
	var j job
	if err := json.Unmarshal([]byte(text), &j); err != nil {
		panic(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Second)
	defer cancel()
	s := suicide{at: j.KillAt, after: j.After}
	router, err := mdb.Open(ctx, j.Path, mdb.Options{Vars: j.Vars, Connector: s.wrap})
	if err == nil {
		defer router.Close()
		err = router.Ready(ctx)
	}
	if err == nil {
		_, _ = io.ReadAll(os.Stdin)
		s.armed.Store(true)
		err = register(ctx, router, userID(j.ID), j.N)
	}
	switch {
	case errors.Is(err, mdb.ErrTaken):
		return childTaken
	case err != nil:
		_, _ = fmt.Fprintln(os.Stderr, err)
		return childFailed
	}
	return childDone
}

// suicide kills the process at a statement.
type suicide struct {
	at    int
	after bool
	armed atomic.Bool
	count atomic.Int64
}

func (s *suicide) wrap(_ mdb.Dial, c driver.Connector) driver.Connector { return deadly{c, s} }

// around runs a statement, and perhaps ends the process before or after it.
func (s *suicide) around(statement func()) {
	hit := s.armed.Load() && s.count.Add(1) == int64(s.at)
	if hit && !s.after {
		s.kill()
	}
	statement()
	if hit {
		s.kill()
	}
}

func (s *suicide) kill() {
	self, err := os.FindProcess(os.Getpid())
	if err == nil {
		err = self.Kill()
	}
	panic(err)
}

type deadly struct {
	driver.Connector
	suicide *suicide
}

func (d deadly) Connect(ctx context.Context) (driver.Conn, error) {
	c, err := d.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return deadlyConn{driverConn: c.(driverConn), suicide: d.suicide}, nil
}

type driverConn interface {
	driver.Conn
	driver.ExecerContext
	driver.QueryerContext
	driver.ConnPrepareContext
	driver.NamedValueChecker
	driver.SessionResetter
	driver.Validator
}

type deadlyConn struct {
	driverConn
	suicide *suicide
}

func (c deadlyConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (result driver.Result, err error) {
	c.suicide.around(func() { result, err = c.driverConn.ExecContext(ctx, query, args) })
	return result, err
}

func (c deadlyConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (rows driver.Rows, err error) {
	c.suicide.around(func() { rows, err = c.driverConn.QueryContext(ctx, query, args) })
	return rows, err
}

// process is a child under way.
type process struct {
	cmd    *exec.Cmd
	begin  io.Closer
	stderr bytes.Buffer
}

func (s *site) start(t *testing.T, j job) *process {
	t.Helper()
	j.Path, j.Vars = filepath.Join(s.dir, "central.mdb.hcl"), s.vars
	text, err := json.Marshal(j)
	require.NoError(t, err)
	p := &process{cmd: exec.CommandContext(t.Context(), os.Args[0])}
	p.cmd.Env = append(os.Environ(), childVariable+"="+string(text))
	p.cmd.Stderr = &p.stderr
	p.begin, err = p.cmd.StdinPipe()
	require.NoError(t, err)
	require.NoError(t, p.cmd.Start())
	return p
}

// wait lets the child begin and gives its exit, or -1 if it was killed.
func (p *process) wait(t *testing.T) int {
	t.Helper()
	require.NoError(t, p.begin.Close())
	_ = p.cmd.Wait()
	return p.cmd.ProcessState.ExitCode()
}

// 50 processes register one email at the same moment: one gets it, the others
// learn that it is taken, and nothing is left of them.
func TestRegister_by_50_processes_at_once(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	router := s.openCentral(t)
	children := make([]*process, 50)
	for i := range children {
		children[i] = s.start(t, job{ID: i + 1, N: 7})
	}
	var running sync.WaitGroup
	exits := make([]int, len(children))
	for i, c := range children {
		running.Go(func() { exits[i] = c.wait(t) })
	}
	running.Wait()
	winner := 0
	for i, exit := range exits {
		switch exit {
		case childDone:
			require.Zero(t, winner, "two processes have won")
			winner = i + 1
		default:
			require.Equal(t, childTaken, exit, "%s", children[i].stderr.String())
		}
	}
	require.NotZero(t, winner)
	report, err := router.Central().Index("email").Sweep(t.Context(), mdb.SweepOptions{})
	require.NoError(t, err)
	require.Equal(t, mdb.SweepReport{Rows: 1, Complete: true}, report, "no orphan")
	s.ledger(t, map[int]mdb.GDID{7: userID(winner)})
}

// kill -9 before and after each statement: the keys are never lost to everybody,
// no briefcase stands without its keys, and the same registration can always be
// finished.
func TestRegister_killed_at_every_statement(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	router := s.openCentral(t)
	acked := make(map[int]mdb.GDID)
	n, statements := 0, 0
	for at := 1; statements == 0; at++ {
		for _, after := range []bool{false, true} {
			n++
			c := s.start(t, job{ID: n, N: n, KillAt: at, After: after})
			exit := c.wait(t)
			if exit == childDone { // there are fewer statements
				statements = at - 1
				acked[n] = userID(n)
				break
			}
			require.Equal(t, -1, exit, "%s", c.stderr.String())

			switch n % 3 {
			case 0: // the same registration again, at once
				require.NoError(t, register(t.Context(), router, userID(n), n), "killed at statement %d, answered %v", at, after)
				acked[n] = userID(n)
			case 1: // somebody else wants the keys, later
				s.expire(t)
				err := register(t.Context(), router, userID(1000+n), n)
				if err == nil {
					acked[n] = userID(1000 + n)
				} else {
					require.ErrorIs(t, err, mdb.ErrTaken)
				}
			case 2: // nobody comes but the sweep
				s.expire(t)
				sweep(t, router)
			}
		}
	}
	require.Equal(t, 9, statements, "reserve twice, begin, fence, claim, insert, commit, confirm twice")
	s.expire(t)
	sweep(t, router)
	s.ledger(t, acked)
	for i := range n { // no key is lost to everybody
		err := register(t.Context(), router, userID(2000+i), i+1)
		if err != nil {
			require.ErrorIs(t, err, mdb.ErrTaken)
			b, err := router.Find(t.Context(), "email", emailAndName(i + 1)[0].Value)
			require.NoError(t, err, "and who has it has a briefcase")
			require.True(t, s.briefcases(t)[b.ID().String()])
		}
	}
}
