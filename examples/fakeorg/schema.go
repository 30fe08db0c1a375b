// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

// A schema is what -schema adds to a bare org, in this order. Names of members are
// those of the types of package sftest, in any case.
type schema struct {
	Objects        []object
	Fields         map[string][]sftest.Field // by object
	RecordTypes    map[string][]sftest.RecordType
	Rules          map[string][]rule
	DuplicateRules map[string][]sftest.DuplicateRule
	Apps           []app
	Rows           []row
	Rights         rights
}

// An app has a key as text, unlike that of package sftest.
type app struct {
	sftest.App
	Key string // PEM: a certificate, as Salesforce takes it, or a public key; "" accepts any JWT
}

// An object is a custom object. Prefix begins its ids.
type object struct {
	Name, Prefix string
	Fields       []sftest.Field
}

// A rule is a validation rule, which refuses the rows that meet its condition.
type rule struct {
	Name, Message, Field string
	Refuse               condition
}

// A condition is met if all of its members are.
type condition struct {
	Blank, Filled string   // a field
	Field         string   // the field of the next two
	In            []string // its value is one of these
	Matches       string   // its value matches this regular expression
	All, Any      []condition
	Not           *condition
}

// A row is added as another user of the org would. As names it: a value of a later
// row that begins with @ is the id of the row of that name.
type row struct {
	Object, As string
	Fields     map[string]any
}

// rights are taken from the connected user. Fields and operations are by object.
type rights struct {
	Hidden, ReadOnly, Forbidden, Allowed map[string][]string
	Permissions                          map[string]bool
}

// readSchema reads a schema file.
func readSchema(file string) (*schema, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	s := &schema{}
	if err := decode(text, s); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return s, nil
}

// decode reads one JSON value, without members that nothing reads.
func decode(text []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	d.UseNumber()
	return d.Decode(into)
}

// apply adds a schema to an org.
func (s *schema) apply(org *sftest.Org) error {
	return guarded(func() error {
		if err := s.define(org); err != nil {
			return err
		}
		for name, list := range s.Rules {
			for _, r := range list {
				refuses, err := r.Refuse.compile()
				if err != nil {
					return fmt.Errorf("rule %s: %w", r.Name, err)
				}
				org.AddRule(name, sftest.Rule{Name: r.Name, Message: r.Message, Field: r.Field, Refuses: refuses})
			}
		}
		if err := s.insert(org); err != nil {
			return err
		}
		s.Rights.apply(org)
		return nil
	})
}

// guarded returns what package sftest panics with as an error: a name or a value
// that the org does not know.
func guarded(do func() error) (err error) {
	defer func() {
		if thrown := recover(); thrown != nil {
			text, ours := thrown.(string)
			if !ours || !strings.HasPrefix(text, "sftest:") {
				panic(thrown)
			}
			err = fmt.Errorf("%s", strings.TrimPrefix(text, "sftest: "))
		}
	}()
	return do()
}

func (s *schema) define(org *sftest.Org) error {
	for _, o := range s.Objects {
		org.DefineObject(o.Name, o.Prefix, o.Fields...)
	}
	for name, fields := range s.Fields {
		for _, f := range fields {
			org.DefineField(name, f)
		}
	}
	for name, types := range s.RecordTypes {
		for _, rt := range types {
			org.DefineRecordType(name, rt)
		}
	}
	for name, list := range s.DuplicateRules {
		for _, r := range list {
			org.AddDuplicateRule(name, r)
		}
	}
	for _, a := range s.Apps {
		key, err := readKey(a.Key)
		if err != nil {
			return fmt.Errorf("the key of app %s: %w", a.ClientID, err)
		}
		a.App.Key = key
		org.AddApp(a.App)
	}
	return nil
}

// readKey reads a certificate or a public key, nil for none.
func readKey(text string) (*rsa.PublicKey, error) {
	if text == "" {
		return nil, nil
	}
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, errors.New("it is not PEM")
	}
	var key any
	var err error
	switch block.Type {
	case "CERTIFICATE":
		var c *x509.Certificate
		if c, err = x509.ParseCertificate(block.Bytes); err == nil {
			key = c.PublicKey
		}
	case "PUBLIC KEY":
		key, err = x509.ParsePKIXPublicKey(block.Bytes)
	case "RSA PUBLIC KEY":
		key, err = x509.ParsePKCS1PublicKey(block.Bytes)
	default:
		err = errors.New("it is neither a certificate nor a public key")
	}
	if err != nil {
		return nil, err
	}
	public, isRSA := key.(*rsa.PublicKey)
	if !isRSA {
		return nil, errors.New("it is not an RSA key")
	}
	return public, nil
}

func (s *schema) insert(org *sftest.Org) error {
	ids := map[string]string{}
	for _, r := range s.Rows {
		for name, v := range r.Fields {
			text, _ := v.(string)
			as, refers := strings.CutPrefix(text, "@")
			if !refers {
				continue
			}
			if ids[as] == "" {
				return fmt.Errorf("%s.%s: no row before it is named %s", r.Object, name, as)
			}
			r.Fields[name] = ids[as]
		}
		id := org.Insert(r.Object, r.Fields)
		if r.As != "" {
			ids[r.As] = id
		}
	}
	return nil
}

func (r *rights) apply(org *sftest.Org) {
	for _, set := range []struct {
		names map[string][]string
		do    func(object, name string)
	}{{r.Hidden, org.HideField}, {r.ReadOnly, org.ReadOnlyField}, {r.Forbidden, org.Forbid}, {r.Allowed, org.Allow}} {
		for object, names := range set.names {
			for _, name := range names {
				set.do(object, name)
			}
		}
	}
	for name, given := range r.Permissions {
		org.SetPermission(name, given)
	}
}

// compile returns the condition as a function of a row.
func (c *condition) compile() (func(row map[string]any) bool, error) {
	var parts []func(map[string]any) bool
	if c.Blank != "" {
		parts = append(parts, func(row map[string]any) bool { return row[c.Blank] == nil })
	}
	if c.Filled != "" {
		parts = append(parts, func(row map[string]any) bool { return row[c.Filled] != nil })
	}
	if c.In != nil {
		parts = append(parts, func(row map[string]any) bool {
			for _, v := range c.In {
				if strings.EqualFold(v, text(row[c.Field])) {
					return true
				}
			}
			return false
		})
	}
	if c.Matches != "" {
		pattern, err := regexp.Compile(c.Matches)
		if err != nil {
			return nil, err
		}
		parts = append(parts, func(row map[string]any) bool { return pattern.MatchString(text(row[c.Field])) })
	}
	nested, err := c.nested()
	if parts = append(parts, nested...); err == nil && len(parts) == 0 {
		err = fmt.Errorf("refuse has no condition")
	}
	return all(parts), err
}

// nested returns the conditions that consist of others.
func (c *condition) nested() (parts []func(map[string]any) bool, err error) {
	compile := func(list []condition) (compiled []func(map[string]any) bool) {
		for i := range list {
			part, failed := list[i].compile()
			if failed != nil {
				err = failed
			}
			compiled = append(compiled, part)
		}
		return compiled
	}
	parts = append(parts, compile(c.All)...)
	if either := compile(c.Any); either != nil {
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
		part := compile([]condition{*c.Not})[0]
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
