package embedded

import (
	"sync"
	"time"
)

// gate orders the statements of one server. The engine swaps whole tables in at
// commit, so a second writer would undo the first.
//
// Lock order: the slot first, then mu.
type gate struct {
	// slot holds one token while a transaction or an autocommit write runs.
	slot chan struct{}
	// mu keeps autocommit reads, which hold it shared, off the moment of a commit.
	// It is never held while waiting for a client.
	mu sync.RWMutex
	// closed ends all waits for the slot.
	closed chan struct{}
}

func newGate() *gate {
	return &gate{slot: make(chan struct{}, 1), closed: make(chan struct{})}
}

// acquire takes the slot. It waits at most for wait.
func (g *gate) acquire(wait time.Duration) error {
	select {
	case g.slot <- struct{}{}:
		return nil
	default:
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case g.slot <- struct{}{}:
		return nil
	case <-g.closed:
		return errShutdown()
	case <-timer.C:
		return errLockWait()
	}
}

func (g *gate) release() { <-g.slot }

// close ends all waits. It may be called once.
func (g *gate) close() { close(g.closed) }
