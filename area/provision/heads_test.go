package provision_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/area/provision"
	"github.com/mdbrouter/mdb/gdid"
)

// fakeHeads is one authority that makes the ids of one sequence.
type fakeHeads struct {
	mu       sync.Mutex // guards what follows
	head     gdid.RangeKey
	ceiling  *gdid.RangeKey
	idle     *gdid.RangeKey // no ids from here on are made before the first ceiling
	restored int            // how often the ceiling was put back
	down     error          // what every call fails with
}

var errCeiling = errors.New("the ceiling is reached")

func (h *fakeHeads) Head(context.Context, string) (gdid.RangeKey, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.head, h.down
}

func (h *fakeHeads) SetCeiling(_ context.Context, _ string, at gdid.RangeKey) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.down != nil {
		return h.down
	}
	if h.head.Compare(at) > 0 {
		return fmt.Errorf("the head %v is past %v", h.head, at)
	}
	h.ceiling, h.idle = &at, nil
	return nil
}

func (h *fakeHeads) RestoreCeilings(context.Context, string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.down != nil {
		return h.down
	}
	h.ceiling = nil
	h.restored++
	return nil
}

// next makes one id.
func (h *fakeHeads) next() (gdid.GDID, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, limit := range []*gdid.RangeKey{h.ceiling, h.idle} {
		if limit != nil && h.head.Compare(*limit) >= 0 {
			return gdid.GDID{}, errCeiling
		}
	}
	id, err := gdid.New(h.head.Era, 3, h.head.Counter)
	h.head.Counter++
	return id, err
}

// faultyHeads breaks the calls that change something.
type faultyHeads struct {
	*fakeHeads
	faults *faults
}

func (h faultyHeads) SetCeiling(ctx context.Context, sequence string, at gdid.RangeKey) error {
	return h.faults.write(nil, func() error { return h.fakeHeads.SetCeiling(ctx, sequence, at) })
}

func (h faultyHeads) RestoreCeilings(ctx context.Context, sequence string) error {
	return h.faults.write(nil, func() error { return h.fakeHeads.RestoreCeilings(ctx, sequence) })
}

func TestFixedHeads(t *testing.T) {
	t.Parallel()
	heads := provision.FixedHeads{"user": gdid.MustParseRangeKey("0:1000")}
	head, err := heads.Head(t.Context(), "user")
	require.NoError(t, err)
	require.Equal(t, gdid.MustParseRangeKey("0:1000"), head)

	require.NoError(t, heads.SetCeiling(t.Context(), "user", gdid.MustParseRangeKey("0:1000")), "no id at or past the head exists")
	require.NoError(t, heads.RestoreCeilings(t.Context(), "user"))
	require.ErrorContains(t, heads.SetCeiling(t.Context(), "user", gdid.MustParseRangeKey("0:999")), "past 0:999")
	require.ErrorContains(t, heads.SetCeiling(t.Context(), "order", gdid.MustParseRangeKey("0:999")), "--head order=")
}
