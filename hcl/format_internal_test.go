package hcl

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Format relies on this to notice when laying out changes more than space.
func TestSameTokens(t *testing.T) {
	t.Parallel()
	const text = "a = \"x ${b}\" # c\nd {}\n"
	tests := []struct {
		name, other string
		same        bool
	}{
		{"other space", "a   =   \"x ${ b }\"# c\nd   { }\n\n\n", true},
		{"no line end at the end", "a = \"x ${b}\" # c\nd {}", true},
		{"another value", "a = \"y ${b}\" # c\nd {}\n", false},
		{"space in a string", "a = \"x  ${b}\" # c\nd {}\n", false},
		{"another comment", "a = \"x ${b}\" # e\nd {}\n", false},
		{"a line end inside", "a = \"x ${b}\" # c\n\nd {}\n", false},
		{"less", "a = \"x ${b}\" # c\n", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tt.same, sameTokens("a", []byte(text), []byte(tt.other)))
		})
	}
}
