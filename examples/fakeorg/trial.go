// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/examples/internal/demoorg"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// trialVersion is the version of the API that a trial is asked in.
const trialVersion = "/services/data/v62.0"

// A trial is an org to which a schema is added before it is to the org that clients see, so
// that nothing of a schema is left there that is refused.
type trial struct {
	org     *sftest.Org
	fields  map[string]map[string]string // the names by those in lower case, by object
	defined map[string]bool              // by this schema
}

// readSchema reads and tries the schema file, nil for none.
func (c *config) readSchema() (*schema, error) {
	if c.schema == "" {
		return nil, nil
	}
	text, err := os.ReadFile(c.schema)
	if err != nil {
		return nil, err
	}
	s := &schema{}
	if err = decode(text, s); err == nil {
		t := newTrial(c, nil)
		defer t.org.Close()
		err = t.add(s)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.schema, err)
	}
	return s, nil
}

// newTrial makes a trial with what the org of the flags may hold, and the schemas added to it.
func newTrial(c *config, added []*schema) *trial {
	opts := []sftest.Option{sftest.WithAPILimit(plenty)}
	if c.number >= 0 {
		opts = append(opts, sftest.WithNumber(uint8(c.number)))
	}
	t := &trial{sftest.NewOrg(nil, opts...), map[string]map[string]string{}, map[string]bool{}}
	if c.schema == "" {
		demoorg.Setup(t.org)
	}
	for _, s := range added {
		s.define(t.org)
	}
	c.addExternalIDs(t.org)
	return t
}

// add adds a schema, or says what is wrong with it. It makes the schema fit to be applied:
// rules are compiled, keys are read, and defaults are of the types of their fields.
func (t *trial) add(s *schema) error {
	for _, add := range []func(*schema) error{
		t.addObjects, t.addFields, t.addRecordTypes, t.addDuplicateRules, t.compileRules, t.readApps,
	} {
		if err := add(s); err != nil {
			return err
		}
	}
	if err := s.insert(t.org); err != nil {
		return err
	}
	return s.Rights.apply(t.org)
}

// apiName is how the names begin that an admin may choose.
const apiName = `[A-Za-z](?:_?[0-9A-Za-z])*`

// isAPIName reports whether a name is one for record types and fields that an admin does not
// name, and isCustomName whether it is one with __c, of a package too.
func isAPIName(name string) bool { return regexp.MustCompile(`^` + apiName + `$`).MatchString(name) }

func isCustomName(name string) bool {
	return regexp.MustCompile(`^(?:` + apiName + `__)?` + apiName + `__c$`).MatchString(name)
}

func (t *trial) addObjects(s *schema) error {
	for i, o := range s.Objects {
		what := "object " + o.Name
		switch {
		case o.Name == "":
			return fmt.Errorf("objects[%d]: an object needs a name", i)
		case !isCustomName(o.Name):
			return fmt.Errorf("%s: it needs an API name such as Visit__c", what)
		case t.exists(o.Name) == nil:
			return fmt.Errorf("%s: the org has an object of this name already", what)
		case !regexp.MustCompile(`^[0-9A-Za-z]{3}$`).MatchString(o.Prefix):
			return fmt.Errorf("%s: it needs a prefix of three letters and digits, such as a0x", what)
		}
		if err := named(what, func() { t.org.DefineObject(o.Name, o.Prefix) }); err != nil {
			return err
		}
	}
	return nil
}

// addFields adds the fields, once there are all objects that they may refer to.
func (t *trial) addFields(s *schema) error {
	for _, o := range s.Objects {
		if err := t.addFieldsTo(o.Name, o.Fields); err != nil {
			return err
		}
	}
	for _, object := range sorted(s.Fields) {
		if err := t.addFieldsTo(object, s.Fields[object]); err != nil {
			return err
		}
	}
	return nil
}

func (t *trial) addFieldsTo(object string, fields []sftest.Field) error {
	if err := t.exists(rowsOf(object)); err != nil {
		return err
	}
	for i := range fields {
		f := &fields[i]
		if f.Name == "" {
			return fmt.Errorf("%s: fields[%d]: a field needs a name", object, i)
		}
		if err := t.addField(object, f); err != nil {
			return fmt.Errorf("%s.%s: %w", object, f.Name, err)
		}
	}
	for _, f := range fields {
		if f.Controller == "" {
			continue
		}
		if _, err := t.spell(object, f.Controller); err != nil {
			return fmt.Errorf("%s.%s: controller: %w", object, f.Name, err)
		}
	}
	return nil
}

func (t *trial) addField(object string, f *sftest.Field) error {
	key := strings.ToLower(object + "." + f.Name)
	spelt, _ := t.spell(object, f.Name)
	switch {
	case !isCustomName(f.Name) && !isAPIName(f.Name):
		return errors.New("it needs an API name such as Badge__c")
	case t.defined[key]:
		return errors.New("it is defined twice")
	case spelt != "" && spelt != f.Name:
		return fmt.Errorf("the org has this field already, as %s", spelt)
	case f.Length < 0 || f.Precision < 0 || f.Scale < 0 || f.Digits < 0:
		return errors.New("length, precision, scale and digits must not be negative")
	case f.Type == "reference" && len(f.ReferenceTo) == 0:
		return errors.New("a reference needs referenceTo")
	case f.Type != "reference" && (len(f.ReferenceTo) > 0 || f.MasterDetail):
		return errors.New("only a reference may have referenceTo or masterDetail")
	}
	for _, to := range f.ReferenceTo {
		if err := t.exists(to); err != nil {
			return fmt.Errorf("referenceTo: %w", err)
		}
	}
	plain := *f
	plain.Default = nil
	err := guarded(func() error {
		t.org.DefineField(object, plain)
		return nil
	})
	if err != nil {
		return err
	}
	t.defined[key] = true
	clear(t.fields) // a field of Activity is one of two objects
	return t.readDefault(object, f)
}

// readDefault makes the default of a field a value of its type, as a row holds it.
func (t *trial) readDefault(object string, f *sftest.Field) error {
	chosen, isText := f.Default.(string)
	switch {
	case f.Default == nil:
		return nil
	case f.Type == "base64":
		return errors.New("default: a file has none")
	case f.Type == "picklist" && f.Restricted && (!isText || !slices.Contains(f.Options, chosen)):
		return errors.New("default: it is none of the options")
	}
	before := t.org.Snapshot()
	defer t.org.Restore(before)
	return named("default", func() {
		id := t.org.Insert(rowsOf(object), map[string]any{f.Name: f.Default})
		f.Default = t.org.Row(rowsOf(object), id)[f.Name]
		t.org.DefineField(object, *f)
	})
}

func (t *trial) addRecordTypes(s *schema) error {
	for _, object := range sorted(s.RecordTypes) {
		for i, rt := range s.RecordTypes[object] {
			what := fmt.Sprintf("%s: record type %s", object, rt.Name)
			key := strings.ToLower(what)
			switch {
			case rt.Name == "":
				return fmt.Errorf("%s: recordTypes[%d]: a record type needs a name", object, i)
			case !isAPIName(rt.Name):
				return fmt.Errorf("%s: it needs an API name such as Partner_Lead", what)
			case t.defined[key]:
				return fmt.Errorf("%s: it is defined twice", what)
			}
			t.defined[key] = true
			if err := named(what, func() { t.org.DefineRecordType(object, rt) }); err != nil {
				return err
			}
		}
	}
	clear(t.fields) // there is RecordTypeId now
	return nil
}

func (t *trial) addDuplicateRules(s *schema) error {
	for _, object := range sorted(s.DuplicateRules) {
		for i, r := range s.DuplicateRules[object] {
			what := fmt.Sprintf("%s: duplicateRules[%d] %s", object, i, r.Name)
			if err := named(strings.TrimSpace(what), func() { t.org.AddDuplicateRule(object, r) }); err != nil {
				return err
			}
		}
	}
	return nil
}

func (t *trial) compileRules(s *schema) error {
	for _, object := range sorted(s.Rules) {
		if err := t.exists(object); err != nil {
			return fmt.Errorf("rules: %w", err)
		}
		for i := range s.Rules[object] {
			r := &s.Rules[object][i]
			if r.Name == "" {
				return fmt.Errorf("%s: rules[%d]: a rule needs a name", object, i)
			}
			if err := t.compileRule(object, r); err != nil {
				return fmt.Errorf("%s: rule %s: %w", object, r.Name, err)
			}
		}
	}
	return nil
}

func (t *trial) compileRule(object string, r *rule) error {
	spell := func(field string) (string, error) { return t.spell(object, field) }
	refuses, err := r.Refuse.compile(spell)
	if err != nil {
		return err
	}
	r.made = sftest.Rule{Name: r.Name, Message: r.Message, Refuses: refuses}
	if r.Message == "" {
		return errors.New("a rule needs a message")
	}
	if r.Field == "" {
		return nil
	}
	if r.made.Field, err = spell(r.Field); err != nil {
		return fmt.Errorf("field: %w", err)
	}
	return nil
}

// readApps reads the keys of apps. The trial has no apps of its own, so that it gives any scope
// that there is.
func (t *trial) readApps(s *schema) error {
	seen := map[string]bool{}
	for i := range s.Apps {
		a := &s.Apps[i]
		switch {
		case a.ClientID == "":
			return fmt.Errorf("apps[%d]: an app needs a clientId", i)
		case seen[a.ClientID]:
			return fmt.Errorf("apps[%d]: an app before it has the clientId %s too", i, a.ClientID)
		}
		seen[a.ClientID] = true
		for _, scope := range a.Scopes {
			if !t.gives(scope) {
				return fmt.Errorf("app %s: scopes: there is no scope %q", a.ClientID, scope)
			}
		}
		key, err := readKey(a.Key)
		if err != nil {
			return fmt.Errorf("the key of app %s: %w", a.ClientID, err)
		}
		a.App.Key = key
	}
	return nil
}

// gives reports whether a token may have the scope.
func (t *trial) gives(scope string) bool {
	if words := strings.Fields(scope); len(words) != 1 || words[0] != scope {
		return false
	}
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {"trial"}, "scope": {scope}}
	status, _ := t.ask(http.MethodPost, "/services/oauth2/token", form.Encode())
	return status == http.StatusOK
}

// exists returns nil if the org has an object of that name, in any case.
func (t *trial) exists(object string) error {
	return guarded(func() error {
		t.org.Count(object)
		return nil
	})
}

// rowsOf returns the object that has the rows: a field of Activity is one of Task and Event.
func rowsOf(object string) string {
	if strings.EqualFold(object, "Activity") {
		return "Task"
	}
	return object
}

// spell returns the name of a field as rows have it, or says that there is none.
func (t *trial) spell(object, field string) (string, error) {
	key := strings.ToLower(rowsOf(object))
	if t.fields[key] == nil {
		t.fields[key] = map[string]string{}
		_, answer := t.ask(http.MethodGet, trialVersion+"/sobjects/"+url.PathEscape(key)+"/describe", "")
		var described struct{ Fields []struct{ Name string } }
		if err := json.Unmarshal(answer, &described); err != nil {
			return "", fmt.Errorf("the describe of %s: %w", object, err)
		}
		for _, f := range described.Fields {
			t.fields[key][strings.ToLower(f.Name)] = f.Name
		}
	}
	name, has := t.fields[key][strings.ToLower(field)]
	if !has {
		return "", fmt.Errorf("%s has no field %s", object, field)
	}
	return name, nil
}

// ask sends a request to the trial, with a form if it is a POST.
func (t *trial) ask(method, path, form string) (status int, answer []byte) {
	r := httptest.NewRequestWithContext(context.Background(), method, path, strings.NewReader(form))
	r.Header.Set("Authorization", "Bearer "+t.org.Token())
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	w := httptest.NewRecorder()
	t.org.Handler().ServeHTTP(w, r)
	return w.Code, w.Body.Bytes()
}
