// SPDX-License-Identifier: Apache-2.0

package write

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/leadsync/leadsync/internal/match"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// CheckPlan returns the id of a kept plan, which is a hash of its content where it has
// none. The error refuses a plan that is nil, incomplete or damaged.
func CheckPlan(p *leadtype.Plan) (id string, err error) {
	if p == nil {
		return "", &leadtype.Error{Op: "apply", Code: leadtype.RequiredFieldMissing, Fields: []string{"plan"},
			Reason: "the plan is nil"}
	}
	broken := func(field string) (string, error) {
		return "", &leadtype.Error{Op: "apply", Code: leadtype.DataValueValidation, Fields: []string{field},
			Reason: "is inconsistent with the rest of the plan"}
	}
	if p.At.IsZero() {
		return broken("at")
	}
	for i, c := range p.Changes {
		if c.Create == (c.ID != "") || len(c.Leads) == 0 || c.Upsert && (!c.Create || c.UniqueField == "") {
			return broken(fmt.Sprintf("changes[%d]", i))
		}
		if slices.ContainsFunc(c.Refs, func(r salesforce.Ref) bool { return r.Write < 0 || r.Write >= i }) {
			return broken(fmt.Sprintf("changes[%d].refs", i))
		}
	}
	for i, lead := range p.Leads {
		if lead == nil || slices.ContainsFunc(lead.Parts, func(part leadtype.PlannedPart) bool {
			return part.Change < leadtype.Unplanned || part.Change >= len(p.Changes)
		}) {
			return broken(fmt.Sprintf("leads[%d]", i))
		}
	}
	if p.ID != "" {
		return p.ID, nil
	}
	data, err := json.Marshal(p)
	if err != nil {
		return broken("changes")
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:]), nil
}

// keysOf returns what identifies a lead of a kept plan. One that an earlier version wrote
// does not say: then it is taken from what the plan writes.
func keysOf(p *leadtype.Plan, lead *leadtype.LeadPlan) leadtype.IdentityKeys {
	if len(lead.Keys.Person) > 0 {
		return lead.Keys
	}
	var email, website, company string
	keys := leadtype.IdentityKeys{Person: []string{match.OwnKey(&leadtype.Lead{ID: lead.LeadID})}}
	for _, part := range lead.Parts {
		if part.Change == leadtype.Unplanned {
			continue
		}
		switch change := &p.Changes[part.Change]; part.Kind {
		case leadtype.PartPerson:
			email = newText(change, "Email")
			probe := leadtype.Probe{Object: part.Object, Field: "Email", Value: email}
			if key := match.IdentityKey(&probe); key != "" {
				keys.Person = append(keys.Person, key)
			}
		case leadtype.PartAccount:
			website, company = newText(change, "Website"), newText(change, "Name")
		}
	}
	keys.Company = match.CompanyKeys(&leadtype.Lead{Website: website, Email: email, Company: company})
	return keys
}
