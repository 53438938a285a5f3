package mdbtest_test

import (
	"fmt"
	"runtime"
	"testing"
)

// A record is a test that notes how it was stopped instead of being stopped.
type record struct {
	testing.TB
	failed, skipped string
}

func (r *record) Helper() {}

func (r *record) Fatalf(format string, args ...any) {
	r.failed = fmt.Sprintf(format, args...)
	runtime.Goexit()
}

func (r *record) Fatal(args ...any) {
	r.failed = fmt.Sprint(args...)
	runtime.Goexit()
}

func (r *record) Skipf(format string, args ...any) {
	r.skipped = fmt.Sprintf(format, args...)
	runtime.Goexit()
}

func (r *record) Skip(args ...any) {
	r.skipped = fmt.Sprint(args...)
	runtime.Goexit()
}

// recorded runs part of a test that may stop it.
func recorded(t *testing.T, part func(tb testing.TB)) *record {
	t.Helper()
	r := &record{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		part(r)
	}()
	<-done
	return r
}
