package authority

import (
	"math/rand/v2"
	"time"
)

// A breaker leaves a failing authority alone for a while, longer with each
// failure. One goroutine uses it at a time.
type breaker struct {
	shortest, longest time.Duration
	pause             time.Duration // the latest, 0 when closed
	until             time.Time
	cause             error // the latest, nil when closed
}

// open reports whether the authority is to be left alone.
func (b *breaker) open(now time.Time) bool { return now.Before(b.until) }

// fail notes a failure.
func (b *breaker) fail(now time.Time, cause error) {
	b.pause = min(max(2*b.pause, b.shortest), b.longest)
	b.cause = cause
	// Half of it is random, so that processes do not come back all at once.
	b.until = now.Add(b.pause/2 + rand.N(b.pause/2+1))
}

// succeed notes a success. It reports whether there were failures before.
func (b *breaker) succeed() bool {
	recovered := b.cause != nil
	b.pause, b.cause, b.until = 0, nil, time.Time{}
	return recovered
}
