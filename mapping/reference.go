// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/internal/identity"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// A describeFunc returns the describe of an object, nil when the connected user does not
// see it.
type describeFunc func(salesforce.Object) *salesforce.Describe

// keyType reports whether keys of the type are text, which is sent as it is.
func keyType(t salesforce.FieldType) bool {
	return t == salesforce.TypeString || t == salesforce.TypeEmail
}

func describeOf(describes map[salesforce.Object]*salesforce.Describe, object salesforce.Object) *salesforce.Describe {
	for name, describe := range describes {
		if name.Equal(object) {
			return describe
		}
	}
	return nil
}

// otherKey returns the field by which a rule's value names the record that field
// refers to, or the reason why it cannot.
func (r *Rule) otherKey(field *salesforce.Field, other describeFunc) (*salesforce.Field, *fault) {
	refuse := func(code leadtype.Code, format string, args ...any) (*salesforce.Field, *fault) {
		return nil, &fault{code: code, field: field.Name, reason: fmt.Sprintf(format, args...)}
	}
	object, name, ok := r.by()
	switch {
	case !ok:
		return refuse(leadtype.DataValueValidation, "by must have the form <object>.<field>")
	case field.Type != salesforce.TypeReference, len(field.ReferenceTo) != 1, !field.ReferenceTo[0].Equal(object),
		field.RelationshipName == "":
		return refuse(leadtype.DataValueValidation, "does not refer only to %s", object)
	}
	var describe *salesforce.Describe
	if other != nil {
		describe = other(object)
	}
	if describe == nil {
		return refuse(leadtype.MissingRemoteField,
			"refers to %s, which does not exist or is hidden from the connected user", object)
	}
	key, ok := describe.Field(name)
	switch {
	case !ok:
		return refuse(leadtype.MissingRemoteField,
			"references %s, which does not exist or is hidden from the connected user", r.By)
	case !key.ExternalID && !key.IDLookup || !keyType(key.Type):
		return refuse(leadtype.DataValueValidation,
			"references %s, which must be a text field that is an External ID or an idLookup field", r.By)
	}
	return key, nil
}

// referred returns the key of the record that a field refers to by what other
// leads of the same record want, and that of the one which it refers to in the
// org.
func (t *Target) referred(field, key *salesforce.Field) (now, stored string) {
	if t.Record == nil {
		return "", ""
	}
	stored = t.Record.Text(value.PathTo(field, key))
	if other, ok := t.Record.Fields[field.Name].(salesforce.ExternalKey); ok {
		return other.Value, stored
	}
	if t.Record.Text(field.Name) == "" {
		return "", stored // cleared
	}
	return stored, stored
}

// isUserEmail reports whether the value names a user by e-mail address.
func isUserEmail(field *salesforce.Field, v any) bool {
	text, ok := v.(string)
	return ok && field.Type == salesforce.TypeReference && strings.Contains(text, "@") &&
		slices.Contains(field.ReferenceTo, salesforce.ObjectUser)
}

// refer names the record that a field is to refer to by its key.
func (r *mapRun) refer(rule *Rule, field *salesforce.Field, v any) *fault {
	key, err := rule.otherKey(field, r.target.Other)
	if err != nil {
		if err.code == leadtype.MissingRemoteField && cmp.Or(rule.Missing, r.Missing, Fail) == Skip {
			r.warn(leadtype.Missing, err.code, field.Name, err.reason)
			return nil
		}
		return err
	}
	converted, _, problem := value.Convert(key, v, value.Options{Refuse: true})
	if problem != nil {
		return unfit(field.Name, problem.Reason)
	}
	text, _ := converted.(string)
	now, stored := r.target.referred(field, key)
	if value.FoldKey(key, text) == value.FoldKey(key, stored) {
		text = stored // whose spelling it keeps
	}
	if value.FoldKey(key, text) != value.FoldKey(key, now) {
		r.fields[field.Name] = salesforce.ExternalKey{Field: key.Name, Value: text}
	}
	return nil
}

// user fills a field that refers to a User by an e-mail address.
func (r *mapRun) user(rule *Rule, field *salesforce.Field, v any) *fault {
	id, ok := r.target.User(identity.Email(value.TextOf(v, nil)))
	if !ok {
		f := &fault{code: leadtype.OwnerInvalid, field: field.Name, reason: value.NoSuchUser}
		if rule.Unfit == Fail {
			return f
		}
		r.warnings = append(r.warnings, f.warning(r.target.Object))
		return nil
	}
	if r.replaces(rule, field, string(id.ID18())) {
		r.fields[field.Name] = string(id.ID18())
	}
	return nil
}
