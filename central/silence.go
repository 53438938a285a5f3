package central

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/mdbrouter/mdb/area"
)

const (
	// hush is how long a shard may leave statements unanswered before callers stop
	// waiting for it one and all; and then, how often one of them is let through
	// while those before still wait.
	hush = time.Second
	// patience is how long a statement must have waited to count as unanswered. A
	// server that refuses at once keeps nobody waiting.
	patience = 100 * time.Millisecond
)

// A silence notes that a shard swallows what it is sent, as a machine does that has
// lost its power or its network, so that callers do not pile up before it, each
// until its own deadline. One at a time goes on asking, and the first answer ends
// the silence for all. Times are counted from born, by the monotonic clock.
type silence struct {
	born     time.Time
	answered atomic.Int64 // when the latest answer came
	since    atomic.Int64 // how long nothing was answered; 0: the shard answers
	probe    atomic.Int64 // when the latest caller was let through; 0: it has ended
}

// errSilent is given to callers that do not wait.
var errSilent = fmt.Errorf("%w: it has left everything unanswered for %v or longer, and another caller is asking it already; try again in a moment", area.ErrUnavailable, hush)

// now is never 0.
func (q *silence) now() int64 { return max(int64(time.Since(q.born)), 1) }

// begin gives the time, and an error to callers that had better not wait.
func (q *silence) begin() (began int64, err error) {
	began = q.now()
	if since := q.since.Load(); since == 0 || began-since < int64(hush) {
		return began, nil
	}
	last := q.probe.Load()
	if last != 0 && began-last < int64(hush) || !q.probe.CompareAndSwap(last, began) {
		return began, errSilent
	}
	return began, nil
}

// end notes whether a statement was answered. One that its caller has given up
// tells nothing.
func (q *silence) end(began int64, err error) {
	now := q.now()
	switch {
	case isAnswer(err):
		q.answered.Store(now)
		q.since.Store(0)
	case now-began >= int64(patience) && !errors.Is(err, context.Canceled):
		q.since.CompareAndSwap(0, max(began, q.answered.Load()))
	}
	q.probe.CompareAndSwap(began, 0)
}

// isAnswer reports whether a server has answered, whatever it said.
func isAnswer(err error) bool {
	if err == nil {
		return true
	}
	if _, ok := errors.AsType[area.ServerError](err); ok {
		return true
	}
	return !isOutage(err) && !errors.Is(err, area.ErrConnLost) && !errors.Is(err, context.Canceled)
}
