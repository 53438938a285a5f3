package command_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/cmd/internal/command"
)

// What a program reads is what was written, and a terminal sees nothing that it would
// obey.
func TestWriteJSON_keepsWhatItHides(t *testing.T) {
	t.Parallel()
	const text = "a<b\x1b[31m\u202e\u2028\u200b\U000E0001\ufffdé\n"
	var out bytes.Buffer
	require.NoError(t, command.WriteJSON(&out, text))
	require.Equal(t, `"a<b\u001b[31m\u202e\u2028\u200b\udb40\udc01`+"\ufffdé"+`\n"`+"\n", out.String())
	var read string
	require.NoError(t, json.Unmarshal(out.Bytes(), &read))
	require.Equal(t, text, read)
}
