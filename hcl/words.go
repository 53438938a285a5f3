package hcl

import (
	"errors"
	"strconv"
	"strings"

	"github.com/mdbrouter/mdb/gdid"
)

func itoa(n int) string { return strconv.Itoa(n) }

// listOf gives names in a sentence: a, b and c.
func listOf(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " and " + names[last]
}

// article puts a or an before the name of a kind of block.
func article(kind string) string {
	if kind == "area" || kind == "authority" {
		return "an " + kind
	}
	return "a " + kind
}

func asParseError(err error) (*gdid.ParseError, bool) { return errors.AsType[*gdid.ParseError](err) }

// ungrouped takes out the _ between digits, which ids do not have.
func ungrouped(text string) string { return strings.ReplaceAll(text, "_", "") }
