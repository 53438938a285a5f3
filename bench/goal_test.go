// Package bench_test measures mdb beside other ways to do the same work.
//
// The benchmarks are for benchstat. The tests named after goals compare
// contestants in one run and fail where a promised ratio is missed.
package bench_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A contestant does the same work as the others of a goal, a fixed number of
// operations a call.
type contestant struct {
	name string
	run  func()
}

// sink keeps results alive, so that no work is optimised away.
var sink int

// fastest runs contestants in turn for many short rounds and returns the
// nanoseconds per operation of the fastest round of each. In turn, so that a
// disturbance of a shared machine hits all alike; the fastest, because a
// disturbance only ever adds.
func fastest(operations, rounds int, contestants ...contestant) map[string]float64 {
	best := make(map[string]float64, len(contestants))
	for _, c := range contestants {
		best[c.name] = math.Inf(1)
	}
	for range rounds {
		for _, c := range contestants {
			begin := time.Now()
			c.run()
			best[c.name] = min(best[c.name], float64(time.Since(begin))/float64(operations))
		}
	}
	return best
}

// requireRatio demands that a contestant takes at most so many times what another
// takes. Small times get the slack of a timer tick.
func requireRatio(t *testing.T, ns map[string]float64, of, to string, most float64) {
	t.Helper()
	ratio := ns[of] / ns[to]
	t.Logf("%-14s %8.2f ns  %-14s %8.2f ns  ratio %.2f, at most %.2f", of, ns[of], to, ns[to], ratio, most)
	require.LessOrEqual(t, ratio, most, fmt.Sprintf("%s takes %.2f ns, %s takes %.2f ns", of, ns[of], to, ns[to]))
}
