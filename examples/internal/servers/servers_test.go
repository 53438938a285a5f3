package servers_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/examples/internal/servers"
)

func TestSet_Vars_keepsEveryByte(t *testing.T) {
	t.Parallel()
	set := servers.Given([]string{`root:a"b\c${d}%{e}<f>@tcp(127.0.0.1:1)/`})
	vars, err := set.Vars()
	require.NoError(t, err)
	// What HCL takes for a template is doubled, what JSON escapes HCL reads alike.
	require.Equal(t, map[string]string{"dsns": `["root:a\"b\\c$${d}%%{e}\u003cf\u003e@tcp(127.0.0.1:1)/"]`}, vars)
}

func TestStart_refusesAnUnknownEngine(t *testing.T) {
	t.Parallel()
	_, err := servers.Start(t.Context(), "oracle", 1)
	require.ErrorContains(t, err, `no engine "oracle"`)
}
