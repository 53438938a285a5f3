package live

import (
	"time"

	"github.com/mdbrouter/mdb/gdid"
)

// RateIn reads a history and gives the rate of a sequence up to a head, in ids a
// day, and adds the head.
func RateIn(path, namespace, sequence string, now time.Time, head gdid.RangeKey) (perDay float64, ok bool, err error) {
	h, err := openHistory(path, namespace, now)
	if err != nil {
		return 0, false, err
	}
	r, ok := h.rate(sequence, head)
	return r.perDay, ok, h.add(map[string]gdid.RangeKey{sequence: head})
}

// ErrNoHistory is errNoHistory.
var ErrNoHistory = errNoHistory
