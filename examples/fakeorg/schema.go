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
	"io"
	"maps"
	"slices"
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

	made sftest.Rule // by a trial
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

// decode reads one JSON value, without members that nothing reads, and nothing after it.
func decode(text []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	d.UseNumber()
	err := d.Decode(into)
	if errors.Is(err, io.EOF) {
		return errors.New("there is no JSON")
	}
	if err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("there is more text after the JSON")
	}
	return nil
}

// apply adds a schema that a trial has taken to an org.
func (s *schema) apply(org *sftest.Org) error {
	return guarded(func() error {
		s.define(org)
		for _, name := range sorted(s.Rules) {
			for _, r := range s.Rules[name] {
				org.AddRule(name, r.made)
			}
		}
		for _, a := range s.Apps {
			org.AddApp(a.App)
		}
		if err := s.insert(org); err != nil {
			return err
		}
		return s.Rights.apply(org)
	})
}

// taken says which id of a row another row of the org has.
func (s *schema) taken(org *sftest.Org) error {
	for i, r := range s.Rows {
		for name, v := range r.Fields {
			id, _ := v.(string)
			if !strings.EqualFold(name, "Id") {
				continue
			}
			var has bool
			_ = guarded(func() error { // which the object of a schema may not be in yet
				has = org.Row(r.Object, id) != nil
				return nil
			})
			if has {
				return fmt.Errorf("rows[%d] (%s): the org has a row of this id already", i, r.Object)
			}
		}
	}
	return nil
}

// definitions returns what a trial needs of a schema that was added before.
func (s *schema) definitions() *schema {
	return &schema{Objects: s.Objects, Fields: s.Fields, RecordTypes: s.RecordTypes, DuplicateRules: s.DuplicateRules}
}

// sorted returns the keys in order, so that an org is the same each time.
func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

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

// define adds what records may be: objects, fields, record types and duplicate rules.
func (s *schema) define(org *sftest.Org) {
	for _, o := range s.Objects {
		org.DefineObject(o.Name, o.Prefix, o.Fields...)
	}
	for _, name := range sorted(s.Fields) {
		for _, f := range s.Fields[name] {
			org.DefineField(name, f)
		}
	}
	for _, name := range sorted(s.RecordTypes) {
		for _, rt := range s.RecordTypes[name] {
			org.DefineRecordType(name, rt)
		}
	}
	for _, name := range sorted(s.DuplicateRules) {
		for _, r := range s.DuplicateRules[name] {
			org.AddDuplicateRule(name, r)
		}
	}
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

// insert adds the rows. It leaves those of the schema as they are, to be added to another org.
func (s *schema) insert(org *sftest.Org) error {
	ids := map[string]string{}
	for i, r := range s.Rows {
		err := guarded(func() error { return r.insert(org, ids) })
		if err != nil {
			return fmt.Errorf("rows[%d] (%s): %w", i, r.Object, err)
		}
	}
	return nil
}

// insert adds one row, and its id to those of the rows before it by their names.
func (r *row) insert(org *sftest.Org, ids map[string]string) error {
	if r.Object == "" {
		return errors.New("a row needs an object")
	}
	if ids[r.As] != "" {
		return fmt.Errorf("a row before it is named %s too", r.As)
	}
	fields := maps.Clone(r.Fields)
	for _, name := range sorted(fields) {
		text, _ := fields[name].(string)
		as, refers := strings.CutPrefix(text, "@")
		if !refers {
			continue
		}
		if ids[as] == "" {
			return fmt.Errorf("%s: no row before it is named %s", name, as)
		}
		fields[name] = ids[as]
	}
	id := org.Insert(r.Object, fields)
	if r.As != "" {
		ids[r.As] = id
	}
	return nil
}

func (r *rights) apply(org *sftest.Org) error {
	for _, set := range []struct {
		member string
		names  map[string][]string
		do     func(object, name string)
	}{
		{"hidden", r.Hidden, org.HideField}, {"readOnly", r.ReadOnly, org.ReadOnlyField},
		{"forbidden", r.Forbidden, org.Forbid}, {"allowed", r.Allowed, org.Allow},
	} {
		for _, object := range sorted(set.names) {
			for _, name := range set.names[object] {
				if err := named("rights: "+set.member+" of "+object, func() { set.do(object, name) }); err != nil {
					return err
				}
			}
		}
	}
	for _, name := range sorted(r.Permissions) {
		if err := named("rights: permissions", func() { org.SetPermission(name, r.Permissions[name]) }); err != nil {
			return err
		}
	}
	return nil
}

// named is guarded for what is at fault.
func named(what string, do func()) error {
	err := guarded(func() error {
		do()
		return nil
	})
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}
