package briefcase_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/briefcase"
	"github.com/mdbrouter/mdb/gdid"
)

var id = gdid.MustParse("0:1:250122")

// row is a stripe's row: layout, state, cases, end_era, end_counter.
func row(values ...any) [][]any { return [][]any{values} }

// answers gives rows for the fence and for the case, and keeps the statements.
type answers struct {
	fence, cases [][]any
	asked        []string
}

func (a *answers) query(_ context.Context, statement string) ([][]any, error) {
	a.asked = append(a.asked, statement)
	if strings.Contains(statement, "mdb_case") {
		return a.cases, nil
	}
	return a.fence, nil
}

func TestFence_Check(t *testing.T) {
	t.Parallel()
	one, zero := uint64(1), uint64(0)
	tests := []struct {
		name     string
		fence    [][]any
		cases    [][]any
		readOnly bool
		want     error
	}{
		{name: "open, no end", fence: row(one, int64(0), int64(0), nil, nil)},
		{name: "numbers as text", fence: row([]byte("1"), []byte("0"), "0", []byte("0"), []byte("250123"))},
		{name: "the last id of the range", fence: row(one, zero, zero, int64(0), uint64(250123))},
		{name: "the end is exclusive", fence: row(one, zero, zero, int64(0), uint64(250122)), want: area.ErrOutOfRange},
		{name: "past the end", fence: row(one, zero, zero, int64(0), uint64(5)), want: area.ErrOutOfRange},
		{name: "the end lies in a later era", fence: row(one, zero, zero, int64(1), uint64(0))},
		{name: "sealed", fence: row(one, uint64(area.StripeSealed), zero, nil, nil), want: area.ErrMoving},
		{name: "sealed, for a reader", fence: row(one, uint64(area.StripeSealed), zero, nil, nil), readOnly: true, want: area.ErrMoving},
		{name: "moved", fence: row(one, uint64(area.StripeMoved), zero, nil, nil), want: area.ErrMoved},
		{name: "a state of a later version", fence: row(one, uint64(77), zero, nil, nil), want: area.ErrMoved},
		{name: "another layout", fence: row(uint64(2), zero, zero, nil, nil), want: area.ErrMoved},
		{name: "an end without its counter", fence: row(one, zero, zero, int64(1), nil), want: area.ErrWrongShard},
		{name: "an end without its era", fence: row(one, zero, zero, nil, int64(1)), want: area.ErrWrongShard},
		{name: "no row", fence: nil, want: area.ErrWrongShard},
		{name: "two rows", fence: append(row(one, zero, zero, nil, nil), row(one, zero, zero, nil, nil)...), want: area.ErrWrongShard},
		{name: "too few columns", fence: row(one, zero), want: area.ErrWrongShard},
		{name: "NULL where a number must be", fence: row(one, nil, zero, nil, nil), want: area.ErrWrongShard},
		{name: "text where a number must be", fence: row(one, "open", zero, nil, nil), want: area.ErrWrongShard},
		{name: "a negative number", fence: row(one, int64(-1), zero, nil, nil), want: area.ErrWrongShard},
		{name: "cases of others", fence: row(one, zero, one, nil, nil)},
		{name: "home", fence: row(one, zero, one, nil, nil), cases: row(uint64(area.CaseHome))},
		{name: "frozen", fence: row(one, zero, one, nil, nil), cases: row(uint64(area.CaseFrozen)), want: area.ErrMoving},
		{name: "frozen, for a reader", fence: row(one, zero, one, nil, nil), cases: row(uint64(area.CaseFrozen)), readOnly: true},
		{name: "deciding", fence: row(one, zero, one, nil, nil), cases: row(uint64(area.CaseDeciding)), want: area.ErrMoving},
		{name: "deciding, for a reader", fence: row(one, zero, one, nil, nil), cases: row(uint64(area.CaseDeciding)), readOnly: true, want: area.ErrMoving},
		{name: "moved away", fence: row(one, zero, one, nil, nil), cases: row(uint64(area.CaseMoved)), want: area.ErrMoved},
		{name: "incoming", fence: row(one, zero, one, nil, nil), cases: row(uint64(area.CaseIncoming)), want: area.ErrMoved},
		{name: "aborted", fence: row(one, zero, one, nil, nil), cases: row(uint64(area.CaseAborted)), want: area.ErrMoved},
		{name: "a case of another form", fence: row(one, zero, one, nil, nil), cases: row(nil), want: area.ErrWrongShard},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := &answers{fence: tt.fence, cases: tt.cases}
			err := briefcase.NewFence(id, tt.readOnly).Check(t.Context(), a.query)
			if tt.want == nil {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, tt.want)
		})
	}
}

func TestFence_Check_locks_first(t *testing.T) {
	t.Parallel()
	a := &answers{fence: row(uint64(1), uint64(0), uint64(1), nil, nil)}
	require.NoError(t, briefcase.NewFence(id, false).Check(t.Context(), a.query))
	require.Equal(t, []string{
		fmt.Sprintf("SELECT layout, state, cases, end_era, end_counter FROM mdb_fence WHERE stripe = %d LOCK IN SHARE MODE", area.Stripe(id)),
		"SELECT state FROM mdb_case WHERE gdid = x'00000000100000000003d10a'",
	}, a.asked)

	a = &answers{fence: row(uint64(1), uint64(0), uint64(0), nil, nil)}
	require.NoError(t, briefcase.NewFence(id, true).Check(t.Context(), a.query))
	require.Len(t, a.asked, 1, "without cases there is nothing more to ask")
	require.NotContains(t, a.asked[0], "LOCK", "a reader does not lock")
}

func TestFence_Check_passes_errors_on(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	err := briefcase.NewFence(id, false).Check(t.Context(), func(context.Context, string) ([][]any, error) { return nil, broken })
	require.ErrorIs(t, err, broken)
}
