// Package bench_test measures mdb beside other ways to do the same work.
//
// All benchmarks are for benchstat. Those named BenchmarkGoal compare contestants
// in one run, report the ratio of what they take, and fail where it misses what
// mdb promises.
package bench_test

import (
	"math"
	"testing"
	"time"
)

// A contestant does the same work as the others of a goal, a fixed number of
// operations a call.
type contestant struct {
	name string
	run  func()
}

// queries is how many operations a round makes: a power of two, and so many that
// no branch predictor learns them by heart.
const queries = 1 << 16

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

// A goal is that one contestant takes at most so many times what another takes.
type goal struct {
	of, to string
	most   float64
}

// benchmarkGoals runs the contestants and reports and judges each goal.
func benchmarkGoals(b *testing.B, contestants []contestant, goals ...goal) {
	b.Helper()
	var ns map[string]float64
	for b.Loop() {
		ns = fastest(queries, 40, contestants...)
	}
	for _, g := range goals {
		ratio := ns[g.of] / ns[g.to]
		b.ReportMetric(ratio, g.of+"/"+g.to)
		if ratio > g.most {
			b.Errorf("%s takes %.2f ns, %.2f times the %.2f ns of %s; the goal is %.2f", g.of, ns[g.of], ratio, ns[g.to], g.to, g.most)
		}
	}
	b.ReportMetric(0, "ns/op")
}
