package hcl

import (
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"
)

// mark is what a value carries along wherever it flows.
type mark uint8

const (
	markSecret  mark = iota + 1 // never shown: from env, file or a sensitive variable
	markOutside                 // given from outside of the files
	markBroken                  // stands for something that has been reported
)

// unset marks an unknown value: what is not set, as it is written.
type unset string

// carried is what the marks of a value say.
type carried struct {
	secret, outside, broken bool
	unset                   []string
}

// missing names what is not set.
func (c carried) missing() string { return strings.Join(c.unset, ", ") }

// unmark takes the marks off a value, at every depth.
func unmark(v cty.Value) (cty.Value, carried) {
	plain, marks := v.UnmarkDeep()
	return plain, carriedBy(marks)
}

func carriedBy(marks cty.ValueMarks) carried {
	var c carried
	for m := range marks {
		switch m := m.(type) {
		case mark:
			c.secret = c.secret || m == markSecret
			c.outside = c.outside || m == markOutside
			c.broken = c.broken || m == markBroken
		case unset:
			c.unset = append(c.unset, string(m))
		}
	}
	slices.Sort(c.unset)
	return c
}

// brokenValue stands for the value of something that has been reported.
func brokenValue() cty.Value { return cty.DynamicVal.Mark(markBroken) }
