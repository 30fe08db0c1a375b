package mapping

import (
	"cmp"

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

// refer names the record that a field is to refer to by its key.
func (r *mapRun) refer(rule *Rule, field *salesforce.Field, v any) *fault {
	key, err := rule.otherKey(field, r.target.Other)
	if err != nil {
		if err.code == leadtype.MissingRemoteField && cmp.Or(rule.Missing, r.Missing, Fail) == Skip {
			r.warn(err.code, field.Name, err.reason)
			return nil
		}
		return err
	}
	converted, _, problem := value.Convert(key, v, value.Options{Refuse: true})
	if problem != nil {
		return misfit(field.Name, problem.Reason)
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
