package authority

import (
	"cmp"
	"fmt"
	"log/slog"
	"time"
)

// Options tune a [Generator]. The zero value is ready to use.
type Options struct {
	// Block is how many counters one lease asks for, at most [MaxLease]. Default:
	// as many as lasted 10 seconds at the latest rate, between MinBlock and
	// MaxBlock. What is not used up when the process ends is a gap.
	Block uint64
	// MinBlock is the smallest adaptive block, and the first. Default: 100.
	MinBlock uint64
	// MaxBlock is the largest adaptive block, at most [MaxLease]. Default: 1048576.
	MaxBlock uint64
	// MaxJump is how far a lease may jump to catch up with what other authorities
	// have given. Default: 2^40, a millionth of an era.
	MaxJump uint64
	// LeaseTimeout is the longest that one authority is waited for. Default: 2s.
	LeaseTimeout time.Duration
	// MinBackOff and MaxBackOff are how long an authority is left alone after its
	// first failure, and at most after many; half of it at random. Defaults: 50ms
	// and 5s.
	MinBackOff time.Duration
	MaxBackOff time.Duration
	// Logger gets a line when an authority fails and when it serves again.
	// Default: nothing is logged.
	Logger *slog.Logger
}

// MaxLease is the most counters that one lease may ask for.
const MaxLease = 1 << 40

// lasting is how long an adaptive block should last.
const lasting = 10 * time.Second

func (o Options) withDefaults() Options {
	o.MinBlock = cmp.Or(o.MinBlock, 100)
	o.MaxBlock = max(cmp.Or(o.MaxBlock, 1<<20), o.MinBlock)
	o.MaxJump = cmp.Or(o.MaxJump, 1<<40)
	o.LeaseTimeout = cmp.Or(o.LeaseTimeout, 2*time.Second)
	o.MinBackOff = cmp.Or(o.MinBackOff, 50*time.Millisecond)
	o.MaxBackOff = max(cmp.Or(o.MaxBackOff, 5*time.Second), o.MinBackOff)
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}

func (o Options) validate() error {
	if asked := max(o.Block, o.MaxBlock); asked > MaxLease {
		return fmt.Errorf("a block of %d exceeds %d", asked, uint64(MaxLease))
	}
	return nil
}
