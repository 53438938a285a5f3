package hcl

import (
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const grammarSchema = "../docs/reference/mdb.schema.json"

// The schema of *.mdb.json is written from the grammar. Run with -update to write
// it anew. What it accepts and refuses is tested with cmd/mdbcheck.
func TestGrammarPage_schema_is_current(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	require.NoError(t, encoder.Encode(schemaOfGrammar()))
	schema := text.String()
	if f := flag.Lookup("update"); f != nil && f.Value.String() == "true" {
		require.NoError(t, os.WriteFile(grammarSchema, []byte(schema), 0o644))
	}
	got, err := os.ReadFile(grammarSchema)
	require.NoError(t, err)
	require.Equal(t, schema, string(got), "run: go test ./hcl -run TestGrammarPage -update")
}

// object is one of JSON.
type object map[string]any

func schemaOfGrammar() object {
	definitions := object{}
	schema := bodySchema(grammar[rootBlock], "#")
	for name, spec := range grammar {
		if name != rootBlock {
			definitions[name] = bodySchema(spec, "#/definitions/"+name)
		}
		if spec.label != "" {
			definitions[name+"_blocks"] = labelledSchema(spec)
		}
	}
	schema["$schema"] = "http://json-schema.org/draft-07/schema#"
	schema["$id"] = "https://raw.githubusercontent.com/mdbrouter/mdb/main/docs/reference/mdb.schema.json"
	schema["title"] = "Configuration of mdb (*.mdb.json)"
	schema["$comment"] = "Written from the grammar by go test ./hcl -run TestGrammarPage -update; do not edit."
	schema["definitions"] = definitions
	return schema
}

// comments is what stands under "//": anything.
const comments = "//"

// bodySchema gives the schema of what is inside a block, or a list of several such
// blocks. self is where it is.
func bodySchema(spec *block, self string) object {
	properties, required := object{comments: true}, []string{}
	for i := range spec.args {
		a := &spec.args[i]
		s := valueSchema(a.kind)
		s["description"] = a.doc
		if a.def != "" {
			s["description"] = a.doc + " Default: " + a.def + "."
		}
		properties[a.name] = s
		if a.formerly != "" {
			properties[a.formerly] = object{"description": "Deprecated: it is now called " + a.name + "."}
		}
		if a.required {
			required = append(required, a.name)
		}
	}
	for _, name := range spec.blocks {
		ref := "#/definitions/" + name
		if grammar[name].label != "" {
			ref += "_blocks"
		}
		properties[name] = object{"$ref": ref}
	}
	out := object{
		"description": spec.doc, "type": []string{"object", "array"}, "items": object{"$ref": self},
		"properties": properties, "additionalProperties": spec.free,
	}
	if len(required) > 0 {
		out["required"] = required
	}
	return out
}

// labelledSchema gives the schema of the blocks of a type by their labels.
func labelledSchema(spec *block) object {
	label := labelForm
	if spec.name == "table" { // the name of a table in MySQL
		label = `^[A-Za-z0-9_$]{1,64}$`
	}
	return object{
		"description": spec.doc, "type": []string{"object", "array"}, "items": object{"$ref": "#/definitions/" + spec.name + "_blocks"},
		"properties":           object{comments: true},
		"patternProperties":    object{label: object{"$ref": "#/definitions/" + spec.name}},
		"additionalProperties": false,
	}
}

// templateText is the form of a string that is an expression.
var templateText = object{"type": "string", "pattern": `[$%]\{`}

// valueSchema gives the schema of an argument. In JSON every expression is a
// string: "${...}".
func valueSchema(k kind) object {
	or := func(schemas ...object) object { return object{"anyOf": append(schemas, templateText)} }
	switch k {
	case kindFlag:
		return or(object{"type": "boolean"})
	case kindWhole:
		return or(object{"type": "integer", "minimum": 0})
	case kindDuration:
		return or(object{"type": "string", "pattern": `^[0-9.]+(ns|us|µs|ms|s|m|h)([0-9.]+(ns|us|µs|ms|s|m|h))*$`})
	case kindKey:
		return or(object{"type": "string", "pattern": `^[0-9_]+:([0-9_]+:)?[0-9_]+$`})
	case kindHash:
		return or(object{"enum": []string{"jump1", "mod1", "azos1"}})
	case kindShards:
		return object{"type": []string{"array", "string"}, "items": object{"type": "string"}}
	case kindTexts:
		return or(object{"type": "array", "items": object{"type": "string"}})
	case kindParams:
		return or(object{"type": "object", "additionalProperties": object{"type": []string{"string", "number", "boolean"}}})
	case kindAny:
		return object{}
	default: // text, or an expression in text
		return object{"type": "string"}
	}
}
