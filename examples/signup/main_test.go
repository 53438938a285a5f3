package main

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"regexp"
	"testing"

	"github.com/mdbrouter/mdb"
	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/examples/internal/servers"
)

const wantTour = `Ann signs up                        201  {"id":"ID","name":"Ann","email":"Ann@Example.com"}
somebody else takes her email       409  {"error":"the email is taken"}
that is no email                    422  {"error":"the email not a plain email address"}
Ann logs in, writing it otherwise   200  {"id":"ID","name":"Ann","email":"Ann@Example.com"}
she moves to another email          200  {"id":"ID","name":"Ann","email":"ann@new.example"}
she logs in with the new one        200  {"id":"ID","name":"Ann","email":"ann@new.example"}
with a wrong password               401  {"error":"no user has this email and password"}
with the old one                    401  {"error":"no user has this email and password"}
which Eve may have now              201  {"id":"ID","name":"Eve","email":"ann@example.com"}
8 sign up under one email at once   1 won
`

var ids = regexp.MustCompile(`"id":"0:[12]:\d+"`)

func TestTour(t *testing.T) {
	t.Parallel()
	for _, engine := range []string{servers.Embedded, servers.Real} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			require.NoError(t, run(t.Context(), []string{"-engine", engine}, &out))
			require.Equal(t, wantTour, ids.ReplaceAllString(out.String(), `"id":"ID"`))
		})
	}
}

func TestServe_ends_when_interrupted(t *testing.T) {
	t.Parallel()
	ctx, interrupt := context.WithCancel(t.Context())
	out := &line{seen: interrupt}
	require.NoError(t, run(ctx, []string{"-serve", "127.0.0.1:0"}, out))
	require.Contains(t, out.String(), "curl")
}

// line calls seen when something is written.
type line struct {
	bytes.Buffer
	seen func()
}

func (l *line) Write(p []byte) (int, error) {
	defer l.seen()
	return l.Buffer.Write(p)
}

// A rename that was cut short before it gave up the old email can be done again,
// and nobody reaches the user by the old one.
func TestRename_is_finished_by_calling_it_again(t *testing.T) {
	t.Parallel()
	router, closeAll, err := servers.Open(t.Context(), servers.Real, 3, topology)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, closeAll()) })
	s, err := newService(router)
	require.NoError(t, err)
	ann, err := s.signUp(t.Context(), "ann@example.com", "Ann", "secret")
	require.NoError(t, err)
	moved, err := s.rename(t.Context(), ann, "ann@new.example")
	require.NoError(t, err)
	require.NoError(t, s.emails.Add(t.Context(), "ann@example.com", ann.ID), "as if the old one had not been released")

	_, err = s.login(t.Context(), "ann@example.com", "secret")
	require.ErrorIs(t, err, mdb.ErrProof)
	_, err = s.rename(t.Context(), ann, "ann@new.example")
	require.NoError(t, err)
	_, err = s.login(t.Context(), "ann@example.com", "secret")
	require.ErrorIs(t, err, errLogin)
	same, err := s.rename(t.Context(), moved, "ANN@new.example")
	require.NoError(t, err)
	got, err := s.login(t.Context(), "ann@new.example", "secret")
	require.NoError(t, err)
	require.Equal(t, same, got, "the same key, written otherwise")
}

func TestExplain(t *testing.T) {
	t.Parallel()
	status, _ := explain(&mdb.Error{Err: mdb.ErrUnavailable})
	require.Equal(t, http.StatusServiceUnavailable, status)
	status, _ = explain(errors.Join(errAgain, mdb.ErrTaken))
	require.Equal(t, http.StatusConflict, status)
	status, text := explain(errors.New("a secret of ours"))
	require.Equal(t, http.StatusInternalServerError, status)
	require.NotContains(t, text, "secret")
}
