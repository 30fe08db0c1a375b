// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// A condition is met if all of its members are.
type condition struct {
	Blank, Filled string   // a field
	Field         string   // the field of the next two
	In            []string // its value is one of these
	Matches       string   // its value matches this regular expression
	All, Any      []condition
	Not           *condition
}

// compile returns the condition as a function of a row. spell returns the name of a field as
// rows have it, or says that there is none.
func (c *condition) compile(spell func(string) (string, error)) (func(row map[string]any) bool, error) {
	var parts []func(map[string]any) bool
	for _, compile := range []func(func(string) (string, error)) ([]func(map[string]any) bool, error){
		c.presence, c.values, c.nested,
	} {
		more, err := compile(spell)
		if err != nil {
			return nil, err
		}
		parts = append(parts, more...)
	}
	if len(parts) == 0 {
		return nil, errors.New("refuse has no condition")
	}
	return all(parts), nil
}

// presence returns the conditions that a field is blank, or is not.
func (c *condition) presence(spell func(string) (string, error)) (parts []func(map[string]any) bool, err error) {
	for _, p := range []struct {
		member, field string
		blank         bool
	}{{"blank", c.Blank, true}, {"filled", c.Filled, false}} {
		if p.field == "" {
			continue
		}
		name, err := spell(p.field)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.member, err)
		}
		parts = append(parts, func(row map[string]any) bool { return (row[name] == nil) == p.blank })
	}
	return parts, nil
}

// values returns the conditions on the value of a field.
func (c *condition) values(spell func(string) (string, error)) (parts []func(map[string]any) bool, err error) {
	switch compares := c.In != nil || c.Matches != ""; {
	case compares && c.Field == "":
		return nil, errors.New("in and matches need a field")
	case !compares && c.Field != "":
		return nil, errors.New("field needs in or matches")
	case !compares:
		return nil, nil
	}
	name, err := spell(c.Field)
	if err != nil {
		return nil, fmt.Errorf("field: %w", err)
	}
	if c.In != nil {
		parts = append(parts, func(row map[string]any) bool {
			for _, v := range c.In {
				if strings.EqualFold(v, text(row[name])) {
					return true
				}
			}
			return false
		})
	}
	if c.Matches != "" {
		pattern, err := regexp.Compile(c.Matches)
		if err != nil {
			return nil, fmt.Errorf("matches: %w", err)
		}
		parts = append(parts, func(row map[string]any) bool { return pattern.MatchString(text(row[name])) })
	}
	return parts, nil
}

// nested returns the conditions that consist of others.
func (c *condition) nested(spell func(string) (string, error)) (parts []func(map[string]any) bool, err error) {
	compile := func(member string, list []condition) (compiled []func(map[string]any) bool) {
		for i := range list {
			part, failed := list[i].compile(spell)
			if failed != nil && err == nil {
				err = fmt.Errorf("%s: %w", member, failed)
			}
			compiled = append(compiled, part)
		}
		return compiled
	}
	parts = append(parts, compile("all", c.All)...)
	if either := compile("any", c.Any); either != nil {
		parts = append(parts, func(row map[string]any) bool {
			for _, part := range either {
				if part(row) {
					return true
				}
			}
			return false
		})
	}
	if c.Not != nil {
		part := compile("not", []condition{*c.Not})[0]
		parts = append(parts, func(row map[string]any) bool { return !part(row) })
	}
	return parts, err
}

func all(parts []func(map[string]any) bool) func(map[string]any) bool {
	return func(row map[string]any) bool {
		for _, part := range parts {
			if !part(row) {
				return false
			}
		}
		return true
	}
}

// text returns a value of a row as text, "" for null.
func text(v any) string {
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}
