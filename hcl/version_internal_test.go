package hcl

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAdmits(t *testing.T) {
	t.Parallel()
	tests := []struct {
		conditions, version string
		want, readable      bool
	}{
		{">= 0.1", "0.1.0", true, true},
		{">= 0.1", "0.0.9", false, true},
		{"> 1", "1.0.0", false, true},
		{"> 1", "1.0.1", true, true},
		{"< 2", "1.9.9", true, true},
		{"< 2", "2.0.0", false, true},
		{"<= 1.4", "1.4.0", true, true},
		{"= 1.4.2", "1.4.2", true, true},
		{"1.4.2", "1.4.3", false, true},
		{"!= 1.4.2", "1.4.2", false, true},
		{">= 1.2, < 2", "1.9.0", true, true},
		{">= 1.2, < 2", "2.1.0", false, true},
		{"~> 1.2", "1.9.0", true, true},
		{"~> 1.2", "2.0.0", false, true},
		{"~> 1.2.3", "1.2.9", true, true},
		{"~> 1.2.3", "1.3.0", false, true},
		{"~> 1", "2.0.0", true, true},
		{">= v1.2", "1.2.0", true, true},
		{">= 1.2", "1.2.0-rc1", true, true},
		{"", "1.0.0", false, false},
		{">= x", "1.0.0", false, false},
		{">= 1.2.3.4", "1.0.0", false, false},
		{">> 1", "1.0.0", false, false},
		{">= 1,", "1.0.0", false, false},
		{">= -1", "1.0.0", false, false},
	}
	for _, tt := range tests {
		t.Run(tt.conditions+" of "+tt.version, func(t *testing.T) {
			t.Parallel()
			v, _, ok := parseVersion(tt.version)
			require.True(t, ok)
			got, readable := admits(tt.conditions, v)
			require.Equal(t, tt.readable, readable)
			require.Equal(t, tt.want, got)
		})
	}
}

func TestSuggest(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		known []string
		want  []string
	}{
		{"servr", []string{"server", "area"}, []string{"server"}},
		{"sevrer", []string{"server"}, []string{"server"}},
		{"frist", []string{"first"}, []string{"first"}},
		{"Server", []string{"server"}, []string{"server"}},
		{"u1", []string{"u2", "u3"}, nil},
		{"u33", []string{"u3", "u44", "x"}, []string{"u3"}},
		{"address", []string{"dsn", "zone"}, nil},
		{"abcd", []string{"abce", "abcf", "abcg", "abch"}, []string{"abce", "abcf", "abcg"}},
		{"readTimout", []string{"readTimeout", "writeTimeout"}, []string{"readTimeout"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tt.want, suggest(tt.name, tt.known))
		})
	}
}

func TestDistance(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"", "abc", 3}, {"abc", "abc", 0}, {"abc", "acb", 1}, {"abc", "abd", 1}, {"kitten", "sitting", 3}, {"ab", "ba", 1}} {
		require.Equal(t, tt.want, distance(tt.a, tt.b), "%s to %s", tt.a, tt.b)
		require.Equal(t, tt.want, distance(tt.b, tt.a), "%s to %s", tt.b, tt.a)
	}
}

// Every rule has a slug of its own, a severity, and a place in the grammar of
// ids.
func TestRules_facts(t *testing.T) {
	t.Parallel()
	slugs := map[string]rule{}
	for r, known := range rules {
		require.Regexp(t, `^MDB[1-9]\d\d$`, r.id())
		require.Regexp(t, `^[a-z]+(-[a-z]+)*$`, known.slug)
		require.NotContains(t, slugs, known.slug)
		require.NotZero(t, known.severity)
		slugs[known.slug] = r
	}
	require.Panics(t, func() { rule(999).facts() })
}

// The grammar is whole: blocks name blocks, arguments have a kind and a text.
func TestGrammar(t *testing.T) {
	t.Parallel()
	reached := map[string]bool{rootBlock: true}
	for name, b := range grammar {
		require.Equal(t, name, b.name)
		require.NotEmpty(t, b.doc, name)
		for _, inner := range b.blocks {
			require.Contains(t, grammar, inner)
			reached[inner] = true
		}
		for _, a := range b.args {
			require.NotZero(t, a.kind, "%s.%s", name, a.name)
			require.NotEmpty(t, a.doc, "%s.%s", name, a.name)
		}
	}
	require.Len(t, reached, len(grammar))
}
