package dsn

import (
	"net/url"
	"strconv"
	"strings"
	"time"
)

// A paramType says which values the driver takes.
type paramType uint8

const (
	sessionVariable paramType = iota // not the driver's: sent as SET name = value
	boolParam
	durationParam
	numberParam
	wordParam // letters, digits, _ and commas
	textParam
)

// driverParams are all parameters of the driver; the rest are session variables.
var driverParams = map[string]paramType{ //nolint:gochecknoglobals // a constant table
	"allowAllFiles":            boolParam,
	"allowCleartextPasswords":  boolParam,
	"allowFallbackToPlaintext": boolParam,
	"allowNativePasswords":     boolParam,
	"allowOldPasswords":        boolParam,
	"charset":                  wordParam,
	"checkConnLiveness":        boolParam,
	"clientFoundRows":          boolParam,
	"collation":                wordParam,
	"columnsWithAlias":         boolParam,
	"compress":                 boolParam,
	"connectionAttributes":     textParam,
	"interpolateParams":        boolParam,
	"loc":                      textParam,
	"maxAllowedPacket":         numberParam,
	"multiStatements":          boolParam,
	"parseTime":                boolParam,
	"readTimeout":              durationParam,
	"rejectReadOnly":           boolParam,
	"serverPubKey":             textParam,
	"timeTruncate":             durationParam,
	"timeout":                  durationParam,
	"tls":                      textParam,
	"writeTimeout":             durationParam,
}

// unescaped reports whether the driver unescapes the value of a parameter in a
// DSN's text.
func unescaped(name string) bool {
	t := driverParams[name]
	return t == sessionVariable || t == textParam
}

// parseQuery splits the part of a DSN behind the question mark. Like the driver
// it passes over a name without a value, and the last of two wins.
func parseQuery(query string) (map[string]string, error) {
	params := map[string]string{}
	for pair := range strings.SplitSeq(query, "&") {
		name, value, found := strings.Cut(pair, "=")
		if !found {
			continue
		}
		if unescaped(name) {
			var err error
			if value, err = url.QueryUnescape(value); err != nil {
				return nil, paramError(name, "the value has a bad escape")
			}
		}
		params[name] = value
	}
	return params, nil
}

// checkValue refuses names and values that the driver does not take, or that
// would become something else once they are put together.
func checkValue(name, value string) *Error {
	if !plainName(name) {
		return &Error{Reason: "a parameter's name has characters other than letters, digits, _ and ."}
	}
	ok, want := true, ""
	switch driverParams[name] {
	case boolParam:
		_, ok = boolOf(value)
		want = "want true or false"
	case durationParam:
		d, err := time.ParseDuration(value)
		ok, want = err == nil && d >= 0, `want a duration such as "2s"`
	case numberParam:
		_, err := strconv.Atoi(value)
		ok, want = err == nil, "want a number"
	case wordParam:
		ok = value != "" && strings.IndexFunc(value, func(r rune) bool { return r != ',' && !nameRune(r) }) < 0
		want = "want a name"
	case textParam:
		if name == "loc" {
			_, err := time.LoadLocation(value)
			ok, want = err == nil, "want a time zone such as UTC"
		}
	case sessionVariable:
		ok, want = value != "" && strings.IndexByte(value, 0) < 0, "want a value; a text needs its own quotes"
		if name == "strict" {
			ok, want = false, "the driver has no such parameter any more"
		}
	}
	if !ok {
		return paramError(name, want)
	}
	return nil
}

func paramError(name, reason string) *Error {
	if !plainName(name) {
		return &Error{Reason: "a parameter: " + reason}
	}
	return &Error{Param: name, Reason: reason}
}

func nameRune(r rune) bool {
	return r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
}

// plainName keeps out what would end the name in a DSN or in a SET statement.
func plainName(name string) bool {
	return name != "" && len(name) <= 128 && strings.IndexFunc(name, func(r rune) bool { return r != '.' && r != '@' && !nameRune(r) }) < 0
}

// boolOf reads the driver's spellings of true and false.
func boolOf(value string) (on, ok bool) {
	switch value {
	case "1", "true", "TRUE", "True":
		return true, true
	case "0", "false", "FALSE", "False":
		return false, true
	}
	return false, false
}
