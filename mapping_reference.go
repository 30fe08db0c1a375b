package leadsync

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/leadsync/leadsync/salesforce"
)

// by returns the object and the field that Rule.By names, false when it does not
// have that form.
func (r *Rule) by() (object salesforce.Object, field string, ok bool) {
	name, field, _ := strings.Cut(r.By, ".")
	return salesforce.Object(name), field, isAPIName(name) && isAPIName(field)
}

// A describeFunc returns the describe of an object, nil when the connected user does not
// see it.
type describeFunc func(salesforce.Object) *salesforce.Describe

// otherKey returns the field by which a row's value names the record that field
// refers to, or the reason why it cannot.
func (r *Rule) otherKey(field *salesforce.Field, other describeFunc) (*salesforce.Field, *fault) {
	refuse := func(code Code, format string, args ...any) (*salesforce.Field, *fault) {
		return nil, &fault{code, field.Name, fmt.Sprintf(format, args...)}
	}
	object, name, ok := r.by()
	switch {
	case !ok:
		return refuse(DataValueValidation, "by must have the form <object>.<field>")
	case field.Type != salesforce.TypeReference, len(field.ReferenceTo) != 1, !field.ReferenceTo[0].Equal(object),
		field.RelationshipName == "":
		return refuse(DataValueValidation, "does not refer to %s alone", object)
	}
	var describe *salesforce.Describe
	if other != nil {
		describe = other(object)
	}
	if describe == nil {
		return refuse(MissingRemoteField, "refers to %s, which does not exist or is hidden from the connected user", object)
	}
	key, ok := describe.Field(name)
	switch {
	case !ok:
		return refuse(MissingRemoteField, "references %s, which does not exist or is hidden from the connected user", r.By)
	case !key.ExternalID && !key.IDLookup || !keyType(key.Type):
		return refuse(DataValueValidation,
			"references %s, which must be a text field that is an External ID or an idLookup field", r.By)
	}
	return key, nil
}

// keyType reports whether keys of the type are text, which is sent as it is.
func keyType(t salesforce.FieldType) bool {
	return t == salesforce.TypeString || t == salesforce.TypeEmail
}

// refer names the record that a field is to refer to by its key.
func (r *mapRun) refer(rule *Rule, field *salesforce.Field, value any) *fault {
	key, err := rule.otherKey(field, r.target.Other)
	if err != nil {
		if err.code == MissingRemoteField && cmp.Or(rule.Missing, r.Missing, Fail) == Skip {
			r.warn(err.code, field.Name, err.reason)
			return nil
		}
		return err
	}
	converted, _, problem := convert(key, value, Options{Refuse: true})
	if problem != nil {
		return misfit(field.Name, problem.Reason)
	}
	text, _ := converted.(string)
	now, stored := r.target.referred(field, key)
	if foldKey(key, text) == foldKey(key, stored) {
		text = stored // whose spelling it keeps
	}
	if foldKey(key, text) != foldKey(key, now) {
		r.fields[field.Name] = salesforce.ExternalKey{Field: key.Name, Value: text}
	}
	return nil
}

// referred returns the key of the record that a field refers to by what other
// leads of the same record want, and that of the one which it refers to in the
// org.
func (t *Target) referred(field, key *salesforce.Field) (now, stored string) {
	if t.Record == nil {
		return "", ""
	}
	stored = t.Record.Text(pathTo(field, key))
	if value, ok := t.Record.Fields[field.Name].(salesforce.ExternalKey); ok {
		return value.Value, stored
	}
	if t.Record.Text(field.Name) == "" {
		return "", stored // cleared
	}
	return stored, stored
}
