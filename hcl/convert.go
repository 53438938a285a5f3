package hcl

import (
	"strings"

	hclv2 "github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// syntax gives an expression of a file in the native form, so that both syntaxes
// are read by the same code. Strings of JSON are templates; where bare is set
// and a plain string could mean nothing, they are expressions: "server.u1".
func syntax(x hclv2.Expression, bare bool, found *findings) hclsyntax.Expression {
	if native, ok := x.(hclsyntax.Expression); ok {
		return native
	}
	at := x.Range()
	if list, diags := hclv2.ExprList(x); !diags.HasErrors() {
		tuple := &hclsyntax.TupleConsExpr{SrcRange: at, OpenRange: at}
		for _, element := range list {
			tuple.Exprs = append(tuple.Exprs, syntax(element, bare, found))
		}
		return tuple
	}
	if pairs, diags := hclv2.ExprMap(x); !diags.HasErrors() {
		object := &hclsyntax.ObjectConsExpr{SrcRange: at, OpenRange: at}
		for _, p := range pairs {
			object.Items = append(object.Items, hclsyntax.ObjectConsItem{
				KeyExpr:   &hclsyntax.ObjectConsKeyExpr{Wrapped: syntax(p.Key, false, found), ForceNonLiteral: true},
				ValueExpr: syntax(p.Value, bare, found),
			})
		}
		return object
	}
	v, _ := x.Value(nil)
	if v.Type() != cty.String || v.IsNull() {
		return &hclsyntax.LiteralValueExpr{Val: v, SrcRange: at}
	}
	return textSyntax(v.AsString(), at, bare, found)
}

// textSyntax parses a string of JSON.
func textSyntax(text string, at hclv2.Range, bare bool, found *findings) hclsyntax.Expression {
	start := at.Start
	start.Byte++ // the quotation mark
	start.Column++
	if bare {
		if x, diags := hclsyntax.ParseExpression([]byte(text), at.Filename, start); !diags.HasErrors() {
			return x
		}
	}
	if !strings.Contains(text, "${") && !strings.Contains(text, "%{") {
		plain := &hclsyntax.LiteralValueExpr{Val: cty.StringVal(text), SrcRange: at}
		return &hclsyntax.TemplateExpr{Parts: []hclsyntax.Expression{plain}, SrcRange: at}
	}
	x, diags := hclsyntax.ParseTemplate([]byte(text), at.Filename, start)
	if diags.HasErrors() {
		syntaxError(found, nil, diags[0])
		return &hclsyntax.LiteralValueExpr{Val: brokenValue(), SrcRange: at}
	}
	return x
}
