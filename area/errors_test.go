package area_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/gdid"
)

func TestError_Error(t *testing.T) {
	t.Parallel()
	full := area.Error{Op: "commit", Area: "user", ID: gdid.MustParse("0:1:250122"), Shard: "p1/2", Server: "u3", Err: area.ErrMoving}
	tests := []struct {
		name string
		err  area.Error
		want string
	}{
		{name: "all facts", err: full, want: "mdb: commit user 0:1:250122 (shard p1/2 on u3): " + area.ErrMoving.Error()},
		{name: "a server only", err: area.Error{Op: "ping", Server: "u3", Err: area.ErrUnavailable}, want: "mdb: ping (server u3): " + area.ErrUnavailable.Error()},
		{name: "an area only", err: area.Error{Op: "route", Area: "x", Err: area.ErrNoArea}, want: "mdb: route x: no such area"},
		{name: "no cause", err: area.Error{Op: "ping"}, want: "mdb: ping"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tt.want, tt.err.Error())
		})
	}
}

func TestError_Wrap(t *testing.T) {
	t.Parallel()
	outer := area.Error{Op: "query", Area: "user", ID: gdid.MustParse("0:1:5"), Shard: "p0/1", Server: "u2"}

	require.NoError(t, outer.Wrap(nil))

	err := outer.Wrap(area.ErrMoving)
	require.ErrorIs(t, err, area.ErrMoving)
	require.Equal(t, "mdb: query user 0:1:5 (shard p0/1 on u2): "+area.ErrMoving.Error(), err.Error())

	inner := &area.Error{Op: "connect", Area: "user", Shard: "p0/1", Server: "u2", Err: area.ErrUnavailable}
	err = outer.Wrap(inner)
	require.Equal(t, "mdb: query user 0:1:5 (shard p0/1 on u2): "+area.ErrUnavailable.Error(), err.Error())
	require.True(t, inner.ID.IsZero(), "the inner error is another caller's too and stays as it was")

	err = outer.Wrap(fmt.Errorf("read: %w", inner))
	require.Contains(t, err.Error(), "read: mdb: connect", "only the outermost error is completed")
}

// serverError is an error as a server sends one.
type serverError struct{ number uint16 }

func (e serverError) Error() string    { return fmt.Sprintf("error %d", e.number) }
func (e serverError) Number() uint16   { return e.number }
func (e serverError) SQLState() string { return "HY000" }

func TestClassify(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		err  error
		want area.Class
	}{
		{name: "no error", err: nil, want: area.Class{}},
		{name: "an unknown error", err: errors.New("x"), want: area.Class{Advice: area.Fail, Outcome: area.NotApplied}},
		{name: "a deadlock", err: serverError{1213}, want: area.Class{Advice: area.Retry, Outcome: area.NotApplied}},
		{name: "a lock wait timeout", err: serverError{1205}, want: area.Class{Advice: area.Retry, Outcome: area.NotApplied}},
		{name: "a snapshot conflict", err: serverError{1020}, want: area.Class{Advice: area.Retry, Outcome: area.NotApplied}},
		{name: "a duplicate key", err: serverError{1062}, want: area.Class{Advice: area.Fail, Outcome: area.NotApplied}},
		{name: "too many connections", err: serverError{1040}, want: area.Class{Advice: area.BackOff, Outcome: area.NotApplied}},
		{name: "shutdown", err: serverError{1053}, want: area.Class{Advice: area.RefreshServer, Outcome: area.NotApplied}},
		{name: "option 1290 without the mark of read-only", err: serverError{1290}, want: area.Class{Advice: area.Fail, Outcome: area.NotApplied}},
		{name: "a missing table", err: serverError{1146}, want: area.Class{Advice: area.RefreshShard, Outcome: area.NotApplied}},
		{name: "a read-only server", err: area.ErrReadOnly, want: area.Class{Advice: area.RefreshServer, Outcome: area.NotApplied}},
		{name: "an unreachable server", err: area.ErrUnavailable, want: area.Class{Advice: area.RefreshServer, Outcome: area.NotApplied}},
		{name: "a moving briefcase", err: area.ErrMoving, want: area.Class{Advice: area.BackOff, Outcome: area.NotApplied}},
		{name: "a moved briefcase", err: area.ErrMoved, want: area.Class{Advice: area.RefreshShard, Outcome: area.NotApplied}},
		{name: "an id out of range", err: area.ErrOutOfRange, want: area.Class{Advice: area.RefreshShard, Outcome: area.NotApplied}},
		{name: "a wrong database", err: &area.IdentityError{Fact: "area"}, want: area.Class{Advice: area.RefreshShard, Outcome: area.NotApplied}},
		{name: "a refused statement", err: area.ErrStatementRefused, want: area.Class{Advice: area.Fail, Outcome: area.NotApplied}},
		{name: "a cancelled context", err: context.Canceled, want: area.Class{Advice: area.Fail, Outcome: area.NotApplied}},
		{name: "a closed router", err: area.ErrClosed, want: area.Class{Advice: area.Fail, Outcome: area.NotApplied}},
		{
			name: "a commit without an answer",
			err:  fmt.Errorf("%w: %w", area.ErrConnLost, area.ErrOutcomeUnknown),
			want: area.Class{Advice: area.RefreshServer, Outcome: area.Unknown},
		},
		{
			name: "a dead transaction tells of what killed it",
			err:  fmt.Errorf("%w: %w", area.ErrTxDead, serverError{1213}),
			want: area.Class{Advice: area.Retry, Outcome: area.NotApplied},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tt.want, area.Classify(tt.err))
			if tt.err != nil {
				wrapped := area.Error{Op: "commit", Area: "user"}.Wrap(tt.err)
				require.Equal(t, tt.want, area.Classify(wrapped), "wrapping changes nothing")
			}
		})
	}
}
