package hcl

import (
	"strings"
	"testing"

	hclv2 "github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/stretchr/testify/require"
)

// What shallow lets through, the lexer must too: the parser's stack hangs on it.
func FuzzShallow(f *testing.F) {
	for _, seed := range []string{
		"a = [[[1]]]\n", `a = "${b["c"]}"`, "a = \"$${x}\"", "# ((((\na = 1", "a = <<E\n((\nE\n", "a = \"\\\"[\"\n", `a = "${"${1}"}"`,
		"/* { */ a {\n}\n", "a = 1 // [[[\n", "a = !!!!!true", "}{", "a = \"x\ny\"", strings.Repeat("[", 130), strings.Repeat("a{", 129), `"` + strings.Repeat(`${"`, 70),
		strings.Repeat("!", 1002), "a = [\n" + strings.Repeat("!a,\n", 1200) + "]", "\r\n\"${\r}\"", "\ufeffa = 1",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if !shallow(text) {
			return
		}
		tokens, _ := hclsyntax.LexConfig(text, "", hclv2.InitialPos)
		_, fault := tooDeep(tokens)
		require.Empty(t, fault)
	})
}
