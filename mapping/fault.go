// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"slices"
	"strings"

	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// A fault is the reason why a field does not get its value.
type fault struct {
	code leadtype.Code
	// field is a field of the record, or a source field of the lead.
	field  string
	reason string
	cause  error // nil for most
	// options are what the restricted picklist lacks.
	options  []string
	picklist string // the field that lacks them
	// unfit says that it is the value which its field does not take, and not the rule that
	// is wrong: then Rule.Unfit decides.
	unfit bool
}

// misfit is the fault of a rule or an answer that does not suit its field.
func misfit(field, reason string) *fault {
	return &fault{code: leadtype.DataValueValidation, field: field, reason: reason}
}

// unfit is the fault of a value that a field does not take.
func unfit(field, reason string) *fault {
	return &fault{code: leadtype.DataValueValidation, field: field, reason: reason, unfit: true}
}

// faultOf is the fault that a value conversion found.
func faultOf(p *value.Problem) *fault { return unfit(p.Field, p.Reason).lacking(p.Field, p.Option) }

// lacking adds an option that a restricted picklist lacks, "" for none.
func (f *fault) lacking(picklist, option string) *fault {
	if option != "" && !slices.Contains(f.options, option) {
		f.picklist, f.options = picklist, append(f.options, option)
	}
	return f
}

// warning says of an object's record what the fault is, where the value is left out.
func (f *fault) warning(object salesforce.Object) leadtype.Warning {
	kind := leadtype.Unfit
	if strings.EqualFold(f.field, value.OwnerField) {
		kind = leadtype.OwnerReplaced
	}
	return leadtype.Warning{Kind: kind, Code: f.code, Object: object, Field: f.field, Reason: f.reason}
}

// mayLeaveOut reports whether the rule leaves the value out that the fault is about.
func (r *Rule) mayLeaveOut(f *fault) bool { return f.unfit && r.Unfit == Skip }

// joinFaults makes one error about a record of a lead: it has the code of the first
// fault, and the fields and reasons of all faults with that code. It is nil for none.
func joinFaults(lead leadtype.LeadID, object salesforce.Object, faults []*fault) *leadtype.Error {
	if len(faults) == 0 {
		return nil
	}
	joined := &leadtype.Error{Op: "map", Code: faults[0].code, LeadID: lead, Object: object}
	var reasons []string
	for _, f := range faults {
		if f.code == joined.Code {
			joined.Fields = append(joined.Fields, f.field)
			if joined.Err == nil {
				joined.Err = f.cause
			}
			joined.Options = withOptions(joined.Options, f)
			reasons = append(reasons, f.field+" "+f.reason)
		}
	}
	joined.Reason = strings.Join(reasons, "; ")
	if len(reasons) == 1 {
		joined.Reason = faults[0].reason
	}
	return joined
}

// withOptions adds what the picklist of a fault lacks.
func withOptions(missing map[string][]string, f *fault) map[string][]string {
	if len(f.options) > 0 && missing == nil {
		missing = make(map[string][]string)
	}
	for _, option := range f.options {
		if !slices.Contains(missing[f.picklist], option) {
			missing[f.picklist] = append(missing[f.picklist], option)
		}
	}
	return missing
}
