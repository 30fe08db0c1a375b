// SPDX-License-Identifier: Apache-2.0

package leadsync_test

import (
	"encoding/json"
	"fmt"
	"log"

	"github.com/leadsync/leadsync"
)

// A mapping is plain data. Each mistake in it is reported with its path, so that an edit
// form can show it at the right place.
func ExampleMapping() {
	mapping := new(leadsync.Mapping)
	err := json.Unmarshal([]byte(`{"version": 1, "objects": [
		{"object": "Lead", "rules": [
			{"source": "lastName", "field": "LastName"},
			{"source": "company", "field": "Company", "default": "Unknown"},
			{"source": "jobTitel", "field": "Title", "write": "write-if-blank"}
		]},
		{"object": "Visit__c", "key": "VisitKey__c", "lookups": [{"field": "Lead__c", "to": "lead"}], "rules": [
			{"source": "notes", "field": "Notes__c", "transforms": ["shout"]}
		]}
	]}`), mapping)
	if err != nil {
		log.Fatal(err)
	}
	for _, issue := range mapping.Validate(nil) {
		fmt.Println(issue.Path, issue.Reason)
	}
	// Output:
	// objects[0].rules[2].source is not a source field: it must be one of id, eventId, eventName, capturedAt, enrichedAt, updatedAt, revision, capturedBy, scans, provenance, firstName, lastName, email, otherEmails, jobTitle, phone, mobilePhone, linkedin, facebook, twitter, street, city, state, postalCode, country, description, notes, company, website, industry, companySize, companyRevenue, companyPhone, companyLinkedin, companyStreet, companyCity, companyState, companyPostalCode, companyCountry, score, scoreBand, contactId, leadId, accountId, settings.leadSource, qualifier.<name>, custom.<name>, activity.<kind>
	// objects[1].rules[0].transforms[0] is not a known transform: it must be one of trim, lower, upper, title, digits, number, e164, date, datetime, addDays, split, join, first
}
