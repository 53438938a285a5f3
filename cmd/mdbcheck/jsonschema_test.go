package main_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/big"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// A jsonSchema checks documents against a schema of JSON Schema, drafts 4 to 7, as
// far as the schemas of these tests go: a keyword that it does not know is a fault
// of every document.
type jsonSchema struct{ root map[string]any }

func parseSchema(t *testing.T, text []byte) *jsonSchema {
	t.Helper()
	var root map[string]any
	require.NoError(t, json.Unmarshal(text, &root))
	return &jsonSchema{root}
}

// faults gives what is wrong with a document, each with its place.
func (s *jsonSchema) faults(t *testing.T, document []byte) []string {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(document))
	decoder.UseNumber()
	var v any
	require.NoError(t, decoder.Decode(&v))
	return s.check(s.root, v, "$")
}

func (s *jsonSchema) check(schema any, v any, at string) []string {
	if open, ok := schema.(bool); ok {
		if open {
			return nil
		}
		return []string{at + ": not allowed"}
	}
	rules := schema.(map[string]any)
	var faults []string
	for keyword, rule := range rules {
		for _, fault := range s.keyword(rules, keyword, rule, v, at) {
			if !strings.HasPrefix(fault, "$") {
				fault = at + ": " + fault
			}
			faults = append(faults, fault)
		}
	}
	slices.Sort(faults)
	return faults
}

func (s *jsonSchema) keyword(rules map[string]any, keyword string, rule, v any, at string) []string {
	object, isObject := v.(map[string]any)
	list, isList := v.([]any)
	text, isText := v.(string)
	number, isNumber := v.(json.Number)
	switch keyword {
	case "$schema", "$id", "id", "title", "description", "default", "definitions", "$comment", "examples":
	case "$ref":
		return s.check(s.resolve(rule.(string)), v, at)
	case "type":
		return oneFault(!slices.ContainsFunc(asList(rule), func(name any) bool { return hasType(name.(string), v) }), "is no %v", rule)
	case "enum":
		return oneFault(!slices.ContainsFunc(rule.([]any), func(one any) bool { return reflect.DeepEqual(one, v) }), "%v is none of %v", v, rule)
	case "const":
		return oneFault(!reflect.DeepEqual(rule, v), "is not %v", rule)
	case "required":
		var faults []string
		for _, name := range rule.([]any) {
			if _, ok := object[name.(string)]; isObject && !ok {
				faults = append(faults, fmt.Sprintf("lacks %v", name))
			}
		}
		return faults
	case "properties", "patternProperties", "additionalProperties":
		return s.properties(rules, keyword, object, at)
	case "propertyNames":
		var faults []string
		for name := range object {
			faults = append(faults, s.check(rule, name, at+"."+name)...)
		}
		return faults
	case "items":
		var faults []string
		for i, item := range list {
			faults = append(faults, s.check(rule, item, fmt.Sprintf("%s[%d]", at, i))...)
		}
		return faults
	case "minItems":
		return oneFault(isList && len(list) < int(rule.(float64)), "has fewer than %v items", rule)
	case "minProperties":
		return oneFault(isObject && len(object) < int(rule.(float64)), "has fewer than %v properties", rule)
	case "maxLength":
		return oneFault(isText && utf8.RuneCountInString(text) > int(rule.(float64)), "is longer than %v", rule)
	case "uniqueItems":
		var faults []string
		for i := range list {
			if rule == true && slices.ContainsFunc(list[:i], func(other any) bool { return reflect.DeepEqual(other, list[i]) }) {
				faults = append(faults, "has an item twice")
			}
		}
		return faults
	case "minimum", "maximum":
		value, ok := new(big.Float).SetString(string(number))
		if !isNumber || !ok {
			return nil
		}
		sign := value.Cmp(big.NewFloat(rule.(float64)))
		return oneFault(keyword == "minimum" && sign < 0 || keyword == "maximum" && sign > 0, "%v breaks the %s %v", number, keyword, rule)
	case "pattern":
		return oneFault(isText && !regexp.MustCompile(rule.(string)).MatchString(text), "%q does not match %v", text, rule)
	case "format":
		return oneFault(isText && !hasFormat(rule.(string), text), "%q is no %v", text, rule)
	case "anyOf", "oneOf":
		fit := 0
		var why []string
		for _, choice := range rule.([]any) {
			faults := s.check(choice, v, at)
			if len(faults) == 0 {
				fit++
			}
			why = append(why, faults...)
		}
		return oneFault(fit == 0 || keyword == "oneOf" && fit > 1, "fits %d of %s: %v", fit, keyword, why)
	default:
		return []string{"the schema has the keyword " + keyword + ", which this test does not know"}
	}
	return nil
}

// properties checks the values of an object; each keyword checks those that are
// its own.
func (s *jsonSchema) properties(rules map[string]any, keyword string, object map[string]any, at string) []string {
	named, _ := rules["properties"].(map[string]any)
	patterns, _ := rules["patternProperties"].(map[string]any)
	var faults []string
	for name, v := range object {
		rule, known := named[name]
		if known && keyword == "properties" {
			faults = append(faults, s.check(rule, v, at+"."+name)...)
		}
		for pattern, rule := range patterns {
			if regexp.MustCompile(pattern).MatchString(name) {
				known = true
				if keyword == "patternProperties" {
					faults = append(faults, s.check(rule, v, at+"."+name)...)
				}
			}
		}
		if !known && keyword == "additionalProperties" {
			faults = append(faults, s.check(rules[keyword], v, at+"."+name)...)
		}
	}
	return faults
}

// resolve follows a reference inside the schema.
func (s *jsonSchema) resolve(ref string) any {
	var at any = s.root
	if ref == "#" {
		return at
	}
	for name := range strings.SplitSeq(strings.TrimPrefix(ref, "#/"), "/") {
		at = at.(map[string]any)[name]
	}
	return at
}

func oneFault(is bool, format string, args ...any) []string {
	if !is {
		return nil
	}
	return []string{fmt.Sprintf(format, args...)}
}

func asList(v any) []any {
	if list, ok := v.([]any); ok {
		return list
	}
	return []any{v}
}

func hasType(name string, v any) bool {
	switch v := v.(type) {
	case nil:
		return name == "null"
	case bool:
		return name == "boolean"
	case string:
		return name == "string"
	case json.Number:
		return name == "number" || name == "integer" && !strings.ContainsAny(string(v), ".eE")
	case []any:
		return name == "array"
	}
	return name == "object"
}

func hasFormat(name, text string) bool {
	switch name {
	case "uri", "uri-reference":
		u, err := url.Parse(text)
		return err == nil && (name == "uri-reference" || u.Scheme != "") && !strings.ContainsFunc(text, func(r rune) bool {
			return r <= ' ' || r > '~' || strings.ContainsRune("<>\"{}|\\^`", r)
		})
	case "date-time":
		_, err := time.Parse(time.RFC3339, text)
		return err == nil
	case "regex":
		_, err := regexp.Compile(text)
		return err == nil
	}
	return false
}

// The tests above are worth something only if faults are found.
func TestJSONSchema(t *testing.T) {
	t.Parallel()
	schema := parseSchema(t, []byte(`{
		"type": "object", "required": ["a"], "additionalProperties": false,
		"properties": {
			"a": {"type": ["integer", "null"], "minimum": 1, "maximum": 3},
			"b": {"type": "array", "items": {"$ref": "#/definitions/b"}, "minItems": 1, "uniqueItems": true},
			"c": {"oneOf": [{"enum": ["x"]}, {"pattern": "^x"}, {"const": "y"}]},
			"d": {"type": "string", "format": "uri-reference", "maxLength": 5}
		},
		"patternProperties": {"^x_": {"type": "boolean"}},
		"definitions": {"b": {"anyOf": [{"type": "string"}, {"type": "object", "minProperties": 1, "propertyNames": {"pattern": "^[a-z]$"}}]}}
	}`))
	for document, want := range map[string]string{
		`{"a": 1}`:                         "",
		`{"a": null, "b": ["x", {"y":1}]}`: "",
		`{"a": 1, "c": "xx", "d": "a%20b", "x_1": true}`: "",
		`[]`:                       "$: is no object",
		`{}`:                       "$: lacks a",
		`{"a": 1.5}`:               "$.a: is no [integer null]",
		`{"a": 0}`:                 "$.a: 0 breaks the minimum 1",
		`{"a": 4}`:                 "$.a: 4 breaks the maximum 3",
		`{"a": 1, "z": 1}`:         "$.z: not allowed",
		`{"a": 1, "x_": 1}`:        "$.x_: is no boolean",
		`{"a": 1, "b": []}`:        "$.b: has fewer than 1 items",
		`{"a": 1, "b": ["x","x"]}`: "$.b: has an item twice",
		`{"a": 1, "b": [1]}`:       "$.b[0]: fits 0 of anyOf",
		`{"a": 1, "b": [{}]}`:      "has fewer than 1 properties",
		`{"a": 1, "b": [{"A":1}]}`: `"A" does not match`,
		`{"a": 1, "c": "x"}`:       "$.c: fits 2 of oneOf",
		`{"a": 1, "c": "z"}`:       "$.c: fits 0 of oneOf",
		`{"a": 1, "d": "a b"}`:     `$.d: "a b" is no uri-reference`,
		`{"a": 1, "d": "abcdef"}`:  "$.d: is longer than 5",
	} {
		faults := schema.faults(t, []byte(document))
		if want == "" {
			require.Empty(t, faults, document)
			continue
		}
		require.Len(t, faults, 1, document)
		require.Contains(t, faults[0], want, document)
	}
	require.NotEmpty(t, parseSchema(t, []byte(`{"dependencies": {}}`)).faults(t, []byte(`{}`)), "an unknown keyword")
}
