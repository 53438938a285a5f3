package main

import (
	"bytes"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/mdbrouter/mdb/examples/internal/servers"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestRun_leavesNothingOfATransactionThatFailsHalfWay(t *testing.T) {
	t.Parallel()
	const customer = "Ann, on s1: 1 order, 350 cents\n  1 tea\n"
	want := regexp.MustCompile(`^` + customer + `refused: order 1: .*1062.*\nso nothing of it is left:\n` + customer + `$`)
	for _, engine := range []string{servers.Embedded, servers.Real} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			require.NoError(t, run(t.Context(), engine, &out))
			require.Regexp(t, want, out.String())
		})
	}
}
