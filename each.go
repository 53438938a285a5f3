package mdb

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// FanOut bounds work over many shards. The zero value is ready to use.
type FanOut struct {
	// Parallel is the most shards worked on at once. Default: 8.
	Parallel int
}

// Each calls fn for every shard of the area, several at once. It is all or
// nothing: after the first failure no further shard is begun, the context of
// those under way ends, and Each returns their errors joined, in the order of
// [Area.Shards], once all have returned. A panic of fn becomes an error.
func (a *Area) Each(ctx context.Context, f FanOut, fn func(ctx context.Context, s *Shard) error) error {
	parallel := f.Parallel
	if parallel <= 0 {
		parallel = 8
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()

	shards := a.Shards()
	failures := make([]error, len(shards))
	slots := make(chan struct{}, parallel)
	var running sync.WaitGroup
	begun := 0
	for begun < len(shards) && acquire(ctx, slots) {
		i := begun
		begun++
		running.Go(func() {
			err := errExited
			defer func() {
				if err != nil {
					failures[i] = fmt.Errorf("mdb: each %v: %w", shards[i], err)
					cancel()
				}
				<-slots
			}()
			err = call(ctx, shards[i], fn)
		})
	}
	running.Wait()
	if err := errors.Join(failures...); err != nil {
		return err
	}
	if begun < len(shards) {
		return fmt.Errorf("mdb: each %s: %d of %d shards not begun: %w", a.Name(), len(shards)-begun, len(shards), context.Cause(ctx))
	}
	return nil
}

// errExited stands until fn returns: runtime.Goexit, as a failing test calls it, is
// no success.
var errExited = errors.New("the function ended its goroutine")

// acquire takes a slot. It reports false when the context ends first.
func acquire(ctx context.Context, slots chan<- struct{}) bool {
	if ctx.Err() != nil {
		return false
	}
	select {
	case <-ctx.Done():
		return false
	case slots <- struct{}{}:
		return true
	}
}

func call(ctx context.Context, s *Shard, fn func(ctx context.Context, s *Shard) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return fn(ctx, s)
}
