package command_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/cmd/internal/command"
	"github.com/mdbrouter/mdb/hcl"
)

func TestNewPaint(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		env      map[string]string
		terminal bool
		flag     string
		want     command.Paint
	}{
		{"a pipe", nil, false, "auto", false},
		{"a terminal", nil, true, "auto", true},
		{"NO_COLOR on a terminal", map[string]string{"NO_COLOR": "1"}, true, "auto", false},
		{"an empty NO_COLOR is none", map[string]string{"NO_COLOR": ""}, true, "auto", true},
		{"a dumb terminal", map[string]string{"TERM": "dumb"}, true, "auto", false},
		{"CLICOLOR_FORCE in a pipe", map[string]string{"CLICOLOR_FORCE": "1"}, false, "auto", true},
		{"CLICOLOR_FORCE=0 is none", map[string]string{"CLICOLOR_FORCE": "0"}, false, "auto", false},
		{"CLICOLOR_FORCE beats TERM", map[string]string{"CLICOLOR_FORCE": "1", "TERM": "dumb"}, false, "auto", true},
		{"NO_COLOR beats CLICOLOR_FORCE", map[string]string{"CLICOLOR_FORCE": "1", "NO_COLOR": "1"}, true, "auto", false},
		{"--color=always beats NO_COLOR", map[string]string{"NO_COLOR": "1"}, false, "always", true},
		{"--color=never beats a terminal", map[string]string{"CLICOLOR_FORCE": "1"}, true, "never", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			lookup := func(name string) (string, bool) { text, ok := tt.env[name]; return text, ok }
			require.Equal(t, tt.want, command.NewPaint(tt.flag, lookup, tt.terminal))
		})
	}
}

func TestPaint(t *testing.T) {
	t.Parallel()
	require.Equal(t, "\x1b[1mx\x1b[0m", command.Paint(true).Bold("x"))
	require.Empty(t, command.Paint(true).Bold(""), "nothing needs no colour")
	require.Equal(t, "x", command.Paint(false).Severity(hcl.Error, "x"))
	require.Equal(t, "x", command.Paint(true).Severity(0, "x"))
}
