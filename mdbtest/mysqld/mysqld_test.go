package mysqld_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/mdbtest/mysqld"
)

func TestStart_four(t *testing.T) {
	t.Parallel()
	begin := time.Now()
	c := mysqld.ForTest(t, 4, mysqld.Options{})
	t.Logf("4 servers in %v", time.Since(begin))
	require.Len(t, c.Servers, 4)
	for _, s := range c.Servers {
		require.NoError(t, s.DB().PingContext(t.Context()))
	}
}
