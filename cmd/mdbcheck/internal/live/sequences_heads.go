package live

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/mdbrouter/mdb/gdid"
	"github.com/mdbrouter/mdb/gdid/authority"
	"github.com/mdbrouter/mdb/hcl"
)

// A Version is one version of a configuration whose authorities [Heads] asks.
type Version struct {
	Config *hcl.Config
	// Dir is where relative paths of an authority's files start.
	Dir string
}

// HeadOptions tune [Heads]. The zero value is ready to use.
type HeadOptions struct {
	// Timeout is the longest that one authority is waited for, whatever the number
	// of sequences. Default: 10 seconds.
	Timeout time.Duration
}

// Heads asks every authority that one of the versions declares for the heads of
// sequences, all at once, over sessions that cannot write. The versions are in the
// order of time, the one to be deployed last. A head is the highest of all answers.
//
// If one authority cannot tell, it fails with a [*HeadsError] and gives no head: the
// highest of the others may be too low. A sequence that no authority holds yet is
// left out. An authority that only the last version declares need not hold a
// sequence that others hold: it has given no ids.
func Heads(ctx context.Context, versions []Version, sequences []string, opts HeadOptions) (map[string]gdid.RangeKey, error) {
	opts.Timeout = cmp.Or(opts.Timeout, 10*time.Second)
	list := witnessesOf(versions, nil)
	defer list.close()
	answers := make([][]answer, len(list.all))
	var asking sync.WaitGroup
	for i, w := range list.all {
		asking.Go(func() {
			bounded, cancel := context.WithTimeout(ctx, opts.Timeout)
			defer cancel()
			answers[i] = w.ask(bounded, sequences)
		})
	}
	asking.Wait()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	heads := make(map[string]gdid.RangeKey, len(sequences))
	var faults []HeadFault
	for s, sequence := range sequences {
		held := slices.ContainsFunc(answers, func(of []answer) bool { return !errors.Is(of[s].err, authority.ErrNotProvisioned) })
		for i, w := range list.all {
			a := answers[i][s]
			switch {
			case a.err == nil:
				if old, ok := heads[sequence]; !ok || old.Compare(a.head) < 0 {
					heads[sequence] = a.head
				}
			case errors.Is(a.err, authority.ErrNotProvisioned) && (!held || w.added):
			default:
				faults = append(faults, HeadFault{Sequence: sequence, Authority: w.name, Place: w.place, Err: a.err, limit: opts.Timeout})
			}
		}
	}
	if len(faults) > 0 {
		return nil, &HeadsError{Faults: faults}
	}
	return heads, nil
}

// answer is what one authority says of one sequence.
type answer struct {
	state authority.State
	head  gdid.RangeKey // of its next id
	told  bool          // state and head are set, if err is too
	err   error
}

// ask asks one authority about all sequences. What keeps it from telling of one
// keeps it from telling of those behind it, unless it is the sequence alone.
func (w *witness) ask(ctx context.Context, sequences []string) []answer {
	answers := make([]answer, len(sequences))
	var gone error
	for i, sequence := range sequences {
		if gone != nil {
			answers[i].err = gone
			continue
		}
		state, err := w.read(ctx, sequence)
		if err != nil {
			if !errors.Is(err, authority.ErrNotProvisioned) {
				gone = err
			}
			answers[i].err = err
			continue
		}
		a := answer{state: state}
		a.head, a.err = state.End()
		a.told = a.err == nil
		if a.told && state.Unfenced() {
			a.err = authority.ErrAuthorityUnfenced
		}
		answers[i] = a
	}
	return answers
}

// A HeadFault says why an authority does not tell the head of a sequence.
type HeadFault struct {
	Sequence  string
	Authority string // the label
	Place     string // "on server c1", "in files"
	Err       error

	limit time.Duration
}

func (f *HeadFault) reason() string { return headReason(f.Err, f.limit) }

// headReason says why an authority does not tell, without paths, names of databases
// and what else the configuration may have from the environment.
func headReason(err error, limit time.Duration) string {
	for _, known := range []error{authority.ErrAuthorityUnfenced, authority.ErrNotProvisioned, authority.ErrForeignFile, authority.ErrExhausted} {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	if own, ok := errors.AsType[wordedError](err); ok {
		return own.Error()
	}
	return reasonOf(err, limit)
}

// A HeadsError is returned when heads are not known because authorities do not
// tell: the head of a sequence is the highest of all.
type HeadsError struct {
	Faults []HeadFault // by sequence, then in the order declared
}

// Error names the sequences, and each authority once with its reason.
func (e *HeadsError) Error() string {
	var b strings.Builder
	sequences := e.Sequences()
	noun := "head"
	if len(sequences) > 1 {
		noun = "heads"
	}
	fmt.Fprintf(&b, "the %s of %s cannot be asked:", noun, strings.Join(sequences, ", "))
	var told []string
	for i := range e.Faults {
		f := &e.Faults[i]
		line := fmt.Sprintf("authority %s %s: %s", f.Authority, f.Place, f.reason())
		if !slices.Contains(told, line) {
			told = append(told, line)
			b.WriteString("\n  " + line)
		}
	}
	return b.String()
}

// Sequences gives the names of those whose heads are not known, sorted.
func (e *HeadsError) Sequences() []string {
	var names []string
	for i := range e.Faults {
		names = append(names, e.Faults[i].Sequence)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Unwrap gives the causes.
func (e *HeadsError) Unwrap() []error {
	causes := make([]error, len(e.Faults))
	for i := range e.Faults {
		causes[i] = e.Faults[i].Err
	}
	return causes
}
